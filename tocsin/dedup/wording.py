"""The words by which copies are told from siblings: ordinals, numbers, days, and what a page writes beside its clock.

They stand in the file of each language. A text is read by its own, because the small words of one are numbers of
another ("on" is ten in Turkish, "sei" is six in Italian); one of an unknown language by all of them together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from tocsin.dedup.keys import words
from tocsin.languages import languages, load_language

MORNING, EVENING = 7, 8  # days of their own, after the seven: the market's opening and its close
OF_THE_WEEK, OF_THE_DAY = frozenset(range(7)), frozenset((MORNING, EVENING))
FITTED = frozenset((*range(51), 100))  # the numbers in words that the weights of likeness were fitted with
FEWEST = 10  # that a vague number must stand for: "dozens" is a figure, "several" is none


@dataclass(frozen=True, slots=True)
class Wording:
    """The folded words of one language, or of all."""

    ordinals: frozenset[str]
    endings: frozenset[str]  # of an ordinal in digits: "4th"
    dotted: bool  # "4." is an ordinal
    numbers: frozenset[str]
    fitted: frozenset[str]  # those of them that likeness counts
    days: Mapping[str, int]  # 0 for Monday; words of two parts are written as one
    each: frozenset[str]  # before a day that dates nothing: "our letter, each morning"
    introduces: frozenset[str]  # before a name, in scripts without capitals: "the province of"
    prepositions: frozenset[str]
    updated: frozenset[str]  # beside a page's clock
    counted: frozenset[str]  # beside a page's counter

    def numbered(self, folded: str) -> frozenset[str]:
        """The figures of a folded text that are ordinals: "4th", "4e", "4. Flug".

        >>> sorted(wording("en").numbered("the 4th of 12 planes"))
        ['4']
        """
        endings = "|".join(map(re.escape, sorted(self.endings, key=len, reverse=True))) or r"(?!)"
        dot = r"|\.(?= [^\W\d_])" if self.dotted else ""
        return frozenset(re.findall(rf"\b(\d{{1,3}})(?:(?:{endings})\b{dot})", folded))


@lru_cache(maxsize=32)
def wording(language: str) -> Wording:
    """The words of a language, of all together where it has no file."""
    code = language.partition("-")[0]
    return _read(load_language(code)) if code in languages() else _all()


@lru_cache(maxsize=1)
def _all() -> Wording:
    every = [_read(load_language(code)) for code in languages()]
    return Wording(
        ordinals=frozenset[str]().union(*(each.ordinals for each in every)),
        endings=frozenset[str]().union(*(each.endings for each in every)),
        dotted=False,
        numbers=frozenset[str]().union(*(each.numbers for each in every)),
        fitted=frozenset[str]().union(*(each.fitted for each in every)),
        days={word: day for each in every for word, day in each.days.items()},
        each=frozenset[str]().union(*(each.each for each in every)),
        introduces=frozenset[str]().union(*(each.introduces for each in every)),
        prepositions=frozenset[str]().union(*(each.prepositions for each in every)),
        updated=frozenset[str]().union(*(each.updated for each in every)),
        counted=frozenset[str]().union(*(each.counted for each in every)),
    )


def _read(data: Mapping[str, Any]) -> Wording:
    """What the sections of a language file say: ``copies``, the weekdays of ``facts``, and ``numbers``."""
    copies, facts = data.get("copies") or {}, data.get("facts") or {}
    numbers = data.get("numbers") or {}
    days = {n: facts.get(f"fact.weekday.{n + 1}", ()) for n in OF_THE_WEEK}
    days |= {MORNING: copies.get("mornings", ()), EVENING: copies.get("evenings", ())}
    return Wording(
        ordinals=_joined(copies.get("ordinals", ())),
        endings=_joined(copies.get("ordinal_endings", ())),
        dotted=bool(numbers.get("dot_ordinals")),
        numbers=_joined(_numbers(numbers)),
        fitted=_joined(word for word, value in _numbers(numbers).items() if value in FITTED),
        days={word: day for day, names in days.items() for word in _joined(names)},
        each=_joined(copies.get("each", ())),
        introduces=_joined(copies.get("introduces", ())),
        prepositions=_joined(copies.get("prepositions", ())),
        updated=_joined(copies.get("updated", ())),
        counted=_joined(copies.get("counted", ())),
    )


def _numbers(section: Mapping[str, Any]) -> dict[str, int]:
    """Words that say how many, Arabic duals among them; an article and "several" say nothing."""
    found = dict(section.get("values") or {})
    for kind in ("nouns", "things"):
        found |= {word: value for word, value in (section.get(kind) or {}).items() if value > 1}
    return found | {word: least for word, (least, _) in (section.get("vague") or {}).items() if least >= FEWEST}


def _joined(patterns: Iterable[str]) -> frozenset[str]:
    """Folded words, without the star of a pattern; the parts of one that has several are written as one word."""
    return frozenset("".join(words(pattern)) for pattern in patterns) - {""}
