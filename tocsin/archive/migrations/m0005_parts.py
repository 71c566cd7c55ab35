"""Text that articles of different families share; and the articles that the search index has yet to read."""

from __future__ import annotations

from tocsin.archive.library import Database

STATEMENTS = (
    # contains: the article holds more of the other than the other way round; share: of the shorter of them
    """CREATE TABLE part (
        article INTEGER NOT NULL REFERENCES article (id) ON DELETE CASCADE,
        other INTEGER NOT NULL REFERENCES article (id) ON DELETE CASCADE,
        contains INTEGER NOT NULL, share REAL NOT NULL,
        PRIMARY KEY (article, other)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX part_other ON part (other)",
    "CREATE TABLE unread (article INTEGER PRIMARY KEY) STRICT",
)


def migrate(db: Database) -> None:
    """Make both tables."""
    for statement in STATEMENTS:
        db.execute(statement)
