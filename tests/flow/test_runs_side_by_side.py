"""Many runs over one archive: restarted, killed, overlapping; many feeds on one host; one feed that hangs."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from flows import run
from flows.gathered import Gathered
from tests.fakes.newsroom import rss, slug
from tests.fakes.site import Answer, Handler, reply, serve
from tocsin.archive import Archive, owners
from tocsin.config import Config, Feed, reading
from tocsin.model import FeedState

ROOT = Path(__file__).parents[2]


def configured(folder: Path, urls: Sequence[str], **http: Any) -> Config:
    """A config file with those feeds, archive only."""
    path = folder / "config.yaml"
    more = "".join(f"  {key}: {value}\n" for key, value in ({"per_host_delay_seconds": 0} | http).items())
    feeds = "".join(f'  - {{id: feed-{n}, url: "{url}", alert: false}}\n' for n, url in enumerate(urls))
    path.write_text(
        f"""
archive: tocsin.db
http:
  user_agent: "Tocsin/1.0 (+https://tocsin.example/; t@tocsin.example)"
  allow_private_addresses: ["127.0.0.0/8", "::1/128"]
{more}feeds:
{feeds}
alerts: {{channels: {{terminal: {{kind: terminal}}}}, routes: [{{to: [terminal]}}]}}
""",
        encoding="utf-8",
    )
    return reading.load(path)


OLD = rss("Rain expected in the north", at=run.utc_now() - timedelta(days=3))
_POLL = """
import sys
from pathlib import Path
from flows import run
from tocsin.config import reading
run.poll_direct(reading.load(Path(sys.argv[1])))
"""


def test_after_a_kill_and_ten_restarts_nothing_is_asked_before_its_time(tmp_path: Path) -> None:
    """When each feed is due stands in the archive; what was in flight is free at once, without waiting for a lease."""
    killed = threading.Event()

    def hanging(handler: Handler) -> None:
        killed.wait(60)
        reply(200, OLD)(handler)

    with serve({f"/{n}": reply(200, OLD, ETag='"1"') for n in range(4)} | {"/4": hanging}) as site:
        urls = [f"{site.base}/{n}" for n in range(4)] + [f"http://localhost:{site.port}/4"]
        config = configured(tmp_path, urls)
        command = [sys.executable, "-c", _POLL, str(config.path)]
        process = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)})
        with Archive.open(config.archive) as archive:
            while len(archive.feed_states()) < 4 or len(site.seen) < 5:
                assert process.poll() is None
                time.sleep(0.05)
            process.kill()
            process.wait()
            killed.set()
            assert archive.value("SELECT count(*) FROM lease") == 1
        again = [[feed.feed for feed in run.poll_direct(config).feeds] for _ in range(10)]
    assert again == [["feed-4"]] + [[]] * 9
    assert Counter(site.paths()) == {f"/{n}": 1 for n in range(4)} | {"/4": 2}


def test_two_runs_that_overlap_never_ask_for_one_feed_twice(tmp_path: Path) -> None:
    """Not side by side, and not one after the other with a list of due feeds that has grown old."""

    def slow(handler: Handler) -> None:
        time.sleep(0.05)
        reply(200, OLD)(handler)

    with serve({f"/{n}": slow for n in range(8)}) as site:
        config = configured(tmp_path, [f"{site.base}/{n}" for n in range(8)])
        Archive.open(config.archive).close()
        with ThreadPoolExecutor(3) as pool:
            jobs = [pool.submit(run.poll_feeds, config, config.feeds) for _ in range(3)]
            polled = sum(len(job.result()) for job in jobs)
        assert run.poll_feeds(config, config.feeds) == []
    assert polled == 8
    assert Counter(site.paths()) == {f"/{n}": 1 for n in range(8)}


def test_each_feed_of_a_long_poll_is_timed_by_its_own_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not by the start of the poll, which may lie longer ago than the feed's pause is long."""
    at = [run.utc_now()]
    monkeypatch.setattr(run, "utc_now", lambda: at[0])

    def late(handler: Handler) -> None:
        at[0] += timedelta(minutes=30)
        reply(200, OLD)(handler)

    with serve({"/0": late}) as site:
        config = configured(tmp_path, [f"{site.base}/0"])
        run.poll_direct(config)
        assert [feed.feed for feed in run.poll_direct(config).feeds] == []
    with Archive.open(config.archive) as archive:
        assert archive.feed_states()["feed-0"].last_attempt_at == at[0]


