"""What a command says of an error that nobody expected: one line, and where its stack was written down."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path

from tocsin import bugs
from tocsin.cli.options import loaded


def _folder() -> Path:
    config = loaded()
    return config.archive.parent if config is not None else Path(tempfile.gettempdir())


def note(exc: BaseException) -> str:
    """Write the stack trace to a log file and return one line for people."""
    file = bugs.write(exc, (_folder(), Path(tempfile.gettempdir())), now=datetime.now(UTC))
    return f"this is a bug: {bugs.line(exc)}" + (f"; the details are in {file}" if file else "")
