"""What Prefect costs: start-up, its share of a large poll, memory and database of ``serve`` over many polls.

``python -m benchmarks prefect`` takes about five minutes; ``PREFECT_POLLS=500`` in the environment sets how many polls
``serve`` is watched over (an hour for 500), ``PREFECT_PARTS=start,share,deliver,serve`` which parts are run.
"""

from __future__ import annotations

import os
import random
import re
import resource
import sqlite3
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from benchmarks.measure import machine
from tests.fakes.serving import TOCSIN, Served, environment, until
from tocsin.archive import Archive
from tocsin.config import reading

FEEDS, ITEMS = 200, 50
DELIVERIES = 12
OPEN = {"SCHEDULED", "PENDING", "RUNNING"}
POLLS = int(os.environ.get("PREFECT_POLLS", "40"))
PARTS = os.environ.get("PREFECT_PARTS", "start,share,deliver,serve").split(",")
_WORDS = re.findall(
    r"\w+",
    """council budget harvest bridge ministry teachers election river market railway clinic vaccine festival court
    pipeline tariff drought museum airline reform census parliament grain customs satellite minister strike
    Basra Mosul Erbil Baghdad Najaf Kirkuk police army convoy patrol border school hospital province governor""",
)


class _Farm(BaseHTTPRequestHandler):
    """Feeds by number; each item carries its whole text, so that a poll is 200 requests and 10,000 articles."""

    def do_GET(self) -> None:
        number = int(self.path.strip("/").partition(".")[0]) if self.path[1:2].isdigit() else -1
        body = _feed(number).encode() if number >= 0 else b""
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "application/rss+xml; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


def _feed(number: int) -> str:
    pick, now = random.Random(number), datetime.now(UTC)
    items = []
    for n in range(ITEMS):
        text = "".join(f"<p>{' '.join(pick.choices(_WORDS, k=45)).capitalize()}.</p>" for _ in range(5))
        title = " ".join(pick.choices(_WORDS, k=9)).capitalize()
        items.append(
            f"<item><guid>{number}-{n}</guid><title>{title}</title><link>http://127.0.0.1/{number}/{n}</link>"
            f"<pubDate>{format_datetime(now - timedelta(minutes=n))}</pubDate><description>{title}</description>"
            f"<content:encoded>{escape(text)}</content:encoded></item>"
        )
    head = '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Farm</title>'
    return f"{head}{''.join(items)}</channel></rss>"


@contextmanager
def _farm() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Farm)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


def _config(folder: Path, address: str, feeds: int) -> Path:
    rows = "".join(
        f'\n  - {{id: f{n}, url: "{address}/{n}.xml", language: en, publisher: P{n}, body: full, poll_minutes: 5}}'
        for n in range(feeds)
    )
    path = folder / "config.yaml"
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f"""archive: tocsin.db
http:
  user_agent: "Tocsin/1.0 (bench on this machine; desk@tocsin.example)"
  per_host_delay_seconds: 0
  allow_private_addresses: ["127.0.0.0/8"]
schedule: {{poll_minutes: 1440, deliver_minutes: 1440}}
feeds: {rows or "[]"}
alerts: {{channels: {{terminal: {{kind: terminal, brief: true}}}}, routes: [{{to: [terminal]}}]}}
""",
        encoding="utf-8",
    )
    return path


