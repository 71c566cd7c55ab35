"""Leases: which run polls which feed just now, so that two that overlap never ask for one feed twice.

A lease ends when its feed is settled, in the same transaction. One that a killed process left behind is
void at once on its own machine, where we can look, and after a while on another, where we cannot.
"""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from tocsin.archive.feeds import Feeds
from tocsin.archive.rows import moment
from tocsin.model import FeedState

LASTS = timedelta(minutes=30)  # longer than any batch takes


def new_owner() -> str:
    """A name for one run: its machine, its process and when that began, and a mark of its own."""
    return f"{socket.gethostname()} {os.getpid()} {_began(os.getpid())} {uuid.uuid4().hex[:12]}"


def _began(pid: int) -> str:
    """When a process began, as the kernel tells it; "0" where it does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return "0"


def _dead(owner: str) -> bool:
    """True when the run that holds a lease cannot be alive any more."""
    machine, pid, began, _ = owner.rsplit(" ", 3)
    if machine != socket.gethostname():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return _began(int(pid)) != began


class Leases(Feeds):
    """Claims of feeds."""

    def claim(self, feeds: Sequence[str], owner: str, *, now: datetime) -> dict[str, FeedState]:
        """Take the feeds that no other run is polling; what is remembered of each, as it is under the lock."""
        with self.transaction():
            held = {
                row["feed"]
                for row in self.query("SELECT feed, owner FROM lease WHERE until > ?", [moment(now)])
                if row["owner"] != owner and not _dead(row["owner"])
            }
            mine = [feed for feed in feeds if feed not in held]
            rows = [[feed, owner, moment(now + LASTS)] for feed in mine]
            self.executemany("INSERT OR REPLACE INTO lease (feed, owner, until) VALUES (?, ?, ?)", rows)
            states = self.feed_states()
        return {feed: states.get(feed) or FeedState(feed) for feed in mine}

    def release(self, owner: str) -> None:
        """Give up what a run still holds."""
        self.execute("DELETE FROM lease WHERE owner = ?", [owner])
