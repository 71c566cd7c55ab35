"""How widely an event is reported: what an alert keeps of its sources, of which an event may have hundreds."""

from __future__ import annotations

from dataclasses import replace

from tocsin.model import Alert, Count, Coverage, Event, Source

SOURCES = 50  # that an alert keeps, the latest
FIGURES = 4  # that an alert names where sources differ
NAMES = 3  # of the origins of each figure


def coverage_of(event: Event) -> Coverage:
    """How many articles and origins report an event, and what they say of its toll."""
    return Coverage(len(event.sources), event.origins, _told(event.sources, "killed"), _told(event.sources, "wounded"))


def frozen(alert: Alert) -> Alert:
    """The alert as it is kept: the latest sources, without the marks by which events are joined; the rest is counted.

    A picture that grew with its event would be copied whole into each alert about it.
    """
    event = alert.event
    sources = tuple(replace(source, marks=()) if source.marks else source for source in event.sources[-SOURCES:])
    coverage = alert.coverage
    if coverage is None and len(event.sources) > SOURCES:
        coverage = coverage_of(event)
    return replace(alert, event=replace(event, sources=sources), coverage=coverage)


def _told(sources: tuple[Source, ...], field: str) -> tuple[tuple[str, Count], ...]:
    """The latest word of each origin on a toll: the first figures, and of each the first origins."""
    latest: dict[str, Count] = {}
    for source in sources:
        count = source.killed if field == "killed" else source.wounded
        if count is not None and source.relation != "kill":
            latest[source.origin] = count
    by: dict[Count, list[str]] = {}
    for origin, count in latest.items():
        by.setdefault(count, []).append(origin)
    return tuple((origin, count) for count, origins in [*by.items()][:FIGURES] for origin in origins[:NAMES])
