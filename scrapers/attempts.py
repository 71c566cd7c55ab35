"""What each GET cost and how it ended: one JSON line an attempt, for those who want figures, and a sum for the report.

No secret is in a line: addresses are masked. Lines of several processes go into one file whole, and only
who holds the lock of the file in place sets it aside: a second one would put the new file over the old.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import threading
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from tocsin.english import counted

log = logging.getLogger("tocsin")
MAX_BYTES = 50_000_000  # then the file is set aside, and the one before it dropped


@dataclass(frozen=True, slots=True)
class Attempt:
    """One GET with all its hops."""

    kind: str  # feed, page or robots
    url: str  # masked
    status: int | None  # of the last answer; None where there was none
    error: str = ""  # the detail of its FetchError
    bytes: int = 0  # decoded
    seconds: float = 0.0  # from the first to the last byte, without the waits
    waited: float = 0.0  # seconds for our turn at its hosts

    def line(self, at: datetime) -> str:
        """The attempt as a line of JSON."""
        when = at.astimezone(UTC).isoformat(timespec="milliseconds")
        took = {"seconds": round(self.seconds, 3), "waited": round(self.waited, 3)}
        return json.dumps({"at": when, **asdict(self), **took}, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Tally:
    """The sum of many attempts."""

    requests: int = 0
    feeds: int = 0
    not_modified: int = 0
    failed: int = 0
    bytes: int = 0
    waited: float = 0.0

    def plus(self, one: Attempt) -> Tally:
        """The sum with one more."""
        return Tally(
            self.requests + 1,
            self.feeds + (one.kind == "feed"),
            self.not_modified + (one.status == 304),
            self.failed + bool(one.error),
            self.bytes + one.bytes,
            self.waited + one.waited,
        )

    def since(self, before: Tally) -> Tally:
        """What was added to an earlier sum."""
        return Tally(
            self.requests - before.requests,
            self.feeds - before.feeds,
            self.not_modified - before.not_modified,
            self.failed - before.failed,
            self.bytes - before.bytes,
            self.waited - before.waited,
        )

    def __str__(self) -> str:
        share = f" ({self.not_modified / self.feeds:.0%} of the feeds)" if self.feeds else ""
        return (
            f"{counted(self.requests, 'request')}, {self.not_modified} not modified{share}, {self.failed} failed, "
            f"{self.bytes / 1e6:.1f} MB, {self.waited:.0f} s waited for turns at hosts"
        )


class Attempts:
    """Where attempts are counted, and written down if a file is named; for many threads."""

    def __init__(self, path: Path | None) -> None:
        self._path, self._lock, self._tally = path, threading.Lock(), Tally()

    @property
    def tally(self) -> Tally:
        """The sum so far."""
        with self._lock:
            return self._tally

    def note(self, one: Attempt) -> None:
        """Count an attempt that has just ended; a file that cannot be written costs its line only."""
        with self._lock:
            self._tally = self._tally.plus(one)
            if self._path is not None:
                self._write(self._path, f"{one.line(datetime.now(UTC))}\n".encode())

    def _write(self, path: Path, line: bytes) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            while not _appended(path, line):
                pass  # set aside by another just before we had its lock
        except OSError:
            log.warning("%s cannot be written; attempts are no longer written down", path)
            self._path = None


def _appended(path: Path, line: bytes) -> bool:
    """Write a line at the end of a file, and set the file aside when it is full; False when it is no longer there."""
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)  # closing gives it back, and so does a kill
        ours = os.fstat(handle)
        if not os.path.samestat(ours, path.stat()):
            return False
        os.write(handle, line)
        if ours.st_size + len(line) > MAX_BYTES:
            path.replace(path.with_name(f"{path.name}.1"))
        return True
    except FileNotFoundError:
        return False
    finally:
        os.close(handle)