def _run(config: Path, *more: str) -> tuple[float, float]:
    """Wall and CPU seconds of one ``tocsin run``."""
    before, used = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    words = [*TOCSIN, "run", "--quiet", "--config", str(config), *more]
    done = subprocess.run(words, env=environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime
    return time.perf_counter() - before, cpu


def _start(folder: Path) -> None:
    with _farm() as address:
        for name, more in (("run --direct", ["--direct"]), ("run, fresh home", []), ("run, known home", [])):
            config = _config(folder / ("direct" if more else "start"), address, 1)
            wall, cpu = _run(config, *more)
            print(f"  {name:28s} {wall:6.1f} s  {cpu:6.1f} CPU s", flush=True)
        config = _config(folder / "serve", address, 1)
        before = time.perf_counter()
        with Served(config) as served:
            print(f"  {'serve, until its UI answers':28s} {time.perf_counter() - before:6.1f} s", flush=True)
            until("the first poll", lambda: served.runs("poll", "COMPLETED"))
            print(f"  {'serve, until its first poll':28s} {time.perf_counter() - before:6.1f} s", flush=True)
            words = time.perf_counter()
            _run(config)
            print(f"  {'run, beside serve':28s} {time.perf_counter() - words:6.1f} s", flush=True)


def _share(folder: Path) -> None:
    """The same poll directly and through the server of ``serve``; the share is of wall time."""
    found = {}
    with _farm() as address:
        found["direct"] = _told("direct", _config(folder / "direct", address, FEEDS), "--direct")
        config = _config(folder / "through", address, 0)
        with Served(config) as served:
            until("the idle first poll", lambda: served.runs("poll", "COMPLETED"))
            _config(folder / "through", address, FEEDS)
            used = served.cpu_seconds()
            found["prefect"] = _told("through serve's Prefect", config)
            time.sleep(15.0)  # the server's own work trails behind
            server = served.cpu_seconds() - used
    for n, what in enumerate(("wall time", "CPU time")):
        more = found["prefect"][n] - found["direct"][n] + (server if n else 0.0)
        print(f"  Prefect's share of {what:18s} {more / (found['direct'][n] + more):6.1%}  (goal 15 %)")
    print(f"  of which its server          {server:6.1f} CPU s", flush=True)


def _told(name: str, config: Path, *more: str) -> tuple[float, float]:
    wall, cpu = _run(config, *more)
    print(f"  {name:28s} {wall:6.1f} s  {cpu:6.1f} CPU s for {FEEDS} feeds, {FEEDS * ITEMS:,} items", flush=True)
    return wall, cpu


def _serve(folder: Path) -> None:
    """``serve`` over many polls, each of one feed that is due: memory of its processes and size of its database."""
    with _farm() as address:
        config = _config(folder / "long", address, 1)
        with Served(config, PREFECT_RUNNER_POLL_FREQUENCY="2", PREFECT_LOGGING_LEVEL="INFO") as served:
            until("the first poll", lambda: served.runs("poll", "COMPLETED"))
            marks: list[tuple[int, float, float]] = []
            began = time.perf_counter()
            for n in range(1, POLLS + 1):
                _make_due(config)
                _ended(served, served.start_run("poll"))
                if n % max(POLLS // 10, 1) == 0:
                    size = sum(file.stat().st_size for file in (config.parent / "prefect").glob("prefect.db*")) / 1e6
                    marks.append((n, served.resident_bytes() / 1e6, size))
                    print(f"  after {n:4d} polls: serve {marks[-1][1]:6.1f} MB, database {size:6.1f} MB", flush=True)
            minutes = (time.perf_counter() - began) / 60
        if len(marks) > 1:
            first, last = marks[0], marks[-1]
            growth = (last[1] - first[1]) / first[1]
            each = (last[2] - first[2]) / (last[0] - first[0])
            print(f"  memory since the first tenth: {growth:+.1%} over {last[0]} polls in {minutes:.0f} minutes")
            print(f"  database: {1000 * each:.0f} kB a poll, {288 * each:.1f} MB a day at a poll in five minutes")


def _deliver(folder: Path) -> None:
    """What one delivery costs Prefect's database, by kind of row, and what a day of them is."""
    with _farm() as address, Served(_config(folder, address, 1), PREFECT_RUNNER_POLL_FREQUENCY="2") as served:
        until("the first poll", lambda: served.runs("poll", "COMPLETED"))
        database = folder / "prefect" / "prefect.db"
        time.sleep(10.0)
        before = _filled(database)
        for _ in range(DELIVERIES):
            _ended(served, served.start_run("deliver"))
        time.sleep(10.0)
        after = _filled(database)
    each = {name: (after[name] - before.get(name, 0)) / DELIVERIES / 1000 for name in after}
    most = sorted(each, key=each.__getitem__, reverse=True)[:4]
    print("  " + ", ".join(f"{name} {each[name]:.1f}" for name in most) + " kB a delivery, the most of it", flush=True)
    total = sum(each.values())
    print(
        f"  all in all {total:.1f} kB; a day of one a minute {1.44 * total:.1f} MB, of one in 15 {0.096 * total:.1f} MB"
    )


def _ended(served: Served, run: str) -> None:
    until("its end", lambda: served.state(run)["type"] not in OPEN, 120)


def _filled(database: Path) -> dict[str, int]:
    """Bytes of pages in use, by table; an index counts for its table."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as db:
        rows = db.execute(
            "SELECT m.tbl_name, sum(s.pgsize) FROM dbstat s JOIN sqlite_master m ON m.name = s.name GROUP BY 1"
        )
        return dict(rows.fetchall())


def _make_due(config: Path) -> None:
    with Archive.open(reading.load(config).archive) as archive, archive.transaction():
        for state in archive.feed_states().values():
            archive.save_feed_state(replace(state, next_attempt_at=datetime.now(UTC) - timedelta(seconds=1)))


def main() -> None:
    """Print the parts that were asked for."""
    print(f"  {machine()}; load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        for name, part in (("start", _start), ("share", _share), ("deliver", _deliver), ("serve", _serve)):
            if name in PARTS:
                print(f"  -- {name}", flush=True)
                part(Path(folder) / name)


if __name__ == "__main__":
    main()
