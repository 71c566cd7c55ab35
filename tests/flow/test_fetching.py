"""What a server sees of us over days, and what becomes of items whose server misbehaves; on loopback sockets."""

from __future__ import annotations

import re
import threading
from datetime import datetime, timedelta
from html import escape
from itertools import count, pairwise
from typing import Any

import pytest

from flows import gathering
from scrapers import sandbox
from tests.fakes.newsroom import START, newsroom, rss, slug
from tests.fakes.site import AGENT, Answer, Handler, reply, serve
from tocsin.errors import ArchiveError
from tocsin.model import AlertReason

ROCKETS = "Three rockets hit Camp Taji north of Baghdad, two soldiers wounded"
PAGE = f"/{slug(ROCKETS)}"
DRONE = "Drone shot down over Ain al-Asad air base in western Iraq"


class Scorer:
    """A feed server that scores its reader: its name, its validators, and what else it sends."""

    def __init__(self) -> None:
        self.version, self.polls, self.unconditional, self.faults = 0, 0, 0, []
        self.busy_at: int | None = None

    def validators(self) -> tuple[str, str]:
        """In forms that a reader is tempted to mend."""
        return f'W/"{self.version:x}-5f2a;br-gzip"', f"Wed, 1 Jul 2026 {self.version % 24:02d}:07:09 +0000"

    def __call__(self, handler: Handler) -> None:
        self.polls += 1
        sent = {name.lower(): value for name, value in handler.headers.items()}
        etag, modified = self.validators()
        given = sent.get("if-none-match"), sent.get("if-modified-since")
        if given == (None, None):
            self.unconditional += 1
        elif given != (etag, modified):
            self.faults.append(f"poll {self.polls} sent {given}")
        self.faults += [f"{name} was sent" for name in ("cookie", "referer", "cache-control", "pragma") if name in sent]
        self.faults += [f"asked for {handler.path}"] if handler.path != "/feed" else []
        self.faults += [] if sent["user-agent"] == AGENT and "+https://" in AGENT else ["no name"]
        self.faults += [] if "gzip" in sent["accept-encoding"] else ["no gzip"]
        if self.polls == self.busy_at:
            return reply(429, Retry_After="7200")(handler)
        status, body = 304, b""
        if (self.polls % 7 == 1 and self.polls > 1) or given == (None, None):
            self.version += 1
            etag, modified = self.validators()
            status, body = 200, rss(*(f"Story {n} of the day" for n in range(self.version, self.version + 10)))
        headers = {"ETag": etag, "Last_Modified": modified, "Set_Cookie": "who=you", "Cache_Control": "max-age=1800"}
        return reply(status, body, **headers)(handler)


@pytest.fixture
def no_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Items are read on the feed's words: these tests are about the feed."""
    monkeypatch.setattr(gathering, "PAGES_PER_POLL", 0)
    monkeypatch.setattr(gathering, "RETRIES_PER_POLL", 0)


@pytest.mark.usefixtures("no_pages")
def test_a_hundred_polls_please_the_strictest_critic() -> None:
    """One unconditional request, validators byte for byte, no cookie, no Referer, never sooner than it was asked to."""
    scorer = Scorer()
    scorer.busy_at = 40
    with serve({"/feed": scorer}) as site, newsroom(site.base + "/feed") as room:
        times: list[datetime] = []
        for _ in range(100):
            room.poll()
            times.append(room.now)
    gaps = [later - sooner for sooner, later in pairwise(times)]
    assert (scorer.polls, scorer.unconditional, scorer.faults) == (100, 1, [])
    assert min(gaps) >= timedelta(minutes=27)  # max-age, less the tenth that spreads feeds
    assert gaps[39] >= timedelta(hours=2)


