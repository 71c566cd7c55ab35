"""What agencies write about a story beside telling it, in one model: urgency, signal, status, embargo.

The tables are in ``wire.yaml``: agencies disagree on what urgency 3 and 4 are, and each format has words
of its own for a correction. A story that is held back by an embargo whose time cannot be read stays held
back for two days: a wire broken early costs the desk its wire.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from scrapers import dates
from tocsin.model import Signal, Wire
from tocsin.text import fold_term

TABLES = Path(__file__).parent / "wire.yaml"
HOLD = timedelta(days=2)
_ORDER = (Signal.KILL, Signal.CORRECTION, Signal.ADVISORY, Signal.REPEAT, Signal.LEAD, Signal.UPDATE)


@dataclass(frozen=True, slots=True)
class Marks:
    """What a document says about its story, as written."""

    provider: str = ""
    family: str = ""
    version: str = ""
    urgency: str = ""
    status: str = ""
    signals: tuple[str, ...] = ()  # signal, instruction, keyword line, message type: whatever may name one
    embargo: str = ""  # a time, or words
    timezone: str | None = None  # of times that name none


def read(marks: Marks, *, now: datetime) -> Wire:
    """The marks as the rest of Tocsin knows them."""
    return Wire(
        provider=marks.provider,
        family=marks.family,
        version=marks.version,
        urgency=level(marks.urgency, marks.provider),
        signal=signal(marks.status, marks.signals),
        embargo=_embargo(marks, now),
    )


def level(urgency: str, provider: str = "") -> int | None:
    """1 flash, 2 alert or urgent, 3 normal, 4 low; None for what no table knows.

    >>> level("2"), level("4", "AFP"), level("u"), level("")
    (2, 3, 2, None)
    """
    said = urgency.strip().casefold().removeprefix("urg:")
    tables: dict[str, dict[str, int]] = _tables()["urgency"]
    own = tables.get(provider.strip().casefold(), {})
    return own.get(said, tables["iptc"].get(said))


def signal(status: str, marks: tuple[str, ...]) -> Signal:
    """What a story is to the ones before it; a status that takes it back wins over every signal."""
    tables: dict[str, dict[str, str]] = _tables()
    by_status = tables["status"].get(_key(status))
    if by_status:
        return Signal(by_status)
    found = {Signal(tables["signals"][key]) for mark in marks for key in _keys(mark) if key in tables["signals"]}
    return next((each for each in _ORDER if each in found), Signal.NEW)


def _embargo(marks: Marks, now: datetime) -> datetime | None:
    said = marks.embargo.strip()
    held = _tables()["held"]
    if not said:
        return now + HOLD if _key(marks.status) in held else None
    moment = dates.read(said, now=now, timezone_name=marks.timezone, future=True)
    return moment if moment is not None else now + HOLD


def _key(text: str) -> str:
    """A mark without its vocabulary: "stat:canceled", "Canceled" and "CANCELED" are one."""
    return fold_term(text.strip().rpartition(":")[2]).replace("-", " ").strip()


def _keys(mark: str) -> tuple[str, ...]:
    """A mark as it stands, and without the number of a lead: "2e LEAD" is a lead."""
    key = _key(mark)
    return key, re.sub(r"\s*\b\d{1,2}(?:st|nd|rd|th|er|e|eme|\.)?\b\s*", " ", key).strip()


@lru_cache(maxsize=1)
def _tables() -> dict[str, Any]:
    """The tables with folded keys."""
    data: dict[str, Any] = yaml.safe_load(TABLES.read_text(encoding="utf-8"))
    signals = {_key(word): signal for signal, listed in data["signals"].items() for word in listed}
    status = {_key(word): signal for signal, listed in data["status"].items() for word in listed}
    urgency = {
        provider: {str(mark): lvl for lvl, listed in table.items() for mark in listed}
        for provider, table in data["urgency"].items()
    }
    return {"signals": signals, "status": status, "urgency": urgency, "held": {_key(w) for w in data["held"]}}
