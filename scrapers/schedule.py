"""When a feed is asked again: pure decisions over what we remember of it.

Failures lengthen the pause in a line, not a curve (a feed that is down for a day comes back within
the hour), soft ones count half, and no feed is ever given up. News keeps the pause at the feed's
own ``poll_minutes``; silence and the server's wishes (ttl, max-age, skipHours) stretch it up to a ceiling.
A poll that finds none of a feed's items known came too late: that is told as a gap.
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

from scrapers import hijack, moves
from scrapers.entries import FeedDocument
from tocsin.config import Feed
from tocsin.errors import FetchError, ParseError, TooLargeError
from tocsin.model import FeedState, Fetched

CEILING_ALERT = 3600.0  # seconds; a feed that may ring is asked at least so often
CEILING_ARCHIVE = 86_400.0
GONE = 7 * 86_400.0  # HTTP 410: still asked once a week, feeds do come back
RETRY_AFTER_MAX = 86_400.0
JITTER = 0.1  # of the interval, subtracted: a poll is never later than its interval
PHASE = 0.66  # of the interval, added once, after a feed's first poll: what began together does not stay together
LENGTHEN = 600.0  # seconds, when three polls in a row brought hardly anything new
PATIENCE = 3
MOSTLY_KNOWN, MOSTLY_NEW = 0.67, 0.33
GAP_ITEMS = 3  # fewer items tell nothing: a feed of one headline shows a new one each time
LOOK_AFTER = timedelta(days=8)  # some servers answer 304 for ever: then the feed is asked for without validators
CLOCK_SLACK = timedelta(minutes=5)
FROZEN = timedelta(days=7)

_WEIGHTS = {"not_found": 0.5, "timeout": 0.5, "tls": 0.5, "unreachable": 0.5, "server_error": 0.5, "dns": 0.25}
_WEIGHTS |= {"rate_limited": 0.5, "challenge": 0.5, "empty": 0.5}
_BY_KIND = {
    "timeout": "timeout", "dns": "dns", "tls": "tls", "connection": "unreachable", "challenge": "challenge",
    "consent": "consent", "empty": "empty", "not_a_feed": "not_a_feed", "xml_entities": "xml_entities",
    "encoding": "not_a_feed", "redirect": "too_many_redirects", "paused": "rate_limited", "bomb": "too_large",
    "bug": "bug",
}  # fmt: skip
_BY_STATUS = {404: "not_found", 410: "gone", 429: "rate_limited", 401: "blocked", 403: "blocked", 451: "blocked"}


def due(feeds: Iterable[Feed], states: Mapping[str, FeedState], now: datetime) -> list[Feed]:
    """The enabled feeds whose time has come, the longest waiting first."""
    waiting: list[tuple[datetime, Feed]] = []
    for feed in feeds:
        at = due_at(feed, states.get(feed.id), now)
        if feed.enabled and at <= now:
            waiting.append((at, feed))
    return [feed for _, feed in sorted(waiting, key=lambda pair: pair[0])]


def due_at(feed: Feed, state: FeedState | None, now: datetime) -> datetime:
    """When a feed may be asked: at once when it is new, has a new address, or was asked by a clock that ran ahead."""
    state = recalled(feed, state)
    ran_ahead = state.last_attempt_at is not None and state.last_attempt_at > now + CLOCK_SLACK
    if state.next_attempt_at is None or ran_ahead:
        return datetime.min.replace(tzinfo=UTC)
    return state.next_attempt_at


def recalled(feed: Feed, state: FeedState | None) -> FeedState:
    """What is remembered of a feed; nothing of one whose address was changed in config.yaml."""
    if state is None or (state.asked_url is not None and state.asked_url != feed.url):
        return FeedState(feed.id)
    return state


def body_hash(body: bytes) -> str:
    """Tells one body of a feed from another."""
    return hashlib.sha256(body).hexdigest()[:32]


def same_body(state: FeedState, fetched: Fetched) -> bool:
    """True when a 200 brought what the last one did: nothing to parse."""
    return bool(fetched.body) and state.body_hash == body_hash(fetched.body)


def validators(state: FeedState, now: datetime) -> tuple[str | None, str | None]:
    """ETag and Last-Modified to send, byte for byte; none when for eight days nothing but 304 came."""
    if state.last_body_at is not None and now - state.last_body_at >= LOOK_AFTER:
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
    state = replace(state, last_attempt_at=now, asked_url=feed.url)
    if document is not None and not document.items and _delta(fetched):
        document = None  # a delta of nothing
    if error is None and document is not None and not document.items and state.items_shown:
        error = ParseError(feed.id, f"empty: no items, where there were {state.items_shown}")
    if error is not None:
        return _after_error(feed, state, error, now)
    first = state.last_success_at is None
    state = replace(state, failures=0.0, last_success_at=now)
    if fetched is not None:
        state = moves.learned(feed, _keep_validators(state, fetched, now), fetched)
    if document is None:
        if state.status not in {"frozen", "empty"}:
            state = replace(state, status="unchanged", detail=moves.note(state))
        if state.suspect:
            state = replace(state, status="hijack_suspected", detail=state.suspect)
        return _wait(feed, state, 1.0, fetched, now, first=first)
    state = _read(state, document, fetched, now, gap=not (first or known or _delta(fetched)))
    share = known / len(document.items) if document.items else 1.0
    return _wait(feed, state, share, fetched, now, first=first)


def _delta(fetched: Fetched | None) -> bool:
    """True for an answer that holds only what is new: the rest is missing on purpose."""
    return fetched is not None and fetched.status == 226


def _read(state: FeedState, document: FeedDocument, fetched: Fetched | None, now: datetime, *, gap: bool) -> FeedState:
    """What a feed that was read shows of itself."""
    suspect = hijack.suspicion(state, document)
    missed = gap and not suspect and len(document.items) >= GAP_ITEMS and state.items_shown > 0
    status, detail = _health(state, document, now, suspect=suspect, missed=missed)
    newest = max((i.published for i in document.items if i.published), default=state.newest_item_at)
    state = replace(
        state,
        status=status,
        detail=detail,
        newest_item_at=newest,
        items_shown=state.items_shown if _delta(fetched) else len(document.items),
        ttl_seconds=document.ttl_seconds or 0,
        skip=document.skip,
        gap_at=now if missed else state.gap_at,
        gaps=state.gaps + missed,
    )
    return replace(state, suspect=suspect) if suspect else hijack.remembered(state, document)


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
    state = moves.forgotten(state, status)
    weight = 0.0 if error.detail.startswith("paused:") else _WEIGHTS.get(status, 1.0)  # it was not even asked
    failures = state.failures + weight
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
    detail = error.detail.removeprefix(f"{status}: ")[:500]  # wherever it is shown, the status stands before it
    return replace(state, status=status, detail=detail, failures=failures, next_attempt_at=at)


def _keep_validators(state: FeedState, fetched: Fetched, now: datetime) -> FeedState:
    etag, modified = fetched.header("etag"), fetched.header("last-modified")
    if fetched.not_modified:  # it may bring new ones; what it leaves out stays
        return replace(state, etag=etag or state.etag, last_modified=modified or state.last_modified)
    hashed = state.body_hash if _delta(fetched) else body_hash(fetched.body)
    return replace(state, etag=etag, last_modified=modified, body_hash=hashed, last_body_at=now)


def _health(state: FeedState, document: FeedDocument, now: datetime, *, suspect: str, missed: bool) -> tuple[str, str]:
    """Status and its reason for a feed that was read."""
    if not document.items:
        return "empty", "a feed without items"
    if suspect:
        return "hijack_suspected", suspect
    times = sorted(i.published for i in document.items if i.published)
    gaps = [(b - a).total_seconds() for a, b in pairwise(times)]
    usual = timedelta(seconds=10 * median(gaps)) if gaps else timedelta()
    if times and now - times[-1] > max(FROZEN, usual):
        return "frozen", f"its newest item is of {times[-1]:%Y-%m-%d}"
    notes = list(document.notes)
    if "mojibake" in notes:
        return "mojibake", "; ".join(notes)
    degraded = missed or any(not note.startswith("cut to") for note in notes)
    if missed:
        notes.insert(0, f"gap suspected: none of its {len(document.items)} items was known; lower its poll_minutes")
    if moved := moves.note(state):
        notes.append(moved)
    return ("degraded" if degraded else "ok"), "; ".join(notes)[:500]


def _wait(
    feed: Feed, state: FeedState, share: float, fetched: Fetched | None, now: datetime, *, first: bool
) -> FeedState:
    """Set the interval from the share of items that were known, and the time from the interval."""
    floor, ceiling = feed.poll_minutes * 60.0, max(feed.poll_minutes * 60.0, _ceiling(feed))
    # a feed that may ring is stretched to twice its pause at most: silence ends without a warning
    quiet = min(ceiling, 2 * floor) if feed.alert else ceiling
    interval = min(max(state.interval_seconds, floor), quiet)
    streak = state.known_streak + 1 if share >= MOSTLY_KNOWN else 0
    if share < MOSTLY_NEW and not _delta(fetched):
        interval = floor
    elif streak >= PATIENCE:
        interval = min(interval + LENGTHEN, quiet)
    wished = max(state.ttl_seconds, _max_age(fetched, now))
    pause = min(max(interval, wished), ceiling)
    spread = PHASE * _share(f"{feed.id} began") if first else 0.0
    at = now + timedelta(seconds=pause * (1 + spread - JITTER * _share(feed.id)))
    if not feed.alert:
        at = _spared(at, state.skip, _share(feed.id))
    return replace(state, interval_seconds=int(interval), known_streak=streak, next_attempt_at=at)


def _spared(at: datetime, skip: str, share: float) -> datetime:
    """The first time from then on that the feed does not ask to be spared; a wish for silence for ever is none."""
    hours = {int(word[1:]) for word in skip.split() if word[0] == "h"}
    days = {int(word[1:]) for word in skip.split() if word[0] == "d"}
    later = at.astimezone(UTC)
    for _ in range(8 * 24):
        if later.hour not in hours and later.weekday() not in days:
            return later
        later = later.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1, seconds=300 * share)
    return at


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
