"""How well articles were sorted into events: pairwise precision and recall, B-cubed, missed and merged events."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import combinations

from benchmarks.wiredays import Told


@dataclass(frozen=True, slots=True)
class Scores:
    """Rates from 0 to 1, and counts."""

    precision: float  # of pairs that were joined
    recall: float  # of pairs that should be
    cubed_precision: float
    cubed_recall: float
    merged: float  # clusters that hold more than one true event
    split: float  # clusters more than there are events: alerts too many
    missed: float  # true events that no cluster began with: alerts too few

    @property
    def f1(self) -> float:
        """Of pairs."""
        return _harmonic(self.precision, self.recall)

    @property
    def cubed_f1(self) -> float:
        """B-cubed."""
        return _harmonic(self.cubed_precision, self.cubed_recall)


def _harmonic(a: float, b: float) -> float:
    return 2 * a * b / (a + b) if a + b else 0.0


def score(told: Sequence[Told], cluster: Mapping[str, str]) -> Scores:
    """Compare clusters with the truth.

    Args:
        told: The articles in the order in which they arrived.
        cluster: The cluster of each article by its id; an article that is missing stands alone.
    """
    scored = [one for one in told if one.scored]
    given = {one.id: cluster.get(one.id, one.id) for one in scored}
    both = joined = wanted = 0
    for one, other in combinations(scored, 2):
        same, right = given[one.id] == given[other.id], together(one, other)
        if right is None:
            continue
        both, joined, wanted = both + (same and right), joined + same, wanted + right
    precision, recall = both / max(joined, 1), both / max(wanted, 1)
    return Scores(precision, recall, *_cubed(scored, given), *_counts(scored, given, cluster))


def together(one: Told, other: Told) -> bool | None:
    """Whether two articles belong together; None where either answer is right."""
    if one.truth == other.truth:
        return bool(one.truth)
    return None if one.truth in other.accepted or other.truth in one.accepted else False


def _cubed(scored: Sequence[Told], given: Mapping[str, str]) -> tuple[float, float]:
    precision = recall = 0.0
    for one in scored:
        alike = [other for other in scored if given[other.id] == given[one.id]]
        kin = [other for other in scored if other is one or together(one, other)]
        good = sum(other is one or together(one, other) is not False for other in alike)
        precision += good / len(alike)
        recall += sum(given[other.id] == given[one.id] for other in kin) / len(kin)
    return precision / len(scored), recall / len(scored)


def _counts(scored: Sequence[Told], given: Mapping[str, str], cluster: Mapping[str, str]) -> tuple[int, int, int]:
    members: defaultdict[str, list[Told]] = defaultdict(list)
    for one in scored:
        members[given[one.id]].append(one)
    merged = sum(any(together(a, b) is False for a, b in combinations(group, 2)) for group in members.values())
    first = Counter(group[0].truth for name, group in members.items() if group[0].truth and group[0].id in cluster)
    optional = {one.truth for one in scored if len(one.accepted) > 1}
    missed = sum(truth not in first for truth in {one.truth for one in scored} - optional - {""})
    return merged, sum(n - 1 for n in first.values()), missed


def by_languages(told: Sequence[Told], cluster: Mapping[str, str]) -> dict[tuple[str, str], tuple[int, int]]:
    """For each pair of languages, how many pairs of articles that belong together were joined, of how many."""
    found: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for one, other in combinations([t for t in told if t.scored], 2):
        if together(one, other):
            a, b = sorted((one.article.language, other.article.language))
            found[a, b][0] += cluster.get(one.id, one.id) == cluster.get(other.id, other.id)
            found[a, b][1] += 1
    return {pair: (right, of) for pair, (right, of) in sorted(found.items())}


def mean(scores: Sequence[Scores]) -> Scores:
    """The mean of each measure."""
    return Scores(*(sum(getattr(s, f.name) for s in scores) / len(scores) for f in fields(Scores)))
