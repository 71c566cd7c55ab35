"""Wire texts of the telex age: header, text and end between control characters, lines of 69 letters, no year.

IPTC 7901 and ANPA 1312 differ in their headers only; what both need to become a story is here.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

SOH, STX, ETX = b"\x01", b"\x02", b"\x03"
MAX_HEADLINE = 4  # lines
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_STAMP = re.compile(r"^\s*(\d{2})(\d{2})(\d{2})(?:\s*([a-zA-Z]{3})\w*\.?\s*(\d{2}))?")
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]


@dataclass(frozen=True, slots=True)
class Telex:
    """One message, its control characters gone."""

    header: str  # parts are one space or more apart
    headline: str
    above: tuple[str, ...]  # lines above the headline: "1ST LEAD", "EIL"
    paragraphs: tuple[str, ...]
    stamp: str  # what follows the text: day, hour, minute

    @property
    def content(self) -> str:
        """The text as HTML."""
        return "".join(f"<p>{html.escape(paragraph, quote=False)}</p>" for paragraph in self.paragraphs)


def is_telex(body: bytes) -> bool:
    """True for a body whose header and text stand between control characters."""
    head = body[:2000]
    start = head.find(SOH)
    return 0 <= start < 40 and head.find(STX, start) > 0


def read(body: bytes) -> Iterator[Telex]:
    """Every message of a body."""
    for raw in body.split(SOH)[1:]:
        header, _, rest = raw.partition(STX)
        text, _, after = rest.partition(ETX)
        if text.strip():
            yield _telex(decode(header), decode(text), decode(after))


def decode(raw: bytes) -> str:
    """UTF-8 where it is, else the western bytes that agencies sent before."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def moment(stamp: str, now: datetime) -> str:
    """The time that "291507" or "291507 Jun 26" names, without zone: of the month that is nearest before tomorrow.

    >>> from datetime import UTC
    >>> moment("301507", datetime(2026, 7, 1, 12, tzinfo=UTC))
    '2026-06-30T15:07'
    """
    found = _STAMP.match(stamp)
    if found is None:
        return ""
    day, hour, minute = (int(part) for part in found.groups()[:3])
    month = (found.group(4) or "").lower()
    if month in _MONTHS:
        return f"20{found.group(5)}-{_MONTHS.index(month) + 1:02}-{day:02}T{hour:02}:{minute:02}"
    latest = now + timedelta(days=1)
    for back in range(62):
        when = latest - timedelta(days=back)
        if when.day == day:
            return f"{when:%Y-%m-%d}T{hour:02}:{minute:02}"
    return ""


def _telex(header: str, text: str, after: str) -> Telex:
    lines = [_CONTROLS.sub(" ", line).rstrip() for line in text.replace("\r", "\n").split("\n")]
    above, headline, rest = _head([line for line in lines if line.strip()])
    stamp = _CONTROLS.sub(" ", after).strip()
    return Telex(" ".join(_CONTROLS.sub(" ", header).split()), headline, above, tuple(_paragraphs(rest)), stamp)


def _head(lines: list[str]) -> tuple[tuple[str, ...], str, list[str]]:
    """The lines above the headline, the headline, and the text: the headline ends with " =", or is the first line."""
    end = next((i for i, line in enumerate(lines[:8]) if line.endswith("=")), None)
    if end is None:
        marks = [line.strip() for line in lines[:3] if line.strip().isupper() and len(line) < 40]
        first = lines[len(marks)] if len(lines) > len(marks) else ""
        return tuple(marks), first.strip(), lines[len(marks) :]
    head = [line.strip() for line in lines[: end + 1]]
    start = end
    while start > 0 and end - start < MAX_HEADLINE - 1 and not _is_mark(head[start - 1]):
        start -= 1
    return tuple(head[:start]), " ".join(head[start:]).rstrip("= "), lines[end + 1 :]


def _is_mark(line: str) -> bool:
    """True for a line above the headline: a slug "Irak/Konflikte/", a bell, a lead, a note in brackets."""
    return line.endswith("/") or line.startswith("(") or (line.isupper() and len(line) < 40)


def _paragraphs(lines: list[str]) -> Iterator[str]:
    """Lines joined; one that is indented opens a paragraph."""
    current: list[str] = []
    for line in lines:
        if line[:1] in {" ", "\t"} and current:
            yield " ".join(current)
            current = []
        current.append(line.strip())
    if current:
        yield " ".join(current)
