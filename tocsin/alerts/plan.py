"""What becomes of one alert for each recipient: told at once, held for a summary, silenced, or muted as a part.

Exactly one of these for each channel and recipient that a route leads to; nothing is dropped here. A withdrawal
is always told at once. A correction is told at once to whoever was told what it corrects.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tocsin.alerts import inhibition, silences
from tocsin.alerts.routing import Target, ways_for
from tocsin.alerts.timing import Timing, soonest
from tocsin.config import Alerts, Route
from tocsin.model import Alert, AlertReason, DeliveryState, Event, Planned, Silence

_OF_A_PART = frozenset({AlertReason.FIRST, AlertReason.CONFIRMED, AlertReason.CASUALTIES, AlertReason.CLAIMED})


@dataclass(frozen=True, slots=True)
class Scene:
    """What holds while an alert is planned, read in the same transaction."""

    recipients: Mapping[str, tuple[str, ...]]  # whom each open channel reaches
    told: tuple[Target, ...] = ()  # who was told of the event, or is about to be
    reached: frozenset[Target] = field(default_factory=frozenset)  # whom a message about it has reached, or may have
    silences: tuple[Silence, ...] = ()
    operation: Event | None = None  # of which the event is a part
    briefed: frozenset[Target] = field(default_factory=frozenset)  # whom a message about the operation has reached


def plan(alert: Alert, config: Alerts, scene: Scene, *, now: datetime) -> tuple[Planned, ...]:
    """How an alert goes to each of its recipients, in the order of the routes."""
    ways = ways_for(alert, config, scene.recipients, told=scene.told)
    return tuple(_one(alert, target, routes, config, scene, now=now) for target, routes in ways.items())


def _one(
    alert: Alert, target: Target, routes: tuple[Route, ...], config: Alerts, scene: Scene, *, now: datetime
) -> Planned:
    channel, recipient = target
    if alert.reason is AlertReason.WITHDRAWN:
        return Planned(channel, recipient)
    silence = silences.silence_over(scene.silences, alert.event, channel, now=now)
    if silence is not None:
        return Planned(channel, recipient, DeliveryState.SILENCED, why=silences.why(silence))
    part = alert.reason in _OF_A_PART and target in scene.briefed and target not in scene.reached
    if scene.operation is not None and part:
        return Planned(channel, recipient, DeliveryState.INHIBITED, why=inhibition.why(scene.operation))
    if alert.reason is AlertReason.CORRECTED and target in scene.reached:
        return Planned(channel, recipient)
    held = soonest([timing(route, channel, config) for route in routes], alert.event.severity, now=now)
    if held is None:
        return Planned(channel, recipient)
    return Planned(channel, recipient, held_until=held.until, why=held.why)


def timing(route: Route, channel: str, config: Alerts) -> Timing:
    """What holds messages of a route to a channel: the route's own word, else the channel's."""
    if route.immediate:
        return Timing()
    spec = config.channels.get(channel)
    digest, quiet = (spec.digest, spec.quiet) if spec is not None else (None, None)
    return Timing(route.digest or digest, route.quiet or quiet)
