"""Whether two reports, in any languages, speak of one happening: place, kind, time, weapon, figures, names, words.

Each piece of evidence has points and words; what joins is their sum. Two things no sum can outweigh:
places that exclude each other, and more than three days between the reports.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from types import MappingProxyType

from tocsin.events import places
from tocsin.events.words import Clue, only_heard, shared_marks, titles, told_early, words_of
from tocsin.model import BAGHDAD, Article, Event, Facts

WINDOW = timedelta(hours=72)
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
    statement = said_not_done(facts) and said_not_done(event.facts)
    where = _NOTHING if statement else places.where(facts, event.facts)
    if where is None:
        return None
    hours = _gap_hours(article, facts, event, now)
    if hours > WINDOW / timedelta(hours=1):
        return None
    main = told_early(facts, len(article.text))
    what = [
        _kind(main, event.facts, hours),
        _weapons(main, event.facts, hours),
        _target(main, event.facts),
        _toll(event.facts, main, hours) if _told_before(article, event, now) else _toll(main, event.facts, hours),
        _actors(facts, event.facts, statement=statement),
        titles(article, event),
        shared_marks(article, facts, event),
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


def _told_before(article: Article, event: Event, now: datetime) -> bool:
    """Whether the report came out before all that is known of the event, and only reached us later."""
    return all(reported(article, now) < (source.published or source.seen) for source in event.sources)


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
    old = _until(_stretch(theirs.value, told), min(told)) if theirs is not None else before
    new = _until(_stretch(mine.value, (came,)), came)
    apart = (max(new[0], old[0]) - min(new[1], old[1])) / timedelta(hours=1)
    if apart > 0:
        later = new if new[0] > old[0] else old
        # two stated hours that far apart are two happenings, unless a day or a hostage case goes on;
        # an hour after the other was told is another's, unless it is the hour of a statement
        least = 49.0 if new[2] and old[2] and apart > 6 else 24.0 if later[2] and apart > 2 else min(between, 12)
        return max(apart, least)
    # the same part of a day is the same time; the same day only says that it may be
    return 0.0 if new[2] and old[2] else min(between, 12.0)


def _until(stretch: tuple[datetime, datetime, bool], told: datetime) -> tuple[datetime, datetime, bool]:
    """What was told by then took place before."""
    start, end, narrow = stretch
    return start, max(start, min(end, told)), narrow


def _time(hours: float) -> Clue:
    words = f"{hours * 60:.0f} min apart" if hours < 2 else f"{hours:.0f} h apart"
    for limit, points in ((2, 2.0), (6, 1.2), (12, 0.3), (24, -0.5), (48, -1.2)):
        if hours <= limit:
            return points, "same time" if hours == 0 else words
    return -2.0, words


# --------------------------------------------------------------------------- what happened

_SAID = frozenset({"Other", "Agreement"})
_STATEMENTS = _SAID | {"Change to group/activity"}  # a withdrawal is announced, and is done somewhere
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
    return facts.event_type is not None and facts.event_type.value in _SAID and not _deadly(facts)


def _deadly(facts: Facts) -> bool:
    return facts.killed is not None and facts.killed.value.min > 0


def _word_and_deed(said: Facts, done: Facts) -> bool:
    """Whether one tells what a group said and the other an attack with weapons that nobody has put down to it."""
    if not said_not_done(said) or said_not_done(done) or said.weapons or not done.weapons:
        return False
    theirs = {actor.value for actor in done.actors}
    return bool(said.actors) and not any(actor.value in theirs for actor in said.actors)


def _daily(kind: str, new: Facts, old: Facts) -> bool:
    """Whether a town may have several such in a day; where somebody died, or at one site, it has one."""
    return kind in _DAILY and not (_deadly(new) or _deadly(old)) and not places.same_site(new, old)


def _kind(new: Facts, old: Facts, hours: float) -> Clue:
    if new.event_type is None or old.event_type is None:
        return _NOTHING
    a, b = new.event_type.value, old.event_type.value
    if a == b:
        return (-0.3 if _daily(a, new, old) else 1.8 if a in _RARE else 1.0), f"same kind ({a})"
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
_NEAR_FAMILIES = tuple(
    frozenset(pair.split()) for pair in ("bomb suicide", "bomb grenade", "air drone", "rocket shell")
)


def weapon_family(name: str) -> str:
    """The family of a weapon by its English name, the name itself where none fits."""
    lower = name.lower()
    return next((family for family, pattern in _FAMILIES if pattern.search(lower)), lower)


def _everyday(new: Facts, old: Facts, family: str) -> bool:
    """Whether all that two reports say is that somebody fired, or that an air strike came from the air."""
    if family == "air":
        return new.event_type is not None and new.event_type.value == "Air/drone strike"
    mine, theirs = ({w.value.name for w in facts.weapons} for facts in (new, old))
    return family == "gun" and mine & theirs <= {"gun"}


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
        return (0.4 if _everyday(new, old, family) else 1.2), f"same weapon ({family})"
    if one == other:
        return (2.7 if one > 1 else 1.7), f"{one} {theirs[family].name}{'s' if one > 1 else ''}"
    return (0.2 if hours <= 2 else -0.8), f"{one} against {other} {theirs[family].name}s"


_MEN = frozenset(["army", "police", "forces", "troops", "guards", "service", "peshmerga", "asayish"])
_THEIRS = frozenset(["military", "checkpoint", "patrol", "vehicle", "convoy"])  # "military base": where they are hit


def _target(new: Facts, old: Facts) -> Clue:
    if new.target is None or old.target is None:
        return _NOTHING
    a, b = (words_of(facts.target.value) - {"iraqi"} for facts in (new, old) if facts.target)
    if not a or not b:
        return _NOTHING
    if a & b:
        return 1.5, f"same target ({old.target.value})"
    if (a & _MEN and b & _THEIRS) or (b & _MEN and a & _THEIRS):
        return _NOTHING  # the police, and the checkpoint they were at
    named = {p.value.name for facts in (new, old) for p in facts.places}
    return _NOTHING if {new.target.value, old.target.value} & named else (-0.7, "")  # "the Green Zone" for its embassy


_COLLAPSE = 8  # times: a toll that falls so far is another happening's
_ALIKE = 0.15  # two counts of one battlefield differ by no more
_SEVERAL, _MANY = 5, 10  # figures that two happenings of a day seldom have in common


def _toll(new: Facts, old: Facts, hours: float) -> Clue:
    points, words = 0.0, []
    for name in ("killed", "wounded"):
        mine, theirs = _least(new, name), _least(old, name)
        if mine is None or theirs is None:
            continue
        points += _figure(mine, theirs, hours)
        said = getattr(new, name).value, getattr(old, name).value
        if mine == theirs:
            words += [f"{said[0]} {name}"] if mine else []
        elif mine > theirs:
            words.append(f"{name} {said[1]} then {said[0]}")
    if not points and (_hurt_alone(new, old) or _hurt_alone(old, new)):
        points -= 0.7
    return points, ", ".join(words)


def _hurt_alone(some: Facts, others: Facts) -> bool:
    """Whether one counts wounded and no dead, the other more dead than that: who counts the wounded counts the dead."""
    hurt, dead = _least(some, "wounded"), _least(others, "killed")
    return bool(hurt) and some.killed is None and dead is not None and dead > (hurt or 0)


def _least(facts: Facts, name: str) -> int | None:
    said = getattr(facts, name)
    return said.value.min if said is not None else None


def _figure(mine: int, theirs: int, hours: float) -> float:
    """Points of a newer figure beside an older one: the larger the figure, the more says its coming again."""
    few, many = sorted((mine, theirs))
    if few == many:
        return 0.3 if not few else 1.0 if few < _SEVERAL else 1.5 if few < _MANY else 2.0
    if few >= _MANY and many - few <= many * _ALIKE:
        return 1.0
    if mine > theirs:
        return -1.0 if not theirs and mine >= _SEVERAL and hours > 2 else 0.0  # none at all is not said for hours
    return -0.7 if many < _COLLAPSE * max(few, 1) else -2.5  # seldom of fewer


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
