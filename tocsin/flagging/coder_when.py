"""When the main event happened: weekdays, "yesterday" and parts of the day, set against the time of publication.

The hours given to parts of a day are conventions, in Baghdad time (UTC+3, no summer time since 2008).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from tocsin.flagging.coder_scene import Clause, Scene
from tocsin.flagging.matcher import Hit
from tocsin.model import Said

BAGHDAD = timezone(timedelta(hours=3))
_HOURS = {"dawn": 5, "morning": 8, "noon": 12, "afternoon": 15, "evening": 19, "night": 22}


def when(scene: Scene, published: datetime | None) -> Said[datetime] | None:
    """The start of the event in UTC, to the part of a day; None without ``published`` or a word that tells."""
    if published is None:
        return None
    local = published.astimezone(BAGHDAD)
    for clause in scene.clauses[:4]:
        days = clause.of("fact.weekday", "fact.day")
        if not days:
            continue
        day = days[0]
        part = _part_near(clause, day)
        date = _date(day, local)
        hour = _HOURS.get(part.concept.rpartition(".")[2], 12) if part else 12
        if day.concept == "fact.day.lastnight":
            hour = 22
        moment = date.replace(hour=hour, minute=0, second=0, microsecond=0)
        moment = min(moment, local)
        ends = [day, part] if part else [day]
        start, end = min(h.start for h in ends), max(h.end for h in ends)
        return Said(moment.astimezone(UTC), scene.span(clause, start, end))
    return None


def _date(day: Hit, local: datetime) -> datetime:
    """The day meant: the last such weekday up to publication, or the day before it."""
    kind, _, name = day.concept.rpartition(".")
    if kind == "fact.weekday":
        return local - timedelta(days=(local.isoweekday() - int(name)) % 7)
    return local - timedelta(days=0 if name == "today" else 1)


def _part_near(clause: Clause, day: Hit) -> Hit | None:
    """The part of the day within 25 characters of the day."""
    near = [h for h in clause.of("fact.part") if abs(h.start - day.end) <= 25 or abs(day.start - h.end) <= 25]
    return min(near, key=lambda h: abs(h.start - day.start)) if near else None
