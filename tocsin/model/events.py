"""What happened, and what is said about it: events, alerts, deliveries, and the report of a run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from tocsin.model.desk import Ack
from tocsin.model.facts import Count, Facts, Reason, Severity, Span
from tocsin.model.incoming import Signal


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
    marks: tuple[str, ...] = ()  # names and figures of its opening, as ``names.marks`` spells them

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
    TROUBLE = "trouble"  # to operators: a feed, or all of Tocsin, is blind
    CLEARED = "cleared"  # to operators: that is over
    UNACKNOWLEDGED = "unacknowledged"  # nobody has said that they look after it: to whom `escalate` names


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
class Coverage:
    """How widely an event is reported, for an alert that keeps only the latest of its sources."""

    articles: int
    origins: tuple[str, ...]  # in order of appearance
    killed: tuple[tuple[str, Count], ...] = ()  # the latest word of origins, as many as a message names
    wounded: tuple[tuple[str, Count], ...] = ()


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
    coverage: Coverage | None = None  # None: ``event`` has all its sources


class DeliveryState(StrEnum):
    """Where a delivery stands; all but the first three are final."""

    PENDING = "pending"  # due, or held until a digest or the end of quiet hours
    SENDING = "sending"  # claimed, durable before the first byte leaves
    UNKNOWN = "unknown"  # may have arrived: look it up, or wait out the settle time
    SENT = "sent"
    DEAD = "dead"
    SILENCED = "silenced"  # somebody wanted quiet: kept, never sent
    INHIBITED = "inhibited"  # part of an operation that the recipient was told of: kept, never sent
    MERGED = "merged"  # while it was held, a later alert about its event took its place


@dataclass(frozen=True, slots=True)
class Thread:
    """Where the earlier messages about an event stand in a channel: its root, and the last edit."""

    root: str  # Slack ts, Message-ID
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Planned:
    """How an alert goes to one recipient: at once, held until a time, or recorded and not sent."""

    channel: str
    recipient: str
    state: DeliveryState = DeliveryState.PENDING
    held_until: datetime | None = None  # then in one summary with what else is held
    why: str = ""  # why not at once, for people


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
    held_until: datetime | None = None  # of what goes out in a summary
    acked: Ack | None = None  # who looks after the event
    batch: str = ""  # names the message in which it may have arrived: sent again, it goes in the very same one


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
    held: int = 0  # until a digest or the end of quiet hours
    latency: tuple[float, float] | None = None  # of what was sent: median and 95th percentile, seconds from the fetch
    channels_off: tuple[str, ...] = ()
    review: int = 0  # articles that went to the review shelf
    skipped: str = ""  # why nothing was polled: "another poll is running", "no feed is due until 14:05"

    @property
    def outcomes(self) -> dict[str, int]:
        """Items by outcome, over all feeds."""
        total: dict[str, int] = {}
        for run in self.feeds:
            for name, n in run.outcomes:
                total[name] = total.get(name, 0) + n
        return total
