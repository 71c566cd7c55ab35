"""How long a site may keep a poll waiting: a feed's pages are so many, in so much time; a host has two time-outs.

Who wants something waits for its host here and not in the client, so that the wait can be given up: a site whose pages
hang costs its feeds what they may spend, and the poll no more. Pages not asked for are read at the next polls.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from scrapers import schedule
from tocsin.errors import FetchError, TemporaryFetchError
from tocsin.model import Fetched
from tocsin.urls import host, masked

TIMEOUTS = 2  # of one host, over the feeds of a poll: a third request would most likely hang, too
FOR_EVER = -1.0


class Lines:
    """One request to a host at a time, for all threads of a process; whoever waits in line may leave it."""

    def __init__(self) -> None:
        self._locks: dict[str, threading.Lock] = {}
        self._mutex = threading.Lock()

    @contextmanager
    def turn(self, name: str, seconds: float) -> Iterator[bool]:
        """True when our turn came within so many seconds, or ``FOR_EVER``; it lasts as long as the block."""
        with self._mutex:
            lock = self._locks.setdefault(name, threading.Lock())
        mine = lock.acquire(timeout=seconds)
        try:
            yield mine
        finally:
            if mine:
                lock.release()


_LINES = Lines()


class Patience:
    """What one feed may spend on its pages in one poll.

    Args:
        seconds: Of wall time from the first page on; a page that was asked for by then is waited for.
        hung: The time-outs of each host, by kind of request, shared by the feeds of a poll.
    """

    def __init__(self, pages: int, seconds: float, hung: Counter[tuple[str, str]], *, lines: Lines = _LINES) -> None:
        self._pages, self._seconds, self._hung, self._lines = pages, seconds, hung, lines
        self._until: float | None = None

    def feed(self, url: str, ask: Callable[[], Fetched]) -> Fetched:
        """The answer of the feed itself; it may come where pages hang.

        Raises:
            FetchError: As ``ask`` does; it is not even asked of a host that let two others wait in vain.
        """
        name = host(url)
        with self._lines.turn(name, FOR_EVER):
            if self._hung["feed", name] >= TIMEOUTS:
                raise TemporaryFetchError(masked(url), f"timeout: not asked, for {name} let {TIMEOUTS} others wait")
            return self._counted("feed", name, ask)

    def get(self, url: str, ask: Callable[[], Fetched]) -> Fetched | FetchError | None:
        """The answer of a page or why it could not be had; None when it is to wait for the next poll."""
        if self._until is None:
            self._until = monotonic() + self._seconds
        name, left = host(url), self._until - monotonic()
        if self._pages <= 0 or left <= 0:
            return None
        with self._lines.turn(name, left) as mine:
            if not mine or self._hung["feed", name] + self._hung["page", name] >= TIMEOUTS:
                return None
            self._pages -= 1
            try:
                return self._counted("page", name, ask)
            except FetchError as error:
                return error

    def _counted(self, kind: str, name: str, ask: Callable[[], Fetched]) -> Fetched:
        try:
            return ask()
        except FetchError as error:
            self._hung[kind, name] += schedule.status_of(error) == "timeout"
            raise
