"""One request at a time for each host, and a pause between two: what we owe to the sites we read.

Inside the process a lock and the monotonic clock keep the turns. A ``Ledger`` keeps them between
processes, and the pauses that hosts ask for beyond the end of this one.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from scrapers.robots import Had

MAX_PAUSE = 86_400.0  # seconds
LOOK_AGAIN = 0.25  # seconds, while another process has the turn


class Ledger(Protocol):
    """Who has the turn at a host, over all processes; times in Unix seconds."""

    def take(self, host: str, *, now: float, hold: float) -> float:
        """Take the turn; 0 when it is ours, else how many seconds it may last until it is."""

    def give_back(self, host: str, *, free_at: float) -> None:
        """End our turn."""

    def pause(self, host: str, until: float) -> None:
        """Ask a host nothing until then."""

    def paused_for(self, host: str, *, now: float) -> float:
        """Seconds of its pause that are left."""

    def robots(self, origin: str, *, now: float) -> tuple[str | None, str, float] | None:
        """A robots.txt that is still fresh: its text, why it could not be had, seconds that it is good."""

    def keep_robots(self, origin: str, rules: str | None, why: str, *, now: float, seconds: float) -> None:
        """Remember a robots.txt."""


@dataclass(slots=True)
class _Host:
    lock: threading.Lock = field(default_factory=threading.Lock)
    free_at: float = 0.0  # the earliest time of the next request
    delay: float = 0.0  # Crawl-delay of its robots.txt
    paused_until: float = 0.0  # it said Retry-After


class Hosts:
    """Turns at each host; times are of a monotonic clock, in seconds, those of the ledger of the wall clock."""

    def __init__(
        self,
        delay: float,
        *,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        ledger: Ledger | None = None,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._delay, self._clock, self._sleep = delay, clock, sleep
        self._ledger, self._wall = ledger, wall
        self._hosts: dict[str, _Host] = {}
        self._lock = threading.Lock()

    @contextmanager
    def turn(self, host: str, hold: float = 60.0) -> Iterator[None]:
        """Wait for our turn at a host; the next turn comes a pause after this one ends, or after ``hold`` seconds."""
        entry = self._host(host)
        with entry.lock:
            wait = entry.free_at - self._clock()
            if wait > 0:
                self._sleep(wait)
            self._take(host.lower(), hold)
            try:
                yield
            finally:
                pause = max(self._delay, entry.delay)
                entry.free_at = self._clock() + pause
                if self._ledger is not None:
                    self._ledger.give_back(host.lower(), free_at=self._wall() + pause)

    def _take(self, host: str, hold: float) -> None:
        if self._ledger is None:
            return
        while wait := self._ledger.take(host, now=self._wall(), hold=hold):
            self._sleep(min(wait, LOOK_AGAIN))

    def slow_down(self, host: str, delay: float) -> None:
        """Keep at least this pause at a host from now on."""
        self._host(host).delay = delay

    def pause(self, host: str, seconds: float) -> None:
        """Ask a host nothing for a time, a day at most: it answered 429 or 503."""
        seconds = min(seconds, MAX_PAUSE)
        self._host(host).paused_until = self._clock() + seconds
        if self._ledger is not None:
            self._ledger.pause(host.lower(), self._wall() + seconds)

    def paused_for(self, host: str) -> float:
        """Seconds that a host still wants to be left alone; 0 when it does not."""
        left = max(0.0, self._host(host).paused_until - self._clock())
        if self._ledger is not None:
            left = max(left, self._ledger.paused_for(host.lower(), now=self._wall()))
        return left

    def robots(self, origin: str) -> Had | None:
        """A robots.txt that another process, or an earlier one, was given."""
        kept = self._ledger.robots(origin, now=self._wall()) if self._ledger is not None else None
        return Had(*kept) if kept else None

    def keep_robots(self, origin: str, had: Had) -> None:
        """Remember a robots.txt for later processes."""
        if self._ledger is not None:
            self._ledger.keep_robots(origin, had.rules, had.why, now=self._wall(), seconds=had.seconds)

    def _host(self, host: str) -> _Host:
        with self._lock:
            return self._hosts.setdefault(host.lower(), _Host())
