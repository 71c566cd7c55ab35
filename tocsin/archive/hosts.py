"""What hosts are owed, by all processes of one archive: turns, pauses they asked for, their robots.txt.

A small SQLite file of its own beside the archive, so that taking a turn never waits for a feed's
transaction; its commits are not flushed one by one, since a power cut costs a second of politeness at
most, and a damaged file is made anew: under a lock, and whoever has the old one open goes over to the
new one at the next turn. A turn that a killed process holds is free. Times are Unix
seconds: processes share no other clock. One that went back is noticed, for nobody holds a turn for
longer than ``LONGEST``.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from tocsin.archive.connection import BUSY_SECONDS, archive_errors, immediate, write_ahead
from tocsin.archive.owners import dead, new_owner
from tocsin.errors import ArchiveError

LONGEST = 600.0  # seconds; a turn that seems to last longer was taken by a clock that has gone back since
LONGEST_PAUSE = 86_400.0
_AGAIN = 0.005  # seconds between two tries to be the only one who opens the file
FORGET = 30 * 86_400.0
_TABLES = (
    """CREATE TABLE IF NOT EXISTS host (
        host TEXT PRIMARY KEY, free_at REAL NOT NULL DEFAULT 0, owner TEXT NOT NULL DEFAULT '',
        paused_until REAL NOT NULL DEFAULT 0
    ) STRICT""",
    """CREATE TABLE IF NOT EXISTS robots (
        origin TEXT PRIMARY KEY, rules TEXT, why TEXT NOT NULL, until REAL NOT NULL
    ) STRICT""",
)


def _opened(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        write_ahead(db)
        db.execute("PRAGMA synchronous = NORMAL")
        for table in _TABLES:
            db.execute(table)
    except sqlite3.Error:
        db.close()
        raise
    return db


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keep other processes from opening the file meanwhile; a kill gives the lock back."""
    lock = path.with_name(f"{path.name}.lock")
    try:
        handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as exc:
        raise ArchiveError(str(lock), f"the lock file cannot be opened ({exc.strerror})") from exc
    end = time.monotonic() + BUSY_SECONDS
    try:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > end:
                    raise ArchiveError(
                        str(lock), f"another process kept it for more than {BUSY_SECONDS:.0f} s"
                    ) from None
            time.sleep(_AGAIN)
        yield
    finally:
        os.close(handle)


def _sound(path: Path) -> sqlite3.Connection:
    """The file, made anew where it is damaged."""
    with _alone(path):
        try:
            return _opened(path)
        except sqlite3.DatabaseError as exc:
            if isinstance(exc, sqlite3.OperationalError):
                raise  # locked, no room, no rights: the file itself may be sound
            for name in (f"{path.name}-wal", f"{path.name}-shm", path.name):
                path.with_name(name).unlink(missing_ok=True)
            return _opened(path)


class HostLedger:
    """The rows of all hosts; one value may be used from several threads."""

    def __init__(self, path: Path) -> None:
        self.path, self._owner = path, new_owner()
        self._mutex = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as exc:
            raise ArchiveError(str(path), f"its folder cannot be made ({exc.strerror})") from exc
        with self._errors():
            self._open()

    def _open(self) -> None:
        self._db = _sound(self.path)
        self._file = self.path.stat()

    @classmethod
    def beside(cls, archive: Path) -> HostLedger:
        """The ledger of an archive."""
        return cls(archive.with_name(f"{archive.name}.hosts"))

    @classmethod
    def of(cls, archive: Path) -> HostLedger | None:
        """The same for a command that asks hosts too; None where there is no archive, for it should make none."""
        return cls.beside(archive) if archive.exists() else None

    def close(self) -> None:
        """Close the file."""
        with self._mutex, self._errors():
            self._db.close()

    def take(self, host: str, *, now: float, hold: float) -> float:
        """Take the turn at a host for ``hold`` seconds at most; 0 when it is ours, else seconds until it may be."""
        with self._open_file(), immediate(self._db):
            row = self._db.execute("SELECT free_at, owner FROM host WHERE host = ?", [host]).fetchone()
            wait, holder = (row[0] - now, row[1]) if row else (0.0, "")
            if 0 < wait <= LONGEST and not (holder and dead(holder)):
                return float(wait)
            self._db.execute(
                "INSERT INTO host (host, free_at, owner) VALUES (?, ?, ?)"
                " ON CONFLICT (host) DO UPDATE SET free_at = excluded.free_at, owner = excluded.owner",
                [host, now + min(hold, LONGEST), self._owner],
            )
        return 0.0

    def give_back(self, host: str, *, free_at: float) -> None:
        """End our turn; the next one begins at ``free_at`` at the earliest."""
        with self._open_file():
            self._db.execute(
                "UPDATE host SET free_at = ?, owner = '' WHERE host = ? AND owner = ?", [free_at, host, self._owner]
            )

    def pause(self, host: str, until: float) -> None:
        """Remember that a host wants to be left alone."""
        with self._open_file():
            self._db.execute(
                "INSERT INTO host (host, paused_until) VALUES (?, ?)"
                " ON CONFLICT (host) DO UPDATE SET paused_until = excluded.paused_until",
                [host, until],
            )

    def paused_for(self, host: str, *, now: float) -> float:
        """Seconds that a host still wants to be left alone; 0 when it does not."""
        with self._open_file():
            row = self._db.execute("SELECT paused_until FROM host WHERE host = ?", [host]).fetchone()
        left = float(row[0]) - now if row else 0.0
        return left if 0 < left <= LONGEST_PAUSE else 0.0

    def robots(self, origin: str, *, now: float) -> tuple[str | None, str, float] | None:
        """The robots.txt of an origin while it is fresh: its text, why it could not be had, seconds that it is good."""
        with self._open_file():
            row = self._db.execute("SELECT rules, why, until FROM robots WHERE origin = ?", [origin]).fetchone()
        return (row[0], row[1], row[2] - now) if row and now < row[2] <= now + LONGEST_PAUSE else None

    def keep_robots(self, origin: str, rules: str | None, why: str, *, now: float, seconds: float) -> None:
        """Remember a robots.txt for a time, and forget what nobody asked for in a month."""
        with self._open_file(), immediate(self._db):
            self._db.execute("INSERT OR REPLACE INTO robots VALUES (?, ?, ?, ?)", [origin, rules, why, now + seconds])
            self._db.execute("DELETE FROM robots WHERE until < ?", [now - FORGET])
            self._db.execute("DELETE FROM host WHERE max(free_at, paused_until) < ?", [now - FORGET])

    @contextmanager
    def _open_file(self) -> Iterator[None]:
        """Use the file, the one that stands in its place now: another process may have made it anew."""
        with self._mutex, self._errors():
            try:
                same = os.path.samestat(self._file, self.path.stat())
            except FileNotFoundError:
                same = False
            if not same:
                self._db.close()
                self._open()
            yield

    def _errors(self) -> AbstractContextManager[None]:
        return archive_errors(str(self.path))
