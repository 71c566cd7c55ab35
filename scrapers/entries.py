"""What every feed format shares: how an entry, untrusted, becomes an item; and the document of all of them."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import urljoin, urlsplit

from scrapers import dates
from scrapers.salvage import UNREAD, Kept
from tocsin.config import Feed
from tocsin.errors import ParseError
from tocsin.model import Item, Wire
from tocsin.text import clean_line

MAX_ITEMS = 500
MAX_TITLE = 2000  # characters, as are those below
MAX_ID = 2048
MAX_LINK = 4096
MAX_SUMMARY = 20_000
MAX_CONTENT = 2_000_000
SHORT_TITLE = 160
MAX_VERSION = 40  # digits that count
T = TypeVar("T")
_SCRIPT = re.compile(r"(?:<|&lt;)(script|style)\b.{0,2000}?(?:<|&lt;)/\1\s*(?:>|&gt;)", re.I | re.S)
_CONTROL = re.compile(r"[\x00-\x20\x7f]")


@dataclass(frozen=True, slots=True)
class FeedDocument:
    """A feed as read: its items, how often it says it changes, and what was odd about it."""

    title: str
    items: tuple[Item, ...]
    ttl_seconds: int | None = None
    notes: tuple[str, ...] = ()  # "cut to 500 items", "mojibake": for the feed's status
    skip: str = ""  # hours and days at which it asks not to be polled, as FeedState.skip


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry in the words of its feed, before anything is checked or cleaned."""

    guid: str = ""
    link: str = ""
    title: str = ""
    summary: str = ""  # HTML or text
    content: str = ""  # HTML
    published: str = ""
    updated: str = ""
    authors: Sequence[str] = ()
    language: str | None = None
    timezone: str | None = None  # of dates that name none, where the format knows better than UTC
    wire: Wire | None = None


@dataclass(slots=True)
class _Notes:
    counts: Counter[str] = field(default_factory=Counter)

    def lines(self) -> tuple[str, ...]:
        return tuple(f"{what} ({n})" if n > 1 else what for what, n in self.counts.items())


def document(
    feed: Feed,
    base: str,
    stories: Iterable[T],
    read: Callable[[T], Entry],
    *,
    now: datetime,
    title: str = "",
    ttl_seconds: int | None = None,
    notes: Iterable[str] = (),
    kept: Kept | None = None,
) -> FeedDocument:
    """Read the stories of a feed, and check, cap and clean what they say.

    An item is known by its guid, unless several items share it; else by its address; else by title
    and day. An entry that has neither an address nor a word says nothing and is left out.

    Args:
        read: Gives the words of one story; where it fails, that story is left out, and noted.
        kept: What could not be read before.

    Raises:
        ParseError: no story at all could be read.
    """
    noted, kept = _Notes(Counter(notes)), kept or Kept(f"feed {feed.id}")
    told = list(stories)
    if len(told) > MAX_ITEMS:
        noted.counts[f"cut to {MAX_ITEMS} items of {len(told)}"] += 1
    items = _items(feed, base, kept.each(told[:MAX_ITEMS], read), noted, kept, now)
    for fault in kept.faults:
        noted.counts[f"{UNREAD}: {fault}"] += 1
    if kept.faults and not items:
        raise ParseError(feed.id, f"bug: no entry can be read: {', '.join(dict.fromkeys(kept.faults))}")
    text = "".join(item.title for item in items)
    if text.count("\ufffd") > len(text) / 100:
        noted.counts["mojibake"] += 1
    return FeedDocument(clean_line(_SCRIPT.sub(" ", title[:4000]), 300), items, ttl_seconds, noted.lines())


def _items(
    feed: Feed, base: str, entries: Sequence[Entry], noted: _Notes, kept: Kept, now: datetime
) -> tuple[Item, ...]:
    """The items of the entries, each once; of a story's versions the last one counts, wherever it is listed."""
    links = [_link(entry.link, base, noted) for entry in entries]
    shared = _shared_guids(entries, links)
    if shared:
        noted.counts["guid shared by several items"] += len(shared)
    items: dict[str, Item] = {}

    def add(entry: Entry, link: str) -> None:
        item = _item(feed, entry, link, "" if entry.guid in shared else entry.guid, noted, now)
        if item is None:
            noted.counts["entry without address and words"] += 1
        elif item.identity not in items or (item.wire is not None and _edition(item) > _edition(items[item.identity])):
            items[item.identity] = item

    kept.each(zip(entries, links, strict=True), lambda pair: add(*pair))
    return tuple(items.values())


