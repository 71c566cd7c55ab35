"""What is remembered of feeds and of the items they showed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from tocsin.archive.rows import from_column, pack, plain, to_column, unpack
from tocsin.archive.store import Store
from tocsin.model import FeedState, Item, Outcome

RETRY_HORIZON = timedelta(hours=48)  # a page that could not be had for so long is given up
_TIMES = ("next_attempt_at", "last_attempt_at", "last_success_at", "newest_item_at", "last_body_at", "gap_at")


@dataclass(frozen=True, slots=True)
class KnownItem:
    """What became of an item that a feed shows again."""

    content_hash: str
    article: int | None
    outcome: Outcome
    retry_at: datetime | None
    tries: int


class Feeds(Store):
    """Feed states and items."""

    def feed_states(self) -> dict[str, FeedState]:
        """The state of every feed ever polled, by its id."""
        return {row["feed"]: _state(row) for row in self.query("SELECT * FROM feed")}

    def save_feed_state(self, state: FeedState) -> None:
        """Replace what is remembered of a feed, and end its lease."""
        row = asdict(state) | {name: to_column(getattr(state, name)) for name in _TIMES}
        with self.transaction():
            self.db.table("feed", pk="feed").upsert(row)
            self.execute("DELETE FROM lease WHERE feed = ?", [state.feed])

    def known_items(self, feed_id: str, identities: Sequence[str]) -> dict[str, KnownItem]:
        """Those of the identities that this feed showed before."""
        return self._items_by(feed_id, "identity", identities)

    def known_addresses(self, feed_id: str, urls: Sequence[str]) -> dict[str, KnownItem]:
        """Those of the addresses that this feed showed before, under whatever identity; reads all its items."""
        return self._items_by(feed_id, "url", urls)

    def _items_by(self, feed_id: str, column: str, values: Sequence[str]) -> dict[str, KnownItem]:
        found: dict[str, KnownItem] = {}
        for start in range(0, len(values), 500):
            some = [plain(value) for value in values[start : start + 500]]
            marks = ",".join("?" * len(some))
            rows = self.query(
                f"""SELECT {column}, content_hash, article, outcome, retry_at, tries FROM item
                WHERE feed = ? AND {column} IN ({marks}) ORDER BY last_seen""",  # noqa: S608 - names of ours and marks
                [feed_id, *some],
            )
            for row in rows:
                outcome, retry_at = Outcome(row["outcome"]), from_column(row["retry_at"])
                found[row[column]] = KnownItem(row["content_hash"], row["article"], outcome, retry_at, row["tries"])
        return found

    def save_item(
        self,
        item: Item,
        outcome: Outcome,
        *,
        article: int | None,
        now: datetime,
        retry_at: datetime | None = None,
        detail: str = "",
    ) -> None:
        """Remember how an item ended; when it was first seen stays.

        The item itself is kept as long as its page is still to be had. ``tries`` counts the ends
        that were no success.
        """
        failed = outcome in {Outcome.BLOCKED, Outcome.FAILED}
        self.execute(
            """INSERT INTO item (feed, identity, url, title, content_hash, article, outcome, detail, retry_at, tries,
                                 first_seen, last_seen, body)
            VALUES (:feed, :identity, :url, :title, :hash, :article, :outcome, :detail, :retry_at, :failed,
                    :now, :now, :body)
            ON CONFLICT (feed, identity) DO UPDATE SET
                url = excluded.url, title = excluded.title, content_hash = excluded.content_hash,
                article = coalesce(excluded.article, article), outcome = excluded.outcome, detail = excluded.detail,
                retry_at = excluded.retry_at, tries = CASE WHEN excluded.tries THEN tries + 1 ELSE 0 END,
                last_seen = excluded.last_seen, body = excluded.body""",
            {
                "feed": item.feed,
                "identity": plain(item.identity),
                "url": plain(item.url),
                "title": plain(item.title),
                "hash": item.content_hash,
                "article": article,
                "outcome": outcome.value,
                "detail": plain(detail),
                "retry_at": to_column(retry_at),
                "failed": int(failed),
                "now": to_column(now),
                "body": plain(pack(item)) if retry_at else None,
            },
        )

    def items_to_retry(self, now: datetime, limit: int, feed: str | None = None) -> list[Item]:
        """Items whose page is still to be had and whose time has come, longest waiting first; none over 48 h old.

        An embargo may be longer: what it held back comes whenever it ends.
        """
        rows = self.query(
            """SELECT body FROM item
            WHERE retry_at <= ? AND (first_seen >= ? OR outcome = 'held') AND body IS NOT NULL
                AND (? IS NULL OR feed = ?)
            ORDER BY retry_at LIMIT ?""",
            [to_column(now), to_column(now - RETRY_HORIZON), feed, feed, limit],
        )
        return [unpack(Item, row["body"]) for row in rows]

    def first_shown(self, feed_id: str) -> frozenset[str]:
        """The items of a feed's first poll whose page is still to be had."""
        rows = self.query(
            """SELECT identity FROM item WHERE feed = :feed AND retry_at IS NOT NULL
            AND first_seen = (SELECT min(first_seen) FROM item WHERE feed = :feed)""",
            {"feed": feed_id},
        )
        return frozenset(row["identity"] for row in rows)


def _state(row: dict[str, str | None]) -> FeedState:
    values: dict[str, Any] = dict(row) | {name: from_column(row[name]) for name in _TIMES}
    return FeedState(**values)  # the columns are the fields
