"""How long the pages of one feed may keep a poll waiting: so many pages, so much time, two time-outs of a host.

Who wants a page waits for its host here and not in the client, so that the wait can be given up: a site whose pages
hang costs its feeds what they may spend, and the poll no more. What was not asked for is read at the next polls.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from scrapers import schedule
from tocsin.errors import FetchError
from tocsin.model import Fetched
from tocsin.urls import host

TIMEOUTS = 2  # of one host, over the feeds of a poll: a third page would most likely hang, too


class Lines:
    """One page of a host at a time, for all threads of a process; whoever waits in line may leave it."""

    def __init__(self) -> None:
        self._locks: dict[str, threading.Lock] = {}
        self._mutex = threading.Lock()

    @contextmanager
    def turn(self, name: str, seconds: float) -> Iterator[bool]:
        """True when our turn came within so many seconds; it lasts as long as the block."""
        with self._mutex:
            lock = self._locks.setdefault(name, threading.Lock())
        mine = lock.acquire(timeout=max(0.0, seconds))
        try:
            yield mine
        finally:
            if mine:
                lock.release()


_LINES = Lines()


class Patience:
    """What one feed may spend on its pages in one poll.

    Args:
        seconds: Of wall time from now on; a page that was asked for by then is waited for.
        hung: The time-outs of each host, shared by the feeds of a poll.
    """

    def __init__(self, pages: int, seconds: float, hung: Counter[str], *, lines: Lines = _LINES) -> None:
        self._pages, self._hung, self._lines = pages, hung, lines
        self._until = monotonic() + seconds

    def get(self, url: str, ask: Callable[[], Fetched]) -> Fetched | FetchError | None:
        """The answer of a page or why it could not be had; None when it is to wait for the next poll."""
        name, left = host(url), self._until - monotonic()
        if self._pages <= 0 or left <= 0:
            return None
        with self._lines.turn(name, left) as mine:
            if not mine or self._hung[name] >= TIMEOUTS:
                return None
            self._pages -= 1
            try:
                return ask()
            except FetchError as error:
                self._hung[name] += schedule.status_of(error) == "timeout"
                return error
