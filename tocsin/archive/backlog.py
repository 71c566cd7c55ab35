"""What waits in the outbox, channel by channel: what is held is let go, what no channel takes is given up.

A channel that is off or no longer in the config takes nothing: its alerts wait until a person says what becomes
of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from tocsin.archive.outbox import OPEN, UNTRIED
from tocsin.archive.rows import moment, plain, unpack
from tocsin.archive.store import Store
from tocsin.model import Alert


class Backlog:
    """What waits in one archive; each call is one transaction, or part of the caller's."""

    def __init__(self, archive: Store) -> None:
        self._archive = archive

    def by_channel(self) -> dict[str, int]:
        """How many deliveries wait for each channel."""
        rows = self._archive.query(
            f"SELECT channel, count(*) AS n FROM delivery WHERE state IN {OPEN} GROUP BY 1"  # noqa: S608
        )
        return {row["channel"]: row["n"] for row in rows}

    def newly_gone(self, channels: Iterable[str], *, now: datetime) -> list[str]:
        """Of the channels that are gone, those of which nobody was told yet; from now on they were.

        Who was told of a channel that is no longer among them is told again should it go again.
        """
        gone = list(dict.fromkeys(channels))
        with self._archive.transaction():
            known = {row["channel"] for row in self._archive.query("SELECT channel FROM told_of_channel")}
            for back in known.difference(gone):
                self._archive.execute("DELETE FROM told_of_channel WHERE channel = ?", [back])
            new = [name for name in gone if name not in known]
            for name in new:
                self._archive.execute("INSERT INTO told_of_channel (channel, at) VALUES (?, ?)", [name, moment(now)])
        return new

    def drop(self, channel: str, *, by: str, to: str = "", now: datetime) -> int:
        """Give up what waits for a channel, for the record that says who did; how many deliveries.

        What may have left already is given up, too: the channel that could tell is gone.
        """
        said = f"sent to {to} instead, by {by}" if to else f"dropped by {by}"
        return self._archive.execute(
            f"""UPDATE delivery SET state = 'dead', error = ?, not_before = ?
            WHERE channel = ? AND state IN {OPEN}""",  # noqa: S608 - our own constant
            [plain(said)[:500], moment(now), channel],
        )

    def waiting_for(self, channel: str) -> list[Alert]:
        """The alerts that wait for a channel, oldest first, each once."""
        rows = self._archive.query(
            f"""SELECT a.payload FROM alert a WHERE a.id IN (SELECT alert FROM delivery
                WHERE channel = ? AND state IN {OPEN}) ORDER BY a.created_at, a.rowid""",  # noqa: S608
            [channel],
        )
        return [unpack(Alert, row["payload"]) for row in rows]

    def release(self, channel: str = "", *, now: datetime) -> int:
        """Let what is held go out at the next delivery, as the summary that it waits for; how many deliveries.

        Args:
            channel: Only of this channel; of all when empty.
        """
        return self._archive.execute(
            f"""UPDATE delivery SET held_until = :now, not_before = :now
            WHERE {UNTRIED} AND held_until > :now AND :channel IN ('', channel)""",  # noqa: S608 - our own constant
            {"now": moment(now), "channel": channel},
        )
