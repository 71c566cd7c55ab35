"""``tocsin alerts``: where each alert went, and what to do with those whose channel is gone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from tocsin.cli.opening import opened, opened_if_any
from tocsin.cli.options import by_option, config, config_option, json_option, known, limit_option, somebody, when
from tocsin.errors import ArchiveError, ConfigError

if TYPE_CHECKING:
    from tocsin.archive import Archive
    from tocsin.config import Config
    from tocsin.model import Event, Planned

STATES = ("pending", "held", "sending", "unknown", "sent", "dead", "silenced", "inhibited", "merged")


@click.group(invoke_without_command=True, short_help="Alerts and where they went.")
@config_option
@json_option
@limit_option
@click.option("--state", type=click.Choice(STATES), help="Only these; held: pending for a digest or quiet hours.")
@click.option("--event", metavar="ID", help="Only of this event.")
@click.pass_context
def alerts(ctx: click.Context, as_json: bool, limit: int, state: str | None, event: str | None) -> None:
    """List alerts, newest first, with their deliveries: what went where, what waits and why, what was kept back.

    \b
    Examples:
      tocsin alerts
      tocsin alerts --state dead
      tocsin alerts --state silenced --json
    """
    from tocsin.archive.outbox import Outbox
    from tocsin.cli import terminal

    if ctx.invoked_subcommand is not None:
        return
    settings = config()
    with opened_if_any(settings) as archive:
        found = Outbox(archive).list_alerts(limit=limit, event=event, state=state) if archive else []
    if as_json:
        terminal.print_json(found)
        return
    rows = [
        [
            terminal.when(row["created_at"]),
            row["reason"],
            terminal.severity(row["severity"]),
            terminal.outside(row["gist"]),
            terminal.outside(f"{row['channel']} {row['recipient']}".strip()),
            row["state"],
            terminal.outside(f"{row['acknowledged_by'] or ''} {terminal.when(row['acknowledged_at'])}".strip(), 60),
            terminal.outside(told(row), 120),
        ]
        for row in found
    ]
    terminal.show(("at", "reason", "severity", "event", "to", "state", "acknowledged", "why"), rows, "No alert yet.")


def told(row: dict[str, Any]) -> str:
    """Why a delivery stands where it does."""
    from tocsin.cli import terminal

    if row["error"]:
        return str(row["error"])
    if row["state"] == "pending" and row["held_until"]:
        return f"{row['why']}, until {terminal.when(row['held_until'])}"
    if row["seconds_since_seen"] is not None:
        published = row["seconds_since_published"]
        late = f", {published / 60:.0f} min after publication" if published is not None else ""
        return f"{max(0.0, row['seconds_since_seen']):.1f} s after the fetch{late}"
    return str(row["why"]) if row["state"] in {"silenced", "inhibited", "merged"} else ""


@alerts.command(short_help="What the config would do with an alert about an event, and by which routes.")
@config_option
@json_option
@click.argument("event")
@click.option(
    "--at", type=when, metavar="WHEN", help="As if it were then: 2026-11-23T23:30, UTC where no zone is named."
)
@click.option("--severity", type=click.Choice(["low", "medium", "high", "critical"]), help="As if it were as grave.")
def plan(event: str, at: datetime | None, severity: str | None, as_json: bool) -> None:
    """Say who would be told of an event now, by which routes, and what would hold or mute it. Nothing is sent.

    It is planned as a first alert, with the silences and operations that hold: try a change of routes on what happened.

    \b
    Examples:
      tocsin alerts plan ev-3f2a01bc9d
      tocsin alerts plan ev-3f2a01bc9d --at 2026-11-23T23:30 --severity critical
    """
    from tocsin.cli import terminal
    from tocsin.model import Severity

    settings = config()
    with opened(settings) as archive:
        found = archive.event(event)
        if found is None:
            raise ConfigError(f"plan {event}", "no such event; tocsin events lists their ids")
        if severity is not None:
            found = replace(found, severity=Severity(severity))
        rows = [_outcome(*each) for each in _planned(settings, archive, found, at or datetime.now(UTC))]
    if as_json:
        terminal.print_json(rows)
        return
    cells = [
        [
            terminal.outside(f"{row['channel']} {row['recipient']}".strip(), 60),
            row["outcome"] + (f" until {terminal.when(row['held_until'])}" if row["held_until"] else ""),
            terminal.outside(row["why"], 120),
            ", ".join(f"routes[{n}]" for n in row["routes"]),
        ]
        for row in rows
    ]
    terminal.show(("to", "outcome", "why", "by"), cells, "No route takes it: nobody would be told.")


def _planned(settings: Config, archive: Archive, event: Event, now: datetime) -> Iterator[tuple[Planned, list[int]]]:
    """Each outcome, with the numbers of the routes that lead to it."""
    from flows import run
    from flows.pipeline import OPEN_EVENT_WINDOW, Desk
    from tocsin.alerts.routing import taken
    from tocsin.model import Alert, AlertReason

    desk = Desk(archive, settings, run.recipients(settings))
    near = archive.open_events(event.watch, now - OPEN_EVENT_WINDOW)
    routes = settings.alerts.routes
    ours = [n for n, route in enumerate(routes) if any(route is each for each in taken(routes, event))]
    for each in desk.planned(Alert(event.id, event, AlertReason.FIRST, now), near, now=now):
        yield each, [n for n in ours if each.channel in routes[n].to]


def _outcome(planned: Planned, routes: list[int]) -> dict[str, Any]:
    outcome = planned.state.value if planned.state.value != "pending" else "held" if planned.held_until else "at once"
    return {
        "channel": planned.channel,
        "recipient": planned.recipient,
        "outcome": outcome,
        "held_until": planned.held_until,
        "why": planned.why,
        "routes": routes,
    }


@alerts.command(short_help="Send what is held for a digest or quiet hours at the next delivery.")
@config_option
@click.option("--channel", default="", metavar="NAME", help="Only of this channel.")
def release(channel: str) -> None:
    """Do not wait for the digest or the end of quiet hours: what is held comes now, as one summary.

    \b
    Example:
      tocsin alerts release --channel desk-slack
    """
    from tocsin.archive.backlog import Backlog

    with opened(config()) as archive:
        n = Backlog(archive).release(channel, now=datetime.now(UTC))
    click.echo(f"{n} deliveries go out at the next delivery." if n else "Nothing is held.")


_channel = click.option("--channel", required=True, metavar="NAME", help="The channel that alerts wait for.")


@alerts.command(short_help="Give up what waits for a channel.")
@config_option
@_channel
@by_option
def drop(channel: str, by: str) -> None:
    """Give up the alerts that wait for a channel; they stay listed as dead, with who dropped them.

    \b
    Example:
      tocsin alerts drop --channel old-slack --by amal
    """
    from tocsin.archive.backlog import Backlog

    settings, name = config(), somebody(by)
    with opened(settings) as archive, _nobody_sends(archive):
        backlog = Backlog(archive)
        n = backlog.drop(channel, by=name, now=datetime.now(UTC))
        waiting = backlog.by_channel()
    click.echo(f"{n} deliveries to {channel} dropped." if n else _none(channel, waiting))


@alerts.command(short_help="Send what waits for a channel through another.")
@config_option
@_channel
@click.option("--to", required=True, metavar="NAME", help="A channel of the config that takes them.")
@by_option
def reroute(channel: str, to: str, by: str) -> None:
    """Send the alerts that wait for a channel through another one, at the next delivery.

    \b
    Example:
      tocsin alerts reroute --channel old-slack --to desk-mail --by amal
    """
    from tocsin.archive.backlog import Backlog

    settings, name = config(), somebody(by)
    people = _recipients(settings, to)
    if to == channel:
        raise ConfigError(f"--to {to}", "is the channel that they wait for; name another")
    with opened(settings) as archive, _nobody_sends(archive):
        backlog = Backlog(archive)
        done = backlog.reroute(channel, to, people, by=name, now=datetime.now(UTC))
        waiting = backlog.by_channel()
    if done.gone:
        click.echo(f"{done.gone} deliveries to {channel} go to {to}: {done.new} new ones.")
    if done.left:
        why = f"{done.left} still wait for {channel}: {to} refused them before, or they were silenced there"
        raise ConfigError(f"--to {to}", f"{why}; name another channel, or drop them")
    if not done.gone:
        click.echo(_none(channel, waiting))


def _none(channel: str, waiting: dict[str, int]) -> str:
    """Where nothing waited: what does, for the name may be mistyped."""
    others = ", ".join(f"{n} for {name}" for name, n in waiting.items())
    return f"Nothing waits for {channel}" + (f"; what waits: {others}." if others else ".")


def _recipients(settings: Config, name: str) -> tuple[str, ...]:
    from tocsin.alerts import channels

    specs = settings.alerts.channels
    return channels.build(known("channel", name, specs, "--to"), specs[name]).recipients()


@contextmanager
def _nobody_sends(archive: Archive) -> Iterator[None]:
    """Keep deliveries from running meanwhile: what is on its way cannot be dropped."""
    with archive.lock("deliver") as mine:
        if not mine:
            raise ArchiveError(str(archive.path), "a delivery is running; try again in a minute")
        yield
