"""An alert as text of 100 columns, with or without colour; also the text part of a mail and every preview."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterator, Sequence

from tocsin.alerts.labels import load
from tocsin.alerts.render import View, Words
from tocsin.model import Severity

WIDTH = 100
_COLOURS = {Severity.CRITICAL: "1;37;41", Severity.HIGH: "1;31", Severity.MEDIUM: "1;33", Severity.LOW: "1;34"}
_BOLD, _DIM = "1", "2"


def message(seen: View, *, colour: bool = False, width: int = WIDTH) -> str:
    """One alert as lines, ending in a newline.

    Args:
        colour: Use ANSI colours.
    """
    return "\n".join(_Page(seen, colour, width).lines()) + "\n"


def digest(views: Sequence[View], language: str, *, colour: bool = False, width: int = WIDTH) -> str:
    """Several alerts, each in one or two lines, in the order given."""
    rows = [_paint(load(language).text["digest"].format(n=len(views)), _BOLD, colour)]
    for seen in views:
        rows.extend(_row(seen, colour, width))
    return "\n".join(rows) + "\n"


def brief(seen: View, *, colour: bool = False, width: int = WIDTH) -> str:
    """One alert in two or three lines: headline, gist, where to read on."""
    return "\n".join(_row(seen, colour, width)) + "\n"


def _row(seen: View, colour: bool, width: int) -> Iterator[str]:
    head = _paint(seen.headline, _COLOURS[seen.severity], colour)
    yield from _wrapped(f"{head}: {fenced(seen.gist)}", width, "  ", "    ")
    url = next((source.url for source in seen.sources if source.url), "")
    if url:
        yield f"    {url}"


def fenced(words: Words) -> str:
    """Right-to-left words between isolates, so that a terminal does not turn the line around them."""
    return f"\u2068{words.text}\u2069" if words.rtl else words.text


class _Page:
    """Lays one view out."""

    def __init__(self, seen: View, colour: bool, width: int) -> None:
        self.seen, self.colour, self.width = seen, colour, width

    def lines(self) -> Iterator[str]:
        seen, heading = self.seen, self.seen.labels.heading
        yield _paint(f" {seen.headline} ", _COLOURS[seen.severity], self.colour)
        yield from _wrapped(fenced(seen.gist), self.width)
        if seen.withdrawn:
            yield _paint(seen.withdrawn, _BOLD, self.colour)
        if seen.acked:
            yield seen.acked
        if seen.place:
            yield f"{seen.place.name} ({seen.place.detail})"
            yield _paint(seen.place.map_url, _DIM, self.colour)
        if seen.changes:
            yield from self._heading(heading["changed"])
            for change in seen.changes:
                yield from _wrapped(f"{change.label}: {change.old} -> {change.new}", self.width, "  ", "    ")
        if seen.facts:
            yield from self._heading(heading["facts"])
            yield from self._facts()
        if seen.quotes:
            yield from self._heading(heading["quotes"])
            for quote in seen.quotes:
                yield from _wrapped(fenced(quote), self.width, "  > ", "  > ")
        yield from self._heading(seen.above_sources)
        yield from self._sources()
        yield ""
        yield from (f"{label}: {at}" for label, at in seen.times)
        if seen.why:
            yield from _wrapped(f"{heading['why']}: {'; '.join(seen.why)}", self.width, "", "  ")
        yield _paint(seen.footer, _DIM, self.colour)

    def _heading(self, text: str) -> Iterator[str]:
        yield ""
        yield from (_paint(row, _BOLD, self.colour) for row in _wrapped(text, self.width))

    def _facts(self) -> Iterator[str]:
        column = min(24, max(columns(fact.label) for fact in self.seen.facts) + 2)
        for fact in self.seen.facts:
            label = fact.label + ":" + " " * max(1, column - columns(fact.label) - 1)
            quote = f"  “{fenced(fact.quote)}”" if fact.quote else ""
            yield from _wrapped(f"{fact.value}{quote}", self.width, f"  {label}", " " * (column + 2))

    def _sources(self) -> Iterator[str]:
        for source in self.seen.sources:
            yield from _wrapped(fenced(source.title), self.width, "  - ", "    ")
            yield from _wrapped(f"{fenced(source.by)}, {source.note}", self.width, "    ", "    ")
            if source.url:
                yield f"    {source.url}"
        if self.seen.more_sources:
            yield f"  {self.seen.labels.text['more'].format(n=self.seen.more_sources)}"


def columns(text: str) -> int:
    """Columns that a text takes: marks take none, wide letters two."""
    wide = sum(1 for char in text if unicodedata.east_asian_width(char) in "WF")
    none = sum(1 for char in text if unicodedata.category(char) in {"Mn", "Me", "Cf"})
    return len(text) + wide - none


def _wrapped(text: str, width: int, first: str = "", rest: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        width,
        initial_indent=first,
        subsequent_indent=rest,
        break_on_hyphens=False,
        drop_whitespace=True,
        replace_whitespace=False,
    ) or [first.rstrip()]


def _paint(text: str, code: str, colour: bool) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if colour else text
