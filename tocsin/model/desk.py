"""What people at the desk say to the bell: who looks after an event, and what must not ring for a while."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tocsin.model.facts import Severity


@dataclass(frozen=True, slots=True)
class Ack:
    """Somebody has seen an event and looks after it."""

    event: str
    by: str
    at: datetime
    via: str = ""  # the channel whose message they reacted to; "" for the command
    note: str = ""


@dataclass(frozen=True, slots=True)
class Silence:
    """What rings for nobody until a time; an empty field stands for all."""

    id: int
    by: str
    why: str
    at: datetime
    until: datetime
    event: str = ""
    watch: str = ""
    event_type: str = ""
    governorate: str = ""
    channel: str = ""
    max_severity: Severity = Severity.HIGH  # what is graver rings all the same
    ended_at: datetime | None = None
    ended_by: str = ""

    def active(self, now: datetime) -> bool:
        """Whether it holds at this moment."""
        return self.at <= now < self.until and self.ended_at is None
