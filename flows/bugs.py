"""Bugs that an item or a feed lays bare are kept apart: told with their stack once, they cost nothing else.

What is wrong with the archive is no bug, and goes on.
"""

from __future__ import annotations

import logging
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from tocsin import bugs
from tocsin.archive.savepoints import is_our_fault
from tocsin.config import Config
from tocsin.errors import ArchiveError

T = TypeVar("T")
log = logging.getLogger("tocsin")
_TOLD: set[tuple[str, str]] = set()
_MUTEX = threading.Lock()


@dataclass(frozen=True, slots=True)
class Bug:
    """What stands in the place of a result that a bug prevented."""

    words: str  # "bug: IndexError: list index out of range"


def apart(work: Callable[[], T], about: str, config: Config, *, known: bool = False) -> T | Bug:
    """What the work gives, or the bug that it met.

    Args:
        about: What was being read, for the log.
        known: It met a bug before and was told then: this time one line does.

    Raises:
        ArchiveError: The archive cannot be used: no other item fares better.
    """
    with bugs.Met() as met:
        return work()
    if isinstance(met.fault, ArchiveError) and not is_our_fault(met.fault):
        raise met.fault
    return noted(met.fault, about, config, known=known)


def noted(fault: BaseException, about: str, config: Config, *, known: bool = False) -> Bug:
    """Tell of a bug: its stack the first time, for people who mend it; then a line."""
    words = bugs.line(fault)
    file = None
    if not known and _is_new(fault):
        file = bugs.write(fault, (config.archive.parent,), now=datetime.now(UTC), about=about)
    log.error("%s: a bug in Tocsin, please report it: %s%s", about, words, f"; its stack is in {file}" if file else "")
    return Bug(f"{bugs.KIND}: {words}")


def _is_new(fault: BaseException) -> bool:
    """True the first time that a process meets an error of this kind at this place."""
    frames = traceback.extract_tb(fault.__traceback__)
    place = (type(fault).__name__, f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "")
    with _MUTEX:
        fresh = place not in _TOLD
        _TOLD.add(place)
    return fresh
