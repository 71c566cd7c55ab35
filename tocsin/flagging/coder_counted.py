"""What a number counts: the unit that follows it, people before anything else."""

from __future__ import annotations

from tocsin.flagging.coder_scene import Clause
from tocsin.flagging.matcher import Hit
from tocsin.flagging.numbers import Number, glued_and

_KINDS = ("fact.killed", "fact.wounded")
_COUNTED = (
    "fact.unit", "fact.measure", "weapon", "act.attack", "act.bombing", "act.explosion", "act.airstrike",
    "act.drone_strike", "act.rocket_attack", "act.suicide_bombing", "act.operation", "act.raid", "act.shelling",
    "act.tribal_clash", "act.clash", "act.ambush", "act.infiltration",
)  # fmt: skip
_PEOPLE = ("actor", "force", "dem", "people")
_ONE = "fact.one"  # a noun of one person
_THINGS = frozenset(
    f"force.{name}"
    for name in (
        "vehicle", "bus", "convoy", "patrol", "base", "airport", "oil_site", "pipeline", "power_line", "checkpoint",
        "market", "mosque", "church", "school", "hospital", "hotel", "prison", "embassy",
    )
)  # fmt: skip


def counted(clause: Clause, number: Number) -> Hit | None:
    """What a number counts: the unit that follows it within three words, people before anything else."""
    near: list[Hit] = []
    prepositions, aged = clause.of("fact.preposition"), clause.of("fact.aged")
    for hit in clause.of(*_COUNTED, *_KINDS, *_PEOPLE, _ONE):
        if hit.concept.startswith(_ONE) and hit.concept != _ONE:
            continue  # a verb of one person, not the person
        if hit.start > number.end + 40:
            break  # further than two words
        if hit.start >= number.end:
            gap = clause.between(number.end, hit.start)
            if any(number.end <= p.start < hit.start for p in prepositions) or _is_glued(clause, hit):
                break  # "two in an attack" are not two attacks
            if len(gap.split()) <= (2 if not aged else 4) and not any(
                mark in gap for mark in (",", ";", ":", ". ", "(", ")")
            ):
                near.append(hit)
    if not near:
        return None
    if aged:  # "a 33-year-old activist": the years are the activist's
        near = [h for h in near if not any(a.start <= h.start < a.end for a in aged)]
        if not near:
            return None
    families = {h.start for h in near if h.concept == "fact.unit.family"}
    near = [h for h in near if h.start not in families or h.concept == "fact.unit.family"]
    first = min(near, key=lambda h: (h.start, not _is_person(h), -h.end))
    if first.concept.startswith(_KINDS):
        return None  # "15 wounded": a bare number
    return Hit("fact.unit.person", first.start, first.end) if _is_person(first) else first


def _is_glued(clause: Clause, hit: Hit) -> bool:
    """True for what Arabic ties to the sentence by "b", "l" or "w" on the word: "three by an explosion"."""
    before = clause.between(hit.start - 1, hit.start)
    return before.isalnum() and bool(glued_and(clause.language)) and not _is_person(hit)


def _is_person(hit: Hit) -> bool:
    if hit.concept == "actor.tribe" or hit.concept in _THINGS:
        return False  # "two tribes" are not two people
    return hit.concept in {"fact.unit.person", _ONE} or hit.concept.split(".")[0] in _PEOPLE
