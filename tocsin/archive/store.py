"""The connection: pragmas, one kind of transaction, locks between processes, every SQLite error as an ArchiveError."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tocsin.archive.connection import BUSY_SECONDS, archive_errors, immediate, write_ahead
from tocsin.archive.library import Database
from tocsin.archive.migrate import migrate
from tocsin.errors import ArchiveError

CHECK_BYTES = 64 * 2**20  # an archive up to this size is checked once in each process, a larger one by upkeep
_PRAGMAS = (
    "PRAGMA synchronous = FULL",  # a claim that a power cut undoes would be sent twice
    "PRAGMA foreign_keys = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -32768",
    "PRAGMA mmap_size = 1073741824",
    "PRAGMA journal_size_limit = 67108864",
)

_CHECKED: set[tuple[int, int]] = set()  # files that this process found sound: a poll opens the archive for each feed


class Store:
    """A SQLite file that one process writes at a time; one value may be used from several threads."""

    def __init__(self, path: Path | None) -> None:
        self.path = path or Path(":memory:")
        self._mutex = threading.RLock()
        self._depth = 0
        self._held: set[str] = set()
        with self._errors():
            self.connection = sqlite3.connect(
                path or ":memory:", timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
        try:
            with self._errors():
                self._prepare()
        except BaseException:
            self.connection.close()
            raise

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open an archive, or make it where there is none; bring its tables up to date.

        Raises:
            ArchiveError: it cannot be opened, is damaged, or was made by a newer Tocsin.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as exc:
            raise ArchiveError(
                str(path), f"its folder cannot be made ({exc.strerror}); choose another `archive:`"
            ) from exc
        if path.is_dir():
            raise ArchiveError(str(path), "is a folder; `archive:` must name a file")
        return cls(path)

    @classmethod
    def memory(cls) -> Self:
        """An archive that ends with the process: for ``tocsin replay`` and for tests."""
        return cls(None)

    def _prepare(self) -> None:
        write_ahead(self.connection)
        for pragma in _PRAGMAS:
            self.connection.execute(pragma)
        self.db = Database(self.connection)
        self._check_once()
        migrate(self.db, str(self.path))

    def _check_once(self) -> None:
        """Look for damage the first time that this process opens the file, while that takes a fraction of a second."""
        if not self.path.exists():
            return
        file = self.path.stat()
        if (file.st_dev, file.st_ino) in _CHECKED or not 0 < file.st_size <= CHECK_BYTES:
            return
        found = self.connection.execute("PRAGMA quick_check(1)").fetchone()
        if found[0] != "ok":
            raise sqlite3.DatabaseError(f"malformed: {found[0]}")
        _CHECKED.add((file.st_dev, file.st_ino))

    def close(self) -> None:
        """Close the file; closing twice is no error."""
        with self._errors():
            self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, with the write lock from the start; inside another it joins that one.

        ``BEGIN IMMEDIATE``: what is looked up inside stays true until the commit, whatever other
        processes do, and waiting for the lock honours the time-out.
        """
        with self._mutex, self._errors():
            if self._depth:
                yield
                return
            with immediate(self.connection):
                self._depth = 1
                try:
                    yield
                finally:
                    self._depth = 0

    def query(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> list[dict[str, Any]]:
        """The rows of a SELECT as dicts."""
        with self._mutex, self._errors():
            cursor = self.connection.execute(sql, parameters)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor]

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The same as tuples, where a dict for each would cost more than the reading."""
        with self._mutex, self._errors():
            return self.connection.execute(sql, parameters).fetchall()

    def execute(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> int:
        """Run one statement; the number of rows it changed."""
        with self._mutex, self._errors():
            return self.connection.execute(sql, parameters).rowcount

    def insert(self, table: str, row: dict[str, Any]) -> int:
        """Add one row; its number. A third of the cost of the library's insert, which looks at the table first."""
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        with self._mutex, self._errors():
            sql = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608 - the names are ours
            return int(self.connection.execute(sql, list(row.values())).lastrowid or 0)

    def executemany(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run one statement for each row."""
        with self._mutex, self._errors():
            self.connection.executemany(sql, rows)

    def value(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        """The first column of the first row, or None."""
        with self._mutex, self._errors():
            row = self.connection.execute(sql, parameters).fetchone()
            return row[0] if row else None

    @contextmanager
    def lock(self, name: str) -> Iterator[bool]:
        """Hold a lock between processes; yields False at once when another holds it.

        The kernel frees it when the process ends, however it ends.
        """
        if str(self.path) == ":memory:":
            yield from self._memory_lock(name)
            return
        path = f"{self.path}.{name}.lock"
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as exc:
            raise ArchiveError(path, f"the lock file cannot be opened ({exc.strerror})") from exc
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True
        finally:
            os.close(handle)

    def _memory_lock(self, name: str) -> Iterator[bool]:
        if name in self._held:
            yield False
            return
        self._held.add(name)
        try:
            yield True
        finally:
            self._held.discard(name)

    def _errors(self) -> AbstractContextManager[None]:
        return archive_errors(str(self.path))
