"""The values that the rooms hand to each other; it imports nothing of ours.

Feed -> Fetched -> Item -> Page -> Article -> Decision -> Assessment -> Event -> Alert -> Delivery -> RunReport

All are frozen; all times are aware. Offsets count characters of the field as stored.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Generic, Literal, TypeVar

T = TypeVar("T")


def _aware(owner: str, **times: datetime | None) -> None:
    for name, value in times.items():
        if value is not None and value.utcoffset() is None:
            raise ValueError(f"naive datetime in {owner}.{name}: {value}")


# --------------------------------------------------------------------------- what comes in


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
    url: str | None = None  # where it moved to, when it moved for good
    title: str = ""


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
    rung: str = ""  # which way the text was had: wire, feed, site:<name>, json-ld, generic
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
    BLOCKED = "blocked"  # the page was refused; assessed on the feed's words
    FAILED = "failed"


# --------------------------------------------------------------------------- deduplication


@dataclass(frozen=True, slots=True)
class Decision:
    """What the archive says about an article before it is stored."""

    outcome: Outcome  # NEW, SAME_URL, COPY, REVISION or TOO_SHORT
    of: int | None = None  # the article it belongs to
    relation: str = ""  # copy, excerpt, expanded, update, correction, kill, round-up
    overlap: float = 0.0  # 0 to 1
    why: str = ""  # "81 % of its text is in article 123"


# --------------------------------------------------------------------------- flagging and coding


@dataclass(frozen=True, slots=True)
class Span:
    """Quoted words and where they stand."""

    field: Literal["title", "text"]
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Said(Generic[T]):
    """A value with the words that say it: no span, no value."""

    value: T
    span: Span


@dataclass(frozen=True, slots=True)
class Place:
    """A place of the gazetteer."""

    name: str  # English
    lat: float
    lon: float
    precision: Literal["site", "town", "district", "governorate", "country"]
    country: str  # ISO 3166 alpha-2
    governorate: str = ""  # English, "" outside Iraq or at country level


@dataclass(frozen=True, slots=True)
class Weapon:
    """A weapon and how many the text speaks of."""

    name: str  # English: "Katyusha rocket", "drone"
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """A toll: at least ``min``, at most ``max``; 0 to 0 when the text says none."""

    min: int
    max: int

    def __post_init__(self) -> None:
        if not 0 <= self.min <= self.max:
            raise ValueError(f"count out of order: {self.min}-{self.max}")

    def __str__(self) -> str:
        return str(self.min) if self.min == self.max else f"{self.min}-{self.max}"


Claim = Literal["claimed", "unclaimed", "denied"]


@dataclass(frozen=True, slots=True)
class Facts:
    """The coded facts of the main event; each with the words that say it."""

    event_type: Said[str] | None = None  # an ACLED sub-event name
    places: tuple[Said[Place], ...] = ()  # most specific first
    weapons: tuple[Said[Weapon], ...] = ()
    intercepted: Said[int] | None = None
    target: Said[str] | None = None
    killed: Said[Count] | None = None
    wounded: Said[Count] | None = None
    damage: Said[str] | None = None  # "2 vehicles damaged"
    actors: tuple[Said[str], ...] = ()  # English names: "Islamic State", "Kataib Hezbollah"
    claim: Said[Claim] | None = None
    when: Said[datetime] | None = None


class Severity(StrEnum):
    """How grave an event is; ordered by ``rank``."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for low to 3 for critical."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True)
class Reason:
    """One term of a score, or one coded fact, with the words it rests on."""

    rule: str  # "headline.attack", "refuse.elsewhere", "fact.killed", "severity.target_foreign"
    span: Span | None  # None for a reason that no words carry, such as the intercept
    weight: float = 0.0  # in log-odds; 0 for facts
    note: str = ""  # for people: "security event, but in Syria"


@dataclass(frozen=True, slots=True)
class Assessment:
    """What a watch thinks of an article."""

    watch: str
    score: float  # a probability
    flagged: bool
    review: bool = False  # under the alert threshold, over the review one
    severity: Severity | None = None  # None when not flagged
    facts: Facts = field(default_factory=Facts)
    gist: str = ""  # one English line
    reasons: tuple[Reason, ...] = ()
    verdict: str = ""  # one English line: why it is or is not flagged
    language: str = "und"


# --------------------------------------------------------------------------- events and alerts


@dataclass(frozen=True, slots=True)
class Source:
    """One article of an event, as an alert needs it."""

    article: int
    url: str
    title: str
    publisher: str
    language: str
    origins: tuple[str, ...]
    published: datetime | None
    seen: datetime
    relation: str = "report"  # report, copy, update, correction, kill
    killed: Count | None = None
    wounded: Count | None = None

    @property
    def origin(self) -> str:
        """Who wrote it: the agency, else the publisher; independent confirmation counts these."""
        return self.origins[0] if self.origins else self.publisher


