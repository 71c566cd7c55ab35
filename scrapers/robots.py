"""What a site's robots.txt allows us; asked for article pages, not for feeds (a person subscribed to those)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from protego import Protego

from tocsin.errors import FetchError, TemporaryFetchError

MAX_BYTES = 500_000
KEEP = 24 * 3600.0  # seconds
KEEP_BROKEN = 600.0  # a robots.txt that could not be had is asked for again so soon
MAX_CRAWL_DELAY = 120.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """May this address be fetched, and how slowly."""

    allowed: bool
    crawl_delay: float = 0.0  # seconds
    unavailable: str = ""  # why robots.txt could not be had: not allowed for now


@dataclass(frozen=True, slots=True)
class _Rules:
    rules: Protego | None  # None: no rules
    until: float
    unavailable: str = ""


@dataclass(frozen=True, slots=True)
class Had:
    """A robots.txt as it was had: its text, None where there are no rules, or why it could not be had."""

    rules: str | None
    why: str
    seconds: float  # how long it may be used


class Keep(Protocol):
    """Where robots.txt files outlive the process."""

    def robots(self, origin: str) -> Had | None:
        """One that is still fresh."""

    def keep_robots(self, origin: str, had: Had) -> None:
        """Remember one."""


class Robots:
    """The rules of every origin asked so far, kept for a day."""

    def __init__(
        self, agent: str, fetch: Callable[[str], bytes], *, clock: Callable[[], float], keep: Keep | None = None
    ) -> None:
        self._agent = agent.split("/")[0].split()[0]  # "Tocsin/1.0 (+...)" is addressed as "Tocsin"
        self._fetch, self._clock, self._keep = fetch, clock, keep
        self._kept: dict[str, _Rules] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def ask(self, url: str) -> Verdict:
        """Say whether our user agent may fetch an address."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        with self._lock:
            lock = self._locks.setdefault(origin, threading.Lock())
        with lock:
            known = self._kept.get(origin)
            if known is None or known.until <= self._clock():
                known = self._kept[origin] = self._load(origin)
        if known.unavailable:
            return Verdict(False, unavailable=known.unavailable)
        if known.rules is None:
            return Verdict(True)
        delay = float(known.rules.crawl_delay(self._agent) or 0.0)
        return Verdict(bool(known.rules.can_fetch(url, self._agent)), min(delay, MAX_CRAWL_DELAY))

    def _load(self, origin: str) -> _Rules:
        had = self._keep.robots(origin) if self._keep else None
        if had is None:
            had = self._ask(origin)
            if self._keep:
                self._keep.keep_robots(origin, had)
        rules = None if had.rules is None else Protego.parse(had.rules)
        return _Rules(rules, self._clock() + had.seconds, had.why)

    def _ask(self, origin: str) -> Had:
        try:
            body = self._fetch(f"{origin}/robots.txt")
        except FetchError as exc:
            none = exc.status is not None and 400 <= exc.status < 500 and not isinstance(exc, TemporaryFetchError)
            return Had(None, "", KEEP) if none else Had(None, f"robots.txt cannot be read ({exc.detail})", KEEP_BROKEN)
        return Had(body[:MAX_BYTES].decode("utf-8-sig", "replace"), "", KEEP)
