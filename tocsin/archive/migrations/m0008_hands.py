"""Events that people joined or parted: where each went, and who did what when; and where events may be told again."""

from __future__ import annotations

from tocsin.archive.library import Database

STATEMENTS = (
    # what was merged is kept as it was: a later report that fits it belongs to the other
    """CREATE TABLE event_merged (
        event TEXT PRIMARY KEY REFERENCES event (id) ON DELETE CASCADE,
        target TEXT NOT NULL REFERENCES event (id) ON DELETE CASCADE
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX event_merged_target ON event_merged (target)",
    # articles: a JSON list of their numbers
    """CREATE TABLE event_hand (
        id INTEGER PRIMARY KEY,
        at TEXT NOT NULL, verb TEXT NOT NULL,
        event TEXT NOT NULL REFERENCES event (id) ON DELETE CASCADE,
        other TEXT NOT NULL REFERENCES event (id) ON DELETE CASCADE,
        articles TEXT NOT NULL, by TEXT NOT NULL, note TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX event_hand_event ON event_hand (event)",
    "CREATE INDEX event_hand_other ON event_hand (other)",
    # area: as ``events.areas`` names them; * is anywhere, which holds for events of before
    """CREATE TABLE event_area (
        event TEXT NOT NULL REFERENCES event (id) ON DELETE CASCADE,
        area TEXT NOT NULL,
        PRIMARY KEY (event, area)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX event_area_area ON event_area (area)",
    "INSERT INTO event_area (event, area) SELECT id, '*' FROM event",
)


def migrate(db: Database) -> None:
    """Make the tables; events of before may be told again anywhere."""
    for statement in STATEMENTS:
        db.execute(statement)
