"""Who claims the attack, and how far the words that deny it reach: "No group has claimed responsibility"."""

from __future__ import annotations

from tocsin.flagging.coder_scene import Clause, Scene
from tocsin.flagging.matcher import Hit
from tocsin.model import Claim, Said

_KINDS: dict[str, Claim] = {"fact.unclaimed": "unclaimed", "fact.denied": "denied", "fact.claimed": "claimed"}
_NEAR = 30  # characters from a negation to the claim that it denies
_NOBODY = 70  # the same from "no group", "nobody": "no militia in the province has so far claimed responsibility"
_APART = 60  # characters between two words of one denial: "hat sich ... niemand bekannt"
_SUBJECT = 25  # characters after "no" in which its noun stands
_ENDS = ";:.("
_OTHERS = ("fact.killed", "fact.wounded", "fact.none", "fact.and")  # after these another thing is told


def claim(view: Scene) -> Said[Claim] | None:
    """Claimed, unclaimed or denied, when the text says so, with all the words that say it."""
    for clause in view.clauses:
        hits = clause.of(*_KINDS)
        if hits:
            first = min(hits, key=lambda h: (h.start, -h.end))
            rivals = [h for h in hits if _one_saying(clause, first, h)]
            best = min(rivals, key=lambda h: (list(_KINDS).index(_of(h)), h.start))
            return _said(view, clause, best, rivals)
    return None


def _of(hit: Hit) -> str:
    return ".".join(hit.concept.split(".")[:2])


def _said(view: Scene, clause: Clause, hit: Hit, rivals: list[Hit]) -> Said[Claim]:
    """The claim with its words: those of a denial reach from "no" to the last word of the claim."""
    value = _KINDS[_of(hit)]
    denials = [n for n in clause.of("fact.negation", "fact.nobody") if _denies(clause, n, hit, value)]
    if value == "claimed" and denials:
        value = "unclaimed"
    if value == "claimed":
        return Said(value, view.span(clause, hit.start, hit.end))
    words = [hit, *rivals, *(denials if value == "unclaimed" else [])]
    return Said(value, view.span(clause, min(h.start for h in words), max(h.end for h in words)))


def _one_saying(clause: Clause, first: Hit, other: Hit) -> bool:
    """True for words of claiming that overlap, and for a denial further on that nothing parts from them."""
    if other.start < first.end:
        return True
    near = other.start < first.end + _APART and _of(other) == "fact.unclaimed"
    return near and not _parted(clause, first.end, other.start)


def _denies(clause: Clause, negation: Hit, hit: Hit, value: Claim) -> bool:
    """True for "no" before the words of claiming, and for the "niemand" soon after words that deny by themselves."""
    if negation.start >= hit.end:
        near = value == "unclaimed" and negation.start - hit.end <= _NEAR
        return near and not _parted(clause, hit.end, negation.start)
    if negation.end > hit.start:
        return True
    gap = clause.between(negation.end, hit.start)
    comma = gap.find(",")
    if len(gap) > (_NOBODY if comma < 0 else _NEAR):
        return False
    subject = comma if 0 <= comma < _SUBJECT else _SUBJECT  # "no armed group or militia" is who did not claim
    others = [h for h in clause.of("actor") if negation.end + subject <= h.start < hit.start]
    return not others and not _told(clause, gap, negation.end, hit.start)


def _parted(clause: Clause, start: int, end: int) -> bool:
    """True where a comma, an armed group or what `_told` finds stands between two offsets."""
    gap = clause.between(start, end)
    return "," in gap or any(start <= h.start < end for h in clause.of("actor")) or _told(clause, gap, start, end)


def _told(clause: Clause, gap: str, start: int, end: int) -> bool:
    """True where a stop, or something else that is told, stands between two offsets."""
    return any(mark in gap for mark in _ENDS) or any(start <= h.start and h.end <= end for h in clause.of(*_OTHERS))
