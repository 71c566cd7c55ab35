"""When a feed is asked again: pure decisions over what we remember of it.

Failures lengthen the pause in a line, not a curve (a feed that is down for a day comes back within
the hour), soft ones count half, and no feed is ever given up. News keeps the pause at the feed's
own ``poll_minutes``; silence and the server's wishes (ttl, max-age) stretch it up to a ceiling.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import pairwise
from statistics import median

from scrapers.entries import FeedDocument
from tocsin.config import Feed
from tocsin.errors import FetchError, ParseError, TooLargeError
from tocsin.model import FeedState, Fetched
from tocsin.urls import masked

CEILING_ALERT = 3600.0  # seconds; a feed that may ring is asked at least so often
CEILING_ARCHIVE = 86_400.0
GONE = 7 * 86_400.0  # HTTP 410: still asked once a week, feeds do come back
RETRY_AFTER_MAX = 86_400.0
JITTER = 0.1  # of the interval, subtracted: a poll is never later than its interval
LENGTHEN = 1.15  # per poll that brings hardly anything new
MOSTLY_KNOWN = 0.67
FRESH_EVERY_DAYS = 8  # some servers answer 304 for ever
FROZEN = timedelta(days=7)

_WEIGHTS = {"not_found": 0.5, "timeout": 0.5, "tls": 0.5, "unreachable": 0.5, "server_error": 0.5, "dns": 0.25}
_WEIGHTS |= {"rate_limited": 0.5, "challenge": 0.5}
_BY_KIND = {
    "timeout": "timeout", "dns": "dns", "tls": "tls", "connection": "unreachable", "challenge": "challenge",
    "consent": "consent", "empty": "empty", "not_a_feed": "not_a_feed", "xml_entities": "xml_entities",
    "encoding": "not_a_feed", "redirect": "redirect",
}  # fmt: skip
_BY_STATUS = {404: "not_found", 410: "gone", 429: "rate_limited", 401: "blocked", 403: "blocked", 451: "blocked"}


def due(feeds: Iterable[Feed], states: Mapping[str, FeedState], now: datetime) -> list[Feed]:
    """The enabled feeds whose time has come, the longest waiting first."""
    waiting: list[tuple[datetime, Feed]] = []
    for feed in feeds:
        state = states.get(feed.id)
        at = state.next_attempt_at if state else None
        if feed.enabled and (at is None or at <= now):
            waiting.append((at or datetime.min.replace(tzinfo=UTC), feed))
    return [feed for _, feed in sorted(waiting, key=lambda pair: pair[0])]


def body_hash(body: bytes) -> str:
    """Tells one body of a feed from another."""
    return hashlib.sha256(body).hexdigest()[:32]


def same_body(state: FeedState, fetched: Fetched) -> bool:
    """True when a 200 brought what the last one did: nothing to parse."""
    return bool(fetched.body) and state.body_hash == body_hash(fetched.body)


def validators(state: FeedState, now: datetime) -> tuple[str | None, str | None]:
    """ETag and Last-Modified to send, byte for byte; none on one poll in eight days, to see the feed itself."""
    day = now.toordinal()
    new_day = state.last_attempt_at is None or state.last_attempt_at.toordinal() != day
    if new_day and (day + int(_share(state.feed) * FRESH_EVERY_DAYS)) % FRESH_EVERY_DAYS == 0:
        return None, None
    return state.etag, state.last_modified


def next_state(
    feed: Feed,
    state: FeedState,
    *,
    now: datetime,
    fetched: Fetched | None = None,
    document: FeedDocument | None = None,
    known: int = 0,
    error: FetchError | ParseError | None = None,
) -> FeedState:
    """What to remember of a feed after an attempt: to be saved in the transaction of its items.

    Args:
        fetched: The answer, where there was one: a 304, the same body again, or a new one.
        document: What was read from a new body.
        known: How many of its items we had before.
        error: Why there is no document; validators then stay as they were.
    """
    state = replace(state, last_attempt_at=now)
    if error is not None:
        return _after_error(feed, state, error, now)
    state = replace(state, failures=0.0, last_success_at=now)
    if fetched is not None:
        state = _keep_validators(state, fetched)
    if document is None:
        if state.status not in {"frozen", "empty"}:
            state = replace(state, status="unchanged", detail="")
        return _wait(feed, state, 1.0, fetched, None, now)
    status, detail = _health(state, document, fetched, now)
    newest = max((i.published for i in document.items if i.published), default=state.newest_item_at)
    share = known / len(document.items) if document.items else 1.0
    state = replace(state, status=status, detail=detail, newest_item_at=newest, title=document.title or state.title)
    return _wait(feed, state, share, fetched, document.ttl_seconds, now)


def status_of(error: FetchError | ParseError) -> str:
    """The feed status that an error stands for.

    >>> status_of(FetchError("https://a.example/rss", "HTTP 410", 410))
    'gone'
    """
    kind = error.detail.split(":", 1)[0]
    if kind in _BY_KIND:
        return _BY_KIND[kind]
    if isinstance(error, TooLargeError):
        return "too_large"
    if isinstance(error, FetchError) and error.status is not None:
        return _BY_STATUS.get(error.status, "server_error" if error.status >= 500 else "blocked")
    return "blocked" if isinstance(error, FetchError) else "not_a_feed"


def _after_error(feed: Feed, state: FeedState, error: FetchError | ParseError, now: datetime) -> FeedState:
    status = status_of(error)
    failures = state.failures + _WEIGHTS.get(status, 1.0)
    floor = feed.poll_minutes * 60.0
    wait = min(floor * max(1.0, failures), max(floor, _ceiling(feed)))
    if status == "gone":
        wait = GONE
    asked = error.retry_after if isinstance(error, FetchError) else None
    if asked:
        wait = max(wait, min(asked, RETRY_AFTER_MAX))
        jitter = -JITTER * floor * _share(feed.id)  # later, never before the time the server named
    else:
        jitter = JITTER * floor * _share(feed.id)
    at = now + timedelta(seconds=wait - jitter)
    return replace(state, status=status, detail=error.detail[:500], failures=failures, next_attempt_at=at)


def _keep_validators(state: FeedState, fetched: Fetched) -> FeedState:
    etag, modified = fetched.header("etag"), fetched.header("last-modified")
    if fetched.not_modified:  # it may bring new ones; what it leaves out stays
        return replace(state, etag=etag or state.etag, last_modified=modified or state.last_modified)
    return replace(state, etag=etag, last_modified=modified, body_hash=body_hash(fetched.body))


def _health(state: FeedState, document: FeedDocument, fetched: Fetched | None, now: datetime) -> tuple[str, str]:
    """Status and its reason for a feed that was read."""
    if not document.items:
        return "empty", "a feed without items"
    times = sorted(i.published for i in document.items if i.published)
    gaps = [(b - a).total_seconds() for a, b in pairwise(times)]
    usual = timedelta(seconds=10 * median(gaps)) if gaps else timedelta()
    if times and now - times[-1] > max(FROZEN, usual):
        return "frozen", f"its newest item is of {times[-1]:%Y-%m-%d}"
    notes = list(document.notes)
    if "mojibake" in notes:
        return "mojibake", "; ".join(notes)
    if state.title and document.title and not _akin(state.title, document.title):
        return "hijack_suspected", f'its title was "{state.title[:80]}" and is "{document.title[:80]}"'
    if fetched is not None and fetched.permanent:
        notes.append(f"moved for good to {masked(fetched.final_url)}: change its url in config.yaml")
    degraded = any(not note.startswith(("cut to", "moved")) for note in notes)
    return ("degraded" if degraded else "ok"), "; ".join(notes)[:500]


def _akin(one: str, other: str) -> bool:
    """True when two titles share a word of some length."""
    words = [set(re.findall(r"[^\W\d_]{3,}", text.lower())) for text in (one, other)]
    return bool(words[0] & words[1]) or not (words[0] and words[1])


def _wait(
    feed: Feed, state: FeedState, share: float, fetched: Fetched | None, ttl: int | None, now: datetime
) -> FeedState:
    """Set the interval from the share of items that were known, and the time from the interval."""
    floor, ceiling = feed.poll_minutes * 60.0, max(feed.poll_minutes * 60.0, _ceiling(feed))
    # a feed that may ring is stretched to twice its pause at most: silence ends without a warning
    quiet = min(ceiling, 2 * floor) if feed.alert else ceiling
    before = min(max(state.interval_seconds, floor), quiet)
    interval = min(before * LENGTHEN, quiet) if share >= MOSTLY_KNOWN else floor
    wished = max(ttl or 0, _max_age(fetched, now))
    interval = min(max(interval, wished), ceiling)
    at = now + timedelta(seconds=interval * (1 - JITTER * _share(feed.id)))
    return replace(state, interval_seconds=int(min(interval, quiet)), next_attempt_at=at)


def _ceiling(feed: Feed) -> float:
    return CEILING_ALERT if feed.alert else CEILING_ARCHIVE


def _max_age(fetched: Fetched | None, now: datetime) -> float:
    """Seconds for which the server calls its answer fresh: max-age, else Expires minus Date; 0 when it says nothing."""
    if fetched is None:
        return 0.0
    control = (fetched.header("cache-control") or "").lower()
    if "no-cache" in control or "no-store" in control:
        return 0.0
    if found := re.search(r"max-age\s*=\s*\"?(\d{1,12})", control):
        return float(found.group(1))
    try:
        expires = parsedate_to_datetime(fetched.header("expires") or "")
        served = fetched.header("date")
        return max(0.0, (expires - (parsedate_to_datetime(served) if served else now)).total_seconds())
    except (ValueError, TypeError, IndexError):
        return 0.0


def _share(feed_id: str) -> float:
    """0 to 1, always the same for one feed: spreads feeds over time without chance."""
    return int(hashlib.sha256(feed_id.encode()).hexdigest()[:8], 16) / 0xFFFFFFFF
