"""Killed and wounded: which number belongs to which verb or noun, and which of several tolls counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tocsin.flagging.coder_scene import Clause, Scene, outermost
from tocsin.flagging.matcher import Hit
from tocsin.flagging.numbers import Number
from tocsin.model import Count, Said, Span

REACH = 13  # words between a number and the verb it belongs to
_KINDS = ("fact.killed", "fact.wounded")


@dataclass(frozen=True, slots=True)
class _Toll:
    """One number read as a toll."""

    kind: str  # fact.killed or fact.wounded
    low: int
    high: int
    rank: int  # of its clause
    span: Span
    vague: bool
    attacker: bool  # counts attackers only
    more: bool  # "another 47": a second count beside the first


def tolls(scene: Scene) -> tuple[Said[Count] | None, Said[Count] | None]:
    """Killed and wounded of the main event; None where the text does not say."""
    found = [toll for clause in scene.clauses for toll in _in_clause(scene, clause)]
    killed = _chosen([t for t in found if t.kind == "fact.killed"])
    wounded = _chosen([t for t in found if t.kind == "fact.wounded"])
    if killed is None:
        killed = _none(scene, ("fact.none", "fact.none.killed"))
    if wounded is None:
        wounded = _none(scene, ("fact.none", "fact.none.wounded"))
    return killed, wounded


def _none(scene: Scene, concepts: tuple[str, ...]) -> Said[Count] | None:
    for clause in scene.clauses:
        for hit in clause.of("fact.none"):
            if hit.concept in concepts:
                return Said(Count(0, 0), scene.span(clause, hit.start, hit.end))
    return None


def _chosen(found: list[_Toll]) -> Said[Count] | None:
    """The toll that counts: exact before vague, victims before attackers, then the highest near the top."""
    pool = [t for t in found if not t.attacker] or found
    pool = [t for t in pool if not t.vague] or pool
    if not pool:
        return None
    first = min(t.rank for t in pool)
    near = [t for t in pool if t.rank <= first + 3]
    best = max(near, key=lambda t: (t.high, t.low, -t.rank))
    return Said(Count(best.low, best.high), best.span)


# --------------------------------------------------------------------------- inside a clause


def _in_clause(scene: Scene, clause: Clause) -> Iterable[_Toll]:
    triggers = _triggers(clause)
    if not triggers:
        return
    counts = [n for n in clause.numbers if _may_count_people(clause, n)]
    pairs = []
    for trigger in triggers:
        for number in counts:
            cost = _cost(clause, trigger, number, triggers, counts)
            if cost is not None:
                pairs.append((cost, number.start, trigger, number))
    pairs.sort(key=lambda p: (p[0], p[1]))
    taken: dict[Number, Hit] = {}
    used: set[Hit] = set()
    for _, _, trigger, number in pairs:
        if number not in taken and trigger not in used:
            taken[number] = trigger
            used.add(trigger)
    for number, trigger in taken.items():
        yield _toll(scene, clause, trigger, number, counts, taken)


def _triggers(clause: Clause) -> list[Hit]:
    hits = outermost(clause.of("fact.killed", "fact.wounded", "fact.none"))
    if clause.has("fact.toll"):
        hits = outermost([*hits, *clause.of("fact.rises")])
    return [h for h in hits if not h.concept.startswith("fact.none")]


def _kind(trigger: Hit) -> str:
    return "fact.wounded" if trigger.concept.startswith("fact.wounded") else "fact.killed"


def _side(trigger: Hit) -> str:
    if trigger.concept == "fact.rises":
        return "after"
    return trigger.concept.rpartition(".")[2] if trigger.concept.count(".") == 2 else "either"


def _may_count_people(clause: Clause, number: Number) -> bool:
    """False for numbers of years, kilometres, rockets; true for a bare number or one of people."""
    if number.kind == "ordinal":
        return False
    if number.kind == "noun":
        return not _weapon_at(clause, number)
    following = _following(clause, number)
    if following and following.concept != "fact.unit.person":
        return False
    return number.kind != "article" or following is not None


def _weapon_at(clause: Clause, number: Number) -> bool:
    return any(h.start < number.end and number.start < h.end for h in clause.of("weapon", "act"))


_PEOPLE = ("actor", "force", "dem", "people")


def _following(clause: Clause, number: Number) -> Hit | None:
    """What a number counts: the unit that follows it within three words, people before anything else."""
    near: list[Hit] = []
    for hit in clause.of("fact.unit", "fact.measure", "weapon", "act", *_PEOPLE):
        if hit.start >= number.end:
            gap = clause.between(number.end, hit.start)
            if len(gap.split()) <= 2 and not any(mark in gap for mark in ",;:.()"):
                near.append(hit)
    if not near:
        return None
    first = min(near, key=lambda h: (h.start, not _is_person(h), -h.end))
    return Hit("fact.unit.person", first.start, first.end) if _is_person(first) else first


def _is_person(hit: Hit) -> bool:
    return hit.concept == "fact.unit.person" or hit.concept.split(".")[0] in _PEOPLE


def _cost(clause: Clause, trigger: Hit, number: Number, triggers: list[Hit], counts: list[Number]) -> float | None:
    """How badly a number and a trigger fit; None when they cannot."""
    after = number.start >= trigger.end
    if not after and number.end > trigger.start:
        return 0.0  # a noun that is its own number
    side = _side(trigger)
    if (side == "after" and not after) or (side == "before" and after):
        return None
    first, last = (trigger.end, number.start) if after else (number.end, trigger.start)
    gap = clause.between(first, last)
    words = len(gap.split())
    if words > (REACH - 4 if after else REACH):
        return None
    if any(first <= t.start and t.end <= last for t in triggers):
        return None
    cost = float(words)
    cost += 2.5 * sum(first <= n.start and n.end <= last and n.kind != "article" for n in counts)
    cost += 4.0 * sum(gap.count(mark) for mark in (";", ":")) + 1.5 * gap.count(",")
    if after and side == "either":
        cost += 1.5
    if number.kind == "article":
        cost += 1.0
    return cost


def _toll(
    scene: Scene, clause: Clause, trigger: Hit, number: Number, counts: list[Number], taken: dict[Number, Hit]
) -> _Toll:
    low, high, start, end = number.low, number.high, number.start, number.end
    for other in counts:
        if other not in taken and other.start > end and _adds(clause, trigger, number, end, other):
            low, high, end = low + other.low, high + other.high, other.end
    attacker = any(0 <= h.start - number.end <= 12 for h in clause.of("fact.attacker"))
    more = any(0 <= h.start - number.end <= 2 or 0 <= number.start - h.end <= 2 for h in clause.of("fact.more"))
    span = scene.span(clause, min(start, trigger.start), max(end, trigger.end))
    return _Toll(_kind(trigger), low, high, clause.rank, span, number.kind == "vague", attacker, more)


def _adds(clause: Clause, trigger: Hit, number: Number, end: int, other: Number) -> bool:
    """True for "35 children and seven adults": the same verb, joined by "and", both people, no "including"."""
    if number.kind == "vague" or other.kind == "vague":
        return False
    if trigger.start >= number.end and other.start > trigger.start:
        return False
    gap = clause.between(end, other.start)
    if len(gap.split()) > 6 or any(mark in gap for mark in ";:.") or _including(clause, number.end, other.start):
        return False
    joined = any(end <= h.start and h.end <= other.start for h in clause.of("fact.and"))
    joined = joined or clause.between(other.start, other.start + 1) == "و"
    unit, second = _following(clause, number), _following(clause, other)
    return joined and bool(unit) and bool(second) and unit != second


def _including(clause: Clause, start: int, end: int) -> bool:
    """True when "including", "dont", "بينهم" stands between two offsets."""
    return any(start <= h.start and h.end <= end for h in clause.of("fact.including"))
