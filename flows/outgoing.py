"""What goes out, in order: the messages, who acknowledged what, whom else to tell because nobody did."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from tocsin.alerts import dispatch, escalation
from tocsin.alerts.channels import Channel
from tocsin.archive import Archive
from tocsin.archive.backlog import Backlog
from tocsin.archive.orders import Orders
from tocsin.archive.outbox import Outbox
from tocsin.config import Alerts
from tocsin.errors import DeliveryError
from tocsin.model import Ack, AlertReason

LEAST_SECONDS = 10.0  # for escalations, however long the messages took
WATCHED = timedelta(hours=24)  # how long a reaction to a message is looked for
log = logging.getLogger("tocsin")


def send(
    archive: Archive,
    config: Alerts,
    channels: Mapping[str, Channel],
    *,
    clock: Callable[[], datetime],
    seconds: float,
) -> dispatch.DispatchReport:
    """Empty the outbox; the caller holds the lock "deliver".

    Messages first: what people reacted to is asked for when the alerts are out, so that a Slack that hangs delays none.

    Args:
        clock: Gives the time, at the start and while messages are sent.
        seconds: The most that sending may take; an escalation has at least ``LEAST_SECONDS`` more.
    """
    began = clock()
    report = _dispatch(archive, config, channels, clock, seconds)
    hear(archive, channels, now=clock())
    if escalate(archive, config, channels, now=clock()):
        left = max(LEAST_SECONDS, seconds - (clock() - began).total_seconds())
        report = _both(report, _dispatch(archive, config, channels, clock, left))
    _tell(archive, report, channels, now=clock())
    return report


def _dispatch(
    archive: Archive,
    config: Alerts,
    channels: Mapping[str, Channel],
    clock: Callable[[], datetime],
    seconds: float,
) -> dispatch.DispatchReport:
    return dispatch.dispatch(
        Outbox(archive),
        channels,
        now=clock,
        deadline_seconds=seconds,
        storm=config.storm,
        max_age=timedelta(hours=config.max_age_hours),
    )


def _both(one: dispatch.DispatchReport, two: dispatch.DispatchReport) -> dispatch.DispatchReport:
    """Two emptyings as one: what the first could not send may still wait."""
    still_open = two.waiting + two.failed
    failed = min(max(one.failed, two.failed), still_open)
    return replace(
        two,
        sent=one.sent + two.sent,
        failed=failed,
        waiting=still_open - failed,
        dead=one.dead + two.dead,
        problems=tuple(dict.fromkeys(one.problems + two.problems)),
    )


def hear(archive: Archive, channels: Mapping[str, Channel], *, now: datetime) -> int:
    """Note which events people acknowledged by a reaction; how many. A channel that cannot be asked is asked again."""
    orders, heard = Orders(archive), 0
    for name, messages in orders.messages_to_watch(now - WATCHED).items():
        if name not in channels:
            continue
        try:
            found = dispatch.guarded(name, partial(channels[name].acks, name, messages))
        except DeliveryError as error:
            told = logging.WARNING if isinstance(error.__cause__, Exception) else logging.INFO
            told = logging.WARNING if error.__cause__ else logging.INFO  # a bug in the channel, or the channel's answer
            log.log(told, "%s: reactions could not be read (%s)", name, error.detail or error.subject)
            continue
        for remote, who in found.items():
            heard += sum(orders.acknowledge(Ack(event, who, now, name)) for event in messages.get(remote, ()))
    return heard


def escalate(archive: Archive, config: Alerts, channels: Mapping[str, Channel], *, now: datetime) -> int:
    """Tell others of grave events that nobody has acknowledged, once; how many deliveries were made.

    Read and written in one transaction: a process that is killed decides again, or finds it decided.
    """
    if not config.escalate:
        return 0
    lowest = min((step.min_severity for step in config.escalate), key=lambda severity: severity.rank)
    longest = max(step.after_minutes for step in config.escalate)
    since = now - timedelta(minutes=longest, hours=config.max_age_hours)
    people = {name: channel.recipients() for name, channel in channels.items()}
    orders, outbox = Orders(archive), Outbox(archive)
    with archive.transaction():
        waiting = [
            escalation.Unanswered(
                event,
                last,
                tuple((row["at"], row["rank"]) for row in told if row["reason"] != AlertReason.UNACKNOWLEDGED),
                frozenset(
                    (row["channel"], row["recipient"]) for row in told if row["reason"] == AlertReason.UNACKNOWLEDGED
                ),
            )
            for event, last, told in orders.unanswered(since, lowest)
        ]
        made = escalation.due(waiting, config, people, silences=orders.silences(now), now=now)
        return sum(outbox.enqueue(alert, planned, now=now) for alert, planned in made)


def _tell(archive: Archive, report: dispatch.DispatchReport, channels: Mapping[str, Channel], *, now: datetime) -> None:
    """Say what somebody has to mend; of a channel that is off or gone, once."""
    backlog = Backlog(archive)
    gone = {name: n for name, n in backlog.by_channel().items() if name not in channels}
    new = backlog.newly_gone(gone, now=now)
    for name in new:
        mend = f"set its secret, or tocsin alerts drop (or reroute) --channel {name}"
        log.warning("%d alerts wait for channel %s, which is off or not in the config: %s", gone[name], name, mend)
    for problem in report.problems:
        if not any(problem.startswith(f"{name}: ") for name in gone):
            log.warning("%s", problem)
