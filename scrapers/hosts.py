"""One request at a time for each host, and a pause between two: what we owe to the sites we read."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class _Host:
    lock: threading.Lock = field(default_factory=threading.Lock)
    free_at: float = 0.0  # the earliest time of the next request
    delay: float = 0.0  # Crawl-delay of its robots.txt
    paused_until: float = 0.0  # it said Retry-After


class Hosts:
    """Turns at each host, over all threads of this process; times are of a monotonic clock, in seconds."""

    def __init__(self, delay: float, *, clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self._delay, self._clock, self._sleep = delay, clock, sleep
        self._hosts: dict[str, _Host] = {}
        self._lock = threading.Lock()

    @contextmanager
    def turn(self, host: str) -> Iterator[None]:
        """Wait for our turn at a host; the next turn comes a pause after this one ends."""
        entry = self._host(host)
        with entry.lock:
            wait = entry.free_at - self._clock()
            if wait > 0:
                self._sleep(wait)
            try:
                yield
            finally:
                entry.free_at = self._clock() + max(self._delay, entry.delay)

    def slow_down(self, host: str, delay: float) -> None:
        """Keep at least this pause at a host from now on."""
        self._host(host).delay = delay

    def pause(self, host: str, seconds: float) -> None:
        """Ask a host nothing for a time: it answered 429 or 503."""
        self._host(host).paused_until = self._clock() + seconds

    def paused_for(self, host: str) -> float:
        """Seconds that a host still wants to be left alone; 0 when it does not."""
        return max(0.0, self._host(host).paused_until - self._clock())

    def _host(self, host: str) -> _Host:
        with self._lock:
            return self._hosts.setdefault(host.lower(), _Host())
