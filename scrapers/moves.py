"""Where a feed lives: the configured address, or the one that its permanent redirects taught us.

A redirect is learned only after three polls in a row were led to the same place, every hop permanent
and none from https back to http, and only when a feed was read there: captive portals, consent pages
and a passing mistake of the server must not become an address. What was learned is forgotten as soon
as it fails; the configured address is never lost.
"""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urlsplit

from tocsin.config import Feed
from tocsin.model import FeedState, Fetched
from tocsin.urls import masked

TIMES = 3
_PASSING = re.compile(
    r"log-?in|sign-?in|log-?on|sso|oauth|auth|consent|captive|portal|cookie|gdpr|privacy|account|subscribe|challenge",
    re.I,
)
_LOST = frozenset({"gone", "not_found", "not_a_feed", "consent", "dns", "tls", "blocked", "empty", "refused"})


def address(feed: Feed, state: FeedState) -> str:
    """What to ask for."""
    return state.url or feed.url


def learned(feed: Feed, state: FeedState, fetched: Fetched) -> FeedState:
    """What a good answer, or a 304, tells of where the feed lives."""
    if fetched.url != feed.url:
        return state  # asked where it lives by now
    if not fetched.permanent or not _believable(fetched.final_url):
        return replace(state, moved_to=None, moved_times=0)
    times = state.moved_times + 1 if state.moved_to == fetched.final_url else 1
    if times < TIMES:
        return replace(state, moved_to=fetched.final_url, moved_times=times)
    return replace(state, url=fetched.final_url, moved_to=None, moved_times=0)


def forgotten(state: FeedState, status: str) -> FeedState:
    """What a failure tells: an address that was learned and fails is none; a chain that breaks starts again."""
    if status in _LOST:
        return replace(state, url=None, moved_to=None, moved_times=0)
    return state


def note(state: FeedState) -> str:
    """What the operator should know of it, or ""."""
    where = state.url or state.moved_to
    return f"moved for good to {masked(where)}: change its url in config.yaml" if where else ""


def _believable(url: str) -> bool:
    parts = urlsplit(url)
    return not _PASSING.search(f"{parts.hostname} {parts.path}")
