"""The index of prints: one table of postings for each month of articles, so that old months are dropped whole.

A near-copy is at most three days from its original, so a look-up reads one month, or two at a turn of
months, however many years the archive holds. The prints themselves stay with their article (decision note 0022).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import UTC, datetime

from tocsin.archive.store import Store
from tocsin.dedup.decide import WINDOW

POSTINGS = 64  # of one print in one month: more is boilerplate
CANDIDATES = 24  # articles that share the most prints
LEAST_SHARED = 2  # prints
HOT_MONTHS = 2  # kept besides the present one
_TABLE = re.compile(r"^fp_(\d{6})$")


class Postings(Store):
    """Which articles of a month have a print."""

    def sharing(self, prints: tuple[int, ...], at: datetime) -> list[int]:
        """The articles near a time that share the most prints, most first."""
        counts: Counter[str] = Counter()
        asked = json.dumps(prints)
        for table in self._existing({_table(near) for near in _around(at)}):
            # one statement: a call from Python for each print costs more than the reading
            sql = f"""SELECT (SELECT group_concat(d) FROM (SELECT d FROM {table} WHERE h = p.value LIMIT ?2))
                FROM json_each(?1) AS p"""  # noqa: S608 - ours
            for (postings,) in self.rows(sql, (asked, POSTINGS + 1)):
                numbers = postings.split(",") if postings else ()
                if len(numbers) <= POSTINGS:
                    counts.update(numbers)
        least = LEAST_SHARED if len(prints) > LEAST_SHARED else 1
        ranked = sorted((-n, -int(number)) for number, n in counts.items() if n >= least)
        return [-number for _, number in ranked[:CANDIDATES]]

    def post(self, number: int, prints: tuple[int, ...], at: datetime) -> None:
        """Index an article."""
        self.post_all([(print_, number) for print_ in prints], _table(at))

    def post_all(self, postings: list[tuple[int, int]], table: str) -> None:
        """Add postings, (print, article) in ascending order, to the table of a month, made when it is missing."""
        if not self._existing({table}):
            self.execute(
                f"CREATE TABLE IF NOT EXISTS {table} "
                "(h INTEGER NOT NULL, d INTEGER NOT NULL, PRIMARY KEY (h, d)) STRICT, WITHOUT ROWID"
            )
        self.executemany(f"INSERT OR IGNORE INTO {table} (h, d) VALUES (?, ?)", postings)  # noqa: S608 - ours

    def unpost(self, number: int, prints: tuple[int, ...], at: datetime) -> None:
        """Take an article out of the index."""
        for table in self._existing({_table(at)}):
            rows = [(h, number) for h in prints]
            self.executemany(f"DELETE FROM {table} WHERE h = ? AND d = ?", rows)  # noqa: S608 - ours

    def months(self) -> list[str]:
        """The months whose postings are kept, as ``202603``, oldest first."""
        rows = self.query("SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB 'fp_*' ORDER BY name")
        return [match[1] for row in rows if (match := _TABLE.match(row["name"]))]

    def cool(self, keep: int = HOT_MONTHS) -> int:
        """Drop the postings of all but the latest months of what was seen; the number of tables dropped.

        Measured from the newest article, not from a clock: an archive that rests stays as it is.
        """
        with self.transaction():
            newest = self.value("SELECT max(last_seen) FROM article")
            if newest is None:
                return 0
            now = datetime.fromisoformat(newest)
            months = now.year * 12 + now.month - 1 - keep
            oldest = f"{months // 12:04d}{months % 12 + 1:02d}"
            cold = [month for month in self.months() if month < oldest]
            for month in cold:
                self.execute(f"DROP TABLE fp_{month}")
        return len(cold)

    def _existing(self, tables: set[str]) -> list[str]:
        marks = ",".join("?" * len(tables))
        sql = f"SELECT name FROM sqlite_master WHERE type = 'table' AND name IN ({marks})"  # noqa: S608 - question marks
        return [str(name) for (name,) in self.rows(sql, sorted(tables))]


def _table(at: datetime) -> str:
    at = at.astimezone(UTC) if 1 < at.year < 9999 else at
    return f"fp_{at.year:04d}{at.month:02d}"


def _around(at: datetime) -> tuple[datetime, ...]:
    """A time and the ends of the window about it."""
    return (at - WINDOW, at, at + WINDOW) if 1 < at.year < 9999 else (at,)
