"""Whether two reports, in any languages, speak of one happening: place, kind, time, weapon, figures, names, words.

Each piece of evidence has points and words; what joins is their sum. Two things no sum can outweigh:
places that exclude each other, and more than three days between the reports.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone
from types import MappingProxyType

from tocsin.events import places
from tocsin.events.words import Clue, only_heard, shared_marks, titles, told_early, words_of
from tocsin.model import Article, Event, Facts

WINDOW = timedelta(hours=72)
BAGHDAD = timezone(timedelta(hours=3))  # no summer time since 2008
JOIN = 4.3  # points; see decision note 0050

_NOTHING: Clue = (0.0, "")
NO_FACES: Mapping[str, Sequence[Event]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Match:
    """How well a report fits an event."""

    points: float
    why: str


def match(article: Article, facts: Facts, event: Event, *, now: datetime) -> Match | None:
    """The evidence that a report is about an event; None when place, time or what happened rules it out."""
    hours = _gap_hours(article, facts, event, now)
    statement = said_not_done(facts) and said_not_done(event.facts)
    where = _NOTHING if statement else places.where(facts, event.facts)
    if where is None or hours > WINDOW / timedelta(hours=1):
        return None
    main = told_early(facts, len(article.text))
    what = [
        _kind(main, event.facts, hours),
        _weapons(main, event.facts, hours),
        _target(main, event.facts),
        _toll(main, event.facts),
        _actors(facts, event.facts, statement=statement),
        titles(article, event),
        shared_marks(article, event),
    ]
    if sum(clue[0] for clue in what) < 0:
        return None  # two happenings of one place and hour
    clues = [where, _time(hours), *what]
    points = sum(clue[0] for clue in clues)
    return Match(round(points, 2), ", ".join(words for _, words in clues if words))


# --------------------------------------------------------------------------- time


def reported(article: Article, now: datetime) -> datetime:
    """When the report came out, as far as we know."""
    return article.published or article.seen or now


def _stretch(when: datetime, published: Collection[datetime]) -> tuple[datetime, datetime, bool]:
    """The stretch that a stated time means, and whether it is narrower than its day.

    The coder gives noon for a day without an hour, the time of publication for "today", and round hours
    for parts of the day.
    """
    local = when.astimezone(BAGHDAD)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    if when in published:
        return midnight, local, False
    if local.time() in {time(12), time(0)}:
        return midnight, midnight + timedelta(days=1), False
    loose = timedelta(hours=1.5 if local.minute else 4)
    return local - loose, local + loose, True


def _gap_hours(article: Article, facts: Facts, event: Event, now: datetime) -> float:
    """Hours between the happening as reported and the event; infinite when out of the window."""
    came = reported(article, now)
    happened = event.happened or event.first_seen
    if abs(came - happened) > WINDOW:
        return math.inf
    told = [source.published or source.seen for source in event.sources] or [happened]
    between = min(abs(came - at) for at in told) / timedelta(hours=1)
    mine, theirs = facts.when, event.facts.when
    if mine is None:
        return between
    before = happened - timedelta(hours=12), happened, True  # first told then, so it took place in the hours before
    old = _stretch(theirs.value, told) if theirs is not None else before
    new = _stretch(mine.value, (came,))
    apart = (max(new[0], old[0]) - min(new[1], old[1])) / timedelta(hours=1)
    if apart > 0:
        # two stated hours that far apart are two happenings, unless a day or a hostage case goes on
        return max(apart, 49.0) if new[2] and old[2] and apart > 6 else max(apart, min(between, 12))
    # the same part of a day is the same time; the same day only says that it may be
    return 0.0 if new[2] and old[2] else min(between, 12.0)


def _time(hours: float) -> Clue:
    words = f"{hours * 60:.0f} min apart" if hours < 2 else f"{hours:.0f} h apart"
    for limit, points in ((2, 2.0), (6, 1.2), (12, 0.3), (24, -0.5), (48, -1.2)):
        if hours <= limit:
            return points, "same time" if hours == 0 else words
    return -2.0, words


# --------------------------------------------------------------------------- what happened

_STATEMENTS = frozenset({"Other", "Change to group/activity", "Agreement"})
_KINDS: tuple[frozenset[str], ...] = (  # what one wire calls this, another calls that
    frozenset(
        {
            "Shelling/artillery/missile attack", "Air/drone strike", "Attack", "Disrupted weapons use",
            "Looting/property destruction", "Other",
        }
    ),
    frozenset(
        {
            "Remote explosive/landmine/IED", "Suicide bomb", "Grenade", "Attack", "Disrupted weapons use",
            "Looting/property destruction", "Armed clash",
        }
    ),
    frozenset(
        {
            "Armed clash", "Attack", "Government regains territory", "Non-state actor overtakes territory", "Arrests",
            "Air/drone strike",
        }
    ),
    frozenset({"Abduction/forced disappearance", "Attack"}),
    frozenset(
        {
            "Peaceful protest", "Protest with intervention", "Excessive force against protesters",
            "Violent demonstration", "Mob violence", "Looting/property destruction", "Attack",
        }
    ),
    frozenset({"Arrests", "Disrupted weapons use", "Change to group/activity"}),
    _STATEMENTS,
)  # fmt: skip
_DAILY = frozenset({"Arrests", "Disrupted weapons use", "Peaceful protest"})  # several a day in one town

_RARE = frozenset({"Abduction/forced disappearance"})  # and a case goes on for days


def said_not_done(facts: Facts) -> bool:
    """Whether something was said, announced or agreed rather than done: who did counts more than where."""
    return facts.event_type is not None and facts.event_type.value in _STATEMENTS


def _word_and_deed(said: Facts, done: Facts) -> bool:
    """Whether one tells what a group said and the other an attack with weapons that nobody has put down to it."""
    if not said_not_done(said) or said_not_done(done) or said.weapons or not done.weapons:
        return False
    theirs = {actor.value for actor in done.actors}
    return bool(said.actors) and not any(actor.value in theirs for actor in said.actors)


def _kind(new: Facts, old: Facts, hours: float) -> Clue:
    if new.event_type is None or old.event_type is None:
        return _NOTHING
    a, b = new.event_type.value, old.event_type.value
    if a == b:
        return (-0.3 if a in _DAILY else 1.8 if a in _RARE else 1.0), f"same kind ({a})"
    if _word_and_deed(new, old) or _word_and_deed(old, new):
        return -1.5, "a statement against an attack"
    if any(a in kinds and b in kinds for kinds in _KINDS):
        return 0.3, ""
    if only_heard(new) or only_heard(old):
        return 0.3, "explosions first"
    return (-1.0 if hours <= 2 else -2.0), f"{a} against {b}"


_FAMILIES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("drone", r"drone|uav|unmanned|quadcopter"),
        ("rocket", r"rocket|katyusha|grad\b|missile"),
        ("shell", r"mortar|shell|artillery|howitzer|tank fire"),
        ("suicide", r"suicide"),
        ("bomb", r"bomb|ied\b|explosive|mine\b|landmine"),
        ("grenade", r"grenade|rpg"),
        ("air", r"air ?strike|aircraft|jet|helicopter|air raid"),
        ("gun", r"gun|rifle|firearm|small arms|pistol|sniper|shooting|bullet|kalashnikov"),
        ("blade", r"knife|blade|dagger|machete"),
    )
)
# What reporters mix up in the first hours.
_NEAR_FAMILIES = (frozenset({"bomb", "suicide"}), frozenset({"air", "drone"}), frozenset({"rocket", "shell"}))


def weapon_family(name: str) -> str:
    """The family of a weapon by its English name, the name itself where none fits."""
    lower = name.lower()
    return next((family for family, pattern in _FAMILIES if pattern.search(lower)), lower)


def _weapons(new: Facts, old: Facts, hours: float) -> Clue:
    mine = {weapon_family(w.value.name): w.value for w in reversed(new.weapons)}
    theirs = {weapon_family(w.value.name): w.value for w in reversed(old.weapons)}
    if not mine or not theirs:
        return _NOTHING
    shared = sorted(mine.keys() & theirs.keys())
    if not shared:
        a, b = next(reversed(mine)), next(reversed(theirs))
        if any(a in near and b in near for near in _NEAR_FAMILIES):
            return 0.3, ""
        return (-1.5 if hours <= 2 else -3.0), f"{a} against {b}"
    family = shared[0]
    one, other = mine[family].count, theirs[family].count
    if one is None or other is None:
        return 1.2, f"same weapon ({family})"
    if one == other:
        return (2.7 if one > 1 else 1.7), f"{one} {theirs[family].name}{'s' if one > 1 else ''}"
    return (0.2 if hours <= 2 else -0.8), f"{one} against {other} {theirs[family].name}s"


def _target(new: Facts, old: Facts) -> Clue:
    if new.target is None or old.target is None:
        return _NOTHING
    a, b = words_of(new.target.value), words_of(old.target.value)
    if not a or not b:
        return _NOTHING
    if a & b:
        return 1.5, f"same target ({old.target.value})"
    named = {p.value.name for facts in (new, old) for p in facts.places}
    return _NOTHING if {new.target.value, old.target.value} & named else (-0.7, "")  # "the Green Zone" for its embassy


_COLLAPSE = 8  # times: a toll that falls so far is another happening's


def _toll(new: Facts, old: Facts) -> Clue:
    points, words = 0.0, []
    for name in ("killed", "wounded"):
        mine, theirs = getattr(new, name), getattr(old, name)
        if mine is None or theirs is None:
            continue
        if mine.value.min == theirs.value.min:
            points += 1.0 if mine.value.min else 0.3
            words += [f"{mine.value} {name}"] if mine.value.min else []
        elif mine.value.min < theirs.value.min:
            points -= 0.7 if theirs.value.min < _COLLAPSE * max(mine.value.min, 1) else 2.5  # seldom of fewer
        else:
            words.append(f"{name} {theirs.value} then {mine.value}")
    return points, ", ".join(words)


_ANYBODY = frozenset({"gunmen", "militia", "insurgents", "unknown attackers", "smugglers", "tribal fighters"})


def _actors(new: Facts, old: Facts, *, statement: bool) -> Clue:
    mine, theirs = ({a.value for a in facts.actors} - _ANYBODY for facts in (new, old))
    if not mine or not theirs:
        return _NOTHING
    if mine & theirs:
        return (2.0 if statement else 0.5), f"same actor ({', '.join(sorted(mine & theirs))})"
    return -1.0, "another actor"


def best_match(
    article: Article,
    facts: Facts,
    events: Sequence[Event],
    *,
    now: datetime,
    faces: Mapping[str, Sequence[Event]] = NO_FACES,
) -> tuple[Event, Match] | None:
    """The event that a report fits best, where it fits one at all; the older wins a tie.

    Args:
        faces: Events that people merged into one of these, by its id.
    """
    found: tuple[Event, Match] | None = None
    for event in sorted(events, key=lambda e: (e.first_seen, e.id)):
        for face in (event, *faces.get(event.id, ())):
            this = match(article, facts, face, now=now)
            if this is not None and this.points >= JOIN and (found is None or this.points > found[1].points):
                found = event, this
    return found
