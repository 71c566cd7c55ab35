"""What the desk said, as rows: silences, acknowledgements, what to do with channels that are gone; and retention.

Silences and acknowledgements are kept as long as the alerts of their time: who quietened what is part of its story.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from tocsin.archive.outbox import OPEN, UNTRIED
from tocsin.archive.rows import moment, plain, unpack, when
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

    # ----------------------------------------------------------------- silences

    def add_silence(self, silence: Silence) -> Silence:
        """Keep a silence; gives it back with its number."""
        row = {name: getattr(silence, name) for name in _FIELDS}
        row |= {"at": moment(silence.at), "until": moment(silence.until), "max_severity": silence.max_severity.value}
        row = {name: plain(value) for name, value in row.items()}
        return replace(silence, id=self._archive.insert("silence", row))

    def end_silence(self, number: int, *, by: str, now: datetime) -> bool:
        """End a silence before its time; False when none of that number holds."""
        changed = self._archive.execute(
            "UPDATE silence SET ended_at = ?, ended_by = ? WHERE id = ? AND ended_at IS NULL AND until > ?",
            [moment(now), plain(by), number, moment(now)],
        )
        return changed == 1

    def silences(self, now: datetime | None = None) -> tuple[Silence, ...]:
        """The silences that hold at a moment; all that ever were, latest first, when None."""
        rows = self._archive.query(
            """SELECT * FROM silence WHERE :now IS NULL OR (ended_at IS NULL AND at <= :now AND until > :now)
            ORDER BY id DESC""",
            {"now": moment(now) if now else None},
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

    # ----------------------------------------------------------------- acknowledgements

    def acknowledge(self, ack: Ack) -> bool:
        """Note who looks after an event; False when somebody did already: the first word counts."""
        changed = self._archive.execute(
            "INSERT INTO ack (event, by, at, via, note) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            [ack.event, plain(ack.by), moment(ack.at), ack.via, plain(ack.note)],
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
            [moment(since), limit],
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
            [moment(since), lowest.rank],
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

    def muted_by(self, operation: str, limit: int = 50) -> list[dict[str, Any]]:
        """The events that an operation muted as parts of it, latest first, as JSON-ready rows."""
        return self._archive.query(
            """SELECT DISTINCT d.event, json_extract(a.payload, '$.event.gist') AS gist, a.created_at
            FROM delivery d JOIN alert a ON a.id = d.alert
            WHERE d.state = 'inhibited' AND d.why LIKE ? ORDER BY a.created_at DESC LIMIT ?""",
            [f"part of {operation}:%", limit],
        )

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

    # ----------------------------------------------------------------- channels that are gone

    def waiting_by_channel(self) -> dict[str, int]:
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

    # ----------------------------------------------------------------- retention

    def prune(self, before: datetime) -> int:
        """Forget alerts of events that ended before a time; how many deliveries.

        While the archive has the event, one delivery of it stays for each recipient: the thread that a late word goes
        to, and the proof that it was told. What is not final stays.
        """
        old = moment(before)
        over = f"""alert.created_at < :old AND NOT EXISTS (SELECT 1 FROM event e
                WHERE e.id = alert.event AND e.last_seen >= :old)
            AND NOT EXISTS (SELECT 1 FROM delivery o WHERE o.event = alert.event
                AND o.state IN {OPEN})"""  # noqa: S608 - our own constant
        with self._archive.transaction():
            gone = self._archive.execute(
                f"""DELETE FROM delivery WHERE alert IN (SELECT id FROM alert WHERE {over}) AND (
                    NOT EXISTS (SELECT 1 FROM event e WHERE e.id = delivery.event)
                    OR id NOT IN (SELECT min(f.id) FROM delivery f WHERE f.event = delivery.event AND f.state = 'sent'
                        GROUP BY f.channel, f.recipient))""",  # noqa: S608 - our own constant
                {"old": old},
            )
            self._archive.execute(
                f"""DELETE FROM alert WHERE {over} AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.alert = alert.id)
                AND (NOT EXISTS (SELECT 1 FROM event e WHERE e.id = alert.event)
                    OR EXISTS (SELECT 1 FROM alert b WHERE b.event = alert.event AND b.id <> alert.id
                        AND EXISTS (SELECT 1 FROM delivery d WHERE d.alert = b.id)))""",  # noqa: S608
                {"old": old},
            )
            self._archive.execute("DELETE FROM ack WHERE at < ? AND event NOT IN (SELECT id FROM event)", [old])
            self._archive.execute("DELETE FROM silence WHERE until < ?", [old])
        return gone


def _silence(row: dict[str, Any]) -> Silence:
    return Silence(
        **{name: row[name] for name in ("id", "by", "why", "event", "watch", "event_type", "governorate", "channel")},
        at=datetime.fromisoformat(row["at"]),
        until=datetime.fromisoformat(row["until"]),
        max_severity=Severity(row["max_severity"]),
        ended_at=when(row["ended_at"]),
        ended_by=row["ended_by"],
    )
