"""Keeping the file small, fast and recoverable."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from tocsin.archive.outbox import OPEN
from tocsin.archive.postings import Postings
from tocsin.archive.rows import to_column, unpack_prints
from tocsin.archive.search import Search
from tocsin.errors import ArchiveError

BATCH = 200  # articles forgotten in one transaction: a poll never waits long


class Upkeep(Postings, Search):
    """Retention, backup, checks."""

    def prune(self, before: datetime, feeds: Mapping[str, datetime] | None = None) -> int:
        """Forget what was last seen before a time; the number of articles forgotten.

        Articles that an event of after that time rests on stay, and so do items and runs of after it.

        Args:
            feeds: Feeds with a time of their own. An article goes when it is older than the times of all
                feeds that brought it.
        """
        old = to_column(before)
        policy = json.dumps({feed: to_column(at) for feed, at in (feeds or {}).items()})
        latest = max([old, *(to_column(at) for at in (feeds or {}).values())])
        limits = {"latest": latest, "old": old, "policy": policy, "batch": BATCH}
        total = after = 0
        while found := self._old("a.id > :after", {**limits, "after": after}):  # no lock: it reads all articles
            after = found[-1]["id"]
            total += self._forget([row["id"] for row in found], limits)
        with self.transaction():
            self.execute(
                """DELETE FROM item WHERE last_seen < coalesce(
                    (SELECT p.value FROM json_each(?) p WHERE p.key = item.feed), ?)""",
                [policy, old],
            )
            self.execute("DELETE FROM run WHERE finished < ?", [old])
            self.execute("DELETE FROM event WHERE last_seen < ? AND id NOT IN (SELECT event FROM event_article)", [old])
        return total

    def _old(self, among: str, limits: dict[str, object]) -> list[dict[str, Any]]:
        """The first articles of some that are to be forgotten."""
        return self.query(
            f"""SELECT a.id, a.prints, a.at FROM article a
            WHERE {among} AND a.last_seen < :latest AND a.last_seen < coalesce((
                SELECT min(coalesce(p.value, :old)) FROM item i LEFT JOIN json_each(:policy) p ON p.key = i.feed
                WHERE i.article = a.id), :old)
            AND NOT EXISTS (
                SELECT 1 FROM event_article j JOIN event e ON e.id = j.event
                WHERE j.article = a.id AND e.last_seen >= :old)
            ORDER BY a.id LIMIT :batch""",  # noqa: S608 - our own conditions
            limits,
        )

    def _forget(self, articles: list[int], limits: dict[str, object]) -> int:
        """Forget those of some articles that nobody has shown since they were found old; how many."""
        with self.transaction():
            rows = self._old("a.id IN (SELECT value FROM json_each(:ids))", {**limits, "ids": json.dumps(articles)})
            for row in rows:
                number = row["id"]
                self.unpost(number, unpack_prints(row["prints"]), datetime.fromisoformat(row["at"]))
                self.execute("DELETE FROM article_fts WHERE rowid = ?", [number])
                self.execute("DELETE FROM unread WHERE article = ?", [number])
                self.execute("DELETE FROM article WHERE id = ?", [number])
        return len(rows)

    def prune_alerts(self, before: datetime) -> int:
        """Forget alerts of events that ended before a time; how many deliveries.

        While the archive has the event, one delivery of it stays for each recipient: the thread that a late word goes
        to, and the proof that it was told. What is not final stays.
        """
        old = to_column(before)
        over = f"""alert.created_at < :old AND NOT EXISTS (SELECT 1 FROM event e
                WHERE e.id = alert.event AND e.last_seen >= :old)
            AND NOT EXISTS (SELECT 1 FROM delivery o WHERE o.event = alert.event
                AND o.state IN {OPEN})"""  # noqa: S608 - our own constant
        with self.transaction():
            gone = self.execute(
                f"""DELETE FROM delivery WHERE alert IN (SELECT id FROM alert WHERE {over}) AND (
                    NOT EXISTS (SELECT 1 FROM event e WHERE e.id = delivery.event)
                    OR id NOT IN (SELECT min(f.id) FROM delivery f WHERE f.event = delivery.event AND f.state = 'sent'
                        GROUP BY f.channel, f.recipient))""",  # noqa: S608 - our own constant
                {"old": old},
            )
            self.execute(
                f"""DELETE FROM alert WHERE {over} AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.alert = alert.id)
                AND (NOT EXISTS (SELECT 1 FROM event e WHERE e.id = alert.event)
                    OR EXISTS (SELECT 1 FROM alert b WHERE b.event = alert.event AND b.id <> alert.id
                        AND EXISTS (SELECT 1 FROM delivery d WHERE d.alert = b.id)))""",  # noqa: S608
                {"old": old},
            )
            self.execute("DELETE FROM ack WHERE at < ? AND event NOT IN (SELECT id FROM event)", [old])
            self.execute("DELETE FROM silence WHERE until < ?", [old])
        return gone

    def optimise(self) -> None:
        """Drop the postings of old months, refresh statistics, merge the search index, shorten the log."""
        self.cool()
        self.read_new()
        with self._mutex, self._errors():
            self.connection.execute("PRAGMA analysis_limit = 1000")
            self.connection.execute("PRAGMA optimize")
            self.connection.execute("INSERT INTO article_fts (article_fts) VALUES ('optimize')")
            self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def backup(self, to: Path) -> None:
        """Write a consistent copy of the archive, while others read and write; an existing file is replaced whole.

        Raises:
            ArchiveError: the copy cannot be written.
        """
        part = to.with_name(f"{to.name}.part")
        try:
            to.parent.mkdir(parents=True, exist_ok=True)
            part.unlink(missing_ok=True)
            with self._mutex, self._errors():
                self.connection.execute("VACUUM INTO ?", [str(part)])
            os.replace(part, to)  # noqa: PTH105 - on purpose: atomic, over an existing file
        except OSError as exc:
            raise ArchiveError(str(to), f"the backup cannot be written ({exc.strerror})") from exc

    def check(self) -> list[str]:
        """What is wrong with the file, in SQLite's words; empty when it is sound."""
        found = [str(row["integrity_check"]) for row in self.query("PRAGMA integrity_check(20)")]
        broken = self.query("PRAGMA foreign_key_check")
        wrong = [line for line in found if line != "ok"]
        return wrong + [f"a row of {row['table']} points to a missing row of {row['parent']}" for row in broken[:20]]
