"""Polling on loopback: time, processor time a feed and memory, beside a plain requests + feedparser loop.

``python -m benchmarks fetching``. Every feed has a host of its own (127.x.y.z) except where said. The plain loop, in
the same run, asks one after the other with the same validators and stores nothing; ours stores, compares and assesses.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks import measure

MANY = int(os.environ.get("TOCSIN_BENCH_FEEDS", "1000"))


def main() -> None:
    """Every scene in a process of its own, so that its memory is its own."""
    print(measure.machine())
    with server() as port:
        for name, scene in SCENES.items():
            command = [sys.executable, "-m", "benchmarks.fetching", name, str(port)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                raise SystemExit(f"{name}: {done.stderr[-2000:]}")
            print(f"\n  {(scene.__doc__ or name).strip()}")
            for line in done.stdout.splitlines():
                print(f"    {line}")


@contextmanager
def server() -> Iterator[int]:
    """The loopback server; its port."""
    child = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.loopback"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    try:
        yield int(child.stdout.readline())
    finally:
        child.terminate()
        child.wait()


# --------------------------------------------------------------------------- tools


def address(number: int, port: int) -> str:
    """A host of its own for each feed."""
    return f"http://127.{1 + number // 62_500}.{number // 250 % 250}.{number % 250 + 1}:{port}"


def config(folder: Path, urls: list[str], **http: Any) -> Any:
    """A config with these feeds."""
    from tocsin.config import reading

    keys = {"user_agent": "Bench/1.0 (+https://b.example; b@b.example)", "per_host_delay_seconds": 0}
    keys |= {"allow_private_addresses": ["127.0.0.0/8"]} | http
    feeds = [{"id": f"f{n}", "url": url, "language": "en", "body": "full"} for n, url in enumerate(urls)]
    path = folder / "config.yaml"
    path.write_text(json.dumps({"archive": "bench.db", "http": keys, "feeds": feeds}), encoding="utf-8")
    return reading.load(path)


def due_again(settings: Any) -> None:
    """Let every feed be due."""
    from tocsin.archive import Archive

    with Archive.open(settings.archive) as archive, archive.transaction():
        for state in archive.feed_states().values():
            archive.save_feed_state(replace(state, next_attempt_at=datetime.now(UTC) - timedelta(seconds=1)))


def warm(folder: str, port: int) -> None:
    """Poll one feed: lexica and libraries are loaded once, whatever comes after."""
    from flows import run

    settings = config(Path(folder), [f"{address(999, port)}/one/0"])
    run.poll_direct(settings.model_copy(update={"archive": Path(folder) / "warm.db"}))


def cost(run: Callable[[], Any]) -> tuple[float, float, Any]:
    """Wall seconds, processor seconds with those of children, and what came of it."""
    started, spent = time.monotonic(), _spent()
    result = run()
    return time.monotonic() - started, _spent() - spent, result


def _spent() -> float:
    return (
        sum(
            use.ru_utime + use.ru_stime
            for use in (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
        )
        + _workers()
    )


def _workers() -> float:
    """Processor seconds of the parser's processes, which are still running."""
    from scrapers import sandbox

    ticks = 0
    for worker in sandbox._IDLE:
        fields = Path(f"/proc/{worker._process.pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def peak() -> float:
    """Most memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def plain(urls: list[str], tags: dict[str, str]) -> None:
    """What a script would do."""
    import feedparser
    import requests

    session = requests.Session()
    for url in urls:
        headers = {"If-None-Match": tags[url]} if url in tags else {}
        answer = session.get(url, headers=headers, timeout=10)
        tags[url] = answer.headers.get("ETag", "")
        if answer.status_code == 200:
            feedparser.parse(answer.content)


def _beside(urls: list[str], port: int, *, edition: bool) -> None:
    """Time a second poll of ours and of the plain loop."""
    import requests

    from flows import run

    with tempfile.TemporaryDirectory() as folder:
        settings = config(Path(folder), urls)
        first = cost(lambda: run.poll_direct(settings))
        tags: dict[str, str] = {}
        plain(urls, tags)
        if edition:
            requests.get(f"http://127.0.0.1:{port}/next", timeout=5)
        base = cost(lambda: plain(urls, tags))
        due_again(settings)
        before = peak()
        ours = cost(lambda: run.poll_direct(settings))
    n = len(urls)
    print(f"outcomes {ours[2].outcomes or 'none: all unchanged'}, {sum(f.down for f in ours[2].feeds)} down")
    print(f"plain loop {base[0]:6.2f} s, {1000 * base[1] / n:5.2f} ms of processor a feed")
    print(f"ours       {ours[0]:6.2f} s, {1000 * ours[1] / n:5.2f} ms of processor a feed")
    memory = f"peak {peak():.0f} MB (+{peak() - before:.0f})"
    print(f"ratio      {ours[0] / base[0]:6.2f} wall, {ours[1] / base[1]:5.2f} processor; {memory}")
    print(f"(first poll, {sum(first[2].outcomes.values())} items: {first[0]:.1f} s)")


# --------------------------------------------------------------------------- scenes


def unchanged(port: int) -> None:
    """1,000 feeds, each on its own host, that answer 304 (goal: under 10 s)."""
    _beside([f"{address(n, port)}/one/{n}" for n in range(MANY)], port, edition=False)


def one_new(port: int) -> None:
    """1,000 feeds with 20 items of which one is new; the text is in the feed."""
    _beside([f"{address(n, port)}/new/{n}" for n in range(MANY)], port, edition=True)


def one_host(port: int) -> None:
    """50 feeds of one host, 0.1 s between two requests (so 4.9 s at least), and never two at once."""
    import requests

    from flows import run

    with tempfile.TemporaryDirectory() as folder:
        urls = [f"http://127.0.0.1:{port}/one/{n}" for n in range(50)]
        warm(folder, port)
        settings = config(Path(folder), urls, per_host_delay_seconds=0.1)
        requests.get(f"http://127.0.0.1:{port}/most", timeout=5)
        wall, spent, report = cost(lambda: run.poll_direct(settings))
        most = requests.get(f"http://127.0.0.1:{port}/most", timeout=5).text
    print(f"{wall:.2f} s, {1000 * spent / 50:.1f} ms of processor a feed, at most {most} at once, "
          f"{sum(f.down for f in report.feeds)} down")  # fmt: skip


def hanging(port: int) -> None:
    """79 good feeds and one that hangs until its deadline of 5 s: when the last good one is stored."""
    from flows import run

    urls = [f"{address(n, port)}/one/{n}" for n in range(79)]
    with tempfile.TemporaryDirectory() as folder:
        warm(folder, port)
    for name, more in (("alone", []), ("with the one that hangs", [f"{address(990, port)}/hang"])):
        with tempfile.TemporaryDirectory() as folder:
            settings = config(Path(folder), more + urls, feed_deadline_seconds=5, read_seconds=15)
            times: list[float] = []
            started = time.monotonic()
            wall, _, _ = cost(
                lambda settings=settings, times=times, started=started: run.poll_direct(
                    settings, say=lambda _: times.append(time.monotonic() - started)
                )
            )
        print(f"{name:24s} 79 good ones stored after {sorted(times)[78]:.2f} s, the poll ends after {wall:.2f} s")


def hostile(port: int) -> None:
    """Bodies without end, a bomb of 240 MB in gzip, the same on a redirect (goal: under 50 MB more)."""
    from scrapers.http import Http
    from tocsin.config import Http as Keys
    from tocsin.errors import FetchError

    http = Http(
        Keys(
            user_agent="Bench/1.0 (+https://b.example)",
            per_host_delay_seconds=0,
            allow_private_addresses=("127.0.0.0/8",),
        )
    )
    for path in ("same/1", "endless", "bomb", "bounce"):
        before = peak()

        def ask(path: str = path) -> str:
            try:
                return (
                    f"{len(http.get(f'http://127.0.0.1:{port}/{path}', kind='feed', now=datetime.now(UTC)).body)} bytes"
                )
            except FetchError as error:
                return error.reason

        wall, spent, came = cost(ask)
        print(f"/{path:8s} {came:20s} {wall:5.2f} s, {spent:5.2f} s of processor, memory +{peak() - before:.0f} MB")


SCENES = {"unchanged": unchanged, "one_new": one_new, "one_host": one_host, "hanging": hanging, "hostile": hostile}

if __name__ == "__main__":
    SCENES[sys.argv[1]](int(sys.argv[2]))
