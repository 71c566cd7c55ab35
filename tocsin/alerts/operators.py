"""What operators are told, and who they are: troubles as alerts, each in a thread of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime

from tocsin.alerts.plan import timing
from tocsin.alerts.timing import hold
from tocsin.config import OPERATORS, Alerts, Route
from tocsin.health import Trouble
from tocsin.model import Alert, AlertReason, Event, Facts, Planned, Severity, Source


def planned(
    trouble: Trouble, config: Alerts, recipients: Mapping[str, tuple[str, ...]], *, now: datetime
) -> tuple[Planned, ...]:
    """Each channel and recipient that hears of a trouble, and when; what blinds everything waits for no digest."""
    names = [name for name in config.operators if name in config.channels] or _routed(config, trouble)
    return tuple(_one(name, who, trouble, config, now) for name in names for who in recipients.get(name, ()))


def _routed(config: Alerts, trouble: Trouble) -> list[str]:
    """The channels of the routes that take news of this severity, where nobody is named."""
    routes = [route for route in config.routes if trouble.severity.rank >= route.min_severity.rank]
    return list(dict.fromkeys(name for route in routes or config.routes for name in route.to))


def _one(channel: str, recipient: str, trouble: Trouble, config: Alerts, now: datetime) -> Planned:
    way = timing(Route(watch=OPERATORS, to=(channel,)), channel, config)
    held = None if trouble.severity is Severity.HIGH else hold(way, trouble.severity, now=now)
    return Planned(channel, recipient, held_until=held.until if held else None, why=held.why if held else "")


def event_id(trouble: Trouble, since: datetime) -> str:
    """Names the thread of a trouble; another time it comes is another thread."""
    return f"op-{hashlib.sha256(f'{trouble.key}|{since.isoformat()}'.encode()).hexdigest()[:12]}"


def alert(trouble: Trouble, event: str, version: int, *, since: datetime, now: datetime, over: bool = False) -> Alert:
    """The message that a trouble has come, lasts, or is over."""
    source = Source(
        article=0,
        url=trouble.url,
        title="Nothing more to do" if over else trouble.mend,
        publisher=trouble.feed or "Tocsin",
        language="en",
        origins=("Tocsin",),
        published=None,
        seen=now,
    )
    told = Event(
        id=event,
        watch=OPERATORS,
        version=version,
        severity=Severity.LOW if over else trouble.severity,
        gist=f"Over: {trouble.what}" if over else trouble.what[:1].upper() + trouble.what[1:],
        facts=Facts(),
        sources=(source,),
        first_seen=since,
        last_seen=now,
    )
    reason = AlertReason.CLEARED if over else AlertReason.TROUBLE
    return Alert(f"{event}-{reason.value}-{version}", told, reason, now, article=source, language="en")
