"""What hosts are owed: turns, pauses, robots.txt; over threads, processes and restarts."""

from __future__ import annotations

import itertools
import os
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from scrapers.hosts import Hosts
from scrapers.robots import Robots
from tests.fakes.site import Answer, get, hang, http, reply, serve
from tocsin.archive import hosts
from tocsin.archive.hosts import HostLedger
from tocsin.errors import ArchiveError, RefusedError, TemporaryFetchError, TocsinError

ROOT = Path(__file__).parents[2]
ENV = os.environ | {"PYTHONPATH": str(ROOT)}


def test_one_request_at_a_time_for_each_host_and_a_pause_between() -> None:
    """Eight threads on one host: requests stand apart."""
    with serve({"/f": reply(200, b"ok")}) as site:
        client = http(per_host_delay_seconds=0.1)
        with ThreadPoolExecutor(8) as pool:
            jobs = [pool.submit(get, client, site.base + "/f") for _ in range(4)]
            assert [job.result().status for job in jobs] == [200] * 4
    times = [at for _, _, at in site.seen]
    assert min(b - a for a, b in pairwise(times)) >= 0.09


def test_a_host_that_is_slow_holds_up_no_other() -> None:
    """Turns are per host: while one is taken, another is free."""
    waits: list[float] = []
    hosts = Hosts(2.0, clock=lambda: 100.0, sleep=waits.append)
    with hosts.turn("a.example"), hosts.turn("b.example"):
        pass
    with hosts.turn("A.example"):
        pass
    assert waits == [2.0]


_ROBOTS = b"User-agent: *\nDisallow: /\n\nUser-agent: Tocsin\nDisallow: /private\nCrawl-delay: 0.2\n"


def test_robots_txt_rules_pages_and_not_feeds() -> None:
    """Asked once for many pages, by our own name; a feed was subscribed to by a person."""
    with serve({"/robots.txt": reply(200, _ROBOTS), "/a": reply(200, b"ok"), "/private": reply(200, b"ok")}) as site:
        client = http()
        with pytest.raises(RefusedError, match="robots: "):
            get(client, site.base + "/private", kind="page")
        get(client, site.base + "/a", kind="page")
        get(client, site.base + "/a", kind="page")
        get(client, site.base + "/private", kind="feed")
    assert site.paths() == ["/robots.txt", "/a", "/a", "/private"]
    assert site.seen[2][2] - site.seen[1][2] >= 0.19  # Crawl-delay


@pytest.mark.parametrize(
    ("robots", "error"),
    [(reply(404), None), (reply(403), None), (reply(500), TemporaryFetchError), (hang, TemporaryFetchError)],
    ids=["404 allows", "403 allows", "500 forbids for now", "silence forbids for now"],
)
def test_a_robots_txt_that_cannot_be_had(robots: Answer, error: type[TocsinError] | None) -> None:
    """RFC 9309: a client error allows everything, a server error nothing."""
    with serve({"/robots.txt": robots, "/a": reply(200, b"ok")}) as site:
        if error is None:
            assert get(http(), site.base + "/a", kind="page").body == b"ok"
        else:
            with pytest.raises(error, match="robots: "):
                get(http(), site.base + "/a", kind="page")


_ASK = """
import sys
from pathlib import Path
from tests.fakes.site import get, http
from tocsin.archive.hosts import HostLedger
client = http(ledger=HostLedger.beside(Path(sys.argv[1])), per_host_delay_seconds=0.2, page_deadline_seconds=5)
print("ready", flush=True)
sys.stdin.readline()
for n in range(3):
    get(client, f"{sys.argv[2]}/{sys.argv[3]}{n}", kind=sys.argv[4])
"""


def test_turns_hold_between_processes_feeds_and_pages(tmp_path: Path) -> None:
    """Two programs, one archive, one host, one asking for feeds and one for pages: never closer than the pause."""
    routes = {f"/{who}{n}": reply(200, b"ok") for who in "ab" for n in range(3)}
    with serve(routes) as site:
        commands = [
            [sys.executable, "-c", _ASK, str(tmp_path / "a.db"), site.base, who, kind]
            for who, kind in (("a", "feed"), ("b", "page"))
        ]
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        running = [subprocess.Popen(command, cwd=ROOT, env=ENV, **pipes) for command in commands]
        for one in running:
            assert one.stdout.readline() == "ready\n"
        for one in running:
            one.stdin.write("go\n")
            one.stdin.close()
        assert [one.wait(30) for one in running] == [0, 0]
        for one in running:
            one.stdout.close()
    times = [at for _, _, at in site.seen]
    assert len(times) == 7  # and robots.txt
    assert min(later - sooner for sooner, later in pairwise(times)) >= 0.19


