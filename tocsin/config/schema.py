"""config.yaml as frozen, strict values: unknown keys are errors, units are in the names.

Channels keep their own keys: each kind in ``alerts/channels`` validates them (``ChannelSpec`` passes them on).
"""

from __future__ import annotations

from datetime import time
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from tocsin.model import Severity


class Strict(BaseModel):
    """Frozen; a key that is not known is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Http(Strict):
    """How we fetch: who we say we are, how slowly, how much at most."""

    user_agent: str = Field(min_length=10)
    per_host_delay_seconds: float = Field(default=2.0, ge=0)
    allow_private_addresses: tuple[str, ...] = ()  # networks, "127.0.0.0/8": for intranet feeds and tests
    connect_seconds: float = Field(default=5.0, gt=0)
    read_seconds: float = Field(default=15.0, gt=0)
    feed_deadline_seconds: float = Field(default=30.0, gt=0)
    page_deadline_seconds: float = Field(default=45.0, gt=0)
    feed_pages_seconds: float = Field(default=60.0, gt=0)  # for all pages of a feed in a poll; the rest later
    max_wire_bytes: int = Field(default=10_000_000, gt=0)
    max_feed_bytes: int = Field(default=15_000_000, gt=0)  # decoded
    max_page_bytes: int = Field(default=8_000_000, gt=0)  # decoded
    max_hops: int = Field(default=5, ge=0)
    workers: int = Field(default=8, ge=1, le=64)  # feeds fetched side by side
    attempts: Path | None = None  # a file that gets one JSON line for each GET


class Schedule(Strict):
    """When the flows run; cron lines are in ``timezone``."""

    poll_minutes: int = Field(default=5, ge=1)
    deliver_minutes: int = Field(default=1, ge=1)
    brief: str = "0 6 * * *"
    upkeep: str = "30 3 * * *"
    timezone: str = "Asia/Baghdad"


class Keep(Strict):
    """How long things are kept; ``upkeep`` removes what is older."""

    articles_days: int = Field(default=365, ge=2)  # a feed's own keep_days wins
    runs_days: int = Field(default=7, ge=1)  # of Prefect's runs, logs and artifacts
    backups: int = Field(default=7, ge=1)
    free_disk_gb: float = Field(default=2.0, ge=0)  # less beside the archive is a warning


class Feed(Strict):
    """One feed to poll."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    url: str
    path: str | None = None  # instead of url: a folder into which an agency's software drops its documents
    language: str = Field(default="und", pattern=r"^[a-z]{2,3}$")
    kind: str = ""  # agency, national, regional, international, official, ngo, think-tank
    publisher: str = ""
    origin: str | None = None  # the agency that an outlet mostly republishes
    poll_minutes: int = Field(default=15, ge=5)
    body: Literal["full", "summary", "headline", "unknown"] = "unknown"  # full: the feed carries the text
    alert: bool = True  # False: archive only
    timezone: str | None = None  # of dates without a zone
    robots: bool = False  # True: robots.txt is obeyed for the feed itself, too; for its pages it always is
    enabled: bool = True
    keep_days: int | None = Field(default=None, ge=2)  # of its articles; None: as keep.articles_days

    @model_validator(mode="before")
    @classmethod
    def _from_a_folder(cls, value: Any) -> Any:
        """A folder has a name where others have an address."""
        if isinstance(value, dict) and isinstance(value.get("path"), str) and "url" not in value:
            return {**value, "url": f"folder:{value['path']}"}
        return value


class Where(Strict):
    """A place of a watch: a name of the gazetteer, or with coordinates a place of its own."""

    name: str = Field(min_length=2)  # as texts write it
    lat: float | None = Field(default=None, ge=-90, le=90)
    lon: float | None = Field(default=None, ge=-180, le=180)
    country: str = Field(default="", pattern=r"^([A-Za-z]{2})?$")  # ISO code; the watch's first country when empty

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value


class Examples(Strict):
    """Articles that show what is wanted and what is not: paths of text files, or the words themselves."""

    like: tuple[str, ...] = ()
    unlike: tuple[str, ...] = ()
    texts: tuple[tuple[str, str, str], ...] = Field(default=(), exclude=True)  # (like or unlike, name, text), as read


