"""What is known of an event after one more source: the newest toll, the more precise place, and what changed.

A change is material when a reader who knows the event must hear of it: more dead or wounded than anyone said
before, a graver severity, a claim, an intercept, another place, a correction, a withdrawal. All else joins silently.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from tocsin.events.places import place_clue
from tocsin.events.words import only_heard, told_early
from tocsin.model import (
    Assessment,
    Change,
    Claim,
    Count,
    Event,
    Facts,
    Place,
    Reason,
    Said,
    Severity,
    Signal,
    Source,
    Weapon,
)

T = TypeVar("T")
_PRECISION = ("site", "town", "district", "governorate", "country")
_VAGUE = frozenset({"Attack", "Other"})
_MOST_PLACES = 6


def merge(
    event: Event, source: Source, assessment: Assessment, signal: Signal
) -> tuple[Event, tuple[Change, ...], Signal]:
    """The event with one more source, its material changes, and what the source's signal comes down to."""
    before = tuple(s for s in event.sources if s.article != source.article)
    sources = tuple(sorted((*before, source), key=lambda s: (s.seen, s.article)))
    joined = replace(event, sources=sources, last_seen=max(event.last_seen, source.seen))
    if signal is Signal.KILL:
        return _withdraw(joined, source, before)
    if event.state == "withdrawn":
        return _after_withdrawal(joined, source, assessment, signal, before)
    if not assessment.flagged:
        if signal is not Signal.CORRECTION:
            return joined, (), signal
        return replace(joined, version=event.version + 1), (), signal
    facts, changes = _facts(event, before, source, assessment.facts, signal)
    severity = assessment.severity or event.severity
    if signal is not Signal.CORRECTION:
        severity = max(severity, event.severity, key=lambda s: s.rank)
    if severity is not event.severity:
        changes = (*changes, Change("severity", event.severity.value, severity.value))
    corrected = signal is Signal.CORRECTION
    merged = replace(
        joined,
        facts=facts,
        severity=severity,
        version=event.version + bool(changes or corrected),
        gist=_gist(event, assessment, changes, corrected=corrected),
        happened=_happened(event, facts, source),
        evidence=source.article if facts != event.facts else event.evidence,
        reasons=severity_terms(assessment) if severity is not event.severity or corrected else event.reasons,
    )
    return merged, changes, signal


def begin(event_id: str, source: Source, assessment: Assessment) -> Event:
    """The event that its first article tells."""
    when = assessment.facts.when
    return Event(
        id=event_id,
        watch=assessment.watch,
        version=1,
        severity=assessment.severity or Severity.LOW,
        gist=assessment.gist,
        facts=assessment.facts,
        sources=(source,),
        first_seen=source.seen,
        last_seen=source.seen,
        happened=when.value if when is not None else _told_at(source),
        evidence=source.article,
        reasons=severity_terms(assessment),
    )


def leading(event: Event, assessment: Assessment, length: int) -> Assessment:
    """What a report adds to an event: of its end no weapon or target, and figures only where the event has none.

    Args:
        length: Of the report's text, in characters.
    """
    facts, known = assessment.facts, event.facts
    early = told_early(facts, length)
    return replace(
        assessment,
        facts=replace(
            facts,
            killed=early.killed if known.killed else facts.killed,
            wounded=early.wounded if known.wounded else facts.wounded,
            weapons=early.weapons,
            target=early.target,
        ),
    )


def severity_terms(assessment: Assessment) -> tuple[Reason, ...]:
    """The terms of an assessment's reasons that its severity rests on."""
    return tuple(reason for reason in assessment.reasons if reason.rule.startswith("severity."))


# --------------------------------------------------------------------------- withdrawn


def _withdraw(event: Event, kill: Source, before: Sequence[Source]) -> tuple[Event, tuple[Change, ...], Signal]:
    """Withdrawn when nobody else tells it; where others do, the event stands and one source is gone."""
    if event.state == "withdrawn":
        return event, (), Signal.REPEAT
    left = _standing(before, kill)
    if not left:
        gone = replace(event, state="withdrawn", version=event.version + 1)
        return gone, (Change("state", "open", "withdrawn"),), Signal.KILL
    change = Change("sources", ", ".join(dict.fromkeys(s.origin for s in before)), ", ".join(left))
    return replace(event, version=event.version + 1), (change,), Signal.CORRECTION