def test_a_turn_that_was_never_given_back_ends_by_itself(tmp_path: Path) -> None:
    """Its process was killed: the next waits for the rest of its deadline; a clock that was wrong blocks nobody."""
    lost, ledger = HostLedger(tmp_path / "hosts"), HostLedger(tmp_path / "hosts")
    assert lost.take("a.example", now=1000.0, hold=30.0) == 0
    assert ledger.take("a.example", now=1010.0, hold=30.0) == 20.0
    assert ledger.take("b.example", now=1010.0, hold=30.0) == 0
    ledger.give_back("a.example", free_at=0.0)  # it is not its to give
    assert ledger.take("a.example", now=1029.0, hold=30.0) == 1.0
    assert ledger.take("a.example", now=1030.0, hold=30.0) == 0
    assert lost.take("a.example", now=10.0, hold=30.0) == 0, "the clock went back"


def test_a_turn_whose_process_was_killed_is_free_at_once(tmp_path: Path) -> None:
    """We look whether it lives; the pause after a turn that was given back is kept all the same."""
    code = """
import os, signal, sys
from pathlib import Path
from tocsin.archive.hosts import HostLedger
ledger = HostLedger(Path(sys.argv[1]))
for host in ("held.example", "given.example"):
    ledger.take(host, now=1000.0, hold=300.0)
ledger.give_back("given.example", free_at=1060.0)
os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "hosts")], cwd=ROOT, env=ENV, check=False)
    ledger = HostLedger(tmp_path / "hosts")
    assert ledger.take("held.example", now=1010.0, hold=30.0) == 0
    assert ledger.take("given.example", now=1010.0, hold=30.0) == 50.0


def test_a_pause_outlives_the_process_and_covers_every_feed_and_page_of_the_host(tmp_path: Path) -> None:
    """Retry-After, given to one, is kept by the next client of the same archive; other hosts are free."""
    with serve({"/f": reply(429, Retry_After="77"), "/g": reply(200, b"ok")}) as site:
        with pytest.raises(TemporaryFetchError, match="HTTP 429"):
            get(http(ledger=HostLedger.beside(tmp_path / "a.db")), site.base + "/f")
        later = http(ledger=HostLedger.beside(tmp_path / "a.db"))
        for kind in ("feed", "page"):
            with pytest.raises(TemporaryFetchError, match=r"paused: 127\.0\.0\.1 asked") as caught:
                get(later, site.base + "/g", kind=kind)
            assert caught.value.retry_after == pytest.approx(77, abs=5)
        assert get(later, f"http://localhost:{site.port}/g").status == 200
    assert site.paths() == ["/f", "/g"]


def test_a_damaged_ledger_is_made_anew_and_one_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """What it held is worth less than a poll."""
    (tmp_path / "hosts").write_bytes(b"not a database at all" * 100)
    assert HostLedger(tmp_path / "hosts").take("a.example", now=1000.0, hold=30.0) == 0
    (tmp_path / "folder").mkdir()
    with pytest.raises(ArchiveError, match="folder: "):
        HostLedger(tmp_path / "folder")


def test_who_had_a_ledger_open_that_was_made_anew_goes_over_to_the_new_one(tmp_path: Path) -> None:
    """Else two processes would ask one host at once for as long as the older one lives."""
    older = HostLedger(tmp_path / "hosts")
    older.pause("c.example", 1100.0)
    (tmp_path / "hosts").write_bytes(b"damaged" * 1000)
    younger = HostLedger(tmp_path / "hosts")
    assert younger.take("a.example", now=1000.0, hold=30.0) == 0
    assert older.take("a.example", now=1010.0, hold=30.0) == 20.0
    older.pause("b.example", 1100.0)
    assert younger.paused_for("b.example", now=1000.0) == 100.0
    (tmp_path / "hosts").unlink()
    assert (older.paused_for("b.example", now=1000.0), younger.take("a.example", now=1010.0, hold=30.0)) == (0.0, 0)
    assert older.take("a.example", now=1010.0, hold=30.0) == 30.0


def test_of_many_that_find_a_ledger_damaged_one_makes_it_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each that finds it damaged dawdles, the next one longer: none throws away what another has made and uses."""
    opened, found = hosts._opened, itertools.count(1)

    def dawdling(path: Path) -> sqlite3.Connection:
        try:
            return opened(path)
        except sqlite3.DatabaseError:
            time.sleep(0.05 * next(found))
            raise

    monkeypatch.setattr(hosts, "_opened", dawdling)
    path = tmp_path / "hosts"
    path.write_bytes(b"no database at all" * 500)
    with ThreadPoolExecutor(4) as pool:
        waits = pool.map(lambda _: HostLedger(path).take("a.example", now=1000.0, hold=30.0), range(4))
        assert sorted(waits) == [0.0, 30.0, 30.0, 30.0]


