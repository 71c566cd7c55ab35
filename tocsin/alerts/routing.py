"""Who gets a message: routes of config.yaml, and everybody who was told something that is no longer so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tocsin.config import Alerts, Route
from tocsin.model import Alert, AlertReason

Target = tuple[str, str]  # channel, recipient

_TAKES_BACK = frozenset({AlertReason.CORRECTED, AlertReason.WITHDRAWN})


def deliveries_for(
    alert: Alert, config: Alerts, recipients: Mapping[str, tuple[str, ...]], *, told: Iterable[Target] = ()
) -> tuple[Target, ...]:
    """Each channel and recipient that gets an alert, once, in the order of the routes.

    Args:
        recipients: Whom each open channel reaches, by channel name; channels that are off are not in it.
        told: Who got an earlier message about the event. Corrections go to them too, withdrawals to them alone.
    """
    targets: dict[Target, None] = {}
    if alert.reason is not AlertReason.WITHDRAWN:
        for route in config.routes:
            if matches(route, alert):
                targets.update(((name, who), None) for name in route.to for who in recipients.get(name, ()))
    if alert.reason in _TAKES_BACK:
        targets.update(((name, who), None) for name, who in told if who in recipients.get(name, ()))
    return tuple(targets)


def matches(route: Route, alert: Alert) -> bool:
    """Whether a route takes an event: its watch, severity, type and place."""
    event = alert.event
    if route.watch != event.watch or event.severity.rank < route.min_severity.rank:
        return False
    kind = event.facts.event_type
    if route.event_types and (kind is None or kind.value not in route.event_types):
        return False
    if not route.governorates:
        return True
    wanted = {name.casefold() for name in route.governorates}
    places = (said.value for said in event.facts.places)
    return any((p.governorate or p.name).casefold() in wanted for p in places)
