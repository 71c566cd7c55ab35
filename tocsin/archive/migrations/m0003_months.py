"""Postings by month, so that old months can be dropped; and what the archive has learned about addresses."""

from __future__ import annotations

from tocsin.archive.library import Database


def migrate(db: Database) -> None:
    """Move the postings of each month to a table of its own."""
    for (month,) in db.execute("SELECT DISTINCT substr(at, 1, 4) || substr(at, 6, 2) FROM article").fetchall():
        db.execute(
            f"CREATE TABLE fp_{month} "
            "(h INTEGER NOT NULL, d INTEGER NOT NULL, PRIMARY KEY (h, d)) STRICT, WITHOUT ROWID"
        )
        db.execute(
            f"""INSERT INTO fp_{month} (h, d) SELECT fp.h, fp.d FROM fp JOIN article a ON a.id = fp.d
            WHERE substr(a.at, 1, 4) || substr(a.at, 6, 2) = ? ORDER BY fp.h, fp.d""",  # noqa: S608 - digits
            [month],
        )
    db.execute("DROP TABLE fp")
    # a parameter without meaning on a host: equal counts the same text at two addresses, other a different one
    db.execute(
        """CREATE TABLE host_param (
            host TEXT NOT NULL, param TEXT NOT NULL, equal INTEGER NOT NULL DEFAULT 0, other INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (host, param)
        ) STRICT, WITHOUT ROWID"""
    )
