"""Which state follows for a delivery after each answer, or none: no clock, no network, no database.

    pending --claim--> sending --arrived--> sent
       ^                  |---- refused for now -----------> pending, later
       |                  |---- refused for good ----------> dead
       |                  '---- outcome unknown -----------> unknown
       '-- the look-up did not find it, after settling ----- unknown --the look-up found it--> sent

A channel that cannot look messages up sends its unknown ones again: at least once, never lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from tocsin.errors import DeliveryError
from tocsin.model import Delivery, DeliveryState

FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(hours=1)  # the longest pause that a channel's answer may ask for
SLOWEST = timedelta(minutes=5)  # pause between our own tries: alerts leave soon after a line is back
MENDABLE = timedelta(minutes=5)  # a channel that asks for so long a pause waits for a person: operators are told
ABSURD = LONGEST_PAUSE + timedelta(minutes=10)  # a retry further ahead was planned before the clock was set back
JUST_MADE = timedelta(seconds=10)  # a delivery that was never tried is due this soon after it was made
SETTLED_BY = timedelta(minutes=2)  # a doubt older than its settle time plus this may come of a clock that leapt


@dataclass(frozen=True, slots=True)
class Next:
    """Where a delivery goes from here, and when to look at it again."""

    state: DeliveryState
    not_before: datetime
    error: str
    problem: bool = False  # operators are told of the error


def after_error(error: DeliveryError, *, attempts: int, settle: timedelta | None, now: datetime) -> Next:
    """What follows a send that failed.

    Args:
        attempts: How many sends were tried, this one included.
        settle: How long after a doubtful send a look-up is believed; None where the channel has no look-up: the next
            try then waits like any other and may be a double.
    """
    said = error.detail or error.subject
    wait = pause(attempts, error.retry_after)
    if not error.sure:
        asked = error.retry_after is not None and wait >= MENDABLE
        return Next(DeliveryState.UNKNOWN, now + (wait if settle is None else settle), said, problem=asked)
    if not error.retryable:
        return Next(DeliveryState.DEAD, now, said, problem=True)
    return Next(DeliveryState.PENDING, now + wait, said, problem=wait >= MENDABLE)


def pause(attempts: int, retry_after: float | None = None) -> timedelta:
    """How long to wait before the next try: as asked, else doubling from two seconds to five minutes.

    >>> [pause(n).seconds for n in (1, 2, 3, 8, 20)]
    [2, 4, 8, 256, 300]
    """
    if retry_after is not None:
        return min(timedelta(seconds=max(0.0, retry_after)), LONGEST_PAUSE)
    doubled: int = 2 ** min(max(attempts, 1) - 1, 12)
    return min(FIRST_PAUSE * doubled, SLOWEST)


def wrong_clock(delivery: Delivery, *, settle: timedelta | None, now: datetime) -> datetime | None:
    """When to look at a delivery whose times were written by a wrong clock; None for all others.

    Each process asks once for each delivery: a doubt that is merely old gets the same answer each time.
    """
    if delivery.held_until is not None and not delivery.attempts and delivery.created_at <= now + JUST_MADE:
        return None  # a digest or quiet hours hold it
    later = now + settle if settle is not None and delivery.state is DeliveryState.UNKNOWN else now
    if delivery.not_before - now > (ABSURD if delivery.attempts else JUST_MADE):
        return later
    claimed = delivery.claimed_at
    if claimed is None or delivery.state is DeliveryState.SENDING:
        return None
    if claimed > now + JUST_MADE:  # the clock was set back after the claim
        return later
    leapt = settle is not None and now - claimed > settle + SETTLED_BY
    return later if leapt and delivery.state is DeliveryState.UNKNOWN else None


def due_at(delivery: Delivery, *, settle: timedelta | None, now: datetime) -> datetime:
    """When a delivery is due; a doubtful one not before its claim has settled, whatever a leaping clock wrote."""
    claimed = delivery.claimed_at
    if settle is None or claimed is None or claimed > now or delivery.state is not DeliveryState.UNKNOWN:
        return delivery.not_before
    return max(delivery.not_before, claimed + settle)


def batches(
    due: Sequence[Delivery], *, storm: int, limit: int, late: datetime | None = None
) -> list[tuple[Delivery, ...]]:
    """The messages to send now, gravest first: one alert each; what was held, is late or is a storm goes as a list.

    A message that may have arrived is sent again with the same alerts, so that the receiver recognises the double.

    Args:
        storm: More alerts than this for one recipient go out as lists.
        limit: The most alerts that one list holds.
        late: Alerts made before this go out as lists.
    """
    order = sorted(due, key=lambda d: (-d.alert.event.severity.rank, d.id))
    found: list[tuple[Delivery, ...]] = []
    for (_, again), group in groupby(sorted(order, key=_message), key=_message):
        mine = list(group)
        if again:
            found.append(tuple(mine))
            continue
        fresh = [d for d in mine if not _waited(d, late)]
        single = fresh if len(fresh) <= storm else []  # what was held does not count towards a storm
        listed = [d for d in mine if _waited(d, late) or not single]
        found += [tuple(listed[i : i + limit]) for i in range(0, len(listed), limit)]
        found += [(d,) for d in single]
    return sorted(found, key=lambda batch: (-batch[0].alert.event.severity.rank, batch[0].id))


def _waited(delivery: Delivery, late: datetime | None) -> bool:
    return delivery.held_until is not None or (late is not None and delivery.created_at < late)


def _message(delivery: Delivery) -> tuple[str, str]:
    return delivery.recipient, delivery.batch


def messages(doubtful: Sequence[Delivery]) -> list[tuple[Delivery, ...]]:
    """Deliveries grouped by the message that they were sent in; one that was in no list is a group of its own."""
    found: dict[str, list[Delivery]] = {}
    for delivery in doubtful:
        found.setdefault(delivery.batch or delivery.idem, []).append(delivery)
    return [tuple(each) for each in found.values()]
