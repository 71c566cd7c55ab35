"""How things look on a terminal: one console, severity colours, tables, times; outside text is never markup."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tocsin.text import clean_line

Cell: TypeAlias = Text | str
SEVERITY = {"low": "cyan", "medium": "yellow", "high": "bright_red", "critical": "bold white on red"}


def console() -> Console:
    """The console of standard output; plain where that is no terminal, and then wide enough not to cut."""
    return Console(
        file=sys.stdout, highlight=False, markup=False, emoji=False, width=None if sys.stdout.isatty() else 160
    )


def outside(value: Any, limit: int = 300) -> Text:
    """Text from outside: one line, no control characters, no markup."""
    return Text("" if value is None else clean_line(str(value), limit))


def severity(name: str | None) -> Text:
    """A severity in its colour."""
    return Text(name or "", style=SEVERITY.get(name or "", ""))


def when(value: datetime | str | None) -> str:
    """A time in UTC, to the minute."""
    if not value:
        return ""
    time = datetime.fromisoformat(value) if isinstance(value, str) else value
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M}"


def table(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Table:
    """A plain table; a column whose name ends in ">" is set to the right."""
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in columns:
        made.add_column(
            column.rstrip(">"), justify="right" if column.endswith(">") else "left", overflow="fold", vertical="top"
        )
    for row in rows:
        made.add_row(*[cell if isinstance(cell, Text) else Text(cell) for cell in row])
    return made


def show(columns: Sequence[str], rows: Sequence[Sequence[Cell]], empty: str) -> None:
    """A table on standard output, or in its place what it means that there is none."""
    console().print(table(columns, rows) if rows else Text(empty))


def print_json(value: Any) -> None:
    """One JSON value, indented, in UTF-8 whatever the terminal's encoding is."""
    words = json.dumps(value, ensure_ascii=False, indent=2, default=_plain)
    sys.stdout.buffer.write(words.encode("utf-8", "replace") + b"\n")
    sys.stdout.buffer.flush()


def _plain(value: Any) -> Any:
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else str(value)
