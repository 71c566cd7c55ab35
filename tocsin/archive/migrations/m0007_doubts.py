"""What may have arrived: which deliveries left as one message, and whether one of them was ever doubtful."""

from __future__ import annotations

from tocsin.archive.library import Database


def migrate(db: Database) -> None:
    """Add the message that a delivery left in, and its doubt."""
    db.execute("ALTER TABLE delivery ADD COLUMN batch TEXT")
    db.execute("ALTER TABLE delivery ADD COLUMN doubted INTEGER NOT NULL DEFAULT 0")
    db.execute("UPDATE delivery SET doubted = 1 WHERE state = 'unknown'")
