"""How often a feed brings something: its usual gap between two items, and the longest of late, as a night makes it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from scrapers.entries import FeedDocument
from tocsin.model import FeedState

WINDOW = timedelta(days=14)  # before the newest item: a pinned item of last year says nothing
NIGHT = timedelta(hours=8)  # the longest gap of a feed of which less than a day was ever seen
LEAST = 4  # items, to tell a rhythm by
HALF_LIFE = timedelta(days=7)  # of the longest gap
_NEW_SHARE = 0.3  # of what a poll shows in what is remembered


def learned(before: FeedState, after: FeedState, document: FeedDocument, *, now: datetime) -> FeedState:
    """The state after a poll, with what its items show of the feed's rhythm.

    The usual gap follows slowly, so that one busy hour does not make every later one look silent; the
    longest gap grows at once and is forgotten by half a week after week. A first look at a few hours of items
    has seen no night, so one is assumed.
    """
    gaps = _gaps(document)
    if len(gaps) < LEAST - 1:
        return after
    usual, longest = median(gaps), max(gaps)
    if before.usual_gap_seconds:
        usual = _NEW_SHARE * usual + (1 - _NEW_SHARE) * before.usual_gap_seconds
        since = now - (before.last_success_at or now)
        longest = max(longest, before.longest_gap_seconds * 0.5 ** (since / HALF_LIFE))
    elif sum(gaps) < timedelta(days=1).total_seconds():
        longest = max(longest, NIGHT.total_seconds())
    return replace(after, usual_gap_seconds=int(usual), longest_gap_seconds=int(longest))


def _gaps(document: FeedDocument) -> list[float]:
    """Seconds between items that follow each other."""
    times = sorted(item.published for item in document.items if item.published)
    return [(b - a).total_seconds() for a, b in pairwise(t for t in times if times[-1] - t <= WINDOW)]
