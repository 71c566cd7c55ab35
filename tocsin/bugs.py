"""Where an error that nobody expected is written down with its stack: beside the archive, never on the terminal."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from tocsin.errors import TocsinError
from tocsin.urls import masked

FILE = "tocsin-bugs.log"
KIND = "bug"  # opens the detail of an item or a feed that met one


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
    words = f"{now.isoformat(timespec='seconds')} {about}{': ' if about else ''}{stack}{details}\n"
    for folder in folders:
        file = folder / FILE
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with file.open("a", encoding="utf-8", errors="backslashreplace") as log:
                log.write(words)
        except OSError:
            continue
        return file
    return None
