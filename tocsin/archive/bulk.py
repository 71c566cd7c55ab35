"""Taking in an archive that others made: many articles in one transaction, each decided like any other.

A second import of the same file changes nothing, so one that was cut off is simply run again. What the
archive has under the same address stays, unless the import's text is the later one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from tocsin import dedup
from tocsin.archive.articles import Articles
from tocsin.archive.foreign import Row
from tocsin.archive.search import Search
from tocsin.model import Article, Decision, Outcome

BATCH = 200  # rows in a transaction: a poll beside it waits for a fraction of a second


@dataclass(slots=True)
class Taken:
    """What became of the rows of an import."""

    rows: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    bad: list[tuple[int, str]] = field(default_factory=list)  # line and reason


class Bulk(Articles, Search):
    """Imports."""

    def take_in(self, rows: Iterable[Row], *, now: datetime, told: Callable[[Taken], None] | None = None) -> Taken:
        """Store the articles of an import, near-copies attached to their originals.

        Args:
            told: Called after every batch, when it is safely stored.
        """
        taken, source = Taken(), iter(rows)
        while batch := list(islice(source, BATCH)):
            prepared = [(n, row, dedup.keys(row)) for n, row in batch if isinstance(row, Article)]
            with self.transaction():
                ended = [self._take(row, keys, now) for _, row, keys in prepared]
            self.read_new()
            taken.rows += len(batch)
            taken.outcomes.update(ended)
            taken.bad += [(n, row) for n, row in batch if isinstance(row, str)]
            if told:
                told(taken)
        return taken

    def _take(self, article: Article, keys: dedup.Keys, now: datetime) -> str:
        decision = self.decide(article, keys, now=now)
        if decision.outcome is Outcome.REVISION and not self._later(article, decision):
            decision = Decision(Outcome.SAME_URL, decision.of, why="the same address; the archive has a later text")
        if decision.outcome is not Outcome.TOO_SHORT:
            self.store(article, keys, decision, now=now)
        return decision.outcome.value

    def _later(self, article: Article, decision: Decision) -> bool:
        had = self.value("SELECT at FROM article WHERE id = ?", [decision.of])
        at = article.updated or article.published
        return at is not None and had is not None and at > datetime.fromisoformat(had)
