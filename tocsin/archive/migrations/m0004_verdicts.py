"""What the desk says of articles, each with the words it judged: retention may take the article, not the lesson."""

from __future__ import annotations

from tocsin.archive.library import Database

STATEMENTS = (
    """CREATE TABLE verdict (
        id INTEGER PRIMARY KEY,
        article INTEGER, event TEXT, watch TEXT NOT NULL,
        verdict TEXT NOT NULL, note TEXT NOT NULL, by TEXT NOT NULL, at TEXT NOT NULL,
        score REAL, title TEXT NOT NULL, text TEXT NOT NULL, language TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX verdict_article ON verdict (article, watch)",
    "CREATE INDEX assessment_review ON assessment (at) WHERE review",
)


def migrate(db: Database) -> None:
    """Make the table of verdicts, and what finds the review shelf."""
    for statement in STATEMENTS:
        db.execute(statement)
