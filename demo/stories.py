"""The stories of the sample wire day, as written in ``wireday/*.yaml``, and what is true about each.

A story is either written out in full, or stands as a reprint of another one (``copy_of``) with the edits
that a night desk makes: end cut, paragraph dropped, other headline, other byline. All facts are invented.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

FOLDER = Path(__file__).parent / "wireday"
RELATIONS = ("report", "copy", "translation", "update", "correction", "kill")
BAGHDAD = ZoneInfo("Asia/Baghdad")

# The wire says "on Sunday", so the sample must know its own day; Monday first.
WEEKDAYS = {
    "fr": ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"],
    "en": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    "nl": ["maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"],
    "de": ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"],
    "ar": ["الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد"],
}


@dataclass(frozen=True, slots=True)
class Truth:
    """What a careful reader says about a story, by the labelling guidelines."""

    positive: bool
    event: str | None = None  # a key of events.yaml
    relation: str = "report"  # one of RELATIONS
    severity: str | None = None  # of what this story alone says
    killed: int | None = None  # None: the text does not say; 0: it says none
    wounded: int | None = None
    neg_kind: str | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """One story on one site."""

    id: str
    site: str
    language: str
    phase: int  # from which poll on its feed lists it, from 1
    minutes: int  # how long before the start of the day it was published
    title: str
    byline: str
    section: str
    summary: str
    paragraphs: tuple[str, ...]
    truth: Truth
    copy_of: str | None = None
    revises: str | None = None  # takes the place of that story at the same address
    blocked: bool = False  # its page answers 403

    @property
    def slug(self) -> str:
        """The part of its address that names it; a new version keeps the old one."""
        return self.revises or self.id

    @property
    def words(self) -> int:
        """Words of the running text."""
        return sum(len(p.split()) for p in self.paragraphs)

    def published(self, base_time: datetime) -> datetime:
        """When it went out, in UTC."""
        return base_time - timedelta(minutes=self.minutes)


@dataclass(frozen=True, slots=True)
class TrueEvent:
    """What happened on the sample day, according to those who wrote it."""

    key: str
    what: str  # one English line
    severity: str  # when all is known
    killed: int | None = None
    wounded: int | None = None
    withdrawn: bool = False
    types: tuple[str, ...] = ()  # ACLED sub-event names that are right; empty: not judged
    places: tuple[str, ...] = ()  # places that are right as the most specific one; empty: not judged


@dataclass(frozen=True, slots=True)
class WireDayData:
    """All stories, oldest first within their phase, and all events."""

    stories: tuple[Story, ...]
    events: tuple[TrueEvent, ...]

    @property
    def phases(self) -> int:
        """How many polls the day takes."""
        return max(s.phase for s in self.stories)

    def listed(self, site: str, phase: int) -> tuple[Story, ...]:
        """What a site's feed shows at a phase, newest first, each address once in its latest version."""
        latest: dict[str, Story] = {}
        for story in sorted(self.stories, key=lambda s: (s.phase, -s.minutes)):
            if story.site == site and story.phase <= phase:
                latest[story.slug] = story
        return tuple(sorted(latest.values(), key=lambda s: (s.minutes, s.id)))


def load(folder: Path = FOLDER) -> WireDayData:
    """Read the sample day.

    Raises:
        ValueError: a story is incomplete or refers to one that is not there.
    """
    events = tuple(
        TrueEvent(**{**row, "types": tuple(row.get("types", ())), "places": tuple(row.get("places", ()))})
        for row in _rows(folder / "events.yaml")
    )
    rows = [row for path in sorted(folder.glob("*.yaml")) if path.name != "events.yaml" for row in _rows(path)]
    written = {row["id"]: row for row in rows}
    if len(written) != len(rows):
        raise ValueError("two stories share an id")
    stories = tuple(_story(row, written) for row in rows)
    return WireDayData(tuple(sorted(stories, key=lambda s: (s.phase, -s.minutes, s.id))), events)


def _rows(path: Path) -> list[dict[str, Any]]:
    rows = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(rows, list):
        raise ValueError(f"{path.name}: expected a list")
    return rows


def _story(row: dict[str, Any], written: dict[str, dict[str, Any]]) -> Story:
    for reference in ("copy_of", "revises"):
        if row.get(reference) is not None and row[reference] not in written:
            raise ValueError(f"{row['id']}: {reference} names {row[reference]}, which is not there")
    original = written[row["copy_of"]] if row.get("copy_of") else {}
    paragraphs = _paragraphs(row["text"]) if "text" in row else _reprint(row, _paragraphs(original.get("text", "")))
    if not paragraphs:
        raise ValueError(f"{row['id']}: no text")
    truth = Truth(**{**original.get("truth", {}), **row.get("truth", {})})
    if truth.relation not in RELATIONS:
        raise ValueError(f"{row['id']}: unknown relation {truth.relation}")
    return Story(
        id=row["id"],
        site=row["site"],
        language=row.get("language") or original["language"],
        phase=row.get("phase", 1),
        minutes=row["minutes"],
        title=row.get("title") or original["title"],
        byline=row.get("byline", ""),
        section=row.get("section", ""),
        summary=row.get("summary") or paragraphs[0],
        paragraphs=paragraphs,
        truth=truth,
        copy_of=row.get("copy_of"),
        revises=row.get("revises"),
        blocked=row.get("blocked", False),
    )


def _paragraphs(text: str) -> tuple[str, ...]:
    return tuple(" ".join(block.split()) for block in text.split("\n\n") if block.strip())


def _reprint(row: dict[str, Any], original: tuple[str, ...]) -> tuple[str, ...]:
    """The original after the edits: ``lead`` replaces its first paragraph, ``drop`` numbers go, ``more`` is added."""
    dropped = {n if n >= 0 else len(original) + n for n in row.get("drop", [])}
    kept = [p for n, p in enumerate(original) if n not in dropped]
    if row.get("lead"):
        kept[0] = " ".join(row["lead"].split())
    return (*kept, *_paragraphs(row.get("more", "")))


def on_day(text: str, language: str, base_time: datetime) -> str:
    """Fill ``{today}``, ``{yesterday}`` and ``{tomorrow}`` with weekdays of the sample day in a language.

    The day is the one that it was in Baghdad five hours before the start, so that no story straddles midnight.
    """
    number = (base_time.astimezone(BAGHDAD) - timedelta(hours=5)).weekday()
    for token, shift in (("{today}", 0), ("{yesterday}", -1), ("{tomorrow}", 1)):
        text = text.replace(token, WEEKDAYS[language][(number + shift) % 7])
    return text