@pytest.mark.parametrize(
    ("holder", "minutes", "free"),
    [
        (owners.new_owner(), 1, False),
        (owners.new_owner(), 31, True),
        (owners.new_owner().replace(f" {os.getpid()} ", " 999999999 "), 1, True),
        (owners.new_owner().replace(owners.new_owner().split()[4], "1"), 1, True),
        ("elsewhere 999999999 1 abc", 1, False),
        ("elsewhere 999999999 1 abc", 31, True),
    ],
    ids=["alive", "run out", "dead", "its number was given away", "another machine", "another machine, run out"],
)
def test_a_lease_holds_while_its_run_may_be_alive(holder: str, minutes: int, free: bool) -> None:
    """On our machine we look; elsewhere half an hour has to pass."""
    now = run.utc_now()
    with Archive.memory() as archive:
        assert set(archive.claim(["a"], holder, now=now)) == {"a"}
        mine = archive.claim(["a", "b"], owners.new_owner(), now=now + timedelta(minutes=minutes))
    assert set(mine) == ({"a", "b"} if free else {"b"})


def test_a_lease_is_renewed_while_its_feed_is_gathered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A poll may take longer than a lease lasts."""
    start = run.utc_now()
    at = [start]
    monkeypatch.setattr(run, "utc_now", lambda: at[0])
    monkeypatch.setattr(run, "RENEW", timedelta(seconds=0.01))
    until: list[str] = []

    def slow(handler: Handler) -> None:
        at[0] = start + timedelta(minutes=29)
        with Archive.open(config.archive) as archive:
            for _ in range(500):
                until[:] = [archive.value("SELECT until FROM lease")]
                if until[0] > (start + timedelta(minutes=58)).isoformat():
                    break
                time.sleep(0.01)
        reply(200, OLD)(handler)

    with serve({"/0": slow}) as site:
        config = configured(tmp_path, [f"{site.base}/0"])
        run.poll_direct(config)
    assert until[0] > (start + timedelta(minutes=58)).isoformat()


def test_a_site_whose_pages_hang_costs_a_poll_two_of_them_whatever_feeds_it_has(tmp_path: Path) -> None:
    """All items are told on the feeds' words at once, and the feed of another host is read whole."""
    hurry = threading.Event()
    titles = {n: [f"Feed {n}: flood {k} cuts the road to Amara" for k in range(3)] for n in range(6)}
    with serve({"/robots.txt": reply(404)}) as site:
        other = f"http://localhost:{site.port}"
        for n, shown in titles.items():
            site.routes[f"/{n}"] = reply(200, rss(*shown, base=other if n == 5 else site.base, at=run.utc_now()))
            site.routes |= {f"/{slug(t)}": reply(404) if n == 5 else lambda _: hurry.wait(20) for t in shown}
        config = configured(tmp_path, [f"{site.base}/{n}" for n in range(6)], page_deadline_seconds=0.3)
        report = run.poll_direct(config)
        hurry.set()
        paths = [path for path in site.paths() if "flood" in path]
    assert sum(report.outcomes.values()) == 18
    assert len([path for path in paths if "feed-5" not in path]) == 2
    assert len([path for path in paths if "feed-5" in path]) == 3
    with Archive.open(config.archive) as archive:
        assert archive.value("SELECT count(*) FROM item WHERE article IS NOT NULL") == 18
        assert archive.value("SELECT count(*) FROM item WHERE retry_at IS NOT NULL") == 18


def test_feeds_of_a_site_that_hangs_cost_a_poll_two_of_them(tmp_path: Path) -> None:
    """The others count as timed out, too, and are asked when their pause is over; other hosts are asked as ever."""
    hurry = threading.Event()
    with serve({f"/{n}": lambda _: hurry.wait(20) for n in range(5)} | {"/good": reply(200, OLD)}) as site:
        urls = [*(f"{site.base}/{n}" for n in range(5)), f"http://localhost:{site.port}/good"]
        config = configured(tmp_path, urls, feed_deadline_seconds=0.3)
        report = run.poll_direct(config)
        hurry.set()
        asked = [path for path in site.paths() if path != "/good"]
        assert run.poll_direct(config).feeds == ()
    assert len(asked) == 2
    assert Counter(feed.status for feed in report.feeds) == {"timeout": 5, "ok": 1}
    why = Counter(feed.detail for feed in report.feeds if feed.down)
    assert why["not asked, for 127.0.0.1 let 2 others wait"] == 3