@pytest.mark.usefixtures("no_pages")
@pytest.mark.parametrize("status", [200, 404], ids=["read", "not there"])
def test_the_next_poll_counts_from_when_the_answer_came(status: int) -> None:
    """A feed whose turn comes eleven minutes into a long poll is left in peace for its pause all the same."""

    def late(handler: Handler) -> None:
        room.now += timedelta(minutes=11)
        in_future = rss(ROCKETS, at=START + timedelta(minutes=9))
        reply(status, in_future if status == 200 else b"")(handler)

    with serve({"/feed": late}) as site, newsroom(site.base + "/feed", poll_minutes=5) as room:
        gathered = room.gather()
    answered = START + timedelta(minutes=11)
    assert gathered.state.last_attempt_at == answered
    assert gathered.state.next_attempt_at is not None
    assert gathered.state.next_attempt_at >= answered + timedelta(minutes=4)
    if status == 200:
        assert gathered.state.last_success_at == answered
        assert gathered.gleaned[0].item.published == START + timedelta(minutes=9), "no date in the future by now"


def test_a_page_is_seen_when_it_comes() -> None:
    """Not when its poll began: latency figures and "2 hours ago" count from there."""

    def page(handler: Handler) -> None:
        room.now += timedelta(minutes=3)
        reply(200, _page(ROCKETS))(handler)

    with serve({"/robots.txt": reply(404), PAGE: page}) as site:
        site.routes["/feed"] = reply(200, rss(ROCKETS, base=site.base))
        with newsroom(site.base + "/feed") as room:
            (gleaned,) = room.gather().gleaned
    assert gleaned.article is not None
    assert (gleaned.article.rung, gleaned.article.seen) == ("generic", START + timedelta(minutes=3))


@pytest.mark.usefixtures("no_pages")
def test_a_server_that_answers_304_for_ever_is_looked_at_after_eight_days() -> None:
    """The news that it kept back arrives."""
    asked: list[tuple[bool, datetime]] = []

    def stuck(handler: Handler) -> None:
        conditional = "If-None-Match" in handler.headers
        asked.append((conditional, room.now))
        body = rss(ROCKETS) if len(asked) == 1 else rss(DRONE, ROCKETS, at=room.now)
        reply(304 if conditional else 200, b"" if conditional else body, ETag='"same"')(handler)

    with serve({"/feed": stuck}) as site, newsroom(site.base + "/feed") as room:
        while room.now < START + timedelta(days=9):
            found = dict(room.poll().run.outcomes)
            if len(asked) > 1 and not asked[-1][0]:
                assert found == {"new": 1, "unchanged": 1}
    plain = [at for conditional, at in asked if not conditional]
    assert len(plain) == 2
    assert timedelta(days=8) <= plain[1] - plain[0] < timedelta(days=8, hours=1)


@pytest.mark.usefixtures("no_pages")
def test_a_crash_between_fetch_and_commit_fetches_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The new validator is not sent before the items it came with are stored."""
    given: list[str | None] = []
    body = [rss(ROCKETS)]

    def answer(handler: Handler) -> None:
        given.append(handler.headers.get("If-None-Match"))
        etag = f'"{len(body[0])}"'
        same = given[-1] == etag
        reply(304 if same else 200, b"" if same else body[0], ETag=etag)(handler)

    with serve({"/feed": answer}) as site, newsroom(site.base + "/feed") as room:
        room.poll()
        first = f'"{len(body[0])}"'
        body[0] = rss(DRONE, ROCKETS)
        with monkeypatch.context() as broken:
            broken.setattr(room.archive, "save_feed_state", _power_cut)
            with pytest.raises(ArchiveError):
                room.desk.settle(room.gather(), now=room.now)
        assert dict(room.poll().run.outcomes) == {"new": 1, "unchanged": 1}
        assert dict(room.poll().run.outcomes) == {}
    assert given == [None, first, first, f'"{len(body[0])}"']


def _power_cut(*_: Any) -> None:
    raise ArchiveError("archive", "the power is gone")


@pytest.mark.usefixtures("no_pages")
def test_a_body_that_is_the_same_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server without validators sends the whole of it each time; we look at its hash."""
    with serve({"/feed": reply(200, rss(ROCKETS))}) as site, newsroom(site.base + "/feed") as room:
        assert dict(room.poll().run.outcomes) == {"new": 1}
        monkeypatch.setattr(sandbox, "read", lambda *a, **k: pytest.fail("it was read"))
        assert room.poll().run.status == "unchanged"