def _shared_guids(entries: Sequence[Entry], links: Sequence[str]) -> set[str]:
    """Ids that stand for more than one address: a constant, not an identity."""
    places: dict[str, set[str]] = {}
    for entry, link in zip(entries, links, strict=True):
        if entry.wire is not None and not link:
            continue  # the versions of one story, whose headline changes
        places.setdefault(entry.guid, set()).add(link or entry.title)
    return {guid for guid, where in places.items() if guid and len(where) > 1}


def _link(raw: str, base: str, noted: _Notes) -> str:
    """An absolute http(s) address, or "" for anything else."""
    raw = raw.strip()
    if not raw:
        return ""
    try:
        link = _in_ascii(raw if raw.startswith(("https://", "http://")) else urljoin(base, raw))
        parts = urlsplit(link)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        good, link = False, ""
    link = link.replace(" ", "%20")
    if not good or len(link) > MAX_LINK or _CONTROL.search(link):
        noted.counts["link refused"] += 1
        return ""
    return link


def _in_ascii(link: str) -> str:
    """The address with its host in ASCII: nobody takes Cyrillic letters in it for Latin ones.

    Raises:
        ValueError: no host can have that name.
    """
    parts = urlsplit(link)
    name = parts.hostname or ""
    if name.isascii():
        return link
    user, at, _ = parts.netloc.rpartition("@")
    port = f":{parts.port}" if parts.port else ""
    return parts._replace(netloc=f"{user}{at}{name.encode('idna').decode('ascii')}{port}").geturl()


def _item(feed: Feed, entry: Entry, link: str, guid: str, noted: _Notes, now: datetime) -> Item | None:
    title = clean_line(_SCRIPT.sub(" ", entry.title[: 4 * MAX_TITLE]), MAX_TITLE)
    if len(entry.title) > MAX_TITLE <= len(title) or len(entry.content) > MAX_CONTENT:
        noted.counts["cut to size: title or text"] += 1
    summary = clean_line(entry.summary[: 4 * MAX_SUMMARY], MAX_SUMMARY)
    content = entry.content[:MAX_CONTENT]
    if not content and feed.body == "full":
        content = entry.summary[:MAX_CONTENT]
    if not link and not title:  # RSS asks for a title or a description, not for both
        title = _shortened(summary or clean_line(content[: 4 * MAX_TITLE], MAX_TITLE))
    if not link and not title:
        return None
    zone = feed.timezone or entry.timezone
    published = _when(entry.published, feed, zone, now, noted)
    updated = _when(entry.updated, feed, zone, now, noted)
    guid = clean_line(guid, MAX_ID + 1)
    day = (published or updated or now).date().isoformat()
    identity = guid if 0 < len(guid) <= MAX_ID else link or _digest(title, day)
    return Item(
        feed=feed.id,
        identity=identity,
        url=link or (guid if guid.startswith(("http://", "https://")) else ""),
        title=title,
        summary=summary,
        content=content,
        published=published or updated,
        updated=updated,
        authors=names(entry.authors),
        language=entry.language or (feed.language if feed.language != "und" else None),
        wire=entry.wire,
        content_hash=_digest(title, summary, content, *_marks(entry.wire)),
    )


def _edition(item: Item) -> tuple[datetime, int]:
    """Orders the versions of one story."""
    version = item.wire.version if item.wire else ""
    at = item.updated or item.published or datetime.min.replace(tzinfo=UTC)
    return at, int(version) if version.isdecimal() and len(version) <= MAX_VERSION else 0


def _marks(wire: Wire | None) -> tuple[str, ...]:
    """What makes another version of a wire story although its words are the same: a kill repeats them."""
    if wire is None:
        return ()
    return wire.version, wire.signal.value, "embargoed" if wire.embargo else ""


def _shortened(text: str) -> str:
    """The first words of a text in place of a title."""
    return text if len(text) <= SHORT_TITLE else text[:SHORT_TITLE].rpartition(" ")[0] + "…"


def _when(raw: str, feed: Feed, zone: str | None, now: datetime, noted: _Notes) -> datetime | None:
    moment = dates.read(raw, now=now, timezone_name=zone, language=feed.language)
    if raw and moment in {None, now}:
        told = moment or dates.read(raw, now=now, timezone_name=zone, language=feed.language, future=True)
        noted.counts["date in the future" if told else "date unread"] += 1
    return moment


def names(raw: Iterable[str]) -> tuple[str, ...]:
    """Names of authors, each once; "mail@example.org (Name)" gives the name."""
    found: dict[str, None] = {}
    for text in raw:
        name = clean_line(text, 200)
        if inner := re.fullmatch(r"\S+@\S+\s+\((.+)\)", name):
            name = inner.group(1)
        if name and "@" not in name:
            found[name] = None
    return tuple(found)[:20]


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()[:32]
