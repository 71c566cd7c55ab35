"""A feed's rhythm; troubles that operators were told of; when deliveries began to run; items by feed and time."""

from __future__ import annotations

from tocsin.archive.library import Database

STATEMENTS = (
    "ALTER TABLE feed ADD COLUMN usual_gap_seconds INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE feed ADD COLUMN longest_gap_seconds INTEGER NOT NULL DEFAULT 0",
    """CREATE TABLE trouble (
        key TEXT PRIMARY KEY,
        event TEXT NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL,
        since TEXT NOT NULL, told TEXT NOT NULL
    ) STRICT""",
    "CREATE TABLE heartbeat (name TEXT PRIMARY KEY, since TEXT NOT NULL, last TEXT NOT NULL) STRICT",
    "CREATE INDEX item_seen ON item (feed, first_seen, article)",
)


def migrate(db: Database) -> None:
    """Add the columns, the tables and the index."""
    for statement in STATEMENTS:
        db.execute(statement)