def _standing(sources: Sequence[Source], *kills: Source) -> tuple[str, ...]:
    """The origins that tell the event and have not withdrawn it.

    A kill that does not name its agency takes back what stood at its publisher.
    """
    killed = [s for s in (*sources, *kills) if s.relation == "kill"]
    gone = {s.origin for s in killed} | {""}
    bare = {s.publisher for s in killed if not s.origins}
    gone |= {s.origin for s in sources if s.publisher in bare}
    return tuple(dict.fromkeys(s.origin for s in sources if s.origin not in gone))


def _after_withdrawal(
    event: Event, source: Source, assessment: Assessment, signal: Signal, before: Sequence[Source]
) -> tuple[Event, tuple[Change, ...], Signal]:
    """A late copy leaves a withdrawn event dead; a report of somebody else's own opens it again."""
    if not assessment.flagged or source.relation == "copy" or source.origin not in _standing((*before, source)):
        return event, (), signal
    again = replace(event, state="open", version=event.version + 1)
    return again, (Change("state", "withdrawn", "open"),), Signal.CORRECTION


# --------------------------------------------------------------------------- facts


def _facts(
    event: Event, before: Sequence[Source], source: Source, new: Facts, signal: Signal
) -> tuple[Facts, tuple[Change, ...]]:
    old, corrected = event.facts, signal is Signal.CORRECTION
    changes: list[Change] = []
    tolls: dict[str, Said[Count] | None] = {}
    for name in ("killed", "wounded"):
        tolls[name] = _toll(name, getattr(old, name), getattr(new, name), before, source, corrected=corrected)
        changes += _toll_change(name, getattr(old, name), tolls[name], before, corrected=corrected)
    claim = _later_claim(old, new)
    if claim is not old.claim and claim is not None and claim.value != "unclaimed":
        changes.append(Change("claim", old.claim.value if old.claim else "", claim.value))
    intercepted = (
        new.intercepted
        if new.intercepted and _news(old.intercepted, new.intercepted, source, corrected)
        else old.intercepted
    )
    if intercepted is not None and (old.intercepted is None or intercepted.value != old.intercepted.value):
        changes.append(
            Change("intercepted", str(old.intercepted.value) if old.intercepted else "", str(intercepted.value))
        )
    places, moved = _places(old, new, may_move=corrected or source.relation == "update")
    changes += moved
    facts = Facts(
        event_type=_kind(old, new, corrected=corrected),
        places=places,
        weapons=_weapons(old.weapons, new.weapons, corrected=corrected),
        intercepted=intercepted,
        target=_filled(old.target, new.target, corrected=corrected),
        killed=tolls["killed"],
        wounded=tolls["wounded"],
        harmed=None if tolls["killed"] or tolls["wounded"] else _filled(old.harmed, new.harmed, corrected=corrected),
        damage=_filled(old.damage, new.damage, corrected=corrected),
        actors=_union(old.actors, new.actors),
        claim=claim,
        when=_filled(old.when, new.when, corrected=corrected),
    )
    return facts, tuple(changes)


def _filled(old: Said[T] | None, new: Said[T] | None, *, corrected: bool) -> Said[T] | None:
    return new if old is None or (corrected and new is not None) else old


def _news(old: Said[int] | None, new: Said[int], source: Source, corrected: bool) -> bool:
    return corrected or old is None or (new.value > old.value and source.relation != "copy")


def _union(old: tuple[Said[str], ...], new: tuple[Said[str], ...]) -> tuple[Said[str], ...]:
    known = {said.value for said in old}
    return (*old, *(said for said in new if said.value not in known))


def _kind(old: Facts, new: Facts, *, corrected: bool) -> Said[str] | None:
    """The kind; a report that knows the weapon tells what it was that others only heard."""
    was, now = old.event_type, new.event_type
    if was is None or now is None or now.value in _VAGUE:
        return _filled(was, now, corrected=corrected)
    if was.value in _VAGUE or (only_heard(old) and new.weapons):
        return now
    return _filled(was, now, corrected=corrected)


