"""When a feed is asked again, and what is remembered of it: a pure table of decisions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from scrapers import moves, schedule
from scrapers.entries import FeedDocument
from tocsin.config import Feed
from tocsin.errors import FetchError, ParseError, TemporaryFetchError, TooLargeError
from tocsin.model import FeedState, Fetched, Item

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
URL = "https://feed.example/rss"
MINUTE = 60.0


def feed(**more: Any) -> Feed:
    """A feed that is polled every quarter of an hour."""
    return Feed(**({"id": "a", "url": URL, "poll_minutes": 15} | more))


def answer(status: int = 200, body: bytes = b"<rss/>", **headers: str) -> Fetched:
    """A fetched feed."""
    pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Fetched(URL, URL, status, pairs, body, NOW, 0.1)


def items(n: int, *, newest: datetime = NOW) -> tuple[Item, ...]:
    """That many items, an hour apart."""
    return tuple(
        Item("a", f"id{i}", f"{URL}/{i}", f"Story {i}", published=newest - timedelta(hours=i)) for i in range(n)
    )


def wait(state: FeedState) -> float:
    """Seconds until the next attempt."""
    assert state.next_attempt_at is not None
    return (state.next_attempt_at - NOW).total_seconds()


def read(
    known: int = 0, n: int = 10, *, state: FeedState | None = None, ttl: int | None = None, **more: Any
) -> FeedState:
    """The state after a poll that read n items, some of them known."""
    headers = more.pop("headers", {})
    document = FeedDocument("T", items(n), ttl)
    state = state or FeedState("a", last_success_at=NOW - timedelta(hours=1))
    return schedule.next_state(feed(**more), state, now=NOW, fetched=answer(**headers), document=document, known=known)


def test_feeds_are_due_when_their_time_has_come_and_the_longest_waiting_is_first() -> None:
    """A feed that was never asked comes first; one whose minute has not come, or that is off, not at all."""
    feeds = [feed(id=name) for name in ("late", "new", "early", "now")] + [feed(id="off", enabled=False)]
    states = {
        "late": FeedState("late", next_attempt_at=NOW - timedelta(hours=1)),
        "early": FeedState("early", next_attempt_at=NOW + timedelta(seconds=1)),
        "now": FeedState("now", next_attempt_at=NOW),
    }
    assert [f.id for f in schedule.due(feeds, states, NOW)] == ["new", "late", "now"]


def test_news_keeps_the_pause_and_silence_stretches_it_to_twice_at_most() -> None:
    """A poll is never later than its interval, and up to a tenth earlier, so that a five-minute tick meets it."""
    fresh = read(known=0)
    assert 0.9 * 15 * MINUTE <= wait(fresh) <= 15 * MINUTE
    quiet = fresh
    for _ in range(20):
        quiet = read(known=10, state=quiet)
    assert 0.9 * 30 * MINUTE <= wait(quiet) <= 30 * MINUTE
    assert wait(read(known=5, state=quiet)) > 27 * MINUTE, "half known: as before"
    assert wait(read(known=3, state=quiet)) <= 15 * MINUTE, "a third known: news"


def test_three_quiet_polls_in_a_row_lengthen_the_pause_by_a_step() -> None:
    """Two do not, and one with news between them starts the count again."""
    state, waits = read(known=0), []
    for known in (10, 10, 10, 5, 10, 10, 10):
        state = read(known=known, state=state, alert=False)
        waits.append(state.interval_seconds // 60)
    assert waits == [15, 15, 25, 25, 25, 25, 35]


@pytest.mark.parametrize(
    ("known", "n", "before", "status", "missed"),
    [
        (0, 10, {}, "degraded", True),
        (1, 10, {}, "ok", False),
        (0, 2, {}, "ok", False),
        (0, 10, {"last_success_at": None}, "ok", False),
        (0, 10, {"items_shown": 0}, "ok", False),
    ],
    ids=["none known", "one known", "too few to tell", "first poll", "it was empty before"],
)
def test_a_feed_of_which_nothing_is_known_any_more_was_asked_too_late(
    known: int, n: int, before: dict[str, Any], status: str, missed: bool
) -> None:
    """What passed between the two polls nobody saw: it is told, counted, and the pause is short again at once."""
    then = FeedState("a", last_success_at=NOW - timedelta(hours=1), items_shown=10, interval_seconds=1800)
    after = read(known, n, state=replace(then, **before))
    assert (after.status, after.gaps, after.gap_at) == (status, int(missed), NOW if missed else None)
    assert after.detail.startswith("gap suspected: none of its 10 items was known" if missed else "")
    if missed:
        assert after.interval_seconds == 900


def test_a_delta_is_no_gap_and_replaces_no_body() -> None:
    """A 226 holds only what is new: nothing of it is known, on purpose."""
    then = FeedState("a", last_success_at=NOW, items_shown=40, body_hash="h", interval_seconds=1800)
    fetched = replace(answer(226, etag='"2"'), status=226)
    document = FeedDocument("T", items(4))
    after = schedule.next_state(feed(), then, now=NOW, fetched=fetched, document=document, known=0)
    assert (after.status, after.gaps, after.items_shown, after.body_hash, after.etag) == ("ok", 0, 40, "h", '"2"')
    empty = schedule.next_state(feed(), then, now=NOW, fetched=fetched, document=FeedDocument("T", ()))
    assert (empty.status, empty.failures) == ("unchanged", 0.0)


def test_a_feed_that_had_items_and_shows_none_is_no_success() -> None:
    """Its validators stay those of the last good body, so that the next poll is not told "not modified"."""
    then = FeedState("a", etag='"good"', last_success_at=NOW - timedelta(hours=1), items_shown=20, body_hash="h")
    document = FeedDocument("T", ())
    after = schedule.next_state(feed(), then, now=NOW, fetched=answer(etag='"empty"'), document=document)
    assert (after.status, after.failures, after.etag) == ("empty", 0.5, '"good"')
    assert after.last_success_at == then.last_success_at
    assert "where there were 20" in after.detail


_HOURS = "h12 h13 h14"


@pytest.mark.parametrize(
    ("skip", "more", "hours"),
    [
        ("", {}, 0.25),
        (_HOURS, {}, 3.0),
        (_HOURS, {"alert": True}, 0.25),
        ("d2", {}, 12.0),
        (" ".join(f"h{h}" for h in range(24)), {}, 0.25),
    ],
    ids=["nothing", "three hours", "a feed that may ring", "all Wednesday", "for ever"],
)
def test_hours_and_days_to_skip_are_obeyed_by_feeds_that_do_not_ring(
    skip: str, more: dict[str, Any], hours: float
) -> None:
    """NOW is a Wednesday at noon, UTC."""
    then = FeedState("a", last_success_at=NOW, skip=skip, interval_seconds=900)
    after = schedule.next_state(feed(**({"alert": False} | more)), then, now=NOW, fetched=answer(304, b""))
    assert wait(after) / 3600 == pytest.approx(hours, abs=0.1)


def test_the_wish_of_a_feed_holds_for_a_304_too() -> None:
    """ttl stands in the body, which a 304 does not bring."""
    then = read(ttl=3000)
    after = schedule.next_state(feed(), then, now=NOW, fetched=answer(304, b""))
    assert 45 * MINUTE <= wait(after) <= 50 * MINUTE


def test_feeds_that_began_together_do_not_stay_together() -> None:
    """Eighty feeds first asked in one second, then by a tick every five minutes: they spread over three."""
    feeds = [feed(id=f"feed-{n}") for n in range(80)]
    states: dict[str, FeedState] = {}
    at, ticks = NOW, []
    for _ in range(24):
        now_due = schedule.due(feeds, states, at)
        for one in now_due:
            document = FeedDocument("T", items(10)) if one.id not in states else None
            states[one.id] = schedule.next_state(
                one, states.get(one.id) or FeedState(one.id), now=at, fetched=answer(304), document=document, known=0
            )
        ticks.append(len(now_due))
        at += timedelta(minutes=5)
    assert ticks[0] == 80
    assert max(ticks[1:]) <= 45


@pytest.mark.parametrize(
    ("state", "is_due"),
    [
        (FeedState("a", asked_url="https://old.example/", next_attempt_at=NOW + timedelta(days=7)), True),
        (FeedState("a", asked_url=URL, next_attempt_at=NOW + timedelta(minutes=1)), False),
        (FeedState("a", last_attempt_at=NOW + timedelta(days=9), next_attempt_at=NOW + timedelta(days=9)), True),
        (
            FeedState("a", last_attempt_at=NOW + timedelta(minutes=1), next_attempt_at=NOW + timedelta(minutes=16)),
            False,
        ),
    ],
    ids=["its address was mended", "the same address", "the clock was days ahead", "the clock was a minute ahead"],
)
def test_a_new_address_and_a_clock_that_went_back_make_a_feed_due(state: FeedState, is_due: bool) -> None:
    """A mended feed is not left waiting for a week, nor is one that was asked in the future."""
    assert bool(schedule.due([feed()], {"a": state}, NOW)) is is_due


def test_summer_time_moves_no_poll() -> None:
    """Times are compared in UTC: neither the hour that is skipped nor the one that comes twice matters."""
    from zoneinfo import ZoneInfo

    berlin = ZoneInfo("Europe/Berlin")
    before = datetime(2026, 10, 25, 2, 50, tzinfo=berlin)  # 02:50 comes again an hour later
    state = FeedState("a", next_attempt_at=(before.astimezone(UTC) + timedelta(minutes=15)))
    again = before.astimezone(UTC) + timedelta(minutes=14)
    assert not schedule.due([feed()], {"a": state}, again.astimezone(berlin))
    assert schedule.due([feed()], {"a": state}, (again + timedelta(minutes=1)).astimezone(berlin))


@pytest.mark.parametrize(
    ("more", "minutes"),
    [
        ({"ttl": 1200}, 20),
        ({"ttl": 86_400}, 60),
        ({"ttl": 86_400, "alert": False}, 1440),
        ({"headers": {"cache_control": "public, max-age=2400"}}, 40),
        ({"headers": {"cache_control": "max-age=31536000"}}, 60),
        ({"headers": {"cache_control": "max-age=0"}}, 15),
        ({"headers": {"cache_control": "no-cache, max-age=2400"}}, 15),
        ({"headers": {"expires": "Wed, 01 Jul 2026 12:30:00 GMT", "date": "Wed, 01 Jul 2026 12:00:00 GMT"}}, 30),
        ({"headers": {"expires": "0"}}, 15),
        ({"ttl": 60, "poll_minutes": 120}, 120),
    ],
    ids=[
        "ttl", "a day's ttl", "a day's ttl of an archive feed", "max-age", "a year", "max-age 0", "no-cache",
        "Expires", "no date", "the floor is ours",
    ],
)  # fmt: skip
def test_the_server_may_ask_for_more_time_up_to_a_ceiling(more: dict[str, Any], minutes: float) -> None:
    """An hour for a feed that may ring, a day for the others; never less than our own pause."""
    assert 0.9 * minutes * MINUTE <= wait(read(**more)) <= minutes * MINUTE


@pytest.mark.parametrize(
    ("error", "status", "weight"),
    [
        (TemporaryFetchError(URL, "timeout: not done within 30 s"), "timeout", 0.5),
        (TemporaryFetchError(URL, "dns: the host has no address"), "dns", 0.25),
        (FetchError(URL, "tls: certificate has expired"), "tls", 0.5),
        (TemporaryFetchError(URL, "connection: refused; nothing listens there"), "unreachable", 0.5),
        (TemporaryFetchError(URL, "challenge: HTTP 403 asks for a browser", 403), "challenge", 0.5),
        (TemporaryFetchError(URL, "HTTP 429", 429), "rate_limited", 0.5),
        (TemporaryFetchError(URL, "HTTP 502", 502), "server_error", 0.5),
        (FetchError(URL, "HTTP 404", 404), "not_found", 0.5),
        (FetchError(URL, "HTTP 403", 403), "blocked", 1),
        (FetchError(URL, "HTTP 410", 410), "gone", 1),
        (TooLargeError(URL, "more than 15000000 bytes"), "too_large", 1),
        (ParseError("a", "consent: a consent page"), "consent", 1),
        (ParseError("a", "not_a_feed: an HTML page"), "not_a_feed", 1),
        (ParseError("a", "xml_entities: it defines"), "xml_entities", 1),
        (ParseError("a", "bug: IndexError: out of range"), "bug", 1),
    ],
    ids=lambda value: value.detail[:20] if isinstance(value, Exception) else None,
)
def test_each_failure_has_its_status_and_its_weight(error: FetchError | ParseError, status: str, weight: float) -> None:
    """The detail goes with it, for people, without the status that it opens with; validators stay as they were."""
    before = FeedState("a", etag='"1"', last_modified="x", body_hash="h", last_success_at=NOW)
    after = schedule.next_state(feed(), before, now=NOW, error=error)
    assert (after.status, after.failures, after.detail) == (status, weight, error.detail.removeprefix(f"{status}: "))
    assert (after.etag, after.last_modified, after.body_hash) == ('"1"', "x", "h")
    assert after.last_success_at == NOW


def test_failures_lengthen_the_pause_in_a_line_up_to_an_hour_for_a_feed_that_may_ring() -> None:
    """Three hard failures: three pauses; a feed is never given up; one success forgets them all."""
    state, waits = FeedState("a"), []
    for _ in range(6):
        state = schedule.next_state(feed(), state, now=NOW, error=FetchError(URL, "HTTP 403", 403))
        waits.append(wait(state) / MINUTE)
    assert [round(w) for w in waits] == pytest.approx([15, 30, 45, 60, 60, 60], abs=2)
    assert read(state=state).failures == 0
    archive = replace(state, failures=200.0)
    late = schedule.next_state(feed(alert=False), archive, now=NOW, error=FetchError(URL, "HTTP 403", 403))
    assert wait(late) == pytest.approx(86_400, rel=0.02)


@pytest.mark.parametrize(
    ("seconds", "least", "most"),
    [(60.0, 13.5, 16.5), (3600.0, 60, 61.5), (10**9, 1440, 1442)],
    ids=["shorter than our pause", "an hour", "thirty years"],
)
def test_retry_after_is_obeyed_between_our_pause_and_a_day(seconds: float, least: float, most: float) -> None:
    """Never before the time that the server named."""
    error = TemporaryFetchError(URL, "HTTP 429", 429, seconds)
    assert least <= wait(schedule.next_state(feed(), FeedState("a"), now=NOW, error=error)) / MINUTE <= most


def test_a_feed_that_is_gone_is_asked_once_a_week() -> None:
    """Feeds do come back."""
    gone = schedule.next_state(feed(), FeedState("a"), now=NOW, error=FetchError(URL, "HTTP 410", 410))
    assert wait(gone) == pytest.approx(7 * 86_400, rel=0.01)


def test_a_304_keeps_what_it_leaves_out_and_a_200_replaces_everything() -> None:
    """Validators are stored byte for byte, the body by its hash."""
    first = read(headers={"etag": 'W/"1-gzip"', "last_modified": "Mon"})
    assert (first.etag, first.last_modified, first.status) == ('W/"1-gzip"', "Mon", "ok")
    same = schedule.next_state(feed(), first, now=NOW, fetched=answer(304, b"", etag='"2"'))
    assert (same.etag, same.last_modified, same.status, same.body_hash) == ('"2"', "Mon", "unchanged", first.body_hash)
    bare = schedule.next_state(feed(), same, now=NOW, fetched=answer(200, b"x"), document=FeedDocument("T", items(1)))
    assert (bare.etag, bare.last_modified) == (None, None)
    assert schedule.same_body(first, answer())
    assert not schedule.same_body(first, answer(body=b"<rss></rss>"))
    assert not schedule.same_body(FeedState("a"), answer(body=b""))


def test_an_unchanged_feed_forgets_an_old_error() -> None:
    """The detail of last night's time-out does not stand beside "unchanged"."""
    failed = FeedState("a", etag='"1"', status="timeout", detail="timeout: ...", failures=2.0)
    after = schedule.next_state(feed(), failed, now=NOW, fetched=answer(304, b""))
    assert (after.status, after.detail, after.failures) == ("unchanged", "", 0.0)


