"""What the desk says: silences and acknowledgements; and deliveries that are held, silenced, muted or merged."""

from __future__ import annotations

import re

from tocsin.archive.library import Database

STATES = "('pending', 'sending', 'unknown', 'sent', 'dead', 'silenced', 'inhibited', 'merged')"
STATEMENTS = (
    "ALTER TABLE delivery ADD COLUMN held_until TEXT",
    "ALTER TABLE delivery ADD COLUMN why TEXT NOT NULL DEFAULT ''",
    "CREATE INDEX delivery_created ON delivery (created_at)",
    "CREATE INDEX delivery_sent ON delivery (sent_at) WHERE sent_at IS NOT NULL",
    """CREATE TABLE silence (
        id INTEGER PRIMARY KEY,
        by TEXT NOT NULL, why TEXT NOT NULL, at TEXT NOT NULL, until TEXT NOT NULL,
        event TEXT NOT NULL, watch TEXT NOT NULL, event_type TEXT NOT NULL, governorate TEXT NOT NULL,
        channel TEXT NOT NULL, max_severity TEXT NOT NULL,
        ended_at TEXT, ended_by TEXT NOT NULL DEFAULT ''
    ) STRICT""",
    """CREATE TABLE ack (
        event TEXT PRIMARY KEY, by TEXT NOT NULL, at TEXT NOT NULL, via TEXT NOT NULL, note TEXT NOT NULL
    ) STRICT, WITHOUT ROWID""",
    # what an operator was told of a channel that is gone, so that it is told once
    "CREATE TABLE told_of_channel (channel TEXT PRIMARY KEY, at TEXT NOT NULL) STRICT, WITHOUT ROWID",
)


def migrate(db: Database) -> None:
    """Let deliveries have more states, and make the desk's tables."""
    _allow_states(db)
    for statement in STATEMENTS:
        db.execute(statement)


def _allow_states(db: Database) -> None:
    """Make the table again with a wider CHECK, which SQLite cannot change; its columns stay as they are."""
    (made,) = db.execute("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'delivery'").fetchone()
    rest = db.execute(
        "SELECT sql FROM sqlite_master WHERE tbl_name = 'delivery' AND type IN ('index', 'trigger') AND sql IS NOT NULL"
    ).fetchall()
    wider = re.sub(r"CHECK \(state IN \([^)]*\)\)", f"CHECK (state IN {STATES})", made)
    db.execute(re.sub(r'^CREATE TABLE "?delivery"?', "CREATE TABLE delivery_wider", wider))
    db.execute("INSERT INTO delivery_wider SELECT * FROM delivery")
    db.execute("DROP TABLE delivery")
    db.execute("ALTER TABLE delivery_wider RENAME TO delivery")
    for (statement,) in rest:
        db.execute(statement)
