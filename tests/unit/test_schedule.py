"""When a feed is asked again, and what is remembered of it: a pure table of decisions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from scrapers import schedule
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
    return schedule.next_state(
        feed(**more), state or FeedState("a"), now=NOW, fetched=answer(**headers), document=document, known=known
    )


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
    assert wait(read(known=5, state=quiet)) <= 15 * MINUTE


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
        (TemporaryFetchError(URL, "connection: ConnectionRefusedError"), "unreachable", 0.5),
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
    ],
    ids=lambda value: value.detail[:20] if isinstance(value, Exception) else None,
)
def test_each_failure_has_its_status_and_its_weight(error: FetchError | ParseError, status: str, weight: float) -> None:
    """The detail goes with it, for people; validators stay as they were."""
    before = FeedState("a", etag='"1"', last_modified="x", body_hash="h", last_success_at=NOW)
    after = schedule.next_state(feed(), before, now=NOW, error=error)
    assert (after.status, after.failures, after.detail) == (status, weight, error.detail)
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


def test_once_in_eight_days_validators_are_left_out() -> None:
    """Some servers answer 304 for ever; one poll of one day looks at the feed itself."""
    state, plain, at = FeedState("a", etag='"1"', last_modified="Mon", last_attempt_at=NOW), 0, NOW
    for _ in range(16 * 24):
        at += timedelta(hours=1)
        sent = schedule.validators(state, at)
        assert sent in ((None, None), ('"1"', "Mon"))
        plain += sent == (None, None)
        state = replace(state, last_attempt_at=at)
    assert plain == 2


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


def test_a_feed_that_moved_for_good_says_where_to() -> None:
    """The configuration is the operator's: we say it, and follow the redirect meanwhile."""
    moved = replace(answer(), final_url="https://new.example/rss?token=abc", permanent=True)
    after = schedule.next_state(feed(), FeedState("a"), now=NOW, fetched=moved, document=FeedDocument("T", items(2)))
    assert after.status == "ok"
    assert "https://new.example/rss?token=***" in after.detail


def test_start_times_of_many_feeds_are_spread() -> None:
    """Eighty feeds with one pause do not all come in the same second."""
    seconds = {int(wait(read(id=f"feed-{n}"))) for n in range(80)}
    assert len(seconds) > 40
