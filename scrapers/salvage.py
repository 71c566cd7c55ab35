"""What can be had of a feed that a parser gives up on: its entries apart from the one that it fails on.

A parser of others fails in ways that nobody foresees, so whatever it raises is caught here, and told with its
stack in the log: an entry that lays a bug bare costs itself, and neither its neighbours nor the next poll.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from tocsin.bugs import Met

T = TypeVar("T")
R = TypeVar("R")
UNREAD = "entry unread"  # opens the note
log = logging.getLogger("tocsin")
_ENTRY = re.compile(rb"<((?:\w{1,20}:)?(?:item|entry))[\s>]", re.I)


@dataclass(slots=True)
class Kept:
    """Of some things those that could be read, and the names of the errors that the others met."""

    about: str  # what is being read, for the log
    faults: list[str] = field(default_factory=list)

    def each(self, things: Iterable[T], read: Callable[[T], R]) -> list[R]:
        """What ``read`` gives for each, without those on which it fails."""
        found: list[R] = []
        for thing in things:
            with Met() as met:
                found.append(read(thing))
            if met:
                self.tell(met.fault)
        return found

    def of_feed(self, body: bytes, parse: Callable[[bytes], R]) -> list[R]:
        """What ``parse`` gives for a feed: in one, or where it fails, for the parts of it on which it does not.

        Raises:
            Exception: as ``parse`` does for all of it, where nothing can be parsed.
        """
        with Met() as met:
            return [parse(body)]
        head, entries, tail = _cut(body)
        known = len(self.faults)
        parts = self._parts(entries, lambda some: parse(head + b"".join(some) + tail)) if len(entries) > 1 else []
        if not parts:
            del self.faults[known:]
            raise met.fault
        return parts

    def _parts(self, entries: list[bytes], parse: Callable[[list[bytes]], R]) -> list[R]:
        """Halve what cannot be parsed, until it is one entry."""
        middle = len(entries) // 2
        found: list[R] = []
        for half in (entries[:middle], entries[middle:]):
            with Met() as met:
                found.append(parse(half))
            if met and len(half) > 1:
                found += self._parts(half, parse)
            elif met:
                self.tell(met.fault)
        return found

    def tell(self, fault: Exception) -> None:
        """Note a bug, and log the first of a kind with its stack: a feed may hold five hundred."""
        name = type(fault).__name__
        if name not in self.faults:
            log.error("%s: a bug in Tocsin, please report it", self.about, exc_info=fault)
        self.faults.append(name)


def _cut(body: bytes) -> tuple[bytes, list[bytes], bytes]:
    """What stands before the first entry, the entries, and what follows the last."""
    starts = [found.start() for found in _ENTRY.finditer(body)]
    if not starts:
        return body, [], b""
    name = _ENTRY.match(body, starts[-1])
    close = b"</" + (name.group(1) if name else b"") + b">"
    end = body.find(close, starts[-1])
    end = end + len(close) if end >= 0 else len(body)
    return body[: starts[0]], [body[a:b] for a, b in zip(starts, [*starts[1:], end], strict=True)], body[end:]
