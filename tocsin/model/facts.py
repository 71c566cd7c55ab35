"""What an article says: coded facts of the main event, each with its words, and what a watch thinks of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from typing import Generic, Literal, TypeVar

BAGHDAD = timezone(timedelta(hours=3))  # the clock of the events; no summer time since 2008
T_co = TypeVar("T_co", covariant=True)  # never set again: a Said[str] is a Said[object]


@dataclass(frozen=True, slots=True)
class Span:
    """Quoted words and where they stand."""

    field: Literal["title", "text"]
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Said(Generic[T_co]):
    """A value with the words that say it: no span, no value."""

    value: T_co
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
    harmed: Said[str] | None = None  # "killed" or "wounded": people were, but the text gives no figure
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
