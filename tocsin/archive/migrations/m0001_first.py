"""Feeds, items, articles with their versions and prints, assessments, events, runs, full text."""

from __future__ import annotations

from tocsin.archive.library import Database

STATEMENTS = (
    """CREATE TABLE feed (
        feed TEXT PRIMARY KEY,
        etag TEXT, last_modified TEXT, body_hash TEXT,
        status TEXT NOT NULL, detail TEXT NOT NULL,
        failures REAL NOT NULL, interval_seconds INTEGER NOT NULL,
        next_attempt_at TEXT, last_attempt_at TEXT, last_success_at TEXT, newest_item_at TEXT,
        url TEXT, title TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE article (
        id INTEGER PRIMARY KEY,
        url TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL, language TEXT NOT NULL,
        published TEXT, updated TEXT,
        authors TEXT NOT NULL, publisher TEXT NOT NULL, section TEXT NOT NULL, origins TEXT NOT NULL,
        canonical_url TEXT NOT NULL, feed TEXT NOT NULL, identity TEXT NOT NULL,
        status TEXT NOT NULL, rung TEXT NOT NULL, wire TEXT, seen TEXT,
        text_hash TEXT NOT NULL, version_hash TEXT NOT NULL, prints BLOB NOT NULL, at TEXT NOT NULL,
        copy_of INTEGER REFERENCES article (id) ON DELETE SET NULL,
        relation TEXT NOT NULL, overlap REAL NOT NULL, why TEXT NOT NULL,
        version INTEGER NOT NULL DEFAULT 1,
        first_seen TEXT NOT NULL, last_seen TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX article_text ON article (text_hash)",
    "CREATE INDEX article_family ON article (copy_of) WHERE copy_of IS NOT NULL",
    "CREATE INDEX article_at ON article (at)",
    # every name an article goes by: addresses, wire identities, feed entries
    """CREATE TABLE name (
        key TEXT PRIMARY KEY,
        article INTEGER NOT NULL REFERENCES article (id) ON DELETE CASCADE
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX name_article ON name (article)",
    # h: a print; d: the article. No foreign key: it would cost a look-up per posting.
    "CREATE TABLE fp (h INTEGER NOT NULL, d INTEGER NOT NULL, PRIMARY KEY (h, d)) STRICT, WITHOUT ROWID",
    """CREATE TABLE revision (
        article INTEGER NOT NULL REFERENCES article (id) ON DELETE CASCADE,
        version INTEGER NOT NULL,
        version_hash TEXT NOT NULL, title TEXT, text TEXT,
        seen TEXT NOT NULL, replaced TEXT NOT NULL, relation TEXT NOT NULL, diff TEXT NOT NULL,
        PRIMARY KEY (article, version)
    ) STRICT""",
    """CREATE TABLE item (
        feed TEXT NOT NULL, identity TEXT NOT NULL,
        url TEXT NOT NULL, title TEXT NOT NULL, content_hash TEXT NOT NULL,
        article INTEGER REFERENCES article (id) ON DELETE SET NULL,
        outcome TEXT NOT NULL, detail TEXT NOT NULL, retry_at TEXT, tries INTEGER NOT NULL,
        first_seen TEXT NOT NULL, last_seen TEXT NOT NULL, body TEXT,
        PRIMARY KEY (feed, identity)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX item_article ON item (article)",
    "CREATE INDEX item_retry ON item (retry_at) WHERE retry_at IS NOT NULL",
    """CREATE TABLE assessment (
        article INTEGER NOT NULL REFERENCES article (id) ON DELETE CASCADE,
        watch TEXT NOT NULL, flagged INTEGER NOT NULL, review INTEGER NOT NULL,
        score REAL NOT NULL, severity TEXT, at TEXT NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (article, watch)
    ) STRICT""",
    """CREATE TABLE event (
        id TEXT PRIMARY KEY,
        watch TEXT NOT NULL, state TEXT NOT NULL, version INTEGER NOT NULL, severity TEXT NOT NULL,
        gist TEXT NOT NULL, first_seen TEXT NOT NULL, last_seen TEXT NOT NULL, happened TEXT, body TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX event_open ON event (watch, state, last_seen)",
    """CREATE TABLE event_article (
        article INTEGER NOT NULL REFERENCES article (id) ON DELETE CASCADE,
        watch TEXT NOT NULL,
        event TEXT NOT NULL REFERENCES event (id) ON DELETE CASCADE,
        at TEXT NOT NULL, why TEXT NOT NULL,
        PRIMARY KEY (article, watch)
    ) STRICT""",
    "CREATE INDEX event_article_event ON event_article (event)",
    """CREATE TABLE event_change (
        event TEXT NOT NULL REFERENCES event (id) ON DELETE CASCADE,
        version INTEGER NOT NULL, at TEXT NOT NULL, article INTEGER,
        field TEXT NOT NULL, old TEXT NOT NULL, new TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX event_change_event ON event_change (event)",
    """CREATE TABLE run (
        id INTEGER PRIMARY KEY,
        started TEXT NOT NULL, finished TEXT NOT NULL, ok INTEGER NOT NULL, body TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX run_ok ON run (finished) WHERE ok",
    # folded by us: unicode61 knows neither hamza nor clitics
    """CREATE VIRTUAL TABLE article_fts USING fts5 (
        title, text, stems, tokenize = "unicode61 remove_diacritics 0"
    )""",
)


def migrate(db: Database) -> None:
    """Make the first tables."""
    for statement in STATEMENTS:
        db.execute(statement)