@pytest.mark.usefixtures("no_pages")
def test_a_delta_is_merged_with_what_is_known() -> None:
    """A 226 brings the new item alone; nothing is forgotten, and no gap is suspected."""

    def answer(handler: Handler) -> None:
        if "If-None-Match" not in handler.headers:
            return reply(200, rss(ROCKETS, "Talks in Baghdad go on", "Dust storm closes airports"), ETag='"1"')(handler)
        assert handler.headers["A-IM"] == "feed"
        return reply(226, rss(DRONE, "Roads reopen in Anbar", "Curfew lifted"), ETag='"2"', IM="feed")(handler)

    with serve({"/feed": answer}) as site, newsroom(site.base + "/feed") as room:
        room.poll()
        settled = room.poll()
        assert (settled.run.status, settled.run.items, room.state.gaps) == ("ok", 3, 0)
        assert room.state.etag == '"2"'
        assert room.archive.value("SELECT count(*) FROM item") == 6


@pytest.mark.usefixtures("no_pages")
@pytest.mark.parametrize(
    "nothing",
    [reply(204), reply(200), reply(200, b"  \n"), reply(200, rss())],
    ids=["204", "no body", "blank", "0 items"],
)
def test_a_feed_that_falls_silent_with_a_200_is_empty_and_no_success(nothing: Any) -> None:
    """It is asked again with the validator of what it last showed, and later each time."""
    answers = [reply(200, rss(ROCKETS), ETag='"1"'), nothing, nothing]
    with serve({"/feed": lambda handler: answers.pop(0)(handler)}) as site, newsroom(site.base + "/feed") as room:
        room.poll()
        then = room.state
        for _ in range(2):
            assert room.poll().run.status == "empty"
        assert (room.state.last_success_at, room.state.etag, room.state.failures) == (then.last_success_at, '"1"', 1.0)
        assert site.seen[2][1]["If-None-Match"] == '"1"'


@pytest.mark.usefixtures("no_pages")
def test_a_permanent_move_is_learned_at_the_third_time_and_forgotten_when_it_fails() -> None:
    """From then on the old address is left in peace; when the new one is gone, the configured one is asked."""
    routes = {"/old": reply(301, Location="/new"), "/new": reply(200, rss(ROCKETS))}
    with serve(routes) as site, newsroom(site.base + "/old") as room:
        for _ in range(4):
            room.poll()
        assert site.paths() == ["/old", "/new"] * 3 + ["/new"]
        assert f"moved for good to {site.base}/new: change its url" in room.state.detail
        routes |= {"/new": reply(404), "/old": reply(200, rss(ROCKETS, DRONE))}
        room.poll()
        assert room.poll().run.status == "ok"
    assert site.paths()[-2:] == ["/new", "/old"]


@pytest.mark.usefixtures("no_pages")
def test_a_feed_in_other_hands_is_stored_and_rings_nothing_until_it_is_itself_again() -> None:
    """A bought domain with a made-up attack: kept, told, not rung; its own words ring again."""
    body = [rss("Talks in Baghdad go on", title="Desert News Daily")]
    feed = {"/feed": lambda handler: reply(200, body[0])(handler)}
    with serve(feed) as site, newsroom(site.base + "/feed") as room:
        room.poll()
        body[0] = rss(ROCKETS, title="Golden Slots Bonus", at=room.now)
        settled = room.poll()
        assert (settled.run.status, dict(settled.run.outcomes)) == ("hijack_suspected", {"new": 1})
        assert [flagged.reasons for flagged in settled.events] == [()]
        assert room.poll().run.status == "hijack_suspected", "the same body again does not clear it"
        body[0] = rss(DRONE, title="Desert News Daily", at=room.now)
        settled = room.poll()
        assert settled.run.status == "ok"
        assert [flagged.reasons for flagged in settled.events] == [(AlertReason.FIRST,)]


def _page(title: str) -> bytes:
    text = f"{title}. " + "The Security Media Cell said in a statement that an investigation had been opened. " * 8
    return f"<html><title>{title}</title><article><h1>{title}</h1><p>{escape(text)}</p></article></html>".encode()


