"""What holds for each SQLite file of ours: all or nothing with the write lock, and errors that say what to do."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tocsin.errors import ArchiveError

BUSY_SECONDS = 30.0  # that one process waits for another's transaction
_AGAIN_SECONDS = 0.005


def write_ahead(connection: sqlite3.Connection) -> None:
    """Have the file keep a write-ahead log, waiting for others that open it at this moment.

    SQLite waits for a lock in every statement but this one: whoever makes the switch asks for the whole
    file while it reads it, and two that do so at once would wait for each other. So it fails at once.
    """
    end = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as exc:
            if exc.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
        time.sleep(_AGAIN_SECONDS)


@contextmanager
def immediate(connection: sqlite3.Connection) -> Iterator[None]:
    """One transaction that has the write lock from the start; undone whole when anything goes wrong."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def archive_errors(file: str) -> Iterator[None]:
    """Let every error of SQLite leave as an ``ArchiveError`` that names the file."""
    try:
        yield
    except sqlite3.Error as exc:
        raise ArchiveError(file, explained(exc)) from exc


def explained(error: sqlite3.Error) -> str:
    """What SQLite says, and what to do about it."""
    said = str(error)
    if "malformed" in said or "not a database" in said:
        return f"the file is damaged ({said}); stop, move it away, and restore the latest backup"
    if "unable to open" in said:
        return f"{said}; check that the folder exists and may be written to"
    if "readonly" in said:
        return f"{said}; check the owner and rights of the file and of its folder"
    if "locked" in said or "busy" in said:
        return f"{said}: another process kept it for more than {BUSY_SECONDS:.0f} s; see which one holds it"
    if "disk is full" in said or "disk I/O" in said:
        return f"{said}; make room on the disk, nothing was half-written"
    return said
