"""What the words of a report say about whether it tells an event: headline, and names and figures of its opening.

Headlines are compared within one language; names and figures in any two, by the skeletons of ``tocsin.names``.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import Any

from tocsin import names
from tocsin.model import Article, Event, Facts
from tocsin.text import fold

Clue = tuple[float, str]  # points, words
BLAST = "Remote explosive/landmine/IED"
OPENING = 60  # words of the text
_SMALL = frozenset({"the", "and", "near", "base"})
_MOST = 2.4


def only_heard(facts: Facts) -> bool:
    """ "Explosions heard": the first minutes of anything."""
    return facts.event_type is not None and facts.event_type.value == BLAST and not facts.weapons


def told_early(facts: Facts, length: int) -> Facts:
    """The facts without weapons, target and tolls of the last third of a text: what happened elsewhere is told there.

    Args:
        length: Of the text, in characters.
    """
    limit = max(200, length * 2 // 3)
    early: dict[str, Any] = {
        name: said if said is None or said.span.field == "title" or said.span.start < limit else None
        for name, said in (("killed", facts.killed), ("wounded", facts.wounded), ("target", facts.target))
    }
    weapons = tuple(w for w in facts.weapons if w.span.field == "title" or w.span.start < limit)
    return replace(facts, weapons=weapons, **early)


def words_of(text: str) -> frozenset[str]:
    """The words of a short text, folded, without the smallest."""
    return frozenset(w for w in re.findall(r"[^\W_]{3,}", fold(text).text) if w not in _SMALL)


def titles(article: Article, event: Event) -> Clue:
    """How much the title shares with one of the event's in its language."""
    mine = words_of(article.title)
    if len(mine) < 3:
        return 0.0, ""
    theirs = (words_of(source.title) for source in event.sources if source.language == article.language)
    best = max((_jaccard(mine, one) for one in theirs), default=0.0)
    if best >= 0.5:
        return 1.5, "same headline"
    return (0.8, "like headline") if best >= 0.3 else (0.0, "")


def _jaccard(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / len(a | b) if a and b else 0.0


def opening_marks(article: Article) -> tuple[str, ...]:
    """The names and figures of the headline and the first sixty words, in order of spelling."""
    return _marks(article.title, article.text)


@lru_cache(maxsize=256)
def _marks(title: str, text: str) -> tuple[str, ...]:
    opening = " ".join(text[:2000].split()[:OPENING])
    return tuple(sorted(names.marks(f"{title}\n{opening}")))


def shared_marks(article: Article, facts: Facts, event: Event) -> Clue:
    """Names and figures that a report has in common with one of the event's, without those of the towns."""
    mine = set(opening_marks(article))
    shared = [
        (source.language == article.language, both) for source in event.sources if (both := mine & {*source.marks})
    ]
    if not shared:
        return 0.0, ""
    towns = _of_towns(facts) | _of_towns(event.facts)
    points, count = max(_worth({m for m in both if towns.isdisjoint(m.split())}, same=same) for same, both in shared)
    return (points, f"{count} names and figures in common" if count > 1 else "") if points else (0.0, "")


def _of_towns(facts: Facts) -> frozenset[str]:
    """The skeletons of towns and wider places, as written and in English: where it was is evidence of its own."""
    wide = (said for said in facts.places if said.value.precision != "site")
    return frozenset().union(*(names.names(f"{said.value.name} {said.span.quote}") for said in wide))


def _worth(shared: set[str], *, same: bool) -> tuple[float, int]:
    """A name of two words says most, then a long one, a figure; two texts of one language share turns of phrase."""
    points = sum(1.2 if " " in mark else 0.5 if mark.isdecimal() else 0.6 for mark in shared)
    return min(points, _MOST) / (2 if same else 1), len(shared)
