"""The outbox's rows: each alert as it was when it was made, each delivery with its state.

Each step is committed before the next one begins: a delivery is claimed before the first byte leaves, marked as
committing before the byte after which it may have arrived, and marked as sent when the answer is in.
``alerts/outbox.py`` decides the next state; this module stores it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from tocsin.archive.rows import from_column, pack, plain, to_column, unpack
from tocsin.archive.store import Store
from tocsin.events.coverage import frozen
from tocsin.model import Ack, Alert, AlertReason, Delivery, DeliveryState, Planned, Thread

OPEN = "('pending', 'sending', 'unknown')"
UNHEARD = "state IN ('dead', 'silenced', 'inhibited', 'merged') AND NOT doubted"
UNTRIED = f"state IN {OPEN} AND state = 'pending' AND attempts = 0"  # as the index says it, so that it is used
_FROM = """SELECT d.*, a.payload, k.by AS ack_by, k.at AS ack_at, k.via AS ack_via, k.note AS ack_note
    FROM delivery d JOIN alert a ON a.id = d.alert LEFT JOIN ack k ON k.event = d.event"""


def idem_of(alert: Alert, channel: str, recipient: str) -> str:
    """The key of a delivery for receivers; the same after a restore, which renumbers rows."""
    return str(uuid5(NAMESPACE_URL, "\n".join(("tocsin", alert.id, channel, recipient))))


class Outbox:
    """The alerts and deliveries of one archive; each call is one transaction, or part of the caller's."""

    def __init__(self, archive: Store) -> None:
        self._archive = archive

    def enqueue(
        self,
        alert: Alert,
        targets: Iterable[Planned | tuple[str, str]],
        *,
        now: datetime,
        only_reached: bool = True,
    ) -> int:
        """Put an alert on its way as planned, a bare target at once; how many are new. Doing it twice changes nothing.

        A withdrawal also stops what was made before it and has not left yet.

        Args:
            only_reached: A withdrawal goes only to those whom something about its event may have reached.
        """
        at, event = to_column(now), alert.event
        plans = [each if isinstance(each, Planned) else Planned(*each) for each in targets]
        with self._archive.transaction():
            self._archive.execute(
                """INSERT INTO alert (id, event, reason, version, severity, payload, created_at)
                VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING""",
                [
                    alert.id,
                    event.id,
                    alert.reason.value,
                    event.version,
                    event.severity.value,
                    plain(pack(frozen(alert))),
                    at,
                ],
            )
            if alert.reason is AlertReason.WITHDRAWN:
                self._stop(event.id, event.version)
                reached = set(self.told(event.id))
                plans = [each for each in plans if not only_reached or (each.channel, each.recipient) in reached]
            return sum(self._add(alert, each, at) for each in plans)

    def _add(self, alert: Alert, planned: Planned, at: str) -> int:
        event = alert.event
        held = to_column(planned.held_until)
        new = self._archive.execute(
            """INSERT INTO delivery (alert, event, reason, version, channel, recipient, idem, rank, state,
                not_before, held_until, why, created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING""",
            [
                alert.id,
                event.id,
                alert.reason.value,
                event.version,
                planned.channel,
                planned.recipient,
                idem_of(alert, planned.channel, planned.recipient),
                event.severity.rank,
                planned.state.value,
                held or at,
                held,
                plain(planned.why)[:500],
                at,
            ],
        )
        if new and planned.state is DeliveryState.PENDING:
            self._merge(alert, planned)
        return new

    def _merge(self, alert: Alert, planned: Planned) -> None:
        """Let an alert take the place of what is still held about its event for the same recipient, and of its turn."""
        key = [alert.event.id, planned.channel, planned.recipient]
        earlier = """event = ? AND channel = ? AND recipient = ? AND state = 'pending' AND attempts = 0
            AND held_until IS NOT NULL AND alert <> ?"""
        mine = [*key, alert.id]
        turn = self._archive.value(f"SELECT min(held_until) FROM delivery WHERE {earlier}", mine)  # noqa: S608
        if turn is None:
            return
        self._archive.execute(
            f"UPDATE delivery SET state = 'merged', why = ? WHERE {earlier}",  # noqa: S608 - our own constant
            [f"told by {alert.id}", *mine],
        )
        self._archive.execute(
            """UPDATE delivery SET not_before = min(held_until, ?), held_until = min(held_until, ?)
            WHERE event = ? AND channel = ? AND recipient = ? AND alert = ? AND held_until IS NOT NULL""",
            [turn, turn, *mine],
        )

    def _stop(self, event: str, version: int) -> None:
        """Give up what was made about an event before this version of it and has surely not left."""
        self._archive.execute(
            """UPDATE delivery SET state = 'dead', error = 'withdrawn before it was sent'
            WHERE event = ? AND version < ? AND state = 'pending' AND NOT doubted AND reason <> 'withdrawn'""",
            [event, version],
        )

    def recover(self, channel: str, *, settle: timedelta, now: datetime) -> int:
        """Set back what a process that died had claimed; how many rows. Only for the holder of the lock.

        A delivery marked as committing may have arrived: it is unknown, and looked up after ``settle``. One that was
        only claimed did not leave: it is pending.
        """
        with self._archive.transaction():
            return self._archive.execute(
                f"""UPDATE delivery SET error = 'the process ended while sending',
                not_before = CASE WHEN committing IS NULL THEN ? ELSE ? END,
                state = CASE WHEN committing IS NULL THEN 'pending' ELSE 'unknown' END,
                doubted = doubted OR committing IS NOT NULL,
                batch = CASE WHEN doubted OR committing IS NOT NULL THEN batch END
                WHERE channel = ? AND state IN {OPEN} AND state = 'sending'""",  # noqa: S608 - our own constant
                [to_column(now), to_column(now + settle), channel],
            )

    def waiting(self, channel: str, *, now: datetime, paused: Collection[str] = (), limit: int = 200) -> list[Delivery]:
        """The deliveries of a channel that are not final: those that are due first, of them the gravest, the oldest.

        A delivery that follows another about the same event to the same recipient is left out until that one is final.

        Args:
            paused: Recipients whose deliveries are left out, so that those of the others are within the limit.
        """
        marks = ", ".join("?" * len(paused))
        rows = self._archive.query(
            f"""{_FROM}
            WHERE d.channel = ? AND d.state IN {OPEN} AND d.recipient NOT IN ({marks})
            AND NOT EXISTS (
                SELECT 1 FROM delivery e WHERE e.event = d.event AND e.channel = d.channel
                AND e.recipient = d.recipient AND e.id < d.id AND e.state IN {OPEN})
            ORDER BY d.not_before > ?, CASE WHEN d.not_before > ? THEN d.not_before END,
            d.doubted DESC, d.rank DESC, d.id LIMIT ?""",  # noqa: S608 - our own constants
            [channel, *paused, to_column(now), to_column(now), limit],
        )
        return [self._delivery(row) for row in rows]

    def claim(self, ids: Sequence[int], *, now: datetime) -> tuple[Delivery, ...]:
        """Commit that deliveries are being sent; those that are no longer pending are left out."""
        with self._archive.transaction():
            taken = [i for i in ids if self._claim(i, now)]
            claimed = [self._one(i) for i in taken]
            batch = str(uuid5(NAMESPACE_URL, "\n".join(sorted(d.idem for d in claimed))))
            self._archive.executemany("UPDATE delivery SET batch = ? WHERE id = ?", [(batch, i) for i in taken])
            return tuple(replace(d, batch=batch) for d in claimed)

    def _claim(self, delivery: int, now: datetime) -> bool:
        changed = self._archive.execute(
            """UPDATE delivery SET state = 'sending', claimed_at = ?, committing = NULL, attempts = attempts + 1
            WHERE id = ? AND state = 'pending'""",
            [to_column(now), delivery],
        )
        return changed == 1

    def mark_committing(self, ids: Sequence[int], *, now: datetime) -> None:
        """Commit that from now on the message may have arrived."""
        with self._archive.transaction():
            self._archive.executemany(
                "UPDATE delivery SET committing = ? WHERE id = ? AND state = 'sending'",
                [(to_column(now), i) for i in ids],
            )

    def mark_sent(self, ids: Sequence[int], *, remote_id: str | None, thread: Thread | None, now: datetime) -> None:
        """Note that a message arrived; final."""
        root, subject = (thread.root, thread.subject) if thread is not None else (None, None)
        with self._archive.transaction():
            self._archive.executemany(
                """UPDATE delivery SET state = 'sent', sent_at = ?, remote_id = ?, thread_root = ?, thread_subject = ?,
                error = '' WHERE id = ? AND state <> 'sent'""",
                [(to_column(now), remote_id, root, subject, i) for i in ids],
            )

    def mark(
        self, ids: Sequence[int], state: DeliveryState, *, error: str, not_before: datetime, absent: bool = False
    ) -> None:
        """Note where deliveries that were not sent stand now, and when to look at them again.

        Args:
            absent: A look-up did not find them, so they did not arrive.
        """
        doubted = "1" if state is DeliveryState.UNKNOWN else "0" if absent else "doubted"
        with self._archive.transaction():
            self._archive.executemany(
                f"""UPDATE delivery SET state = ?, error = ?, not_before = ?, doubted = {doubted},
                batch = CASE WHEN {doubted} THEN batch END WHERE id = ? AND state <> 'sent'""",  # noqa: S608 - ours
                [(state.value, plain(error)[:500], to_column(not_before), i) for i in ids],
            )

    def doubt_all(self, channel: str, *, now: datetime) -> int:
        """Mark everything of a channel that is due and not final as unknown, to be looked up first; how many.

        For an archive restored from a backup: what is pending in the backup may have been sent after it was made.
        """
        with self._archive.transaction():
            return self._archive.execute(
                f"""UPDATE delivery SET state = 'unknown', doubted = 1, not_before = ?,
                error = 'the archive was restored' WHERE channel = ? AND state IN {OPEN}
                AND (held_until IS NULL OR held_until <= ?)""",  # noqa: S608
                [to_column(now), channel, to_column(now)],
            )

    def open_channels(self) -> tuple[str, ...]:
        """The channels for which something is not final."""
        rows = self._archive.query(f"SELECT DISTINCT channel FROM delivery WHERE state IN {OPEN} ORDER BY 1")  # noqa: S608
        return tuple(row["channel"] for row in rows)

    def pending_counts(self) -> dict[str, int]:
        """How many deliveries are in each state."""
        rows = self._archive.query("SELECT state, count(*) AS n FROM delivery GROUP BY state")
        return {row["state"]: row["n"] for row in rows}

    def count_open(self) -> int:
        """How many deliveries are not final."""
        return int(self._archive.value(f"SELECT count(*) FROM delivery WHERE state IN {OPEN}"))  # noqa: S608

    def count_held(self, now: datetime) -> int:
        """How many deliveries wait for a digest or for the end of quiet hours."""
        return int(
            self._archive.value(
                f"SELECT count(*) FROM delivery WHERE {UNTRIED} AND held_until > ?",  # noqa: S608 - our own constant
                [to_column(now)],
            )
        )

    def rang(self, event: str) -> bool:
        """Whether an alert about an event was ever made."""
        return self._archive.value("SELECT 1 FROM alert WHERE event = ? LIMIT 1", [event]) is not None

    def told(self, event: str) -> list[tuple[str, str]]:
        """Every (channel, recipient) that a message about an event has reached, may have, or is about to."""
        rows = self._archive.query(
            f"""SELECT channel, recipient FROM delivery WHERE event = ? AND NOT ({UNHEARD})
            GROUP BY channel, recipient ORDER BY min(id)""",  # noqa: S608 - our own constant
            [event],
        )
        return [(row["channel"], row["recipient"]) for row in rows]

    def superseded(self, alert: Alert, channel: str, recipient: str) -> bool:
        """Whether a recipient has, or is about to have, a later word about the event of an alert."""
        found = self._archive.value(
            f"""SELECT 1 FROM delivery WHERE event = ? AND channel = ? AND recipient = ? AND version > ?
            AND NOT ({UNHEARD}) LIMIT 1""",  # noqa: S608 - our own constant
            [alert.event.id, channel, recipient, alert.event.version],
        )
        return found is not None

    def reached(self, event: str) -> frozenset[tuple[str, str]]:
        """Every (channel, recipient) that a message about an event has reached, or may have."""
        rows = self._archive.query(
            """SELECT DISTINCT channel, recipient FROM delivery
            WHERE event = ? AND (state IN ('sending', 'unknown', 'sent') OR doubted)""",
            [event],
        )
        return frozenset((row["channel"], row["recipient"]) for row in rows)

    def thread_of(self, event: str, channel: str, recipient: str) -> Thread | None:
        """Where the earlier messages about an event stand with a recipient, or None."""
        rows = self._archive.query(
            """SELECT thread_root, thread_subject FROM delivery WHERE event = ? AND channel = ? AND recipient = ?
            AND state = 'sent' AND thread_root IS NOT NULL ORDER BY id LIMIT 1""",
            [event, channel, recipient],
        )
        return Thread(rows[0]["thread_root"], rows[0]["thread_subject"] or "") if rows else None

    def muted_by(self, operation: str, limit: int = 50) -> list[dict[str, Any]]:
        """The events that an operation muted as parts of it, latest first, as JSON-ready rows."""
        return self._archive.query(
            """SELECT DISTINCT d.event, json_extract(a.payload, '$.event.gist') AS gist, a.created_at
            FROM delivery d JOIN alert a ON a.id = d.alert
            WHERE d.state = 'inhibited' AND d.why LIKE ? ORDER BY a.created_at DESC LIMIT ?""",
            [f"part of {operation}:%", limit],
        )

    def list_alerts(
        self, limit: int = 50, event: str | None = None, *, state: str | None = None
    ) -> list[dict[str, Any]]:
        """Deliveries, latest first, as JSON-ready rows; an alert that no route took is not among them."""
        return self._archive.query(
            """SELECT a.id AS alert, a.event, a.reason, a.version, a.severity,
                json_extract(a.payload, '$.event.gist') AS gist, d.channel, d.recipient, d.state, d.attempts,
                a.created_at, d.sent_at, d.not_before, coalesce(d.error, '') AS error, d.remote_id,
                d.held_until, d.why, k.by AS acknowledged_by, k.at AS acknowledged_at,
                round((julianday(d.sent_at) - julianday(json_extract(a.payload, '$.article.seen'))) * 86400, 1)
                    AS seconds_since_seen,
                round((julianday(d.sent_at) - julianday(json_extract(a.payload, '$.article.published'))) * 86400, 1)
                    AS seconds_since_published
            FROM alert a JOIN delivery d ON d.alert = a.id LEFT JOIN ack k ON k.event = a.event
            WHERE (:event IS NULL OR a.event = :event) AND (:state IS NULL OR d.state = :state
                OR (:state = 'held' AND d.state = 'pending' AND d.attempts = 0 AND d.held_until IS NOT NULL))
            ORDER BY d.id DESC LIMIT :limit""",
            {"event": event, "state": state, "limit": limit},
        )

    def latencies(self, since: datetime) -> list[float]:
        """Seconds from the fetch of what rang to the channel's yes, of everything sent since a time; shortest first.

        What waited on purpose, for a digest or the end of quiet hours, is left out.
        """
        rows = self._archive.query(
            """SELECT (julianday(d.sent_at) - julianday(json_extract(a.payload, '$.article.seen'))) * 86400 AS seconds
            FROM delivery d JOIN alert a ON a.id = d.alert
            WHERE d.sent_at >= ? AND d.held_until IS NULL AND json_extract(a.payload, '$.article.seen') IS NOT NULL
            ORDER BY 1""",
            [to_column(since)],
        )
        return [max(0.0, float(row["seconds"])) for row in rows]

    def _one(self, delivery: int) -> Delivery:
        rows = self._archive.query(
            f"{_FROM} WHERE d.id = ?",
            [delivery],
        )
        return self._delivery(rows[0])

    def _delivery(self, row: dict[str, Any]) -> Delivery:
        return Delivery(
            id=row["id"],
            alert=unpack(Alert, row["payload"]),
            channel=row["channel"],
            recipient=row["recipient"],
            idem=row["idem"],
            state=DeliveryState(row["state"]),
            attempts=row["attempts"],
            created_at=datetime.fromisoformat(row["created_at"]),
            not_before=datetime.fromisoformat(row["not_before"]),
            claimed_at=from_column(row["claimed_at"]),
            remote_id=row["remote_id"],
            thread=self.thread_of(row["event"], row["channel"], row["recipient"]),
            error=row["error"],
            batch=row["batch"] or "",
            held_until=from_column(row["held_until"]),
            acked=_ack(row),
        )


def _ack(row: dict[str, Any]) -> Ack | None:
    if row["ack_by"] is None:
        return None
    at = datetime.fromisoformat(row["ack_at"])
    return Ack(row["event"], row["ack_by"], at, row["ack_via"], row["ack_note"])
