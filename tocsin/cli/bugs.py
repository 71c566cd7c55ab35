"""Where an error that nobody expected is written down: beside the archive, never on the terminal."""

from __future__ import annotations

import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path

from tocsin.cli.options import loaded


def _folder() -> Path:
    config = loaded()
    return config.archive.parent if config is not None else Path(tempfile.gettempdir())


def note(exc: BaseException) -> str:
    """Write the stack trace to a log file and return one line for people."""
    what = f"{type(exc).__name__}: {exc}".splitlines()[0][:200]
    when = datetime.now(UTC).isoformat(timespec="seconds")
    words = f"{when} {''.join(traceback.format_exception(exc))}\n"
    for folder in (_folder(), Path(tempfile.gettempdir())):
        file = folder / "tocsin-bugs.log"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with file.open("a", encoding="utf-8", errors="backslashreplace") as log:
                log.write(words)
        except OSError:
            continue
        return f"this is a bug: {what}; the details are in {file}"
    return f"this is a bug: {what}"
