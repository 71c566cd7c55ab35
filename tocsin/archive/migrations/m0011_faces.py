"""Which merged events still speak for their target: one that lost an article to a split only says where it went."""

from __future__ import annotations

from tocsin.archive.library import Database


def migrate(db: Database) -> None:
    """Add the column."""
    db.execute("ALTER TABLE event_merged ADD COLUMN face INTEGER NOT NULL DEFAULT 1")
