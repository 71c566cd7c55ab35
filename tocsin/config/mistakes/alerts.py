"""What can be wrong in ``alerts``: channels, watches, event types and zones that do not exist, routes never reached."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tocsin.config.mistakes.values import bad_zone, block_of
from tocsin.config.problem import Key, Problem, did_you_mean
from tocsin.config.schema import Route

# ACLED's sub-events. Source: ACLED codebook, "event types and sub-event types"
EVENT_TYPES = (
    "Abduction/forced disappearance", "Agreement", "Air/drone strike", "Armed clash", "Arrests", "Attack",
    "Change to group/activity", "Chemical weapon", "Disrupted weapons use", "Excessive force against protesters",
    "Government regains territory", "Grenade", "Headquarters or base established", "Looting/property destruction",
    "Mob violence", "Non-state actor overtakes territory", "Non-violent transfer of territory", "Other",
    "Peaceful protest", "Protest with intervention", "Remote explosive/landmine/IED", "Sexual violence",
    "Shelling/artillery/missile attack", "Suicide bomb", "Violent demonstration",
)  # fmt: skip


def governorates() -> list[str]:
    """The governorates of the gazetteer."""
    from tocsin.flagging.gazetteer import entries

    return sorted({entry.place.governorate for entry in entries().values() if entry.place.governorate})


def mistakes(alerts: Mapping[str, Any], watches: list[str]) -> Iterator[Problem]:
    """What is wrong in the block ``alerts`` of the plain data, beyond its types."""
    blocks = block_of(alerts, "channels")
    channels = [*blocks, "terminal"]
    for name, channel in blocks.items():
        yield from _zones(channel, ("alerts", "channels", name))
    operators = alerts.get("operators")
    for i, name in enumerate(operators if isinstance(operators, list) else ()):
        if isinstance(name, str) and name not in channels:
            yield Problem(("alerts", "operators", i), f"no channel is called {name!r}{did_you_mean(name, channels)}")
    for key, route in _each(alerts, "routes"):
        yield from _watch(route, key, watches, "iraq-security")
        yield from _channels(route, key, channels)
        yield from _types(route, key, "event_types")
        yield from _zones(route, key)
        if route.get("immediate") is True and ("digest" in route or "quiet" in route):
            yield Problem((*key, "immediate"), "leaves nothing to hold; remove it, or remove digest and quiet")
    for key, step in _each(alerts, "escalate"):
        yield from _watch(step, key, watches, None)
        yield from _channels(step, key, channels)
    for part in ("event_types", "mutes"):
        yield from _types(block_of(alerts, "inhibit"), ("alerts", "inhibit"), part)


def never_reached(routes: Iterable[Route]) -> list[int]:
    """The numbers of routes behind one that takes all they could and says ``continue: false``."""
    walls: list[Route] = []
    found = []
    for number, route in enumerate(routes):
        if any(_takes_all_of(wall, route) for wall in walls):
            found.append(number)
        if not route.continue_:
            walls.append(route)
    return found


def _takes_all_of(wall: Route, route: Route) -> bool:
    lists = ("event_types", "governorates", "countries", "languages", "origins")
    return (
        wall.watch == route.watch
        and wall.min_severity.rank <= route.min_severity.rank
        and all(
            not getattr(wall, name) or (getattr(route, name) and set(getattr(route, name)) <= set(getattr(wall, name)))
            for name in lists
        )
    )


def _each(alerts: Mapping[str, Any], name: str) -> Iterator[tuple[Key, dict[str, Any]]]:
    """The blocks of a list, or the one block that stands for it."""
    value = alerts.get(name)
    if isinstance(value, dict):
        yield ("alerts", name), value
    for i, one in enumerate(value if isinstance(value, list) else ()):
        if isinstance(one, dict):
            yield ("alerts", name, i), one


def _watch(block: Mapping[str, Any], key: Key, watches: list[str], default: str | None) -> Iterator[Problem]:
    watch = block.get("watch", default)
    if isinstance(watch, str) and watch not in watches:
        yield Problem((*key, "watch"), f"no watch is called {watch!r}{did_you_mean(watch, watches)}")


def _channels(block: Mapping[str, Any], key: Key, channels: list[str]) -> Iterator[Problem]:
    for i, name in enumerate(block["to"] if isinstance(block.get("to"), list) else ()):
        if isinstance(name, str) and name not in channels:
            yield Problem((*key, "to", i), f"no channel is called {name!r}{did_you_mean(name, channels)}")


def _types(block: Mapping[str, Any], key: Key, name: str) -> Iterator[Problem]:
    for i, kind in enumerate(block[name] if isinstance(block.get(name), list) else ()):
        if isinstance(kind, str) and kind not in EVENT_TYPES:
            near = did_you_mean(kind, EVENT_TYPES) or f"; known: {', '.join(EVENT_TYPES)}"
            yield Problem((*key, name, i), f"no event type is called {kind!r}{near}")


def _zones(block: Any, key: Key) -> Iterator[Problem]:
    for name in ("digest", "quiet"):
        zone = block_of(block, name).get("timezone") if isinstance(block, dict) else None
        if isinstance(zone, str) and (wrong := bad_zone(zone)):
            yield Problem((*key, name, "timezone"), wrong)
