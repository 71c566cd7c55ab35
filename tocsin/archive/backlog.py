"""What waits in the outbox, channel by channel: what is held is let go, what no channel takes is given up.

A channel that is off or no longer in the config takes nothing: its alerts wait until a person says what becomes
of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tocsin.archive.outbox import OPEN, UNHEARD, UNTRIED, Outbox
from tocsin.archive.rows import plain, to_column, unpack
from tocsin.archive.store import Store
from tocsin.model import Alert


@dataclass(frozen=True, slots=True)
class Rerouted:
    """What sending the alerts of one channel through another came to, in deliveries."""

    new: int  # of the other channel
    gone: int  # given up at the first channel, as the other one has told it or will
    left: int  # still waiting for the first channel: the other one refused them, or they were silenced there


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
                self._archive.execute("INSERT INTO told_of_channel (channel, at) VALUES (?, ?)", [name, to_column(now)])
        return new

    def drop(self, channel: str, *, by: str, now: datetime) -> int:
        """Give up what waits for a channel, for the record that says who did; how many deliveries.

        What may have left already is given up, too: the channel that could tell is gone.
        """
        return self._archive.execute(
            f"""UPDATE delivery SET state = 'dead', error = ?, not_before = ?
            WHERE channel = ? AND state IN {OPEN}""",  # noqa: S608 - our own constant
            [plain(f"dropped by {by}")[:500], to_column(now), channel],
        )

    def reroute(self, channel: str, to: str, recipients: Sequence[str], *, by: str, now: datetime) -> Rerouted:
        """Send what waits for a channel to the recipients of another, withdrawals of what the first one told included.

        What the other channel does not take keeps waiting, so that the record never says "sent" of it.
        """
        outbox = Outbox(self._archive)
        with self._archive.transaction():
            new = 0
            for alert in self.waiting_for(channel):
                targets = [(to, who) for who in recipients if not outbox.superseded(alert, to, who)]
                new += outbox.enqueue(alert, targets, now=now, only_reached=False)
            gone = self._archive.execute(
                f"""UPDATE delivery SET state = 'dead', error = ?, not_before = ?
                WHERE channel = ? AND state IN {OPEN} AND EXISTS (
                    SELECT 1 FROM delivery n WHERE n.event = delivery.event AND n.channel = ?
                    AND (n.alert = delivery.alert OR n.version > delivery.version) AND NOT ({UNHEARD}))""",  # noqa: S608
                [plain(f"sent to {to} instead, by {by}")[:500], to_column(now), channel, to],
            )
            return Rerouted(new, gone, self.by_channel().get(channel, 0))

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
            {"now": to_column(now), "channel": channel},
        )
