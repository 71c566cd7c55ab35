"""What a text says did not happen: nobody hurt, no dead, without loss of life; in one stretch or around its verb."""

from __future__ import annotations

from tocsin.flagging.coder_scene import Clause, Scene
from tocsin.flagging.matcher import Hit
from tocsin.model import Count, Said

DENIED = 30  # characters after "nobody" within which a verb is of nobody
_REACH = 13  # words from "nobody" to its verb
_BEHIND = 6  # words from a verb to the "nobody" that ends its sentence: "verletzt worden sei niemand"
_WITHOUT = 3  # words from "without" to what is denied: "without causing any injuries"; twice as many with an "or"
_SPLIT = 70  # characters from "Verletzte gab es" to its "nicht"
_STOPS = ",;:."
_DRONES = ("weapon.drone", "weapon.armed_drone")
_CAPTIVE = ("act.kidnapping", "act.hostage", "act.release", "fact.freed")


def denied(clause: Clause, hit: Hit) -> bool:
    """True for the "hurt" of "no one was hurt", "getötet worden sei niemand", "without causing injuries"."""
    if any(h.end <= hit.start <= h.end + DENIED and not _counted(clause, h, hit) for h in clause.of("fact.nobody")):
        return True
    return _without(clause, hit) is not None or _nobody_behind(clause, hit) is not None


def none_said(scene: Scene, kind: str, hurt: bool, clauses: int) -> Said[Count] | None:
    """Zero, when the text says that there were none; "nobody was hurt" also says that nobody was killed.

    Args:
        kind: fact.killed or fact.wounded.
        hurt: Somebody was harmed in another way, so that only words of this way count: "no deaths".
        clauses: How many of the main event are read.
    """
    own = f"fact.none.{kind.rpartition('.')[2]}"
    concepts = {own} if hurt else {"fact.none", own}
    if not hurt and not any(clause.has(*_CAPTIVE) for clause in scene.clauses[:2]):
        concepts.add("fact.none.unhurt")  # a hostage let go unharmed is no toll of none
    for clause in scene.clauses[:clauses]:
        for hit in says_none(clause):
            if hit.concept in concepts:
                return Said(Count(0, 0), scene.span(clause, hit.start, hit.end))
        found = _of_nobody(clause, kind) if not hurt else None
        if found is not None:
            return Said(Count(0, 0), scene.span(clause, found.start, found.end))
    return None


def of_a_body(clause: Clause, hit: Hit) -> bool:
    """True for the wounds that a body bears: "found with gunshot wounds"."""
    return clause.has("fact.body") and any(h.start < hit.end and hit.start < h.end for h in clause.of("fact.marks"))


def says_none(clause: Clause) -> list[Hit]:
    """The words for "no casualties"; not where a number stands in them: "Verletzte gab es neun, Tote keine"."""
    hits = [*clause.of("fact.none"), *_split(clause)]
    if not hits:
        return hits
    nobody = clause.of("fact.nobody")  # its "one" is no number
    counts = [
        n
        for n in clause.numbers
        if n.kind not in ("article", "noun", "ordinal")
        and n.high
        and not any(h.start <= n.start < h.end for h in nobody)
    ]
    return [h for h in hits if not any(h.start < n.start and n.end < h.end for n in counts)]


def _split(clause: Clause) -> list[Hit]:
    """What German and Dutch deny at the end of the sentence: "Verletzte gab es laut Polizei nicht"."""
    found = []
    for opening in clause.of("fact.split"):
        for word in clause.of("fact.negation"):
            if opening.end <= word.start <= opening.end + _SPLIT:
                found.append(Hit(opening.concept.replace("fact.split", "fact.none"), opening.start, word.end))
                break
    return found


def _of_nobody(clause: Clause, kind: str) -> Hit | None:
    """The words from "nobody" or "without" to the harm, in either order."""
    for trigger in clause.of("fact.wounded", kind):
        for nobody in clause.of("fact.nobody"):
            gap = clause.between(nobody.end, trigger.start)
            if trigger.start >= nobody.end and len(gap.split()) <= _REACH and not any(m in gap for m in _STOPS):
                return Hit(kind, nobody.start, trigger.end)
        behind = _nobody_behind(clause, trigger)
        if behind is not None:
            return Hit(kind, trigger.start, behind.end)
        without = _without(clause, trigger)
        if without is not None:
            return Hit(kind, without.start, trigger.end)
    return None


def _without(clause: Clause, hit: Hit) -> Hit | None:
    """The "without" shortly before a word of harm, with nothing but its verb between."""
    for word in clause.of("fact.without"):
        if any(d.start <= word.start < d.end for d in clause.of(*_DRONES)):
            continue  # Arabic "without pilot"
        gap = clause.between(word.end, hit.start)
        listed = any(word.end <= h.start < hit.start for h in clause.of("fact.either"))
        plain = len(gap.split()) <= _WITHOUT * (1 + listed) and not any(mark in gap for mark in _STOPS)
        if word.end <= hit.start <= word.end + DENIED and plain and not _parted(clause, word.end, hit.start):
            return word
    return None


def _nobody_behind(clause: Clause, hit: Hit) -> Hit | None:
    """The "nobody" after a verb, as German, Dutch and French put it, with no number and no "and" between."""
    for nobody in clause.of("fact.nobody"):
        gap = clause.between(hit.end, nobody.start)
        if nobody.start <= hit.end or len(gap.split()) > _BEHIND or any(mark in gap for mark in _STOPS):
            continue
        if not _parted(clause, hit.end, nobody.start):
            return nobody
    return None


def _parted(clause: Clause, start: int, end: int) -> bool:
    """True where a number, or "and", stands between: "wounded two men and nobody claimed it"."""
    inside = [(h.start, h.end) for h in clause.of("fact.and")]
    inside += [(n.start, n.end) for n in clause.numbers if n.kind not in ("ordinal", "thing")]
    return any(start <= first and last <= end for first, last in inside)


def _counted(clause: Clause, nobody: Hit, hit: Hit) -> bool:
    """True where a number stands between "nobody" and a word of harm: Kurdish "six persons" holds its "nobody"."""
    return any(nobody.start - 2 <= n.end <= nobody.start or nobody.end <= n.start < hit.start for n in clause.numbers)
