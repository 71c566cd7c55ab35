"""Events as they were written, parsed once: a poll reads the open ones again for every flagged article.

Bounded by what the bodies take and not by their number, as one of a war day has hundreds of sources. Of each
event only the latest body is kept: an older one is never asked for again.
"""

from __future__ import annotations

import threading
from collections import OrderedDict

from tocsin.archive.rows import unpack
from tocsin.model import Event

MOST = 8_000_000  # characters of the bodies that are kept; with the parsed events they take some four times as much


class Parsed:
    """Parsed events by id, the least asked for going first; one value may be used from several threads."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._mutex = threading.Lock()
        self._events: OrderedDict[str, tuple[str, Event]] = OrderedDict()
        self._size = 0

    @property
    def size(self) -> int:
        """The characters of all bodies whose events are kept."""
        return self._size

    def event(self, name: str, body: str) -> Event:
        """The event that a body holds; ``name`` is its id."""
        with self._mutex:
            known = self._events.get(name)
            if known is not None and known[0] == body:
                self._events.move_to_end(name)
                return known[1]
        event = unpack(Event, body)
        with self._mutex:
            self._forget(name)
            self._events[name] = (body, event)
            self._size += len(body)
            while self._size > self._most:
                self._forget(next(iter(self._events)))
        return event

    def _forget(self, name: str) -> None:
        gone = self._events.pop(name, None)
        if gone is not None:
            self._size -= len(gone[0])