@dataclass(frozen=True, slots=True)
class Event:
    """What happened in the world; many articles, in many languages, may report it."""

    id: str
    watch: str
    version: int  # counts material changes, from 1
    severity: Severity
    gist: str
    facts: Facts  # as known now
    sources: tuple[Source, ...]  # oldest first
    first_seen: datetime
    last_seen: datetime
    happened: datetime | None = None
    evidence: int | None = None  # the article whose text the facts' spans quote
    state: Literal["open", "withdrawn"] = "open"
    reasons: tuple[Reason, ...] = ()  # why it is as severe as it is: the severity terms of the assessment behind it

    @property
    def origins(self) -> tuple[str, ...]:
        """The independent origins, in order of appearance."""
        return tuple(dict.fromkeys(s.origin for s in self.sources))


class AlertReason(StrEnum):
    """Why an event deserves a message now."""

    FIRST = "first"
    ESCALATED = "escalated"
    CASUALTIES = "casualties"
    CLAIMED = "claimed"
    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Change:
    """One fact that is not what it was."""

    field: str  # "killed", "severity", "claim"
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class EventUpdate:
    """What one article did to the events: opened one, changed one, or only joined its sources."""

    event: Event  # as it is now
    is_new: bool
    changes: tuple[Change, ...]  # material ones; empty for repeat coverage
    why: str  # why the article joined this event: "same place, 2 rockets, 40 min apart"
    signal: Signal = Signal.NEW
    severity_before: Severity | None = None
    origins_before: tuple[str, ...] = ()
    article: int | None = None  # the one that did it


@dataclass(frozen=True, slots=True)
class Alert:
    """One message about an event, for one reason: a frozen picture of the event at that moment."""

    id: str  # from event, reason and version: the same after a restart
    event: Event
    reason: AlertReason
    at: datetime
    changes: tuple[Change, ...] = ()
    quotes: tuple[Span, ...] = ()  # the evidence, in the original language, in reading order
    article: Source | None = None  # the article that rang
    language: str = ""  # of the quotes


class DeliveryState(StrEnum):
    """Where a delivery stands; ``sent`` and ``dead`` are final."""

    PENDING = "pending"
    SENDING = "sending"  # claimed, durable before the first byte leaves
    UNKNOWN = "unknown"  # may have arrived: look it up, or wait out the settle time
    SENT = "sent"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Thread:
    """Where the earlier messages about an event stand in a channel: its root, and the last edit."""

    root: str  # Slack ts, Message-ID
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One alert on its way to one recipient of one channel."""

    id: int
    alert: Alert
    channel: str  # the channel's name in config.yaml
    recipient: str  # "#iraq-desk", "desk@example.org", "" where the channel has only one
    idem: str  # names this delivery to the outside: metadata key, Message-ID
    state: DeliveryState
    attempts: int
    created_at: datetime
    not_before: datetime
    claimed_at: datetime | None = None
    remote_id: str | None = None
    thread: Thread | None = None  # None for the first message about an event
    error: str = ""


# --------------------------------------------------------------------------- the run


@dataclass(frozen=True, slots=True)
class FeedRun:
    """How one feed fared in one run."""

    feed: str
    url: str
    status: str  # as FeedState.status
    detail: str = ""
    items: int = 0
    outcomes: tuple[tuple[str, int], ...] = ()
    elapsed: float = 0.0  # seconds
    down: bool = False  # the feed itself could not be read


@dataclass(frozen=True, slots=True)
class FlaggedEvent:
    """An event that this run opened or changed, as the report shows it."""

    event: Event
    reasons: tuple[AlertReason, ...]
    is_new: bool


@dataclass(frozen=True, slots=True)
class RunReport:
    """What one run did, for the terminal, for --json and for the Prefect artifacts."""

    started: datetime
    finished: datetime
    feeds: tuple[FeedRun, ...]
    events: tuple[FlaggedEvent, ...]
    sent: int = 0
    waiting: int = 0
    failed: int = 0
    channels_off: tuple[str, ...] = ()
    skipped: str = ""  # why nothing was polled: "another poll is running", "no feed is due until 14:05"

    @property
    def outcomes(self) -> dict[str, int]:
        """Items by outcome, over all feeds."""
        total: dict[str, int] = {}
        for run in self.feeds:
            for name, n in run.outcomes:
                total[name] = total.get(name, 0) + n
        return total