class Watch(Strict):
    """What a desk looks for; without ``countries`` and ``places`` in Iraq."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    threshold: float = Field(default=0.5, gt=0, lt=1)
    review: float = Field(default=0.25, gt=0, lt=1)  # from here to threshold: the review shelf
    countries: tuple[str, ...] = ()  # ISO codes or names
    places: tuple[Where, ...] = ()
    themes: tuple[str, ...] = ()  # names of flagging/themes.yaml; empty: all of security
    languages: tuple[str, ...] = ()  # empty: all
    exclude: tuple[str, ...] = ()  # words that rule an item out
    require: tuple[str, ...] = ()  # words of which one must be there
    examples: Examples = Examples()
    weights: Path | None = Field(default=None, exclude=True)  # of the scorer, as settings found them; None: as shipped


def _clock(value: Any) -> Any:
    """A time of day; YAML reads a bare 22:00 as the number of its minutes."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1440:
        return time(value // 60, value % 60)
    if isinstance(value, str):
        hour, _, minute = value.strip().partition(":")
        if hour.isdecimal() and minute.isdecimal() and len(minute) == 2 and int(hour) < 24 and int(minute) < 60:
            return time(int(hour), int(minute))
    if isinstance(value, time):
        return value
    raise PydanticCustomError("clock", 'a time of day in quotes, such as "22:00"')


Clock = Annotated[time, BeforeValidator(_clock)]
Passing = Literal["low", "medium", "high", "critical", "none"]  # from here on it does not wait; none: all of it does


class Digest(Strict):
    """What is told in one summary, every so often or at times of the day."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    every_minutes: int | None = Field(default=None, ge=1, le=1440)
    at: tuple[Clock, ...] = ()
    timezone: str = "Asia/Baghdad"  # of ``at``
    except_: Passing = Field(default="critical", alias="except")

    @model_validator(mode="after")
    def _one_way(self) -> Digest:
        if (self.every_minutes is None) is not bool(self.at):
            raise PydanticCustomError("one_of", 'given as either every_minutes or at, such as at: ["07:00", "19:00"]')
        return self


class Quiet(Strict):
    """Hours in which only the gravest rings; what is held comes as one summary when they end."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    from_: Clock = Field(alias="from")
    to: Clock
    timezone: str = "Asia/Baghdad"
    except_: Passing = Field(default="critical", alias="except")

    @model_validator(mode="after")
    def _some_hours(self) -> Quiet:
        if self.from_ == self.to:
            raise PydanticCustomError("one_of", "given two different times, from and to")
        return self


class ChannelSpec(BaseModel):
    """A channel as configured; its other keys belong to its kind."""

    model_config = ConfigDict(frozen=True, extra="allow")

    kind: str
    digest: Digest | None = None
    quiet: Quiet | None = None

    def __repr_args__(self) -> list[tuple[str | None, Any]]:
        """Its kind and the names of its keys: their values may be secrets."""
        return [("kind", self.kind), *((name, "…") for name in self.settings)]

    @property
    def settings(self) -> dict[str, Any]:
        """The keys that the kind itself validates."""
        return dict(self.model_extra or {})


class Route(Strict):
    """Which events go to which channels, and when; an empty list stands for all."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    watch: str = "iraq-security"
    min_severity: Severity = Severity.LOW
    event_types: tuple[str, ...] = ()  # ACLED sub-event names
    governorates: tuple[str, ...] = ()
    countries: tuple[Annotated[str, Field(pattern=r"^[A-Za-z]{2}$")], ...] = ()  # ISO codes
    languages: tuple[Annotated[str, Field(pattern=r"^[a-z]{2,3}$")], ...] = ()  # of any article that reports the event
    origins: tuple[str, ...] = ()  # of any article that reports the event: AFP, INA
    to: tuple[str, ...] = Field(min_length=1)
    continue_: bool = Field(default=True, alias="continue")  # False: what it takes, no later route sees
    immediate: bool = False  # whatever digest and quiet its channels have
    digest: Digest | None = None  # instead of the channel's
    quiet: Quiet | None = None  # instead of the channel's


class Escalate(Strict):
    """Whom a grave event is told when nobody acknowledges it."""

    after_minutes: int = Field(ge=1, le=1440)
    to: tuple[str, ...] = Field(min_length=1)
    min_severity: Severity = Severity.CRITICAL
    watch: str | None = None  # None: of any


OPERATIONS = ("Armed clash", "Government regains territory", "Arrests", "Disrupted weapons use")


class Inhibit(Strict):
    """An operation over a whole governorate that mutes its small parts for those who were told of it."""

    event_types: tuple[str, ...] = OPERATIONS  # of the operation
    mutes: tuple[str, ...] = OPERATIONS  # of the parts
    max_severity: Literal["low", "medium"] = "low"  # of the parts
    hours: float = Field(default=12.0, gt=0, le=72)  # after the last report of the operation


OPERATORS = "operators"  # stands in for a watch in messages about Tocsin itself


class Alerts(Strict):
    """Channels by name, and the routes to them."""

    channels: dict[str, ChannelSpec] = Field(default_factory=dict)
    routes: tuple[Route, ...] = ()
    operators: tuple[str, ...] = ()  # channels that hear of troubles with feeds; empty: those of the routes
    escalate: tuple[Escalate, ...] = ()
    inhibit: Inhibit | None = None
    max_age_hours: float = Field(default=6.0, gt=0)  # older items never ring: first polls, outages
    language: str = "en"  # of labels, not of quotes
    storm: int = Field(default=30, ge=2)  # more waiting than this for one recipient: one message lists them

    @model_validator(mode="before")
    @classmethod
    def _one_step(cls, value: Any) -> Any:
        """One step of ``escalate`` may stand without its list."""
        if isinstance(value, dict) and isinstance(value.get("escalate"), dict):
            return {**value, "escalate": [value["escalate"]]}
        return value


class Config(Strict):
    """The whole of config.yaml."""

    archive: Path = Path("data/tocsin.db")
    http: Http
    schedule: Schedule = Schedule()
    keep: Keep = Keep()
    feeds: tuple[Feed, ...] = ()
    watches: tuple[Watch, ...] = (Watch(id="iraq-security"),)
    alerts: Alerts = Alerts()
    weights: Path | None = (
        None  # what `tocsin train --use` wrote; None: weights.json beside the archive, if it is there
    )
    path: Path | None = Field(default=None, exclude=True)  # the file it came from
    channels_off: tuple[tuple[str, str], ...] = Field(default=(), exclude=True)  # (name, the secret that is not set)
