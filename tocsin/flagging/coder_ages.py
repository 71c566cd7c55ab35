"""Ages, which stand where a toll could: "brothers aged 8 to 13 died", "im Alter von", "أعمارهم بين 8 و13"."""

from __future__ import annotations

from collections.abc import Callable

from tocsin.flagging.coder_scene import Clause
from tocsin.flagging.matcher import Hit
from tocsin.flagging.numbers import Number, joining

OLDEST = 110
NEAR = 2  # words between "aged" and its number that join numbers themselves: "between", "from"
_NEXT = 12  # characters of " and 15,"
_MARKS = ",-–"


def without_ages(clause: Clause, counted: Callable[[Clause, Number], Hit | None]) -> list[Number]:
    """The numbers of a clause that are no ages; "a man aged 40 and three children" keeps its three.

    Args:
        counted: Tells what a number counts: an age counts nobody.
    """
    ages, aged = clause.of("fact.age"), clause.of("fact.aged")
    named = [*clause.of("fact.one"), *clause.of("fact.unit.person")] if _has_digits(clause) else []
    if not (ages or aged or named):
        return list(clause.numbers)
    kept: list[Number] = []
    last: Number | None = None  # the age before
    for number in clause.numbers:
        first = (
            any(h.end <= number.start and _joined(clause, h.end, number.start, NEAR) for h in ages)
            or any(0 <= h.start - number.end <= 1 for h in aged)
            or _beside(clause, number, named)
        )
        chained = (
            last is not None and _joined(clause, last.end, number.start, 1) and not _of_people(clause, number, counted)
        )
        if number.kind == "exact" and (first or chained):
            last = number
            if " " in (words := clause.between(number.start, number.end)):  # "eine 31 Jahre alte Aktivistin"
                kept.append(Number(number.start, number.start + words.index(" "), 1, 1, "article"))
        else:
            kept.append(number)
    return kept


def _has_digits(clause: Clause) -> bool:
    return any(mark in clause.sentence.text for mark in (", ", "(")) and any(map(str.isdigit, clause.sentence.text))


def _beside(clause: Clause, number: Number, named: list[Hit]) -> bool:
    """True for the age in "a girl, 7, and", "killing her grandfather, 71.", "ein Mädchen (7)"."""
    words = clause.between(number.start, number.end)
    if not words.isdigit() or not 0 < number.high <= OLDEST:
        return False
    opening = next((mark for mark in (", ", " (") if clause.between(number.start - 2, number.start) == mark), "")
    closing = clause.between(number.end, number.end + 1)
    if opening == ", " and _and_another(clause, number):  # "her sons, 12 and 15,"
        closing = ","
    if not opening or closing not in ((")",) if opening == " (" else (",", ".", ";", "")):
        return False
    return any(h.start < number.start and clause.word_end(h.end) == number.start - len(opening) for h in named)


def _and_another(clause: Clause, number: Number) -> bool:
    """True where only "and" parts an age from the next one, which ends its phrase."""
    words = clause.between(number.end, number.end + _NEXT).split()
    ends = len(words) > 1 and words[1][-1] in ",.;" and words[1][:-1].isdigit()
    return ends and words[0] in joining(clause.language)


def _of_people(clause: Clause, number: Number, counted: Callable[[Clause, Number], Hit | None]) -> bool:
    unit = counted(clause, number)
    return unit is not None and unit.concept == "fact.unit.person"


def _joined(clause: Clause, start: int, end: int, most: int) -> bool:
    """True where only words that join numbers, or commas, stand between two offsets."""
    gap = clause.between(clause.word_end(start), end)
    words = gap.translate(dict.fromkeys(map(ord, _MARKS), " ")).split()
    return len(words) <= most and len(gap) <= 30 and all(word in joining(clause.language) for word in words)
