"""Feeds whose ids change: their items are known by their addresses."""

from __future__ import annotations

from sqlite_utils import Database


def migrate(db: Database) -> None:
    """Add the column."""
    db.execute("ALTER TABLE feed ADD COLUMN by_address INTEGER NOT NULL DEFAULT 0")
