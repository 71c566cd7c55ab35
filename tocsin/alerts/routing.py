"""Who gets a message: routes of config.yaml, and everybody who was told something that is no longer so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tocsin.config import Alerts, Route
from tocsin.model import Alert, AlertReason, Event

Target = tuple[str, str]  # channel, recipient

_TAKES_BACK = frozenset({AlertReason.CORRECTED, AlertReason.WITHDRAWN})


def ways_for(
    alert: Alert, config: Alerts, recipients: Mapping[str, tuple[str, ...]], *, told: Iterable[Target] = ()
) -> dict[Target, tuple[Route, ...]]:
    """Each channel and recipient that gets an alert, in the order of the routes, with the routes that lead there.

    Args:
        recipients: Whom each open channel reaches, by channel name; channels that are off are not in it.
        told: Who got an earlier message about the event. Corrections go to them too, withdrawals to them alone;
            where no route leads any more, there is none. For a channel that is off or gone they wait, as its readers
            still believe what it said: it comes back, or a person sends them through another.
    """
    ways: dict[Target, tuple[Route, ...]] = {}
    if alert.reason is not AlertReason.WITHDRAWN:
        for route in taken(config.routes, alert.event):
            for target in ((name, who) for name in route.to for who in recipients.get(name, ())):
                ways[target] = (*ways.get(target, ()), route)
    if alert.reason in _TAKES_BACK:
        for name, who in told:
            if name not in recipients or who in recipients[name]:
                ways.setdefault((name, who), ())
    return ways


def taken(routes: Iterable[Route], event: Event) -> list[Route]:
    """The routes that an event goes down: each that it fits, up to the first that says ``continue: false``."""
    found = []
    for route in routes:
        if matches(route, event):
            found.append(route)
            if not route.continue_:
                break
    return found


def matches(route: Route, event: Event) -> bool:
    """Whether a route takes an event: its watch, severity, type, places, and the articles that report it."""
    if route.watch != event.watch or event.severity.rank < route.min_severity.rank:
        return False
    kind = event.facts.event_type
    if route.event_types and (kind is None or kind.value not in route.event_types):
        return False
    places = [said.value for said in event.facts.places]
    return (
        _any(route.governorates, (place.governorate or place.name for place in places))
        and _any(route.countries, (place.country for place in places))
        and _any(route.languages, (source.language for source in event.sources))
        and _any(route.origins, (name for source in event.sources for name in (*source.origins, source.origin)))
    )


def _any(wanted: tuple[str, ...], found: Iterable[str]) -> bool:
    """Whether one of the wanted is there; nothing wanted is always there."""
    return not wanted or not {name.casefold() for name in wanted}.isdisjoint(name.casefold() for name in found)
