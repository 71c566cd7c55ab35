"""How likely two texts that share words are one story, and not two made from one template.

A logistic sum of six signs, each of which a person can check. The weights were fitted to pairs judged by hand and to
invented ones (``benchmarks/siblings.py``, note 0093): change a weight by running that benchmark, not by feeling.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from tocsin.dedup.guard import Body, stem
from tocsin.dedup.wording import OF_THE_DAY, OF_THE_WEEK, Wording

BASE = 5.0
STRANGE = -15.0  # for the share of each lead's words that the other text has nowhere: the smaller share of the two
LATE = -5.9  # for three days between them
CLASH = -3.2  # for another name, place or ordinal in one slot, or titles that the other text does not tell
ORDINAL = -5.3  # for an ordinal in a title that the other text does not begin with
FIGURES = -2.5  # for each figure in a lead that the other text has nowhere, where both have such
WEEKDAY = -2.8  # for leads that name no weekday, or no part of the day, in common
MOST_FIGURES = 4
ARABIC = "\u0600"  # the first letter of the script
BEGINNING = 24  # words in which a weekday dates the story
NUMBERED = 30  # words in which an ordinal is looked for
FAR = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Signs:
    """What speaks against one story."""

    strange: float  # 0 to 1
    late: float  # 0 to 1
    clash: bool
    ordinal: bool
    figures: int
    weekday: bool

    @property
    def likeness(self) -> float:
        """The probability of one story, 0 to 1."""
        told = BASE + STRANGE * self.strange + LATE * self.late + CLASH * self.clash
        told += ORDINAL * self.ordinal + FIGURES * self.figures + WEEKDAY * self.weekday
        return 1 / (1 + math.exp(-told))


def signs(ours: Body, theirs: Body, apart: timedelta, *, clash: bool) -> Signs:
    """Compare the beginnings of two texts, each with the whole of the other.

    Args:
        apart: Between the times they were published.
        clash: ``guard.conflict`` found another happening.
    """
    return Signs(
        strange=min(_strange(ours, theirs), _strange(theirs, ours)),
        late=min(abs(apart) / FAR, 1.0),
        clash=clash,
        ordinal=_numbered(ours, theirs) or _numbered(theirs, ours),
        figures=min(_figures(ours, theirs), _figures(theirs, ours), MOST_FIGURES),
        weekday=_other_day(ours, theirs),
    )


def _strange(one: Body, other: Body) -> float:
    """The share of a lead's telling words that the other text has nowhere, not even with another ending."""
    told = [word for word in dict.fromkeys(one.lead) if len(word) > 3 or word[0].isdigit()]
    if not told:
        return 0.0
    strange = [
        word for word in told if word not in other.vocabulary and (word[0].isdigit() or stem(word) not in other.stems)
    ]
    return len(strange) / len(told)


def _numbered(one: Body, other: Body) -> bool:
    """True where a title counts in words and the other text does not begin so; desks drop a "1st" in digits at will."""
    beginning = {*other.title_words, *other.words[:NUMBERED]}
    return any(word in one.wording.ordinals and word not in beginning for word in one.title_words)


def _figures(one: Body, other: Body) -> int:
    told = one.wording.fitted | one.wording.ordinals
    found = {word for word in (*one.title_words, *one.lead) if word[0].isdigit() or word in told}
    return len(found - other.vocabulary)


def _other_day(one: Body, other: Body) -> bool:
    return any(mine and its and not mine & its for mine, its in _days(one, other))


def another_day(one: Body, other: Body) -> bool:
    """True where each of two texts begins with a day, or a part of the day, that the other has nowhere."""
    if _dated(one) == _dated(other):
        return False
    return any(
        mine
        and its
        and not mine & its
        and not mine & _named(other.words, other.wording)
        and not its & _named(one.words, one.wording)
        for mine, its in _days(one, other)
    )


def _days(one: Body, other: Body) -> tuple[tuple[frozenset[int], frozenset[int]], ...]:
    """Of the week and of the day: what the beginning of each names."""
    mine, its = _dated(one), _dated(other)
    return tuple((mine & some, its & some) for some in (OF_THE_WEEK, OF_THE_DAY))


@lru_cache(maxsize=1024)
def _dated(of: Body) -> frozenset[int]:
    return _named((*of.title_words, *of.words[:BEGINNING]), of.wording)


def _named(told: Sequence[str], of: Wording) -> frozenset[int]:
    """The days and the parts of a day that words name; "سه شنبه" is one day in two words."""
    found = set()
    for n, word in enumerate(told):
        day = of.days.get(told[n - 1] + word) if n else None
        first = n if day is None else n - 1
        if day is None:
            day = of.days.get(word)
        if day is None and word[0] >= ARABIC:  # which glues "on" and "for" to the day
            day = of.days.get(word[1:], of.days.get(f"ا{word[1:]}"))
        if day is not None and (not first or told[first - 1] not in of.each):
            found.add(day)
    return frozenset(found)
