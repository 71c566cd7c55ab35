"""What the people at the desk ordered, as rows: silences, and who looks after an event.

Both are kept as long as the alerts of their time: who quietened what is part of its story.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from tocsin.archive.outbox import UNTRIED
from tocsin.archive.rows import from_column, plain, to_column, unpack
from tocsin.archive.store import Store
from tocsin.model import Ack, Alert, Event, Severity, Silence

# the events that somebody looks after, or looked after before they were merged
ANSWERED = "SELECT event FROM ack UNION ALL SELECT target FROM event_merged WHERE event IN (SELECT event FROM ack)"
_KEPT = "('silenced', 'inhibited', 'merged')"  # never sent on purpose
_FIELDS = ("by", "why", "at", "until", "event", "watch", "event_type", "governorate", "channel", "max_severity")


class Orders:
    """The desk's orders in one archive; each call is one transaction, or part of the caller's."""

    def __init__(self, archive: Store) -> None:
        self._archive = archive

    def add_silence(self, silence: Silence) -> Silence:
        """Keep a silence; gives it back with its number."""
        row = {name: getattr(silence, name) for name in _FIELDS}
        row |= {
            "at": to_column(silence.at),
            "until": to_column(silence.until),
            "max_severity": silence.max_severity.value,
        }
        row = {name: plain(value) for name, value in row.items()}
        return replace(silence, id=self._archive.insert("silence", row))

    def end_silence(self, number: int, *, by: str, now: datetime) -> bool:
        """End a silence before its time; False when none of that number holds."""
        changed = self._archive.execute(
            "UPDATE silence SET ended_at = ?, ended_by = ? WHERE id = ? AND ended_at IS NULL AND until > ?",
            [to_column(now), plain(by), number, to_column(now)],
        )
        return changed == 1

    def silences(self, now: datetime | None = None) -> tuple[Silence, ...]:
        """The silences that hold at a moment; all that ever were, latest first, when None."""
        rows = self._archive.query(
            """SELECT * FROM silence WHERE :now IS NULL OR (ended_at IS NULL AND at <= :now AND until > :now)
            ORDER BY id DESC""",
            {"now": to_column(now) if now else None},
        )
        return tuple(_silence(row) for row in rows)

    def silence_waiting(self, silenced: Iterable[tuple[int, str]]) -> int:
        """Take back what was never tried: (delivery, why) of each; how many were still there."""
        with self._archive.transaction():
            return sum(
                self._archive.execute(
                    """UPDATE delivery SET state = 'silenced', why = ?
                    WHERE id = ? AND state = 'pending' AND attempts = 0""",
                    [plain(why)[:500], number],
                )
                for number, why in silenced
            )

    def untried(self) -> list[tuple[int, str, Alert]]:
        """What waits and was never tried, withdrawals aside: delivery, channel, alert."""
        rows = self._archive.query(
            f"""SELECT d.id, d.channel, a.payload FROM delivery d JOIN alert a ON a.id = d.alert
            WHERE {UNTRIED} AND d.reason <> 'withdrawn' ORDER BY d.channel, d.id"""  # noqa: S608 - our own constant
        )
        return [(row["id"], row["channel"], unpack(Alert, row["payload"])) for row in rows]

    def acknowledge(self, ack: Ack) -> bool:
        """Note who looks after an event; False when somebody did already: the first word counts."""
        changed = self._archive.execute(
            "INSERT INTO ack (event, by, at, via, note) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            [ack.event, plain(ack.by), to_column(ack.at), ack.via, plain(ack.note)],
        )
        return changed == 1

    def take_back(self, event: str) -> bool:
        """Forget that somebody looks after an event; False when nobody did."""
        return self._archive.execute("DELETE FROM ack WHERE event = ?", [event]) == 1

    def ack(self, event: str) -> Ack | None:
        """Who looks after an event, or None."""
        return self.acks([event]).get(event)

    def acks(self, events: Sequence[str]) -> dict[str, Ack]:
        """Who looks after each of some events, by event; who looked after one that was merged into it counts, too."""
        marks = ", ".join("?" * len(events))
        rows = self._archive.query(
            f"""SELECT k.event, k.by, k.at, k.via, k.note, m.target FROM ack k
            LEFT JOIN event_merged m ON m.event = k.event
            WHERE k.event IN ({marks}) OR m.target IN ({marks}) ORDER BY k.at DESC""",  # noqa: S608 - question marks
            [*events, *events],
        )
        found = {}
        for row in rows:  # the first word last, so that it stays
            for event in {row["event"], row["target"]} & {*events}:
                found[event] = Ack(event, row["by"], datetime.fromisoformat(row["at"]), row["via"], row["note"])
        return found

    def messages_to_watch(self, since: datetime, limit: int = 500) -> dict[str, dict[str, tuple[str, ...]]]:
        """Channel -> message -> the events it tells, of messages at which nobody has reacted yet, latest first."""
        rows = self._archive.query(
            """SELECT d.channel, d.remote_id, d.event FROM delivery d JOIN event e ON e.id = d.event
            WHERE d.state = 'sent' AND d.created_at >= ? AND d.remote_id IS NOT NULL AND e.state <> 'withdrawn'
                AND (d.thread_root IS NULL OR d.thread_root = d.remote_id)
                AND NOT EXISTS (SELECT 1 FROM ack k WHERE k.event = d.event)
            ORDER BY d.created_at DESC, d.id DESC LIMIT ?""",
            [to_column(since), limit],
        )
        found: dict[str, dict[str, tuple[str, ...]]] = {}
        for row in rows:
            told = found.setdefault(row["channel"], {})
            told[row["remote_id"]] = (*told.get(row["remote_id"], ()), row["event"])
        return found

    def unanswered(self, since: datetime, lowest: Severity) -> list[tuple[Event, Alert, list[dict[str, Any]]]]:
        """Grave events that rang and that nobody has acknowledged: event, its latest alert, its deliveries.

        Args:
            lowest: Only events that rang at this severity or above.
        """
        rows = self._archive.query(
            f"""SELECT d.event, d.reason, d.rank, d.channel, d.recipient, coalesce(d.held_until, d.created_at) AS at
            FROM delivery d WHERE d.state NOT IN {_KEPT} AND d.event NOT IN ({ANSWERED})
                AND d.event IN (SELECT event FROM delivery WHERE created_at >= ? AND rank >= ? AND state NOT IN {_KEPT})
            ORDER BY d.id""",  # noqa: S608 - our own constants
            [to_column(since), lowest.rank],
        )
        by_event: dict[str, list[dict[str, Any]]] = {}
        for row in rows:
            row["at"] = datetime.fromisoformat(row["at"])
            by_event.setdefault(row["event"], []).append(row)
        found = []
        for event, told in by_event.items():
            body = self._archive.value("SELECT body FROM event WHERE id = ? AND state = 'open'", [event])
            last = self._archive.value(
                """SELECT payload FROM alert WHERE event = ? AND reason <> 'unacknowledged'
                ORDER BY version DESC, rowid DESC""",
                [event],
            )
            if body is not None and last is not None:
                found.append((unpack(Event, body), unpack(Alert, last), told))
        return found


def _silence(row: dict[str, Any]) -> Silence:
    return Silence(
        **{name: row[name] for name in ("id", "by", "why", "event", "watch", "event_type", "governorate", "channel")},
        at=datetime.fromisoformat(row["at"]),
        until=datetime.fromisoformat(row["until"]),
        max_severity=Severity(row["max_severity"]),
        ended_at=from_column(row["ended_at"]),
        ended_by=row["ended_by"],
    )
