"""What is only a part of something larger: small events inside an operation over a whole governorate.

Muted only for those who were told of the operation: to anyone else the part is news.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from tocsin.config import Inhibit
from tocsin.model import Event, Severity

BEFORE = timedelta(hours=2)  # an operation is reported later than its first raid


def operation_over(event: Event, others: Iterable[Event], rule: Inhibit | None, *, now: datetime) -> Event | None:
    """The operation that an event is a part of, the latest reported one; None when it stands for itself.

    Never for an event of high severity, nor for one that is graver than the operation.
    """
    if rule is None or event.severity.rank > Severity(rule.max_severity).rank:
        return None
    if _kind(event) not in rule.mutes or not event.facts.places or _area(event):
        return None
    where = event.facts.places[0].value.governorate
    found = [
        other
        for other in others
        if other.id != event.id
        and other.state == "open"
        and other.watch == event.watch
        and other.severity.rank >= event.severity.rank
        and _kind(other) in rule.event_types
        and _area(other) == where != ""
        and _during(event, other, timedelta(hours=rule.hours), now)
    ]
    return max(found, key=lambda other: (other.last_seen, other.id), default=None)


def why(operation: Event) -> str:
    """The operation in words, for the record of what it muted."""
    return f"part of {operation.id}: {operation.gist}"


def _kind(event: Event) -> str:
    return event.facts.event_type.value if event.facts.event_type else ""


def _area(event: Event) -> str:
    """The governorate that an event is about as a whole, or ""."""
    place = event.facts.places[0].value if event.facts.places else None
    return place.governorate if place is not None and place.precision == "governorate" else ""


def _during(event: Event, operation: Event, after: timedelta, now: datetime) -> bool:
    """Whether an event falls into the time of an operation that is still going on."""
    at = event.happened or event.first_seen
    begun = min(operation.happened or operation.first_seen, operation.first_seen) - BEFORE
    return begun <= at <= operation.last_seen + after and now <= operation.last_seen + after
