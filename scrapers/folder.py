"""A folder into which an agency's software drops its documents, read like a feed: what came since the last look.

How far we have read is the change time and name of the last file: a file that is moved in, or written over, has a
new one, whatever date it claims. Nothing is moved or deleted; that stays with whoever owns the folder. A file that
cannot be read is named and passed over, whatever is wrong with it: behind it the wire goes on.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from scrapers import sandbox
from scrapers.entries import FeedDocument
from scrapers.salvage import UNREAD
from tocsin.bugs import KIND
from tocsin.config import Feed
from tocsin.errors import FetchError, ParseError
from tocsin.model import FeedState, Fetched, Item
from tocsin.text import whole

FILES = 50  # of one look; the rest follows at the next
SECONDS = 60.0  # after which a look ends, too: a bomb may take ten, and the first alert waits for the last file
STILL = 2.0  # seconds that a file must have been left alone: it may still be written
_TOLD = frozenset({"degraded", KIND})
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
        RuntimeError: no document at all can be read here; the files wait.
    """
    fresh = [(mark, path) for mark, path in _files(folder, now) if mark > (state.etag or "")]
    notes: Counter[str] = Counter()
    items: list[Item] = []
    reached, files, ends = state.etag, 0, time.monotonic() + SECONDS
    for mark, path in fresh[:FILES]:
        name = whole(path.name)
        try:
            document = sandbox.read(feed, _fetched(path, limit, now), now=now)
        except ParseError as error:
            notes[f"{name}: {error.detail}"[:200]] += 1
        else:
            items += document.items
            notes.update(f"{name}: {note}" if note.startswith(UNREAD) else note for note in document.notes)
        reached, files = mark, files + 1
        if time.monotonic() > ends:
            break
    return Drop(FeedDocument("", tuple(items), notes=tuple(notes)), files, reached, len(fresh) > files)


def next_state(feed: Feed, state: FeedState, drop: Drop, *, now: datetime) -> FeedState:
    """What to remember of a folder after a look; it is looked into at every poll, for that costs nobody anything.

    What could not be read is remembered until files come that can: a poll later nobody would know of it.
    """
    bad = [note for note in drop.document.notes if ": " in note]
    bugs = [note for note in bad if f": {KIND}: " in note]
    status, detail = "degraded" if bad else "ok", "; ".join(dict.fromkeys([*bugs, *bad]))[:500]
    if bugs:
        status = KIND
    elif not drop.files:
        status, detail = (state.status, state.detail) if state.status in _TOLD else ("unchanged", "")
    newest = max((item.published for item in drop.document.items if item.published), default=None)
    return replace(
        state,
        etag=drop.reached,
        status=status,
        detail=detail,
        failures=0.0,
        next_attempt_at=now,
        last_attempt_at=now,
        last_success_at=now,
        newest_item_at=max(filter(None, (newest, state.newest_item_at)), default=None),
        asked_url=feed.url,
    )


def _files(folder: Path, now: datetime) -> list[tuple[str, Path]]:
    """The finished files of a folder, each with its place in time, in that order; links and subfolders are not read."""
    try:
        with os.scandir(folder) as entries:
            return sorted(_still((entry for entry in entries if _is_document(entry)), now))
    except OSError as exc:
        # 404 as a server would say it: the folder counts as a feed that is not there
        raise FetchError(str(folder), f"the folder cannot be read: {exc.strerror}", 404) from None


def _is_document(entry: os.DirEntry[str]) -> bool:
    unfinished = entry.name.startswith((".", "~")) or entry.name.lower().endswith(_UNFINISHED)
    return not unfinished and entry.is_file(follow_symlinks=False)


def _still(listed: Iterable[os.DirEntry[str]], now: datetime) -> Iterator[tuple[str, Path]]:
    """The files that have been left alone, with the place of each in time, which can be stored whatever its name."""
    for entry in listed:
        with suppress(FileNotFoundError):  # it was moved on while we looked
            changed = entry.stat(follow_symlinks=False).st_ctime_ns
            if now.timestamp() - changed / 1e9 >= STILL:
                yield f"{changed:020d} {whole(entry.name)}", Path(entry.path)


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
