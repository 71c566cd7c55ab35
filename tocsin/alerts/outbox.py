"""What next with a delivery, after each answer or none: the state machine, without clock, network or database.

    pending --claim--> sending --arrived--> sent
       ^                  |---- a plain no, for now -------> pending, later
       |                  |---- a plain no, for good ------> dead
       |                  '---- no telling ---------------> unknown
       '-- look-up says no, after the settle time ---------- unknown --look-up says yes--> sent

A channel that cannot look up gets its unknown ones again: at least once, never lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from tocsin.errors import DeliveryError
from tocsin.model import Delivery, DeliveryState

FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(hours=1)  # that a channel may ask for
SLOWEST = timedelta(minutes=5)  # between our own tries: a bell must not wait an hour after the line is back
MENDABLE = timedelta(minutes=5)  # a channel that asks for so long a pause waits for a person: say so
ABSURD = LONGEST_PAUSE + timedelta(minutes=10)  # further ahead, the clock was set back
JUST_MADE = timedelta(seconds=10)  # what was never tried is due when it is made
SETTLED_BY = timedelta(minutes=2)  # a doubt older than its settle time and this: the clock may have leapt


@dataclass(frozen=True, slots=True)
class Next:
    """Where a delivery goes from here, and when to look at it again."""

    state: DeliveryState
    not_before: datetime
    error: str
    problem: bool = False  # somebody has to do something


def after_error(error: DeliveryError, *, attempts: int, settle: timedelta | None, now: datetime) -> Next:
    """What follows a send that failed.

    Args:
        attempts: This one included.
        settle: How long after a doubtful send a look-up can be believed; None where there is no look-up, and
            the next try, which may be a double, waits like any other.
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
    """When to look at a delivery whose times another clock wrote, as far as one can tell; None for all others.

    To be asked once by each process: the answer to a doubt that is merely old is the same each time.
    """
    if delivery.held_until is not None and not delivery.attempts and delivery.created_at <= now + JUST_MADE:
        return None  # it waits on purpose
    later = now + settle if settle is not None and delivery.state is DeliveryState.UNKNOWN else now
    if delivery.not_before - now > (ABSURD if delivery.attempts else JUST_MADE):
        return later
    claimed = delivery.claimed_at
    if claimed is None or delivery.state is DeliveryState.SENDING:
        return None
    if claimed > now + JUST_MADE:  # set back since
        return later
    leapt = settle is not None and now - claimed > settle + SETTLED_BY
    return later if leapt and delivery.state is DeliveryState.UNKNOWN else None


def due_at(delivery: Delivery, *, settle: timedelta | None, now: datetime) -> datetime:
    """When a delivery is due; a doubt never before it has settled since its claim, whatever a leaping clock wrote."""
    claimed = delivery.claimed_at
    if settle is None or claimed is None or claimed > now or delivery.state is not DeliveryState.UNKNOWN:
        return delivery.not_before
    return max(delivery.not_before, claimed + settle)


def batches(
    due: Sequence[Delivery], *, storm: int, limit: int, late: datetime | None = None
) -> list[tuple[Delivery, ...]]:
    """The messages to send now, gravest first: one alert each, but a list of what was held, is late, or is a storm.

    What may have arrived goes again as the message that it was, so that the receiver can tell a double.

    Args:
        storm: More than this for one recipient go out as lists.
        limit: The most alerts that one list holds.
        late: What was made before this, and could not be sent for so long, is news no more: listed.
    """
    order = sorted(due, key=lambda d: (-d.alert.event.severity.rank, d.id))
    found: list[tuple[Delivery, ...]] = []
    for (_, again), group in groupby(sorted(order, key=_message), key=_message):
        mine = list(group)
        if again:
            found.append(tuple(mine))
            continue
        fresh = [d for d in mine if not _waited(d, late)]
        single = fresh if len(fresh) <= storm else []  # a morning's summary does not make a storm of what is new
        listed = [d for d in mine if _waited(d, late) or not single]
        found += [tuple(listed[i : i + limit]) for i in range(0, len(listed), limit)]
        found += [(d,) for d in single]
    return sorted(found, key=lambda batch: (-batch[0].alert.event.severity.rank, batch[0].id))


def _waited(delivery: Delivery, late: datetime | None) -> bool:
    return delivery.held_until is not None or (late is not None and delivery.created_at < late)


def _message(delivery: Delivery) -> tuple[str, str]:
    return delivery.recipient, delivery.batch


def messages(doubtful: Sequence[Delivery]) -> list[tuple[Delivery, ...]]:
    """Deliveries by the message that they may have arrived in; those without one each by itself."""
    found: dict[str, list[Delivery]] = {}
    for delivery in doubtful:
        found.setdefault(delivery.batch or delivery.idem, []).append(delivery)
    return [tuple(each) for each in found.values()]
