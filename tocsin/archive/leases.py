"""Leases: which run polls which feed just now, so that two that overlap never ask for one feed twice.

A lease ends when its feed is settled, in the same transaction. One that a killed process left behind is
void at once on its own machine, where we can look, and after a while on another, where we cannot.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from tocsin.archive.feeds import Feeds
from tocsin.archive.owners import dead
from tocsin.archive.rows import to_column
from tocsin.model import FeedState

LASTS = timedelta(minutes=30)  # unless it is renewed


class Leases(Feeds):
    """Claims of feeds."""

    def claim(self, feeds: Sequence[str], owner: str, *, now: datetime) -> dict[str, FeedState]:
        """Take the feeds that no other run is polling; what is remembered of each, as it is under the lock."""
        with self.transaction():
            held = {
                row["feed"]
                for row in self.query("SELECT feed, owner FROM lease WHERE until > ?", [to_column(now)])
                if row["owner"] != owner and not dead(row["owner"])
            }
            mine = [feed for feed in feeds if feed not in held]
            rows = [[feed, owner, to_column(now + LASTS)] for feed in mine]
            self.executemany("INSERT OR REPLACE INTO lease (feed, owner, until) VALUES (?, ?, ?)", rows)
            states = self.feed_states()
        return {feed: states.get(feed) or FeedState(feed) for feed in mine}

    def renew(self, owner: str, *, now: datetime) -> None:
        """Keep what a run still holds for as long again."""
        self.execute("UPDATE lease SET until = ? WHERE owner = ?", [to_column(now + LASTS), owner])

    def release(self, owner: str) -> None:
        """Give up what a run still holds."""
        self.execute("DELETE FROM lease WHERE owner = ?", [owner])
