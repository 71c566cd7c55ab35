"""Whose figure a toll is: an armed group's own boast, or an earlier count that the sentence itself takes back."""

from __future__ import annotations

from tocsin.flagging.coder_scene import Clause
from tocsin.flagging.matcher import Hit

_OPENING = 6  # characters of ", the "
_REACH = 30  # characters from a group to the verb by which it speaks
_NOT_CLAIMERS = frozenset({  # states and forces, whose word is the officials'; and people who claim nothing
    "actor.us_forces", "actor.coalition", "actor.peshmerga", "actor.turkish_forces", "actor.pmf", "actor.gunmen",
    "actor.unknown", "actor.tribe", "actor.smugglers",
})  # fmt: skip


def claimed(clause: Clause, at: int) -> bool:
    """True where a toll at an offset is what the attackers say: "Islamic State said it had killed 11"."""
    boasts = [h for h in clause.of("fact.boast") if h.end <= at]
    if boasts and not _turned(clause, boasts[-1].end, at):
        return True
    verbs = [h for h in clause.of("fact.says") if h.end <= at]
    if not verbs or verbs[-1].concept == "fact.says.by" or _turned(clause, verbs[-1].end, at):
        return False
    said = verbs[-1]
    return any(h.end <= said.start <= h.end + _REACH and _subject(clause, h, said) for h in _claimers(clause))


def taken_back(clause: Clause, at: int) -> bool:
    """True where a toll at an offset is an earlier one: "to one dead, after earlier counting two dead"."""
    return any(h.end <= at and ";" not in clause.between(h.end, at) for h in clause.of("fact.former"))


def _claimers(clause: Clause) -> list[Hit]:
    return [h for h in clause.of("actor", "fact.claimant") if h.concept not in _NOT_CLAIMERS]


def _subject(clause: Clause, group: Hit, said: Hit) -> bool:
    """False where another stands between a group and the verb: "attack by Islamic State, the ministry said"."""
    if any(mark in clause.between(group.end, said.start) for mark in ",;:"):
        return False
    return not any(group.end <= h.start and h.end <= said.start for h in clause.of("force", "fact.one"))


def _turned(clause: Clause, start: int, end: int) -> bool:
    """True where "but", a semicolon or another one's word stands between two offsets."""
    if ";" in clause.between(start, end):
        return True
    officials = (h for h in clause.of("fact.official") if start <= h.start and h.end <= end)
    if any("," in clause.between(h.start - _OPENING, h.start) for h in officials):
        return True  # "IS speaks of 14 dead, the army of two"
    return any(start <= h.start and h.end <= end for h in clause.of("fact.but", "fact.says"))
