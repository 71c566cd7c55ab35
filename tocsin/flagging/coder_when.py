"""When the main event happened: dates, weekdays, "yesterday" and parts of the day, set against publication.

The hours given to parts of a day are conventions, in Baghdad time (UTC+3, no summer time since 2008).
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta

from tocsin.flagging.coder_scene import Clause, Scene
from tocsin.flagging.matcher import Hit
from tocsin.model import BAGHDAD, Said

NEAR = 25  # characters between "Friday" and the date that says the same
NOON = 12  # for a day without a part of it
_DAY_BEFORE = re.compile(r"(?<!\d)(?P<day>\d{1,2})(?:er|e|st|nd|rd|th|\.)?(?: (?:of|de|من))? ?$")
_DAY_AFTER = re.compile(r"(?: (?P<day>\d{1,2})(?!\d)(?:st|nd|rd|th)?)?(?:,? (?:de )?(?P<year>(?:19|20)\d\d))?")
_HOURS = {"dawn": 5, "morning": 8, "noon": 12, "afternoon": 15, "evening": 19, "night": 22}


def when(scene: Scene, published: datetime | None) -> Said[datetime] | None:
    """The start of the event in UTC, to the part of a day; None where neither a date nor a day can be placed.

    Args:
        published: Resolves "Sunday" and "14 March"; without it only a full date tells a time.
    """
    local = published.astimezone(BAGHDAD) if published is not None else None
    for clause in scene.clauses[:4]:
        found = _calendar(clause, local) if clause.rank <= 1 else None
        day = _weekday(clause, local) if local is not None else None
        if day is not None and (found is None or found[1] - day[2] > NEAR):
            found = day  # "on Sunday, ahead of the polls of 12 May"
        if found is not None:
            moment, start, end = found
            return Said(moment.astimezone(UTC), scene.span(clause, start, end))
    return None


def _weekday(clause: Clause, local: datetime) -> tuple[datetime, int, int] | None:
    """The day that a weekday or "yesterday" means, and the words that say so."""
    days = clause.of("fact.weekday", "fact.day")
    if not days:
        return None
    day = days[0]
    moment, ends = _at(clause, day, _date(day, local))
    return min(moment, local), min(h.start for h in ends), max(h.end for h in ends)


def _at(clause: Clause, day: Hit, date: datetime) -> tuple[datetime, list[Hit]]:
    """The hour of a day, from the part of it that stands near, and the words used."""
    part = _part_near(clause, day)
    hour = _HOURS.get(part.concept.rpartition(".")[2], NOON) if part else NOON
    if day.concept == "fact.day.lastnight":
        hour = _HOURS["night"]
    return date.replace(hour=hour, minute=0, second=0, microsecond=0), [day, part] if part else [day]


def _calendar(clause: Clause, local: datetime | None) -> tuple[datetime, int, int] | None:
    """A date by month: "8 September 2019", "March 14"; without a year it is the last such day before ``local``."""
    for month in clause.of("fact.month"):
        before = _DAY_BEFORE.search(clause.between(month.start - 12, month.start))
        after = _DAY_AFTER.match(clause.between(month.end, month.end + 16))
        if after is None or (before is None and after["day"] is None):
            continue
        if after["year"] is None and local is None:
            continue
        day = int(before["day"] if before else after["day"])
        number = int(month.concept.rpartition(".")[2])
        start = month.start - (len(before.group()) if before else 0)
        end = month.end + (after.end("year") if after["year"] else 0 if before else after.end("day"))
        date = _valid(day, number, int(after["year"]) if after["year"] else None, local)
        if date is not None and (local is None or date <= local):
            moment, _ = _at(clause, month, date)
            return moment, start, end
    return None


def _valid(day: int, month: int, year: int | None, local: datetime | None) -> datetime | None:
    """The date, when the calendar has it; a missing year is that of the last such day."""
    if not 1 <= day <= monthrange(2024, month)[1]:
        return None
    if year is None:
        if local is None:
            return None
        year = local.year if (month, day) <= (local.month, local.day) else local.year - 1
    return datetime(year, month, min(day, monthrange(year, month)[1]), tzinfo=BAGHDAD)


def _date(day: Hit, local: datetime) -> datetime:
    """The day meant: the last such weekday up to publication, or the day before it."""
    kind, _, name = day.concept.rpartition(".")
    if kind == "fact.weekday":
        return local - timedelta(days=(local.isoweekday() - int(name)) % 7)
    return local - timedelta(days=0 if name == "today" else 1)


def _part_near(clause: Clause, day: Hit) -> Hit | None:
    """The part of the day a few words from the day."""
    near = [h for h in clause.of("fact.part") if abs(h.start - day.end) <= NEAR or abs(day.start - h.end) <= NEAR]
    return min(near, key=lambda h: abs(h.start - day.start)) if near else None
