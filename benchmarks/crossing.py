"""Finding a text's translation without a model: places, numbers, name skeletons, concepts; to English and back.

Of the days' own stories told in both languages, and of the private translated set where it is present.
"""

from __future__ import annotations

import gzip
import json
import math
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.wiredays import days
from tocsin.flagging import numbers
from tocsin.flagging.reading import read
from tocsin.names import figures, names
from tocsin.text import fold_text

SHARED = Path(os.environ.get("TOCSIN_SHARED", Path(__file__).parents[2] / "shared"))
TRANSLATED = SHARED / "data" / "dedup-dev" / "ntrex-even.jsonl.gz"
WORDS = 60  # of title and text
NEIGHBOURS = 6  # whose likeness is what a text has in common with any
LANGUAGES = ("fr", "ar", "fa", "tr", "ckb", "de", "nl")
FEWEST = 5  # pairs that make a rate

Marks = frozenset[str]


def signature(title: str, text: str, language: str) -> Marks:
    """Names, numbers in digits and words, places and concepts of the first sixty words."""
    opening = " ".join(f"{title}. {text}".split()[:WORDS])
    found = {f"name {name}" for name in names(opening)} | {f"number {figure}" for figure in figures(opening)}
    counts = numbers.find(fold_text(opening), 0, language)
    found |= {f"number {count.low}" for count in counts if count.low > 2}
    hits = (hit.concept for sentence in read("", opening, language).sentences for hit in sentence.hits)
    return frozenset(found | {concept for concept in hits if not concept.startswith("fact.")})


def first_right(mine: Mapping[str, Marks], theirs: Mapping[str, Marks]) -> tuple[float, float]:
    """How often the likest text of the other language is the translation, from either side."""
    likeness = _likeness(mine, theirs)
    common_a = {a: _common([likeness[a, b] for b in theirs]) for a in mine}
    common_b = {b: _common([likeness[a, b] for a in mine]) for b in theirs}
    bare = {(a, b): 2 * value - common_a[a] - common_b[b] for (a, b), value in likeness.items()}
    there = sum(max(theirs, key=lambda b: bare[a, b]) == a for a in mine)
    back = sum(max(mine, key=lambda a: bare[a, b]) == b for b in theirs)
    return there / len(mine), back / len(theirs)


def _likeness(mine: Mapping[str, Marks], theirs: Mapping[str, Marks]) -> dict[tuple[str, str], float]:
    """Cosine, with each mark weighed by how rare it is in its language."""
    rare_a, rare_b = _rarity(mine), _rarity(theirs)
    long_a = {a: math.sqrt(sum(rare_a[m] ** 2 for m in marks)) or 1.0 for a, marks in mine.items()}
    long_b = {b: math.sqrt(sum(rare_b[m] ** 2 for m in marks)) or 1.0 for b, marks in theirs.items()}
    return {
        (a, b): sum(rare_a[m] * rare_b[m] for m in marks & others) / long_a[a] / long_b[b]
        for a, marks in mine.items()
        for b, others in theirs.items()
    }


def _rarity(texts: Mapping[str, Marks]) -> dict[str, float]:
    counts = Counter(mark for marks in texts.values() for mark in marks)
    return {mark: math.log((len(texts) + 1) / (n + 0.5)) for mark, n in counts.items()}


def _common(likenesses: Sequence[float]) -> float:
    best = sorted(likenesses)[-NEIGHBOURS:]
    return sum(best) / len(best)


def _own(half: str) -> dict[str, dict[str, Marks]]:
    """Signatures by language and event: of each event the first telling in each language."""
    found: dict[str, dict[str, Marks]] = {}
    for one in days(half):
        article = one.article
        if one.truth and one.truth not in found.setdefault(article.language, {}):
            found[article.language][one.truth] = signature(article.title, article.text, article.language)
    return found


def _translated() -> dict[str, dict[str, Marks]]:
    found: dict[str, dict[str, Marks]] = {}
    with gzip.open(TRANSLATED, "rt", encoding="utf-8") as file:
        for row in map(json.loads, file):
            if row["language"] in {*LANGUAGES, "en"}:
                marks = signature(row["title"], row["text"], row["language"])
                found.setdefault(row["language"], {})[row["event"]] = marks
    return found


def _table(name: str, texts: Mapping[str, Mapping[str, Marks]]) -> None:
    print(f"  {name}: first right of all, from the language to English and back")
    for language in LANGUAGES:
        both = texts.get(language, {}).keys() & texts["en"].keys()
        if len(both) < FEWEST:
            continue
        mine, theirs = ({event: texts[code][event] for event in sorted(both)} for code in (language, "en"))
        there, back = first_right(mine, theirs)
        print(f"    {language:4s} {len(both):3d} texts  {there:.3f}  {back:.3f}")


def main() -> None:
    """Both halves of the days together, then the private set."""
    own = [_own(half) for half in ("a", "b")]
    _table("sample days", {code: own[0].get(code, {}) | own[1].get(code, {}) for code in (*LANGUAGES, "en")})
    if TRANSLATED.exists():
        _table("translated general news", _translated())
    else:
        print(f"  translated general news: {TRANSLATED} is absent")
