"""One dead or one wounded, where no number says so: "shepherd killed", "he died at the scene", "قُتل راعي أغنام"."""

from __future__ import annotations

from collections.abc import Callable

from tocsin.flagging.coder_denied import DENIED, denied, of_a_body, says_none
from tocsin.flagging.coder_scene import FLYING, Clause, Scene
from tocsin.flagging.matcher import Hit
from tocsin.flagging.numbers import Number
from tocsin.model import Count, Said

CLAUSES = 6  # of the main event, from the top: who the victim was is told early
NEAR = 3  # words between the victim and the verb: "the driver has since died"
_STOPS = ",;:.()"
_SINGULAR = "fact.one"  # nouns of one person; `fact.one.killed` and `.wounded` are verbs of one


_Counts = Callable[[Clause, Number], bool]


def one_victim(scene: Scene, kind: str, of_people: _Counts) -> Said[Count] | None:
    """A toll of one, where the words of the main event are of one person only.

    Args:
        kind: fact.killed or fact.wounded.
        of_people: Tells a number that may count people from one of bullets.
    """
    phrase = f"{_SINGULAR}.{kind.rpartition('.')[2]}"
    flying = scene.has(*FLYING)
    for clause in scene.clauses[:CLAUSES]:
        if not clause.has(phrase) and not (clause.rank <= 1 and clause.has(_SINGULAR) and clause.has(kind)):
            continue
        many = [n for n in clause.numbers if n.high > 1 and (n.kind == "vague" or of_people(clause, n))]
        found = _victim(clause, kind, many, flying) if clause.rank <= 1 else None
        found = found or next((h for h in clause.of(phrase) if _is_said(clause, h, many, flying)), None)
        if found is not None:
            return Said(Count(1, 1), scene.span(clause, found.start, found.end))
    return None


def _is_said(clause: Clause, hit: Hit, many: list[Number], flying: bool) -> bool:
    """False for "no one was hurt", for a drone that "a été abattu", and where a number counts the victims."""
    none = [*clause.of("fact.nobody"), *says_none(clause)]
    if any(h.start <= hit.start <= h.end + DENIED for h in none) or denied(clause, hit) or of_a_body(clause, hit):
        return False
    if flying and any(h.start < hit.end and hit.start < h.end for h in clause.of("fact.intercepted")):
        return False
    return not any(0 <= hit.start - n.end <= DENIED and not _parted(clause, n.end, hit.start) for n in many)


def _parted(clause: Clause, start: int, end: int) -> bool:
    """True where a comma stands between a number and a verb of one: "two herders, besides wounding a third"."""
    return "," in clause.between(start, end)


def _victim(clause: Clause, kind: str, many: list[Number], flying: bool) -> Hit | None:
    """The noun of one person and the verb of harm beside it; None where a number stands between or at the verb."""
    nouns = [h for h in clause.of(_SINGULAR) if h.concept == _SINGULAR and clause.word_end(h.end) == h.end]
    for verb in clause.of(kind):
        if not _is_said(clause, verb, many, flying):
            continue
        for noun in nouns:
            first, last = sorted((noun, verb), key=lambda h: h.start)
            gap = clause.between(first.end, last.start)
            if last.start < first.end or len(gap.split()) > NEAR or any(mark in gap for mark in _STOPS):
                continue
            if (noun is first) == verb.concept.endswith((".after", ".first")):
                continue  # Arabic and active verbs are followed by their victim, the others preceded
            if not any(n.end > first.start - DENIED and n.start < last.end for n in many):
                return Hit(kind, first.start, last.end)
    return None
