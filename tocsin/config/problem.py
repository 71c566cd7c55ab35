"""One mistake in config.yaml: its key, what is wrong, what to do, and the word that was perhaps meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

Key = tuple[str | int, ...]  # ("feeds", 3, "language")

# Words from other tools and from older notes, and what they are here.
_ELSEWHERE = {
    "lang": "language",
    "name": "publisher",
    "interval": "poll_minutes",
    "every_minutes": "poll_minutes",
    "tz": "timezone",
    "severity": "min_severity",
    "channel": "to",
    "channels": "to",
    "agent": "user_agent",
    "sources": "feeds",
    "database": "archive",
    "db": "archive",
    "types": "event_types",
    "active": "enabled",
    "link": "url",
    "feed": "url",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake."""

    key: Key
    text: str  # what is wrong; what to do
    line: int | None = None

    @property
    def key_text(self) -> str:
        """``feeds[3].language``."""
        text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.key)
        return text.lstrip(".")

    def at(self, file: str) -> tuple[str, str]:
        """Where it is, and what is wrong."""
        where = f"{file} line {self.line}" if self.line else file
        return where, f"{self.key_text}: {self.text}" if self.key else self.text


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``; did you mean 'language'?``, or the known words where none is near."""
    names = list(known)
    if _ELSEWHERE.get(word) in names:
        return f"; did you mean {_ELSEWHERE[word]!r}?"
    near = difflib.get_close_matches(word.lower(), names, n=1, cutoff=0.6)
    if near:
        return f"; did you mean {near[0]!r}?"
    return f"; known: {', '.join(names)}" if 0 < len(names) <= 20 else ""