def test_after_eight_days_of_nothing_but_304_the_feed_itself_is_asked_for() -> None:
    """Some servers answer 304 for ever; while bodies come, no poll goes without its validators."""
    state, plain, at = FeedState("a", etag='"1"', last_modified="Mon", last_body_at=NOW), [], NOW
    for hour in range(20 * 24):
        at += timedelta(hours=1)
        sent = schedule.validators(state, at)
        assert sent in ((None, None), ('"1"', "Mon"))
        if sent == (None, None):
            plain.append(hour // 24)
        code, body = (304, b"") if sent[0] else (200, b"<rss/>")
        state = schedule.next_state(
            feed(), state, now=at, fetched=answer(code, body, etag='"1"', last_modified="Mon"), document=None
        )
    assert plain == [7, 15]


@pytest.mark.parametrize(
    ("document", "status", "detail"),
    [
        (FeedDocument("T", ()), "empty", "a feed without items"),
        (FeedDocument("T", items(3, newest=NOW - timedelta(days=40))), "frozen", "its newest item is of 2026-05-22"),
        (FeedDocument("T", items(3), notes=("date unread (2)",)), "degraded", "date unread (2)"),
        (FeedDocument("T", items(3), notes=("cut to 500 items of 800",)), "ok", "cut to 500 items of 800"),
        (FeedDocument("T", items(3), notes=("mojibake",)), "mojibake", "mojibake"),
        (FeedDocument("Golden Slots Bonus", items(3)), "hijack_suspected", 'its title was "Desert News Daily"'),
        (FeedDocument("Desert News - World", items(3)), "ok", ""),
    ],
    ids=["no items", "old items", "unread dates", "cut", "mojibake", "another title", "a like title"],
)
def test_a_feed_that_was_read_is_not_always_well(document: FeedDocument, status: str, detail: str) -> None:
    """A 200 lies in many ways; each has a name."""
    before = FeedState("a", title="Desert News Daily")
    after = schedule.next_state(feed(), before, now=NOW, fetched=answer(), document=document)
    assert after.status == status
    assert after.detail.startswith(detail)


NEW = "https://new.example/rss?token=abc"
MOVED = replace(answer(), final_url=NEW, permanent=True)
TWO = FeedDocument("T", items(2))


def poll(state: FeedState, fetched: Fetched, **more: Any) -> FeedState:
    """The state after an answer with the same two items."""
    document = None if fetched.not_modified else TWO
    return schedule.next_state(feed(), state, now=NOW, fetched=fetched, document=document, known=2, **more)


def test_a_feed_that_moved_for_good_is_followed_there_after_the_third_time() -> None:
    """Told from the first time, with its secrets masked; the configured address stays what it is."""
    state, learnt = FeedState("a"), []
    for fetched in (MOVED, replace(MOVED, status=304, body=b""), MOVED):
        state = poll(state, fetched)
        learnt.append(state.url)
        assert "https://new.example/rss?token=***: change its url" in state.detail
    assert learnt == [None, None, NEW]
    assert (moves.address(feed(), state), state.asked_url) == (NEW, URL)
    there = poll(state, replace(answer(), url=NEW, final_url=NEW))
    assert (there.url, there.status, "moved for good" in there.detail) == (NEW, "ok", True)


@pytest.mark.parametrize(
    "answers",
    [
        [MOVED, MOVED, replace(MOVED, permanent=False)] * 2,
        [MOVED, MOVED, replace(MOVED, final_url="https://third.example/rss")],
        [MOVED, MOVED, answer()],
        [replace(MOVED, final_url="https://new.example/login?to=rss")] * 5,
        [replace(MOVED, final_url="https://consent.example/rss")] * 5,
        [replace(MOVED, final_url="http://captive.example/")] * 5,
    ],
    ids=["one is temporary", "another place", "no redirect between", "a login", "a consent page", "a captive portal"],
)
def test_what_may_pass_is_never_learned(answers: list[Fetched]) -> None:
    """Three in a row, the same, believable."""
    state = FeedState("a")
    for fetched in answers:
        state = poll(state, fetched)
        assert state.url is None


@pytest.mark.parametrize(
    "error",
    [FetchError(NEW, "HTTP 404", 404), ParseError("a", "not_a_feed: HTML"), TemporaryFetchError(NEW, "dns: none")],
    ids=["404", "HTML", "no such host"],
)
def test_an_address_that_was_learned_and_fails_is_forgotten(error: FetchError | ParseError) -> None:
    """The next poll asks where the operator said; a time-out proves nothing."""
    state = FeedState("a", url=NEW, asked_url=URL)
    assert schedule.next_state(feed(), state, now=NOW, error=error).url is None
    slow = TemporaryFetchError(NEW, "timeout: not done within 30 s")
    assert schedule.next_state(feed(), state, now=NOW, error=slow).url == NEW


def test_a_pause_of_the_host_is_no_failure_of_its_other_feeds() -> None:
    """They were not even asked."""
    paused = TemporaryFetchError(URL, "paused: feed.example asked for a pause", 429, 3600)
    after = schedule.next_state(feed(), FeedState("a"), now=NOW, error=paused)
    assert (after.status, after.failures) == ("rate_limited", 0.0)
    assert wait(after) >= 3600


def test_start_times_of_many_feeds_are_spread() -> None:
    """Eighty feeds with one pause do not all come in the same second."""
    seconds = {int(wait(read(id=f"feed-{n}"))) for n in range(80)}
    assert len(seconds) > 40
