"""A part of a transaction that is undone alone: what one article cannot have costs the others nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from tocsin.archive.store import Store
from tocsin.errors import ArchiveError

# What SQLite says of a statement of ours, not of the file or the disk: the next statement may be well.
_OURS = (sqlite3.IntegrityError, sqlite3.DataError, sqlite3.InterfaceError, sqlite3.ProgrammingError)


@contextmanager
def savepoint(archive: Store) -> Iterator[None]:
    """Undo what is done inside when it fails, and let the error go on; inside a transaction."""
    archive.execute("SAVEPOINT apart")
    try:
        yield
    except BaseException:
        archive.execute("ROLLBACK TO apart")
        archive.execute("RELEASE apart")
        raise
    archive.execute("RELEASE apart")


def is_our_fault(error: ArchiveError) -> bool:
    """True when a statement of ours was wrong, and the archive itself is well."""
    return isinstance(error.__cause__, _OURS)
