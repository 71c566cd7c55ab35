"""A folder into which an agency's software drops its documents, read like a feed: what came since the last look.

How far we have read is the change time and name of the last file: a file that is moved in, or written over, has a
new one, whatever date it claims. Nothing is moved or deleted; that stays with whoever owns the folder.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from scrapers import sandbox
from scrapers.entries import FeedDocument
from tocsin.config import Feed
from tocsin.errors import FetchError, ParseError
from tocsin.model import FeedState, Fetched, Item

FILES = 50  # of one look; the rest follows at the next
STILL = 2.0  # seconds that a file must have been left alone: it may still be written
_UNFINISHED = (".tmp", ".part", ".filepart", ".crdownload", ".swp", ".lock")


@dataclass(frozen=True, slots=True)
class Drop:
    """What a look into a folder gave."""

    document: FeedDocument
    files: int
    reached: str | None  # where the next look goes on
    more: bool  # files are left that were not read


def look(feed: Feed, folder: Path, state: FeedState, *, limit: int, now: datetime) -> Drop:
    """Read the files that came since the last look, the oldest first.

    Args:
        limit: Bytes; a larger file is passed over, and noted.

    Raises:
        FetchError: the folder is not there, or may not be read.
    """
    fresh = [(mark, path) for mark, path in _files(folder, now) if mark > (state.etag or "")]
    notes: Counter[str] = Counter()
    items: list[Item] = []
    for _, path in fresh[:FILES]:
        try:
            document = sandbox.read(feed, _fetched(path, limit, now), now=now)
        except ParseError as error:
            notes[f"{path.name}: {error.detail}"[:200]] += 1
        else:
            items += document.items
            notes.update(document.notes)
    reached = fresh[:FILES][-1][0] if fresh else state.etag
    document = FeedDocument("", tuple(items), notes=tuple(notes))
    return Drop(document, min(len(fresh), FILES), reached, len(fresh) > FILES)


def next_state(feed: Feed, state: FeedState, drop: Drop, *, now: datetime) -> FeedState:
    """What to remember of a folder after a look; it is looked into at every poll, for that costs nobody anything."""
    bad = [note for note in drop.document.notes if ": " in note]
    status = "unchanged" if not drop.files else "degraded" if bad else "ok"
    newest = max((item.published for item in drop.document.items if item.published), default=None)
    return replace(
        state,
        etag=drop.reached,
        status=status,
        detail="; ".join(bad)[:500],
        failures=0.0,
        next_attempt_at=now,
        last_attempt_at=now,
        last_success_at=now,
        newest_item_at=max(filter(None, (newest, state.newest_item_at)), default=None),
        asked_url=feed.url,
    )


def _files(folder: Path, now: datetime) -> list[tuple[str, Path]]:
    """The finished files of a folder, each with its place in time, in that order; links and subfolders are not read."""
    found = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith((".", "~")) or entry.name.lower().endswith(_UNFINISHED):
                    continue
                if not entry.is_file(follow_symlinks=False):
                    continue
                changed = entry.stat(follow_symlinks=False).st_ctime_ns
                if now.timestamp() - changed / 1e9 >= STILL:
                    found.append((f"{changed:020d} {entry.name}", Path(entry.path)))
    except OSError as exc:
        # 404 as a server would say it: the folder counts as a feed that is not there
        raise FetchError(str(folder), f"the folder cannot be read: {exc.strerror}", 404) from None
    return sorted(found)


def _fetched(path: Path, limit: int, now: datetime) -> Fetched:
    """A file as the answer to a request."""
    try:
        with path.open("rb") as file:
            body = file.read(limit + 1)
    except OSError as exc:
        raise ParseError(path.name, f"cannot be read: {exc.strerror}") from None
    if len(body) > limit:
        raise ParseError(path.name, f"larger than {limit} bytes")
    return Fetched(path.name, "", 200, (), body, now, 0.0)
