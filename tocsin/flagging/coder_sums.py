"""Who else is counted: kin whom no article counts, lists of them, and the dead of the first blast and of the second."""

from __future__ import annotations

from tocsin.flagging.coder_scene import Clause
from tocsin.flagging.matcher import Hit
from tocsin.flagging.numbers import Number

_ONE = "fact.one"
_ROW = 3  # words of "traffic policemen,"
_AFTER = 30  # characters of " Peshmerga soldiers and "
_NOUN = 24  # characters of "deputy", and of "street vendor"


def with_kin(clause: Clause, counts: list[Number]) -> list[Number]:
    """With one for each "his wife", "her grandfather", which no article counts."""
    his = clause.of("fact.his")
    if not his:
        return counts
    nouns = [o for o in clause.of(_ONE) if o.concept == _ONE and clause.word_end(o.end) == o.end]
    kin = [Number(h.start, h.end, 1, 1, "article") for h in his if any(0 < o.start - h.end <= 1 for o in nouns)]
    return sorted([*counts, *kin], key=lambda n: n.start)


def is_kin(clause: Clause, number: Number) -> bool:
    """True for the number of "his wife"."""
    return number.kind == "article" and any(h.start == number.start for h in clause.of("fact.his"))


def is_listed(clause: Clause, gap: str, number: Number) -> bool:
    """True for the deputy of "a commander, his deputy and their driver"; not for "a boy, his father said"."""
    followed = any(0 < h.start - number.end <= _NOUN for h in clause.of("fact.and"))
    return gap.endswith(", ") and followed and is_kin(clause, number)


def follows_another(clause: Clause, number: Number) -> bool:
    """True for the driver of "the director and his driver", which counts one of two alone."""
    return is_kin(clause, number) and any(0 <= number.start - h.end <= 1 for h in clause.of("fact.and"))


def besides(clause: Clause, trigger: Hit, number: Number) -> bool:
    """True for one more with a harm of his own: "and a teacher suffered burns", "a guard was also wounded"."""
    if number.kind not in ("article", "noun") or number.high > 1:
        return False
    burns = any(h.start < trigger.end and trigger.start < h.end for h in clause.of("fact.burns"))
    return burns or any(number.end <= h.start and h.end <= trigger.end for h in clause.of("fact.also"))


def names_two(clause: Clause, number: Number) -> bool:
    """True where one person stands before "and his driver": "the governor and his driver were wounded"."""
    joins = [h for h in clause.of("fact.and") if 0 <= number.start - h.end <= 1]
    return any(
        h.concept == _ONE and 0 <= joins[-1].start - clause.word_end(h.end) <= 1 for h in clause.of(_ONE) if joins
    )


def in_a_row(clause: Clause, gap: str, one: Number, other: Number, all_of_them: list[Number]) -> bool:
    """True for two and ten of "two police, 10 soldiers and a civilian"; not of "five people, two women and ..."."""
    if not gap.endswith(", ") or len(gap.split()) > _ROW:
        return False
    last = next((n for n in all_of_them if n.start > other.end), None)
    if last is None or last.start - other.end > _AFTER or one.high == other.high + last.high:
        return False
    return any(other.end <= h.start and h.end <= last.start for h in clause.of("fact.and"))


def witnessed(clause: Clause, number: Number, other: Number) -> bool:
    """True where "in front of" parts two numbers: "killed a teacher in front of his wife and three children"."""
    return any(number.end <= h.start and h.end <= other.start for h in clause.of("fact.witness"))


def unparted(number: Number, free: list[Number], triggers: list[Hit]) -> list[Number]:
    """The numbers that no other verb of killing parts from a number; "50 acres left five dead and nine hurt"."""
    kept = []
    for other in free:
        first, last = sorted((number, other), key=lambda n: n.start)
        if not any(first.end <= t.start and t.end <= last.start for t in triggers):
            kept.append(other)
    return kept


def each_apart(clause: Clause, starts: list[int]) -> bool:
    """True where an ordinal stands before each number: "the first killed a seller; the second two of her customers"."""
    ordinals = [n.start for n in clause.numbers if n.kind in ("ordinal", "further")]
    ends = [0, *starts]
    return all(any(a < o < b for o in ordinals) for a, b in zip(ends, starts, strict=False))