def test_so_many_feeds_are_gathered_at_a_time_over_all_batches_of_a_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``http.workers`` holds under Prefect, too, where batches run side by side."""
    config = configured(tmp_path, [f"https://{n}.example/" for n in range(12)], workers=3)
    Archive.open(config.archive).close()
    lock, now, most, too_many = threading.Lock(), [0], [0], threading.Event()

    def gather(feed: Feed, state: FeedState, *_: Any, **__: Any) -> Gathered:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
            if now[0] > 3:
                too_many.set()
        too_many.wait(0.1)
        with lock:
            now[0] -= 1
        return Gathered(feed, replace(state, next_attempt_at=run.utc_now() + timedelta(hours=1)))

    monkeypatch.setattr(run, "gather", gather)
    with ThreadPoolExecutor(3) as pool:
        jobs = [pool.submit(run.poll_feeds, config, config.feeds[n : n + 4]) for n in (0, 4, 8)]
        assert sum(len(job.result()) for job in jobs) == 12
    assert most[0] == 3


@pytest.mark.parametrize(
    ("hosts", "expected"),
    [
        ("", []),
        ("a b c d", ["a b c", "d"]),
        ("a b a c d c", ["a a b", "c c d"]),
        ("c b a a a a d", ["c b a a a a", "d"]),
        ("a a a a a b", ["a a a a a", "b"]),
    ],
    ids=["none", "in their order", "with the first of them", "no host is cut", "one host has more"],
)
def test_batches_keep_the_order_and_the_feeds_of_a_host_together(hosts: str, expected: list[str]) -> None:
    """The longest waiting first; a host in two batches would be asked by both in turn."""
    feeds = [Feed(id=f"f{n}", url=f"https://{name}.example/{n}") for n, name in enumerate(hosts.split())]
    assert [" ".join(feed.url[8] for feed in batch) for batch in run.batches(feeds, 3)] == expected


def test_twenty_feeds_of_one_host_are_asked_one_by_one(tmp_path: Path) -> None:
    """Eight workers, one host: never two requests at a time, and the pause between any two."""
    lock, together, seen = threading.Lock(), [], []

    def answer(handler: Handler) -> None:
        together.append(lock.acquire(blocking=False))
        seen.append(time.monotonic())
        time.sleep(0.01)
        if together[-1]:
            lock.release()
        reply(200, OLD)(handler)

    with serve({f"/{n}": answer for n in range(20)}) as site:
        config = configured(tmp_path, [f"{site.base}/{n}" for n in range(20)], per_host_delay_seconds=0.03)
        assert len(run.poll_direct(config).feeds) == 20
    assert together == [True] * 20
    assert min(later - sooner for sooner, later in pairwise(seen)) >= 0.03


@pytest.mark.parametrize("feeds", [19, pytest.param(79, marks=pytest.mark.torture)], ids="{} others".format)
def test_one_feed_that_hangs_delays_no_other(feeds: int, tmp_path: Path) -> None:
    """It hangs until all others are settled, however long that takes, and is then the last and the only one down."""
    others_are_settled, lines = threading.Event(), []

    def hanging(handler: Handler) -> None:
        others_are_settled.wait(60)
        reply(503)(handler)

    def say(line: str) -> None:
        lines.append(line)
        if len(lines) == feeds:
            others_are_settled.set()

    routes: dict[str, Answer] = {f"/{n}": reply(200, OLD) for n in range(feeds)} | {"/hang": hanging}
    with serve(routes) as site:
        urls = [f"http://localhost:{site.port}/hang", *(f"{site.base}/{n}" for n in range(feeds))]
        report = run.poll_direct(configured(tmp_path, urls, feed_deadline_seconds=55), say=say)
    assert [feed.feed for feed in report.feeds if feed.down] == ["feed-0"]
    assert lines[feeds] == "feed-0: server_error (HTTP 503)"
    assert lines[-1].startswith(f"{feeds + 1} requests, 0 not modified (0% of the feeds), 1 failed")
