"""Two simpler ways to sort articles into events: single-pass clustering by words, and by romanised characters.

Both see the same flagged articles and the same three days' window, fit their weights on the very days they sort,
and take the limit that is best on half A.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sklearn.feature_extraction.text import TfidfVectorizer
from text_unidecode import unidecode

from benchmarks.clusters import score
from benchmarks.wiredays import Told
from tocsin.events.match import WINDOW
from tocsin.text import fold_text

Sorter = Callable[[float], dict[str, str]]  # a limit from 0 to 1 -> the cluster of each article


def _single_pass(told: Sequence[Told], likeness: Any) -> Sorter:
    """Each article joins the cluster of the likest one before it, where that is like enough."""

    def sort(limit: float) -> dict[str, str]:
        cluster: dict[str, str] = {}
        for n, one in enumerate(told):
            near = [m for m in range(n) if _within(one, told[m]) and likeness[n, m] >= limit]
            best = max(near, key=lambda m: likeness[n, m], default=None)
            cluster[one.id] = one.id if best is None else cluster[told[best].id]
        return cluster

    return sort


def _within(one: Told, other: Told) -> bool:
    a, b = one.article.published, other.article.published
    return a is not None and b is not None and abs(a - b) <= WINDOW


def _likeness(told: Sequence[Told], vectors: TfidfVectorizer, spell: Callable[[str], str]) -> Any:
    table = vectors.fit_transform([spell(f"{one.article.title}\n{one.article.text}") for one in told])
    return (table @ table.T).toarray()


def by_words(told: Sequence[Told]) -> Sorter:
    """Cosine of tf-idf over folded words."""
    return _single_pass(told, _likeness(told, TfidfVectorizer(sublinear_tf=True), fold_text))


def by_characters(told: Sequence[Told]) -> Sorter:
    """Cosine of tf-idf over romanised character 4-grams."""
    vectors = TfidfVectorizer(analyzer="char_wb", ngram_range=(4, 4), sublinear_tf=True)
    return _single_pass(told, _likeness(told, vectors, unidecode))


PEERS: Mapping[str, Callable[[Sequence[Told]], Sorter]] = {"tf-idf words": by_words, "romanised 4-grams": by_characters}


def tuned(told: Sequence[Told], sort: Sorter) -> float:
    """The limit with the best B-cubed F1 on these articles."""
    return max((n / 50 for n in range(1, 50)), key=lambda limit: score(told, sort(limit)).cubed_f1)