def _weapons(
    old: tuple[Said[Weapon], ...], new: tuple[Said[Weapon], ...], *, corrected: bool
) -> tuple[Said[Weapon], ...]:
    """All names, each with the largest count of any report; a correction's own list where it has one.

    A report that saw fewer land than another counts what it saw, so the order of arrival decides nothing.
    """
    if corrected and new:
        return new
    by_name = {said.value.name: said for said in old}
    for said in new:
        known = by_name.setdefault(said.value.name, said)
        if (said.value.count or 0) > (known.value.count or 0):
            by_name[said.value.name] = said
    return tuple(by_name.values())


def _later_claim(old: Facts, new: Facts) -> Said[Claim] | None:
    """A report that nobody claimed it never takes back a claim or a denial."""
    if new.claim is None or (old.claim is not None and new.claim.value in {"unclaimed", old.claim.value}):
        return old.claim
    return new.claim


# --------------------------------------------------------------------------- tolls


def _told_at(source: Source) -> datetime:
    return source.published or source.seen


def _toll(
    name: str,
    old: Said[Count] | None,
    new: Said[Count] | None,
    before: Sequence[Source],
    source: Source,
    *,
    corrected: bool,
) -> Said[Count] | None:
    """The figure of the newest report; a copy's only where it is higher than any before."""
    if new is None or old is None or corrected:
        return old if new is None else new
    if source.relation == "copy":
        return new if new.value.min > _highest(name, before) else old
    said = [_told_at(s) for s in before if getattr(s, name) == old.value and s.relation != "copy"]
    return new if _told_at(source) >= max(said, default=_told_at(source)) else old


def _highest(name: str, before: Sequence[Source]) -> int:
    return max((getattr(s, name).min for s in before if getattr(s, name) is not None), default=0)


def _toll_change(
    name: str, old: Said[Count] | None, new: Said[Count] | None, before: Sequence[Source], *, corrected: bool
) -> list[Change]:
    """Material: a correction's other figure, or more dead, or a fifth more wounded, than any source gave before."""
    if new is None or (old is not None and new.value == old.value):
        return []
    highest = max(_highest(name, before), old.value.min if old else 0)
    step = 1 if name == "killed" else max(1, highest // 5)
    if not corrected and new.value.min < highest + step:
        return []
    return [Change(name, str(old.value) if old else "", str(new.value))]


# --------------------------------------------------------------------------- place, time, gist


def _places(old: Facts, new: Facts, *, may_move: bool) -> tuple[tuple[Said[Place], ...], list[Change]]:
    """The more precise place first; another place only where the story itself was changed."""
    if not old.places or not new.places:
        return old.places or new.places, []
    first, mine = old.places[0], new.places[0]
    clue = place_clue(first.value, mine.value)
    head: tuple[Said[Place], ...] = (first,)
    if clue is None:
        if may_move and mine.value.name not in {p.value.name for p in old.places}:
            return new.places, [Change("place", first.value.name, mine.value.name)]
    elif _PRECISION.index(mine.value.precision) < _PRECISION.index(first.value.precision):
        head = (mine, first)
    by_name: dict[str, Said[Place]] = {}
    for said in (*head, *old.places, *new.places):
        by_name.setdefault(said.value.name, said)
    return tuple(by_name.values())[:_MOST_PLACES], []


def _happened(event: Event, facts: Facts, source: Source) -> datetime:
    """The stated time, else that of the earliest report."""
    if facts.when is not None:
        return facts.when.value
    return min(event.happened or _told_at(source), _told_at(source))


def _gist(event: Event, assessment: Assessment, changes: Sequence[Change], *, corrected: bool) -> str:
    """The line of the report that brought news, unless it says much less than the one we have."""
    if not assessment.gist or not (changes or corrected or not event.gist):
        return event.gist
    return assessment.gist if corrected or len(assessment.gist) * 2 >= len(event.gist) else event.gist
