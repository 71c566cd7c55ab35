"""Whether a delivery has anything to do: looked at in the runner, so that Prefect sees a run only when there is work.

A flow run costs the server some thirty rows whether or not it does anything, and a delivery a minute was most of
Prefect's database. A look costs a few reads of the archive. It does what decides who must hear of something
(operators, reactions, escalations) and leaves the sending to the flow ``deliver``.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from flows import operators, outgoing, run
from tocsin.archive import Archive
from tocsin.archive.outbox import Outbox
from tocsin.config import Config


def due(config: Config, *, now: datetime) -> bool:
    """True when a message can be sent now; False while another delivery is at it.

    Raises:
        ArchiveError: The archive cannot be read.
        ConfigError: A channel cannot be built.
    """
    with Archive.open(config.archive) as archive, archive.lock("deliver") as mine:
        if not mine:
            return False
        channels = run.open_channels(config)
        operators.tell(config, archive, {name: each.recipients() for name, each in channels.items()}, now=now)
        outgoing.hear(archive, channels, now=now)
        outgoing.escalate(archive, config.alerts, channels, now=now)
        return _sendable(Outbox(archive), channels, now)


def _sendable(outbox: Outbox, channels: Iterable[str], now: datetime) -> bool:
    """Whether anything is due for a channel that is on; what waits for one that is off wakes nobody."""
    on = set(channels)
    return any(
        delivery.not_before <= now
        for channel in outbox.open_channels()
        if channel in on
        for delivery in outbox.waiting(channel, now=now, limit=1)  # what is due comes first
    )
