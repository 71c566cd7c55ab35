"""What the desk says of articles, the shelf of those that wait for its word, and the stored day for a replay."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from tocsin.archive.rows import ARTICLE_COLUMNS, from_column, plain, to_article, to_column
from tocsin.archive.store import Store
from tocsin.errors import ConfigError
from tocsin.model import Article

BATCH = 200  # articles read at once


class Verdicts(Store):
    """Verdicts of the desk, and the articles that they are about."""

    def save_verdict(
        self, article_id: int, watch: str, verdict: str, *, event: str | None, note: str, by: str, now: datetime
    ) -> None:
        """Remember what the desk says of an article, with the article's words as they stand now.

        Raises:
            ConfigError: There is no such article.
        """
        changed = self.execute(
            """INSERT INTO verdict (article, event, watch, verdict, note, by, at, score, title, text, language)
            SELECT a.id, :event, :watch, :verdict, :note, :by, :at,
                (SELECT score FROM assessment s WHERE s.article = a.id AND s.watch = :watch), a.title, a.text,
                a.language FROM article a WHERE a.id = :article""",
            {
                "article": article_id, "event": event, "watch": watch, "verdict": verdict, "note": plain(note),
                "by": plain(by), "at": to_column(now),
            },
        )  # fmt: skip
        if not changed:
            raise ConfigError(f"article {article_id}", "no such article; tocsin search and tocsin review list them")

    def list_verdicts(self, limit: int | None = None) -> list[dict[str, Any]]:
        """What the desk said, latest first."""
        return self.query(
            """SELECT id, article, event, watch, verdict, note, by, at, score, language, title FROM verdict
            ORDER BY id DESC LIMIT ?""",
            [-1 if limit is None else limit],
        )

    def labelled(self) -> list[dict[str, Any]]:
        """The latest word on each article and watch, of those that say whether it is wanted; oldest first."""
        rows = self.query(
            """SELECT article, watch, verdict, title, text, language FROM verdict
            WHERE id IN (SELECT max(id) FROM verdict WHERE verdict IN ('relevant', 'not-relevant')
                GROUP BY article, watch) ORDER BY id"""
        )
        for row in rows:
            row["label"] = "positive" if row.pop("verdict") == "relevant" else "negative"
            row["lang"] = row.pop("language")
        return rows

    def list_review(self, limit: int, since: datetime | None = None, watch: str | None = None) -> list[dict[str, Any]]:
        """The review shelf, latest first: articles between the two thresholds on which the desk has said nothing."""
        rows = self.query(
            """SELECT s.article AS id, s.watch, s.score, s.at, s.body, a.title, a.url, a.publisher, a.language,
                a.published FROM assessment s JOIN article a ON a.id = s.article
            WHERE s.review AND (:since IS NULL OR s.at >= :since) AND (:watch IS NULL OR s.watch = :watch)
                AND a.copy_of IS NULL
                AND NOT EXISTS (SELECT 1 FROM verdict v WHERE v.article = s.article AND v.watch = s.watch)
            ORDER BY s.at DESC, s.article DESC LIMIT :limit""",
            {"since": to_column(since) if since else None, "watch": watch, "limit": limit},
        )
        for row in rows:
            body = json.loads(row.pop("body"))
            row["verdict"], row["gist"] = body["verdict"], body["gist"]
        return rows

    def count_review(self, since: datetime | None = None) -> int:
        """How many articles went to the review shelf since then and wait for the desk's word."""
        return int(
            self.value(
                """SELECT count(*) FROM assessment s JOIN article a ON a.id = s.article
                WHERE s.review AND a.copy_of IS NULL AND (?1 IS NULL OR s.at >= ?1)
                    AND NOT EXISTS (SELECT 1 FROM verdict v WHERE v.article = s.article AND v.watch = s.watch)""",
                [to_column(since) if since else None],
            )
        )

    def articles_since(self, since: datetime) -> Iterator[tuple[int, Article, datetime]]:
        """Each stored article first seen since then, as it stands now, with when that was; oldest first."""
        sql = "SELECT id FROM article WHERE first_seen >= ? ORDER BY first_seen, id"  # once: it reads every article
        numbers = [int(row["id"]) for row in self.query(sql, [to_column(since)])]
        for start in range(0, len(numbers), BATCH):
            some = numbers[start : start + BATCH]
            marks = ",".join("?" * len(some))
            sql = f"SELECT a.id, a.first_seen, {ARTICLE_COLUMNS} FROM article a WHERE a.id IN ({marks})"  # noqa: S608 - ours
            found = {row["id"]: row for row in self.query(sql, some)}
            for row in (found[number] for number in some if number in found):
                yield int(row["id"]), to_article(row), from_column(row["first_seen"]) or since
