"""What hosts are owed: turns, pauses, robots.txt; over threads, processes and restarts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from scrapers.hosts import Hosts
from tests.fakes.site import Answer, get, hang, http, reply, serve
from tocsin.errors import RefusedError, TemporaryFetchError, TocsinError


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
