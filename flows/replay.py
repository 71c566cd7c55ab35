"""The pipeline as a filter: articles in, decisions and alerts out, against an archive made for the call."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from flows.assessing import assess
from flows.pipeline import STATED, Desk
from tocsin import origins
from tocsin.archive import Archive
from tocsin.config import Config
from tocsin.errors import ParseError
from tocsin.flagging.lines import moment
from tocsin.model import Article, Decision, FlaggedEvent
from tocsin.text import clean_line, clean_text, language

_NUMBERS = re.compile(r"(\barticle |\bstories |, (?=\d+(?:,|$)))(\d+)")
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


class Replay:
    """An archive for one call; lines go in oldest first."""

    def __init__(self, config: Config, *, why: bool = False) -> None:
        self._archive = Archive.memory()
        self._desk = Desk(self._archive, config, {"replay": ("",)})
        self._config = config
        self._why = why  # tell what the decision rests on
        self._now = _EPOCH
        self._ids: dict[int, Any] = {}  # our article ids -> theirs

    def line(self, obj: dict[str, Any]) -> dict[str, Any]:
        """Settle one article and say what became of it.

        Raises:
            ParseError: The line lacks a title and a text, or its date cannot be read.
        """
        article = _article(obj)
        self._now = max(self._now, article.published or self._now)
        assessments = assess(article, self._config)
        with self._archive.transaction():
            decision, stored, touched = self._desk.take(article, assessments, age=timedelta(0), now=self._now)
        self._ids.setdefault(stored, obj.get("id"))
        event = touched[0].event.id if touched else self._event(stored)
        said = assessments if decision.outcome in STATED or event is not None else ()  # else nothing became of it
        flagged = next((a for a in said if a.flagged), None)
        return {
            "id": obj.get("id"),
            "outcome": decision.outcome.value,
            "of": self._ids.get(decision.of, decision.of) if decision.of is not None else None,
            "event": event,
            "flagged": flagged is not None,
            "severity": flagged.severity.value if flagged and flagged.severity else None,
            "alerts": [alert for each in touched for alert in _alerts(each)],
            **(self._reasons(decision) if self._why else {}),
        }

    def _reasons(self, decision: Decision) -> dict[str, Any]:
        """What a decision rests on, the originals of families that it made one, and what it shares with others."""
        return {
            "relation": decision.relation,
            "overlap": round(decision.overlap, 3),
            "likeness": round(decision.likeness, 3),
            "why": self._named(decision.why),
            "joins": [self._ids.get(each, each) for each in decision.joins],
            "parts": [
                {"of": self._ids.get(part.of, part.of), "contains": part.contains, "share": part.share}
                for part in decision.parts
            ],
        }

    def _named(self, why: str) -> str:
        """A reason with the ids of the lines in place of ours."""
        return _NUMBERS.sub(lambda m: f"{m[1]}{self._ids.get(int(m[2]), m[2])}", why)

    def _event(self, article: int) -> str | None:
        found = (self._archive.event_of_article(article, watch.id) for watch in self._config.watches)
        return next((event for event in found if event), None)


def _alerts(touched: FlaggedEvent) -> list[dict[str, str]]:
    return [{"reason": r.value, "severity": touched.event.severity.value} for r in touched.reasons]


def _article(obj: dict[str, Any]) -> Article:
    for key in ("title", "text", "language", "url", "published", "source"):
        if obj.get(key) is not None and not isinstance(obj[key], str):
            raise ParseError(str(obj.get("id")), f"{key} must be a string")
    title, text, source = obj.get("title") or "", obj.get("text") or "", obj.get("source") or ""
    if not title.strip() and not text.strip():
        raise ParseError(str(obj.get("id")), "title and text are both empty")
    try:
        published = moment(obj.get("published"))
    except ValueError:
        said = f"published is not an ISO 8601 time: {obj['published'][:40]!r}"
        raise ParseError(str(obj.get("id")), said) from None
    title, text = clean_line(title), clean_text(text)
    return Article(
        url=obj.get("url") or f"urn:tocsin:{obj.get('id')}",
        title=title,
        text=text,
        language=language(f"{title}\n{text}", obj.get("language")),
        published=published,
        publisher=source,
        origins=origins.find(title, text, publisher=source),
    )