def test_an_item_whose_page_is_blocked_is_told_at_once_and_tried_for_two_days() -> None:
    """Stored and rung on the feed's words; asked less and less often; given up after 48 hours; never lost."""
    with serve({"/robots.txt": reply(404)}) as site:
        site.routes |= {"/feed": reply(200, rss(ROCKETS, base=site.base)), PAGE: reply(403)}
        with newsroom(site.base + "/feed") as room:
            first = room.poll()
            assert dict(first.run.outcomes) == {"blocked": 1}
            assert [flagged.reasons for flagged in first.events] == [(AlertReason.FIRST,)]
            while room.now < START + timedelta(hours=72):
                room.poll()
            tries = site.paths().count(PAGE)
            rows = room.archive.query("SELECT outcome, retry_at, article FROM item")
    assert 8 <= tries <= 11
    assert [(row["outcome"], row["retry_at"]) for row in rows] == [("blocked", None)]
    assert rows[0]["article"] is not None


def test_a_page_that_opens_again_brings_the_whole_text_and_no_second_first_alert() -> None:
    """The same event, with more to say."""
    with serve({"/robots.txt": reply(404)}) as site:
        site.routes |= {"/feed": reply(200, rss(ROCKETS, base=site.base)), PAGE: reply(503)}
        with newsroom(site.base + "/feed") as room:
            first = room.poll()
            site.routes[PAGE] = reply(200, _page(ROCKETS))
            later = [room.poll() for _ in range(3)]
            found = [(each.event.id, each.reasons) for settled in later for each in settled.events]
            texts = room.archive.query("SELECT max(length(text)) AS long FROM article")
    assert site.paths().count(PAGE) == 2
    assert {event for event, _ in found} <= {first.events[0].event.id}
    assert all(AlertReason.FIRST not in reasons for _, reasons in found)
    assert texts[0]["long"] > 400


def test_a_feed_with_more_items_than_pages_a_poll_loses_none_and_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """All are stored at the first poll, the newest with their pages; the others' pages follow, behind a 304."""
    monkeypatch.setattr(gathering, "PAGES_PER_POLL", 4)
    titles = [f"Checkpoint {n} near Kirkuk comes under fire, two policemen wounded" for n in range(9)]
    pages = [f"/{slug(title)}" for title in titles]
    with serve({"/robots.txt": reply(404)} | {f"/{slug(title)}": reply(200, _page(title)) for title in titles}) as site:
        feed = rss(*titles, base=site.base)
        site.routes["/feed"] = lambda handler: reply(
            304 if "If-None-Match" in handler.headers else 200, feed, ETag='"1"'
        )(handler)
        with newsroom(site.base + "/feed") as room:
            assert sum(n for _, n in room.poll().run.outcomes) == 9
            assert [path for path in site.paths() if path in pages] == pages[:4]
            assert room.archive.value("SELECT count(*) FROM item") == 9
            room.poll()
            room.poll()
            waiting = room.archive.value("SELECT count(*) FROM item WHERE retry_at IS NOT NULL")
    assert sorted(path for path in site.paths() if path in pages) == sorted(pages)
    assert waiting == 0