def test_an_absurd_pause_is_a_day_at_most(tmp_path: Path) -> None:
    """A Retry-After of thirty years leaves no host unasked for ever; nor does a clock that ran ahead."""
    ledger = HostLedger(tmp_path / "hosts")
    for clock in (None, ledger):
        hosts = Hosts(2.0, clock=lambda: 100.0, sleep=lambda _: None, ledger=clock, wall=lambda: 1000.0)
        hosts.pause("a.example", 10**9)
        assert hosts.paused_for("A.example") == 86_400
    ledger.pause("a.example", 1000.0 + 10**9)
    assert ledger.paused_for("a.example", now=1000.0) == 0


def test_robots_txt_is_asked_once_a_day_by_all_processes_together(tmp_path: Path) -> None:
    """A poll under ``tocsin serve`` is a process of its own: it must not ask each time."""
    with serve({"/robots.txt": reply(200, _ROBOTS), "/a": reply(200, b"ok")}) as site:
        for _ in range(3):
            client = http(ledger=HostLedger.beside(tmp_path / "a.db"), page_deadline_seconds=5)
            get(client, site.base + "/a", kind="page")
            with pytest.raises(RefusedError, match="robots: "):
                get(client, site.base + "/private", kind="page")
    assert site.paths() == ["/robots.txt", "/a", "/a", "/a"]
    ledger = HostLedger.beside(tmp_path / "a.db")
    kept = ledger.robots(site.base, now=time.time())
    assert kept is not None
    assert kept[2] == pytest.approx(86_400, abs=10)
    assert ledger.robots(site.base, now=time.time() + 86_401) is None


@pytest.mark.parametrize(
    ("body", "allowed"),
    [
        (b"<!doctype html><title>Not here</title>", True),
        (b"\xef\xbb\xbfUser-agent: *\r\nDisallow: /a", False),
        (b"User-agent: *\nDisallow: /a\n" + b"# x\n" * 1_000_000, False),
        (b"# x\n" * 1_000_000 + b"User-agent: *\nDisallow: /a", True),
        (b"User-agent: othersin\nDisallow: /", True),
        (b"User-agent: TOCSIN\nDisallow: /", False),
    ],
    ids=["HTML", "a byte order mark", "4 MB, rule first", "4 MB, rule beyond 500 kB", "another name", "our name"],
)
def test_what_a_robots_txt_may_hold(body: bytes, allowed: bool) -> None:
    """The first 500 kB count, as RFC 9309 asks; what is no robots.txt has no rules."""
    with serve({"/robots.txt": reply(200, body), "/a": reply(200, b"ok")}) as site:
        client = http(page_deadline_seconds=5)
        if allowed:
            assert get(client, site.base + "/a", kind="page").status == 200
        else:
            with pytest.raises(RefusedError, match="robots: "):
                get(client, site.base + "/a", kind="page")


def test_a_feed_may_be_made_to_obey_robots_txt_too() -> None:
    """``robots: true`` of a feed; others are exempt, for a person subscribed to them."""
    with serve({"/robots.txt": reply(200, b"User-agent: *\nDisallow: /"), "/f": reply(200, b"ok")}) as site:
        assert get(http(), site.base + "/f").status == 200
        with pytest.raises(RefusedError, match="robots: "):
            get(http(), site.base + "/f", robots=True)


def test_a_crawl_delay_is_kept_up_to_two_minutes() -> None:
    """A robots.txt that asks for an hour gets two minutes."""
    waits: list[float] = []
    hosts = Hosts(2.0, clock=lambda: 100.0, sleep=waits.append)
    robots = Robots("Tocsin/1.0", lambda url: b"User-agent: *\nCrawl-delay: 3600", clock=lambda: 100.0)
    hosts.slow_down("a.example", robots.ask("https://a.example/x").crawl_delay)
    for _ in range(2):
        with hosts.turn("a.example"):
            pass
    assert waits == [120.0]


def test_what_fails_half_way_is_not_kept(tmp_path: Path) -> None:
    """A ledger that cannot write all of a change has none of it, and says what was wrong."""
    ledger = HostLedger(tmp_path / "hosts")
    ledger._db.execute("DROP TABLE host")
    with pytest.raises(ArchiveError, match="no such table: host"):
        ledger.keep_robots("https://a.example", "", "", now=100.0, seconds=60.0)
    assert ledger.robots("https://a.example", now=101.0) is None
    ledger.close()
