"""The troubles that operators know of, and since when deliveries have been running without a break."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin.archive.feeds import RETRY_HORIZON
from tocsin.archive.rows import pack, plain, to_column, unpack
from tocsin.archive.store import Store
from tocsin.bugs import KIND
from tocsin.health import Trouble

PAUSE = timedelta(minutes=10)  # between two heartbeats; longer, and Tocsin did not run


@dataclass(frozen=True, slots=True)
class Told:
    """A trouble that operators were told of and that was not over then."""

    trouble: Trouble
    event: str  # names its thread
    version: int
    since: datetime
    last: datetime  # when they were last told


class Troubles:
    """The rows of one archive; each call is part of the caller's transaction."""

    def __init__(self, archive: Store) -> None:
        self._archive = archive

    def open(self) -> dict[str, Told]:
        """What operators were told of and is not over, by key."""
        return {
            row["key"]: Told(
                trouble=unpack(Trouble, row["body"]),
                event=row["event"],
                version=row["version"],
                since=datetime.fromisoformat(row["since"]),
                last=datetime.fromisoformat(row["told"]),
            )
            for row in self._archive.query("SELECT * FROM trouble ORDER BY since, key")
        }

    def save(self, told: Told) -> None:
        """Remember that operators were told."""
        self._archive.execute(
            """INSERT INTO trouble (key, event, version, body, since, told) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (key) DO UPDATE SET version = excluded.version, body = excluded.body, told = excluded.told""",
            [
                plain(told.trouble.key),
                told.event,
                told.version,
                plain(pack(told.trouble)),
                to_column(told.since),
                to_column(told.last),
            ],
        )

    def texts(self, feed: str, last: int = 20) -> list[tuple[str, str, str]]:
        """The addresses of a feed's last articles, which way their text was had, and its status, the newest first.

        The status is "" where no page was asked for: the item is old, or still waits for its turn.
        """
        rows = self._archive.query(
            """SELECT i.url, a.rung, CASE WHEN i.outcome = 'old' OR (i.retry_at IS NOT NULL AND i.tries = 0)
                THEN '' ELSE a.status END AS status
            FROM item i JOIN article a ON a.id = i.article
            WHERE i.feed = ? ORDER BY i.first_seen DESC LIMIT ?""",
            [plain(feed), last],
        )
        return [(row["url"], row["rung"], row["status"]) for row in rows]

    def bugs(self, now: datetime) -> dict[str, tuple[int, str]]:
        """Of each feed how many items met a bug of ours and are tried again, and what one of them met."""
        rows = self._archive.query(
            """SELECT feed, count(*) AS items, max(detail) AS met FROM item
            WHERE retry_at IS NOT NULL AND first_seen >= ? AND detail LIKE ? GROUP BY feed""",
            [to_column(now - RETRY_HORIZON), f"{KIND}: %"],
        )
        return {row["feed"]: (row["items"], row["met"].removeprefix(f"{KIND}: ")) for row in rows}

    def close(self, key: str) -> None:
        """Forget a trouble that is over."""
        self._archive.execute("DELETE FROM trouble WHERE key = ?", [plain(key)])

    def beat(self, name: str, now: datetime) -> datetime:
        """Note that something runs; since when it has, without a pause of ten minutes."""
        self._archive.execute(
            """INSERT INTO heartbeat (name, since, last) VALUES (:name, :now, :now)
            ON CONFLICT (name) DO UPDATE SET since = CASE WHEN last < :pause THEN :now ELSE since END, last = :now""",
            {"name": name, "now": to_column(now), "pause": to_column(now - PAUSE)},
        )
        return datetime.fromisoformat(str(self._archive.value("SELECT since FROM heartbeat WHERE name = ?", [name])))
