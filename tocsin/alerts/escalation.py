"""Decides who else is told of a grave event that nobody has acknowledged: once for each step and recipient.

A step's minutes count from the first alert of at least its severity, sent or not: a channel that is down does not
stop the clock. A step that is overdue by more than the age limit of alerts is void.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tocsin.alerts.routing import Target
from tocsin.alerts.silences import silence_over
from tocsin.config import Alerts, Escalate
from tocsin.model import Alert, AlertReason, Event, Planned, Silence


@dataclass(frozen=True, slots=True)
class Unanswered:
    """An event about which an alert was made and that nobody has acknowledged."""

    event: Event  # as it stands now
    last: Alert  # its latest alert
    rang: tuple[tuple[datetime, int], ...]  # when each alert was made or due, and the rank of its severity
    escalated: frozenset[Target]  # who was already told that nobody has acknowledged it


def due(
    waiting: Iterable[Unanswered],
    config: Alerts,
    recipients: Mapping[str, tuple[str, ...]],
    *,
    silences: tuple[Silence, ...] = (),
    now: datetime,
) -> list[tuple[Alert, tuple[Planned, ...]]]:
    """The alerts to make now, each with its recipients."""
    found = []
    for each in waiting:
        targets = [
            (name, who)
            for step in config.escalate
            if _is_due(step, each, timedelta(hours=config.max_age_hours), now)
            for name in step.to
            for who in recipients.get(name, ())
            if silence_over(silences, each.event, name, now=now) is None
        ]
        fresh = [target for target in dict.fromkeys(targets) if target not in each.escalated]
        if fresh:
            found.append((_alert(each, now), tuple(Planned(*target) for target in fresh)))
    return found


def _is_due(step: Escalate, each: Unanswered, max_age: timedelta, now: datetime) -> bool:
    event = each.event
    if event.state != "open" or event.severity.rank < step.min_severity.rank or step.watch not in (None, event.watch):
        return False
    begun = min((at for at, rank in each.rang if rank >= step.min_severity.rank), default=None)
    after = timedelta(minutes=step.after_minutes)
    return begun is not None and after <= now - begun <= after + max_age


def _alert(each: Unanswered, now: datetime) -> Alert:
    reason, event = AlertReason.UNACKNOWLEDGED, each.event
    name = f"{event.id}:{reason.value}:{event.version}"
    return replace(each.last, id=name, event=event, reason=reason, at=now, changes=(), coverage=None)
