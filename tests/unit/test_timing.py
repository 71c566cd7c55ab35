"""When a message may leave: digests and quiet hours, by the clock of their zone, twice a year included."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from tocsin.alerts.timing import Timing, hold, is_quiet, next_digest, quiet_end, soonest
from tocsin.config import Digest, Quiet
from tocsin.model import Severity

LOW, HIGH, CRITICAL = Severity.LOW, Severity.HIGH, Severity.CRITICAL
NIGHT = Quiet(from_=time(22), to=time(6))  # Baghdad, UTC+3 all year
NOON = Quiet(from_=time(12), to=time(14))
BRUSSELS = Quiet(from_=time(22), to=time(6), timezone="Europe/Brussels")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("quiet", "at", "end"),
    [
        pytest.param(NIGHT, "2026-11-22 18:59", None, id="a minute before 22:00 in Baghdad"),
        pytest.param(NIGHT, "2026-11-22 19:00", "2026-11-23 03:00", id="22:00: quiet begins"),
        pytest.param(NIGHT, "2026-11-22 23:30", "2026-11-23 03:00", id="past midnight there and not here"),
        pytest.param(NIGHT, "2026-11-23 02:59", "2026-11-23 03:00", id="the last minute"),
        pytest.param(NIGHT, "2026-11-23 03:00", None, id="06:00: quiet is over"),
        pytest.param(NOON, "2026-11-22 09:30", "2026-11-22 11:00", id="hours within one day"),
        pytest.param(NOON, "2026-11-22 11:00", None, id="and their end"),
        pytest.param(BRUSSELS, "2026-03-28 22:00", "2026-03-29 04:00", id="the short night: 06:00 is 04:00 UTC"),
        pytest.param(BRUSSELS, "2026-10-24 21:00", "2026-10-25 05:00", id="the long night: 06:00 is 05:00 UTC"),
        pytest.param(BRUSSELS, "2026-10-25 04:30", "2026-10-25 05:00", id="half past five in winter time"),
        pytest.param(BRUSSELS, "2026-03-29 04:30", None, id="half past six in summer time"),
    ],
)
def test_quiet_hours(quiet, at, end):
    """In the zone they are written in, whatever ours is."""
    assert quiet_end(quiet, utc(at)) == (utc(end) if end else None)


@pytest.mark.parametrize(
    ("digest", "now", "then"),
    [
        pytest.param(Digest(every_minutes=15), "2026-11-22 18:40", "2026-11-22 18:45", id="at the quarters"),
        pytest.param(Digest(every_minutes=15), "2026-11-22 18:45", "2026-11-22 19:00", id="at one: the next"),
        pytest.param(Digest(every_minutes=60), "2026-11-22 23:59", "2026-11-23 00:00", id="over midnight"),
        pytest.param(Digest(at=(time(7), time(19))), "2026-11-22 15:00", "2026-11-22 16:00", id="19:00 in Baghdad"),
        pytest.param(Digest(at=(time(19), time(7))), "2026-11-22 16:00", "2026-11-23 04:00", id="at it: 07:00 next"),
        pytest.param(
            Digest(at=(time(7),), timezone="Europe/Brussels"),
            "2026-03-28 12:00",
            "2026-03-29 05:00",
            id="07:00 in summer time",
        ),
        pytest.param(
            Digest(at=(time(2, 30),), timezone="Europe/Brussels"),
            "2026-03-28 12:00",
            "2026-03-29 01:30",
            id="a time that the clock skips is an hour later",
        ),
        pytest.param(
            Digest(at=(time(2, 30),), timezone="Europe/Brussels"),
            "2026-10-24 12:00",
            "2026-10-25 00:30",
            id="a time that comes twice: the first",
        ),
    ],
)
def test_the_next_digest(digest, now, then):
    """Strictly later."""
    assert next_digest(digest, utc(now)) == utc(then)


QUARTERS = Digest(every_minutes=15)
TWICE = Digest(at=(time(7), time(19)))


@pytest.mark.parametrize(
    ("way", "severity", "now", "until"),
    [
        pytest.param(Timing(), LOW, "2026-11-22 20:00", None, id="nothing holds it"),
        pytest.param(Timing(quiet=NIGHT), LOW, "2026-11-22 20:00", "2026-11-23 03:00", id="quiet holds it"),
        pytest.param(Timing(quiet=NIGHT), CRITICAL, "2026-11-22 20:00", None, id="critical passes quiet"),
        pytest.param(Timing(quiet=NIGHT), LOW, "2026-11-22 12:00", None, id="by day"),
        pytest.param(Timing(QUARTERS), HIGH, "2026-11-22 12:01", "2026-11-22 12:15", id="a digest holds it"),
        pytest.param(Timing(QUARTERS), CRITICAL, "2026-11-22 12:01", None, id="critical passes a digest"),
        pytest.param(
            Timing(QUARTERS, NIGHT),
            LOW,
            "2026-11-22 20:01",
            "2026-11-23 03:00",
            id="a digest in quiet waits for its end",
        ),
        pytest.param(
            Timing(QUARTERS, NIGHT),
            LOW,
            "2026-11-22 18:50",
            "2026-11-23 03:00",
            id="before quiet, but the digest falls into it",
        ),
        pytest.param(
            Timing(TWICE, NIGHT), LOW, "2026-11-22 20:00", "2026-11-23 04:00", id="the next digest is after quiet"
        ),
        pytest.param(
            Timing(Digest(every_minutes=15, except_="none"), NIGHT),
            CRITICAL,
            "2026-11-22 20:01",
            "2026-11-22 20:15",
            id="except none: critical waits for the digest, not for the morning",
        ),
        pytest.param(
            Timing(quiet=Quiet(from_=time(22), to=time(6), except_="high")),
            HIGH,
            "2026-11-22 20:00",
            None,
            id="except high: high passes, too",
        ),
    ],
)
def test_hold(way, severity, now, until):
    """Both sides of each rule, and both rules together."""
    held = hold(way, severity, now=utc(now))
    assert (held.until if held else None) == (utc(until) if until else None)


def test_the_way_that_holds_least_counts():
    """Two routes to one channel: at once if one of them says so."""
    now = utc("2026-11-22 20:01")
    assert soonest([Timing(quiet=NIGHT), Timing()], LOW, now=now) is None
    held = soonest([Timing(quiet=NIGHT), Timing(QUARTERS)], LOW, now=now)
    assert held is not None
    assert (held.until, held.why) == (utc("2026-11-22 20:15"), "digest")
    assert soonest([], LOW, now=now) is None


@pytest.mark.parametrize("zone", ["Asia/Baghdad", "Europe/Brussels", "America/St_Johns", "Australia/Lord_Howe"])
def test_quiet_always_ends(zone):
    """Every quarter of an hour of the two odd weeks: the end is later, within a day, and is not quiet."""
    quiet = Quiet(from_=time(1, 30), to=time(2, 15), timezone=zone)
    start = datetime(2026, 3, 20, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    for week in (start, start + timedelta(days=195)):
        for n in range(24 * 4 * 20):
            at = week + timedelta(minutes=15 * n)
            end = quiet_end(quiet, at)
            assert (end is not None) is is_quiet(quiet, at)
            if end is not None:
                assert at < end <= at + timedelta(hours=2)
                assert not is_quiet(quiet, end)
