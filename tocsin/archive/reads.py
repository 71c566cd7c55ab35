"""What the command shows of the archive: lists of dicts with stable keys, ready for JSON."""

from __future__ import annotations

import json
from datetime import datetime
from statistics import median
from typing import Any

from tocsin.archive.orders import ANSWERED
from tocsin.archive.parts import Parts
from tocsin.archive.rows import to_column
from tocsin.urls import host


class Reads(Parts):
    """Reads for people and for ``--json``."""

    def list_feeds(self) -> list[dict[str, Any]]:
        """Every feed ever polled, with its state, what it brought, and how many of its last articles have a text.

        ``read`` of its last fifty pages that were to be read gave ``texts`` of 400 characters or more; half of
        them were stored within ``lag`` seconds of their publication (None where none is dated).
        """
        rows = self.query(
            """SELECT f.feed AS id, f.url, f.title, f.status, f.detail, f.failures, f.interval_seconds,
                f.last_attempt_at, f.last_success_at, f.next_attempt_at, f.newest_item_at, f.usual_gap_seconds,
                (SELECT json_object('read', count(*), 'texts', sum(long), 'lags', json_group_array(lag)) FROM (
                    SELECT a.status IN ('full', 'paywalled') AND length(a.text) >= 400 AS long,
                        86400 * (julianday(i.first_seen) - julianday(a.published)) AS lag
                    FROM item i JOIN article a ON a.id = i.article
                    WHERE i.feed = f.feed AND i.outcome <> 'old' ORDER BY i.first_seen DESC LIMIT 50)) AS yield,
                (SELECT count(*) FROM item i WHERE i.feed = f.feed) AS items,
                (SELECT count(DISTINCT i.article) FROM item i WHERE i.feed = f.feed) AS articles
            FROM feed f ORDER BY f.feed"""
        )
        for row in rows:
            row |= json.loads(row.pop("yield"))
            lags = [max(0, round(lag)) for lag in row.pop("lags") if lag is not None]
            row["lag"] = round(median(lags)) if lags else None
        return rows

    def list_events(
        self, limit: int, since: datetime | None = None, watch: str | None = None, *, unacknowledged: bool = False
    ) -> list[dict[str, Any]]:
        """Events, the latest reported first; only open ones that nobody looks after if asked."""
        rows = self.query(
            f"""SELECT id, watch, state, version, severity, gist, first_seen, last_seen, happened, body FROM event
            WHERE state != 'merged' AND (:since IS NULL OR last_seen >= :since)
                AND (:watch IS NULL OR watch = :watch)
                AND (NOT :unacknowledged OR (state = 'open' AND id NOT IN ({ANSWERED})))
            ORDER BY last_seen DESC, id LIMIT :limit""",  # noqa: S608 - our own constant
            {
                "since": to_column(since) if since else None,
                "watch": watch,
                "limit": limit,
                "unacknowledged": int(unacknowledged),
            },
        )
        for row in rows:
            body = json.loads(row.pop("body"))
            row["facts"] = body["facts"]
            row["sources"] = body["sources"]
            row["origins"] = list(dict.fromkeys((s["origins"] or [s["publisher"]])[0] for s in body["sources"]))
        return rows

    def article(self, article_id: int) -> dict[str, Any] | None:
        """All that is known of an article: text, versions, family, items, assessments, events; or None."""
        rows = self.query(
            """SELECT id, url, title, text, language, published, updated, authors, publisher, section, origins,
                canonical_url, feed, identity, status, rung, wire, seen, copy_of, relation, overlap, why, version,
                first_seen, last_seen FROM article WHERE id = ?""",
            [article_id],
        )
        if not rows:
            return None
        row = rows[0]
        for name in ("authors", "origins", "wire"):
            row[name] = json.loads(row[name]) if row[name] else None
        root = row["copy_of"] or article_id
        row["names"] = [
            r["key"] for r in self.query("SELECT key FROM name WHERE article = ? ORDER BY key", [article_id])
        ]
        row["family"] = self._family(root)
        row["parts"] = self.parts_of(article_id)
        row["outlets"] = list(dict.fromkeys(one["publisher"] or host(one["url"]) for one in row["family"]))
        row["family_origins"] = list(dict.fromkeys(_origin(one) for one in row["family"]))
        row["versions"] = self.query(
            """SELECT version, title, text, seen, replaced, relation, diff FROM revision
            WHERE article = ? ORDER BY version""",
            [article_id],
        )
        row["diff"] = row["versions"][-1]["diff"] if row["versions"] else ""
        row["items"] = self.query(
            """SELECT feed, identity, url, title, outcome, detail, retry_at, tries, first_seen, last_seen FROM item
            WHERE article = ? ORDER BY first_seen""",
            [article_id],
        )
        found = self.query("SELECT at, body FROM assessment WHERE article = ? ORDER BY watch", [article_id])
        row["assessments"] = [{**json.loads(one["body"]), "at": one["at"]} for one in found]
        row["events"] = self.query(
            "SELECT event AS id, watch, at, why FROM event_article WHERE article = ? ORDER BY watch", [article_id]
        )
        return row

    def _family(self, root: int) -> list[dict[str, Any]]:
        rows = self.query(
            """SELECT id, url, title, publisher, origins, relation, overlap, first_seen FROM article
            WHERE id = :root OR copy_of = :root ORDER BY id""",
            {"root": root},
        )
        for row in rows:
            row["origins"] = json.loads(row["origins"])
        return rows

    def event_history(self, event_id: str) -> list[dict[str, Any]]:
        """What each article changed of an event, oldest first."""
        return self.query(
            "SELECT version, at, article, field, old, new FROM event_change WHERE event = ? ORDER BY rowid", [event_id]
        )


def _origin(row: dict[str, Any]) -> str:
    """Who wrote an article: the agency, else its outlet."""
    return str((row["origins"] or [row["publisher"] or host(row["url"])])[0])
