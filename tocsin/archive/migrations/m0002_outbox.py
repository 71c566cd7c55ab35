"""Alerts, frozen, and their deliveries: what is on its way to whom."""

from __future__ import annotations

from tocsin.archive.library import Database

STATEMENTS = (
    """CREATE TABLE alert (
        id TEXT PRIMARY KEY,
        event TEXT NOT NULL, reason TEXT NOT NULL, version INTEGER NOT NULL,
        severity TEXT NOT NULL, payload TEXT NOT NULL, created_at TEXT NOT NULL,
        UNIQUE (event, reason, version)
    ) STRICT""",
    "CREATE INDEX alert_created ON alert (created_at)",
    """CREATE TABLE delivery (
        id INTEGER PRIMARY KEY,
        alert TEXT NOT NULL REFERENCES alert (id),
        event TEXT NOT NULL, reason TEXT NOT NULL, version INTEGER NOT NULL,
        channel TEXT NOT NULL, recipient TEXT NOT NULL,
        idem TEXT NOT NULL UNIQUE,
        rank INTEGER NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('pending', 'sending', 'unknown', 'sent', 'dead')),
        attempts INTEGER NOT NULL DEFAULT 0,
        not_before TEXT NOT NULL,
        claimed_at TEXT, committing TEXT,
        remote_id TEXT, thread_root TEXT, thread_subject TEXT,
        sent_at TEXT, error TEXT NOT NULL DEFAULT '', created_at TEXT NOT NULL,
        UNIQUE (event, reason, version, channel, recipient)
    ) STRICT""",
    "CREATE INDEX delivery_open ON delivery (channel, not_before) WHERE state IN ('pending', 'sending', 'unknown')",
    "CREATE INDEX delivery_thread ON delivery (event, channel, recipient)",
    "CREATE INDEX delivery_alert ON delivery (alert)",
    """CREATE TRIGGER sent_is_final BEFORE UPDATE ON delivery
    WHEN old.state = 'sent' AND (new.state <> 'sent' OR new.alert <> old.alert OR new.remote_id IS NOT old.remote_id)
    BEGIN SELECT raise(ABORT, 'a sent delivery is final'); END""",
    """CREATE TRIGGER alert_is_frozen BEFORE UPDATE OF id, event, reason, version, payload ON alert
    BEGIN SELECT raise(ABORT, 'an alert is frozen once made'); END""",
)


def migrate(db: Database) -> None:
    """Make the outbox tables."""
    for statement in STATEMENTS:
        db.execute(statement)
