"""Where an error that nobody expected is written down with its stack: beside the archive, never on the terminal.

A filter may meet the same bug in each of a million lines, so a full log is set aside once and then replaced.
"""

from __future__ import annotations

import fcntl
import os
import re
import traceback
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Self

from tocsin.errors import TocsinError
from tocsin.urls import masked

FILE = "tocsin-bugs.log"
MAX_BYTES = 4_000_000  # then the log is set aside, and the one before it dropped
MOST = 100_000  # characters of one bug: an error may quote a whole page
KIND = "bug"  # opens the detail of an item or a feed that met one


class Met:
    """What a block met that nobody foresaw: kept here, so that it costs its own item and not the others.

    The one place where an error is stopped without being named. A process without memory left is to end.

    >>> with Met() as met:
    ...     {}["headline"]
    >>> bool(met), met.fault
    (True, KeyError('headline'))
    """

    def __init__(self) -> None:
        self._fault: Exception | None = None

    def __bool__(self) -> bool:
        return self._fault is not None

    @property
    def fault(self) -> Exception:
        """What it was; a block that met nothing has none."""
        if self._fault is None:
            raise LookupError("nothing was met")
        return self._fault

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: object, fault: BaseException | None, __: object) -> bool:
        if not isinstance(fault, Exception) or isinstance(fault, MemoryError):
            return False
        self._fault = fault
        return True


def line(fault: BaseException) -> str:
    """An error in one line, without the secrets of the addresses in it."""
    whole = isinstance(fault, TocsinError) or not fault.args
    words = str(fault) if whole else str(fault.args[0])  # what follows the first are details
    words = re.sub(r"https?://[^\s'\"<>]+", lambda found: masked(found[0]), f"{type(fault).__name__}: {words}")
    return (words.splitlines() or [""])[0][:200]


def write(fault: BaseException, folders: Iterable[Path], *, now: datetime, about: str = "") -> Path | None:
    """Add the stack to the log in the first folder that takes it; the log, or None where none does."""
    details = "".join(f"\n{more}" for more in fault.args[1:] if isinstance(more, str) and "\n" in more)
    stack = "".join(traceback.format_exception(fault))
    words = f"{now.isoformat(timespec='seconds')} {about}{': ' if about else ''}{stack}{details}"
    words = f"{words[:MOST]} ...\n" if len(words) > MOST else f"{words}\n"
    for folder in folders:
        file = folder / FILE
        try:
            folder.mkdir(parents=True, exist_ok=True)
            while not _appended(file, words.encode("utf-8", "backslashreplace")):
                pass  # set aside by another process just before we had its lock
        except OSError:
            continue
        return file
    return None


def _appended(file: Path, words: bytes) -> bool:
    """Write at the end of a log, and set it aside when it is full; False when it is no longer in its place."""
    with file.open("ab") as log:
        fcntl.flock(log, fcntl.LOCK_EX)  # closing gives it back, and so does a kill
        try:
            if not os.path.samestat(os.fstat(log.fileno()), file.stat()):
                return False
        except FileNotFoundError:
            return False
        log.write(words)
        log.flush()
        if log.tell() > MAX_BYTES:
            file.replace(file.with_name(f"{file.name}.1"))
    return True
