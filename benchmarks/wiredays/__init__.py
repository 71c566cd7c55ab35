"""Invented days for event joining: what happened, and how the wires of several languages told it.

``a.yaml`` is what the matcher was tuned on; ``b.yaml`` and ``c.yaml`` were held out until their mistakes were read and
mended (note 0168); ``d.yaml`` was written afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

import yaml

from tocsin import origins
from tocsin.model import Article
from tocsin.text import clean_line, clean_text

FOLDER = Path(__file__).parent
BAGHDAD = timezone(timedelta(hours=3))


@dataclass(frozen=True, slots=True)
class Told:
    """One article of the days, and what a careful reader says it belongs to."""

    id: str  # "a:baquba-cafe:0"
    truth: str  # the event's key; "" for what belongs to none
    kind: str  # first, rewrite, translation, update, claim, denial; round-up, feature, ... where it belongs to none
    accepted: frozenset[str]  # every event that it may join; the truth among them
    near: frozenset[str]  # events that are easily mistaken for this one
    article: Article

    @property
    def scored(self) -> bool:
        """Round-ups have no single right event."""
        return self.kind != "round-up"


def days(half: str) -> list[Told]:
    """The articles of one file, in order of publication."""
    data = yaml.safe_load((FOLDER / f"{half}.yaml").read_text(encoding="utf-8"))
    found: list[Told] = []
    for event in data["events"]:
        key = event["key"]
        for n, (at, language, outlet, kind, title, text) in enumerate(event["told"]):
            day, _, hour = at.partition(" ")
            when = datetime.fromisoformat(f"{data['month']}-{int(day):02}T{hour}:00").replace(tzinfo=BAGHDAD)
            name = f"{half}:{key or 'none'}:{n}"
            accepted = frozenset({key, *event.get("either", ())})
            article = _article(name, when, language, outlet, title, text)
            found.append(Told(name, key, kind, accepted, frozenset(event.get("near", ())), article))
    return sorted(found, key=lambda told: (told.article.published, told.id))


def _article(name: str, when: datetime, language: str, outlet: str, title: str, text: str) -> Article:
    title, text = clean_line(title), clean_text(text)
    return Article(
        url=f"https://wire.example.org/{name.replace(':', '/')}",
        title=title,
        text=text,
        language=language,
        published=when,
        publisher=outlet,
        origins=origins.find(title, text, publisher=outlet),
        seen=when + timedelta(minutes=1),
    )