@pytest.mark.parametrize("first", [0, 60], ids=["waits for its turn", "is blocked"])
def test_an_undated_item_of_a_first_poll_rings_no_more_when_its_page_is_read(
    first: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be years old; one that comes later is news."""

    def feed(*titles: str) -> Answer:
        return reply(200, re.sub(rb"<pubDate>[^<]*</pubDate>", b"", rss(*titles, base=site.base)))

    with serve({"/robots.txt": reply(404), PAGE: reply(503), f"/{slug(DRONE)}": reply(200, _page(DRONE))}) as site:
        site.routes["/feed"] = feed(ROCKETS)
        with newsroom(site.base + "/feed") as room:
            with monkeypatch.context() as patched:
                patched.setattr(gathering, "PAGES_PER_POLL", first)
                room.poll()
            site.routes[PAGE] = reply(200, _page(ROCKETS))
            settled = room.poll()
            assert site.paths()[-1] == PAGE
            assert [event.reasons for event in settled.events] == [()]
            site.routes["/feed"] = feed(ROCKETS, DRONE)
            assert [event.reasons for event in room.poll().events] == [(AlertReason.FIRST,)]


@pytest.mark.parametrize("slow", ["hangs", "drips"])
def test_a_site_whose_pages_do_not_come_costs_two_of_them_or_its_time(
    slow: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not asked for is told on the feed's words at once and read at the next poll; other hosts are read."""
    hurry, passed = threading.Event(), [0.0]
    monkeypatch.setattr("flows.patience.monotonic", lambda: passed[0])
    titles = [f"Mortar round number {n} falls near a checkpoint in Kirkuk" for n in range(9)]

    def late(handler: Handler) -> None:
        if slow == "hangs":
            hurry.wait(20)
        passed[0] += 25.0
        reply(200, _page("A story"))(handler)

    with serve({"/robots.txt": reply(404)} | {f"/{slug(title)}": late for title in titles}) as site:
        elsewhere = f"http://localhost:{site.port}/{slug(titles[-1])}".encode()
        site.routes["/feed"] = reply(200, rss(*titles, base=site.base).replace(
            f"{site.base}/{slug(titles[-1])}".encode(), elsewhere), ETag='"1"')  # fmt: skip
        site.routes[f"/{slug(titles[-1])}"] = reply(200, _page(titles[-1]))
        with newsroom(site.base + "/feed", seconds=0.3) as room:
            gathered = room.gather()
            settled = room.desk.settle(gathered, now=room.now)
            asked = site.paths()[2:]
            waiting = room.archive.value("SELECT count(*) FROM item WHERE retry_at <= ?", [room.now.isoformat()])
            hurry.set()
            site.routes |= {f"/{slug(title)}": reply(200, _page(title)) for title in titles}
            passed[0] = 1000.0
            room.poll()
            left = room.archive.value("SELECT count(*) FROM item WHERE retry_at <= ?", [room.now.isoformat()])
    assert settled.run.items == len(titles)
    assert sum(n for name, n in settled.run.outcomes if name in {"new", "copy", "blocked"}) == len(titles)
    fits = titles[:2] + titles[-1:] if slow == "hangs" else titles[:3]
    assert [path for path in asked if path != "/robots.txt"] == [f"/{slug(title)}" for title in fits]
    assert (waiting, left) == (len(titles) - 3, 0)


@pytest.mark.usefixtures("no_pages")
def test_ids_that_change_at_every_poll_are_seen_through() -> None:
    """From the second poll on its items are known by their addresses: nothing is read twice, and new ones are new."""
    titles = [f"Council of district {n} meets" for n in range(6)]
    polls = count()

    def answer(handler: Handler) -> None:
        turn = next(polls)
        body = rss(*([DRONE] if turn == 3 else []), *titles).decode()
        reply(200, re.sub(r"<guid>", f"<guid>{turn}-", body).encode())(handler)

    with serve({"/feed": answer}) as site, newsroom(site.base + "/feed") as room:
        outcomes = [dict(room.poll().run.outcomes) for _ in range(5)]
        assert outcomes[1:3] == [{"unchanged": 6}] * 2
        assert outcomes[3] == {"new": 1, "unchanged": 6}
        assert outcomes[4] == {"unchanged": 6}
        assert (room.state.by_address, room.state.gaps) == (True, 0)


@pytest.mark.usefixtures("no_pages")
def test_a_live_blog_with_one_address_keeps_its_entries_apart() -> None:
    """New ids at one address are new entries."""
    polls = count()

    def answer(handler: Handler) -> None:
        turn = next(polls)
        body = rss(*(f"Update {turn} number {n}" for n in range(5))).decode()
        reply(200, re.sub(r"<link>[^<]*", "<link>https://outlet.example/live", body).encode())(handler)

    with serve({"/feed": answer}) as site, newsroom(site.base + "/feed") as room:
        for _ in range(3):
            room.poll()
        assert not room.state.by_address
        assert room.archive.value("SELECT count(*) FROM item") == 15
