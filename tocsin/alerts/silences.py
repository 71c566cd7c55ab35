"""What somebody wanted silent for a while: matched here, kept in the archive, never lost."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from tocsin.model import Event, Silence


def silence_over(silences: Iterable[Silence], event: Event, channel: str, *, now: datetime) -> Silence | None:
    """The first silence that holds over an event on a channel, or None."""
    return next((each for each in silences if each.active(now) and covers(each, event, channel)), None)


def covers(silence: Silence, event: Event, channel: str) -> bool:
    """Whether a silence means an event on a channel; each of its fields that is set must fit."""
    kind = event.facts.event_type.value if event.facts.event_type else ""
    governorates = {(said.value.governorate or said.value.name).casefold() for said in event.facts.places}
    return (
        event.severity.rank <= silence.max_severity.rank
        and silence.event in ("", event.id)
        and silence.watch in ("", event.watch)
        and silence.event_type in ("", kind)
        and silence.channel in ("", channel)
        and (not silence.governorate or silence.governorate.casefold() in governorates)
    )


def why(silence: Silence) -> str:
    """The silence in words, for the record of what it silenced."""
    return f"silence {silence.id} by {silence.by} until {silence.until:%d %b %H:%M} UTC: {silence.why}"
