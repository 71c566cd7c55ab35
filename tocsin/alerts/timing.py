"""When a message may leave: digests and quiet hours, in the zones they are written in, daylight saving included.

What is due at a digest that falls into quiet hours waits for their end, so that a night is one summary.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from tocsin.config import Digest, Passing, Quiet
from tocsin.model import Severity


@dataclass(frozen=True, slots=True)
class Timing:
    """What holds messages on one way to a channel."""

    digest: Digest | None = None
    quiet: Quiet | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """Until when something waits, and why."""

    until: datetime
    why: str  # "digest", "quiet hours"


def soonest(ways: Iterable[Timing], severity: Severity, *, now: datetime) -> Hold | None:
    """How long something of this severity waits, by the way that holds it least; None: not at all."""
    holds = [hold(way, severity, now=now) for way in ways]
    kept = [each for each in holds if each is not None]
    return min(kept, key=lambda each: each.until) if kept and len(kept) == len(holds) else None


def hold(way: Timing, severity: Severity, *, now: datetime) -> Hold | None:
    """How long something of this severity waits on one way; None: not at all."""
    until, why = now, ""
    if way.digest is not None and not passes(way.digest.except_, severity):
        until, why = next_digest(way.digest, now), "digest"
    if way.quiet is not None and not passes(way.quiet.except_, severity):
        end = quiet_end(way.quiet, until)
        until, why = (until, why) if end is None else (end, "quiet hours")
    return Hold(until, why) if until > now else None


def passes(limit: Passing, severity: Severity) -> bool:
    """Whether something is grave enough not to wait.

    >>> passes("high", Severity.CRITICAL), passes("none", Severity.CRITICAL)
    (True, False)
    """
    return limit != "none" and severity.rank >= Severity(limit).rank


def next_digest(digest: Digest, now: datetime) -> datetime:
    """The first digest after a moment; "every 15 minutes" is at :00, :15, :30 and :45."""
    if digest.every_minutes is not None:
        step = digest.every_minutes * 60
        return datetime.fromtimestamp((int(now.timestamp()) // step + 1) * step, UTC)
    return _next(digest.at, digest.timezone, now)


def quiet_end(quiet: Quiet, at: datetime) -> datetime | None:
    """When the quiet hours that hold at a moment end; None when none do."""
    return _next((quiet.to,), quiet.timezone, at) if is_quiet(quiet, at) else None


def is_quiet(quiet: Quiet, at: datetime) -> bool:
    """Whether a moment lies in the quiet hours; their first minute does, the minute they end does not."""
    here = at.astimezone(_zone(quiet.timezone)).time()
    if quiet.from_ < quiet.to:
        return quiet.from_ <= here < quiet.to
    return here >= quiet.from_ or here < quiet.to


def _next(times: Iterable[time], zone: str, after: datetime) -> datetime:
    """The first moment after ``after`` at which a clock in ``zone`` shows one of the times.

    A time that the clock skips in spring comes as much later as it skipped; one that it shows twice comes twice.
    """
    here = _zone(zone)
    today = after.astimezone(here).date()
    found = []
    for n in (-1, 0, 1, 2):
        for each in times:
            for fold in (0, 1):
                shown = datetime.combine(today + timedelta(days=n), each, here).replace(fold=fold)
                moment = shown.astimezone(UTC)
                skipped = moment.astimezone(here).replace(fold=0, tzinfo=None) != shown.replace(fold=0, tzinfo=None)
                if moment > after and not (fold and skipped):
                    found.append(moment)
    return min(found)


@lru_cache(maxsize=32)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
