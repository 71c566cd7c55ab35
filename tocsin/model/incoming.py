"""What comes in: a feed's memory, an answer, an item, a page, an article, and what the archive says of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


def _aware(owner: str, **times: datetime | None) -> None:
    for name, value in times.items():
        if value is not None and value.utcoffset() is None:
            raise ValueError(f"naive datetime in {owner}.{name}: {value}")


@dataclass(frozen=True, slots=True)
class FeedState:
    """What we remember of a feed between polls."""

    feed: str  # Feed.id
    etag: str | None = None  # byte for byte as the server gave it
    last_modified: str | None = None
    body_hash: str | None = None
    status: str = "never"  # ok, unchanged, degraded, empty, not_a_feed, blocked, timeout, dns, tls, gone, ...
    detail: str = ""  # why, for people
    failures: float = 0.0  # weighted: soft failures count less
    interval_seconds: int = 900
    next_attempt_at: datetime | None = None
    last_attempt_at: datetime | None = None
    last_success_at: datetime | None = None
    newest_item_at: datetime | None = None
    url: str | None = None  # where it moved to for good, once that is learned: asked in place of the configured one
    title: str = ""
    asked_url: str | None = None  # Feed.url when it was last asked: another one in config.yaml starts afresh
    moved_to: str | None = None  # where its permanent redirect leads, not yet learned
    moved_times: int = 0  # polls in a row that were led there
    last_body_at: datetime | None = None  # when the feed itself was last seen, and not only "not modified"
    ttl_seconds: int = 0  # how often it says it changes; 0: it does not say
    skip: str = ""  # hours and days that it asks to be spared: "h0 h1 d6", UTC, Monday is d0
    known_streak: int = 0  # polls in a row that brought hardly anything new
    items_shown: int = 0  # of the last body that was read
    gap_at: datetime | None = None  # when a poll last found none of its items known: some may have passed unseen
    gaps: int = 0
    link_hosts: str = ""  # where its items led while it was itself, separated by spaces
    script: str = ""  # the script of its titles then: ARABIC, LATIN
    by_address: bool = False  # its ids change from poll to poll: its items are known by their addresses
    suspect: str = ""  # why it may have fallen into other hands: nothing of it rings; "" when it is trusted
    usual_gap_seconds: int = 0  # between two of its items; 0: its rhythm is not known
    longest_gap_seconds: int = 0  # of late


@dataclass(frozen=True, slots=True)
class Fetched:
    """The answer to one guarded GET; a 304 is a value, with an empty body."""

    url: str  # as asked
    final_url: str  # after redirects
    status: int
    headers: tuple[tuple[str, str], ...]  # names in lower case
    body: bytes
    at: datetime
    elapsed: float  # seconds
    permanent: bool = False  # every hop of a redirect was permanent

    @property
    def not_modified(self) -> bool:
        """True for a 304."""
        return self.status == 304

    def header(self, name: str) -> str | None:
        """The first header of that name, or None."""
        return next((v for k, v in self.headers if k == name.lower()), None)


class Signal(StrEnum):
    """What a wire says an item is, beyond its text."""

    NEW = "new"
    UPDATE = "update"
    LEAD = "lead"
    CORRECTION = "correction"
    REPEAT = "repeat"
    ADVISORY = "advisory"
    KILL = "kill"


@dataclass(frozen=True, slots=True)
class Wire:
    """What an agency format tells about an item: identity, version, urgency, signal."""

    provider: str = ""  # "AFP", "Belga"
    family: str = ""  # the id that all versions of one story share
    version: str = ""
    urgency: int | None = None  # 1 flash .. 4 low, see the wire-format notes
    signal: Signal = Signal.NEW
    embargo: datetime | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One entry as the feed gave it: cleaned of markup in its title, otherwise untrusted."""

    feed: str
    identity: str  # the feed's own id where it is stable, else the address
    url: str
    title: str
    summary: str = ""  # plain text
    content: str = ""  # HTML, when the feed carries the full text
    published: datetime | None = None
    updated: datetime | None = None
    authors: tuple[str, ...] = ()
    language: str | None = None
    wire: Wire | None = None
    content_hash: str = ""  # of title, summary and content: tells a changed item from a known one

    def __post_init__(self) -> None:
        _aware(f"Item {self.identity}", published=self.published, updated=self.updated)


@dataclass(frozen=True, slots=True)
class Page:
    """The HTML that an item points to."""

    url: str
    html: str
    at: datetime
    final_url: str = ""


class TextStatus(StrEnum):
    """How much an article's text can be trusted to be the whole story."""

    FULL = "full"
    SHORT = "short"
    FEED_ONLY = "feed_only"  # the page could not be had: title and summary of the feed
    PAYWALLED = "paywalled"
    BOILERPLATE = "boilerplate"  # hardly a sentence in it: probably what stands around an article


@dataclass(frozen=True, slots=True)
class Article:
    """A story as it is stored: title, full text, who wrote it, where it stood."""

    url: str
    title: str
    text: str
    language: str = "und"
    published: datetime | None = None
    updated: datetime | None = None
    authors: tuple[str, ...] = ()
    publisher: str = ""
    section: str = ""
    origins: tuple[str, ...] = ()  # agencies that wrote it: "Belga", "AFP"
    canonical_url: str = ""  # what the page itself declares, when it does
    feed: str = ""
    identity: str = ""  # Item.identity
    status: TextStatus = TextStatus.FULL
    rung: str = ""  # which way the text was had: wire, feed, site:<name>, json-ld, generic, script-data
    wire: Wire | None = None
    seen: datetime | None = None  # when we fetched it

    def __post_init__(self) -> None:
        _aware(f"Article {self.url}", published=self.published, updated=self.updated, seen=self.seen)


class Outcome(StrEnum):
    """How one item ended; exactly one per item, counted in the run report."""

    NEW = "new"
    UNCHANGED = "unchanged"  # the feed shows it again as we know it: nothing fetched
    SAME_URL = "same_url"  # fetched, known, and the text is the same
    COPY = "copy"
    REVISION = "revision"
    TOO_SHORT = "too_short"
    OLD = "old"  # stored, but too old to alert on: a first poll, or an outage
    HELD = "held"  # embargoed: kept, read and told when the time has come
    BLOCKED = "blocked"  # the page was refused; assessed on the feed's words
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Part:
    """Text shared with an archived article of another family: an excerpt of it, or a report in it."""

    of: int  # the archived article
    contains: bool  # the new text holds more of the archived one than the other way round
    share: float  # of the shorter text, 0 to 1


@dataclass(frozen=True, slots=True)
class Decision:
    """What the archive says about an article before it is stored."""

    outcome: Outcome  # NEW, SAME_URL, COPY, REVISION or TOO_SHORT
    of: int | None = None  # the article it belongs to
    relation: str = ""  # copy, excerpt, expanded, update, correction, kill, round-up
    overlap: float = 0.0  # 0 to 1
    why: str = ""  # "81 % of its text is in article 123"
    joins: tuple[int, ...] = ()  # originals of other families that this copy shows to tell the same story as ``of``
    likeness: float = 0.0  # 0 to 1: that it and what it is most like tell one story; 0 where nothing was like it
    parts: tuple[Part, ...] = ()  # what it has in common with other families, the largest share first
