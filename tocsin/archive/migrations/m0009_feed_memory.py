"""What a feed is known by, where it moved, when it was last seen itself; leases, so that no two runs poll one feed."""

from __future__ import annotations

from tocsin.archive.library import Database

COLUMNS = (
    "asked_url TEXT",
    "moved_to TEXT",
    "moved_times INTEGER NOT NULL DEFAULT 0",
    "last_body_at TEXT",
    "ttl_seconds INTEGER NOT NULL DEFAULT 0",
    "skip TEXT NOT NULL DEFAULT ''",
    "known_streak INTEGER NOT NULL DEFAULT 0",
    "items_shown INTEGER NOT NULL DEFAULT 0",
    "gap_at TEXT",
    "gaps INTEGER NOT NULL DEFAULT 0",
    "link_hosts TEXT NOT NULL DEFAULT ''",
    "script TEXT NOT NULL DEFAULT ''",
    "suspect TEXT NOT NULL DEFAULT ''",
    "by_address INTEGER NOT NULL DEFAULT 0",  # its ids change: items are known by their addresses
)


def migrate(db: Database) -> None:
    """Add the columns and the table."""
    for column in COLUMNS:
        db.execute(f"ALTER TABLE feed ADD COLUMN {column}")
    db.execute("UPDATE feed SET last_body_at = last_success_at")
    db.execute("CREATE TABLE lease (feed TEXT PRIMARY KEY, owner TEXT NOT NULL, until TEXT NOT NULL) STRICT")
