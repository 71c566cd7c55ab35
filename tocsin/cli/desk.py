"""What the desk tells the bell: ``ack`` says who looks after an event, ``silence`` what must not ring for a while."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from tocsin.cli.opening import opened, opened_if_any
from tocsin.cli.options import UNITS, by_option, config, config_option, json_option, somebody, when
from tocsin.errors import ConfigError

if TYPE_CHECKING:
    from tocsin.config import Config
    from tocsin.model import Silence


@click.command(short_help="Say who looks after an event, so that nobody else is called.")
@config_option
@json_option
@click.argument("event")
@by_option
@click.option("--note", default="", help="What is being done, in your words.")
@click.option("--undo", is_flag=True, help="Nobody looks after it any more.")
def ack(event: str, by: str, note: str, undo: bool, as_json: bool) -> None:
    """Acknowledge an event (ev-…): its escalation stops, and lists and later messages name who looks after it.

    A reaction (👀 or ✅) on its Slack message does the same. The first word counts; --undo takes it back.

    \b
    Examples:
      tocsin ack ev-3f2a01bc9d --by amal
      tocsin ack ev-3f2a01bc9d --by amal --note "calling the embassy"
    """
    from tocsin.archive.orders import Orders
    from tocsin.cli import shapes, terminal
    from tocsin.model import Ack

    settings = config()
    with opened(settings) as archive:
        orders = Orders(archive)
        if archive.event(event) is None:
            raise ConfigError(f"ack {event}", "no such event; tocsin events lists their ids")
        if undo:
            taken = orders.take_back(event)
            told = "nobody looks after it any more" if taken else "nobody looked after it"
            terminal.print_json(None) if as_json else click.echo(f"{event}: {told}.")
            return
        new = orders.acknowledge(Ack(event, somebody(by), datetime.now(UTC), note=note))
        found = orders.ack(event)
    if as_json:
        terminal.print_json(shapes.ack(found))
    elif found is not None:
        click.echo(f"{event}: {'' if new else 'already '}acknowledged by {found.by}, {terminal.when(found.at)} UTC.")


@click.group(short_help="What must not ring for a while: add, list, end.")
@config_option
def silence() -> None:
    """Keep what you know of from ringing for a while. It is recorded as silenced, never lost.

    A withdrawal of something that was told still goes out, and critical events ring unless a silence says
    --max-severity critical.

    \b
    Examples:
      tocsin silence add --governorate Diyala --event-type Arrests --for 6h --by amal --why "sweep, known"
      tocsin silence list
      tocsin silence end 3 --by amal
    """


@silence.command(short_help="Silence events for a time.")
@config_option
@json_option
@click.option("--event", default="", metavar="ID", help="Only this event.")
@click.option("--governorate", default="", help="Only events there: Baghdad, Anbar …")
@click.option("--event-type", "--type", "event_type", default="", help="Only this ACLED type: Arrests …")
@click.option("--watch", default="", metavar="ID", help="Only events of this watch.")
@click.option("--channel", default="", metavar="NAME", help="Only on this channel.")
@click.option(
    "--max-severity",
    type=click.Choice(["low", "medium", "high", "critical"]),
    default="high",
    show_default=True,
    help="What is graver rings all the same.",
)
@click.option("--for", "length", metavar="TIME", help="How long: 30m, 6h, 2d.")
@click.option("--until", type=when, metavar="WHEN", help="Or until when: 2026-11-23T06:00, UTC where no zone is named.")
@by_option
@click.option("--why", required=True, help="Why, for who finds it later.")
def add(
    as_json: bool, length: str | None, until: datetime | None, by: str, why: str, max_severity: str, **what: str
) -> None:
    """Silence what fits all of the options given, from now on and for what still waits.

    \b
    Examples:
      tocsin silence add --event ev-3f2a01bc9d --for 12h --by amal --why "on the phone with them"
      tocsin silence add --watch iraq-security --max-severity low --until 2026-11-23T06:00 --by amal --why night
    """
    from tocsin.cli import shapes, terminal
    from tocsin.model import Severity, Silence

    settings = config()
    now = datetime.now(UTC)
    _check(what, [watch.id for watch in settings.watches], list(settings.alerts.channels))
    if not any(what.values()):
        raise click.UsageError("Say what to silence: --event, --governorate, --event-type, --watch or --channel.")
    grave, end = Severity(max_severity), _end(length, until, now)
    kept, taken = _hush(
        settings,
        Silence(
            0,
            somebody(by),
            why,
            now,
            end,
            what["event"],
            what["watch"],
            what["event_type"],
            what["governorate"],
            what["channel"],
            grave,
        ),
    )
    if as_json:
        terminal.print_json(shapes.silence(kept, now))
        return
    more = f"; {taken} waiting deliveries silenced" if taken else ""
    click.echo(f"Silence {kept.id} until {terminal.when(kept.until)} UTC: {_words(kept)}{more}.")


def _hush(settings: Config, wanted: Silence) -> tuple[Silence, int]:
    """Keep a silence, and silence with it what waits: the silence as kept, and how many deliveries."""
    from tocsin.alerts import silences
    from tocsin.archive.orders import Orders

    with opened(settings) as archive, archive.transaction():
        if wanted.event and archive.event(wanted.event) is None:
            raise ConfigError(f"--event {wanted.event}", "no such event; tocsin events lists their ids")
        orders = Orders(archive)
        kept = orders.add_silence(wanted)
        hushed = [
            (n, silences.why(kept)) for n, to, alert in orders.untried() if silences.covers(kept, alert.event, to)
        ]
        return kept, orders.silence_waiting(hushed)


def _end(length: str | None, until: datetime | None, now: datetime) -> datetime:
    if until is not None and length is None:
        if until <= now:
            raise click.BadParameter(f"{until:%Y-%m-%d %H:%M} is past; --for 6h is from now on", param_hint="--until")
        return until
    if length is None or until is not None:
        raise click.UsageError("Say how long: --for 6h, or --until WHEN.")
    found = re.fullmatch(r"(\d{1,4})([mhdw])", length.strip())
    if found is None or not int(found[1]):
        raise click.BadParameter(f"{length!r} is not like 30m, 6h or 2d", param_hint="--for")
    return now + timedelta(**{UNITS[found[2]]: int(found[1])})


def _check(what: dict[str, str], watches: list[str], channels: list[str]) -> None:
    """Refuse names that nothing has: such a silence would silence nothing."""
    from tocsin.config.mistakes.alerts import EVENT_TYPES, governorates
    from tocsin.config.problem import did_you_mean

    known = {
        "watch": watches,
        "channel": channels,
        "event_type": list(EVENT_TYPES),
        "governorate": governorates() if what["governorate"] else [],
    }
    for name, names in known.items():
        given = what[name]
        near = next((each for each in names if each.casefold() == given.casefold()), None)
        if near is not None:
            what[name] = near
        elif given and name != "governorate":
            option = "--" + name.replace("_", "-")
            near = did_you_mean(given, names) or f"; known: {', '.join(names)}"
            raise click.BadParameter(f"there is no {given!r}{near}", param_hint=option)
        elif given:
            click.echo(f"note: no governorate of Iraq is called {given!r}{did_you_mean(given, names)}", err=True)


@silence.command("list", short_help="The silences that hold.")
@config_option
@json_option
@click.option("--all", "everything", is_flag=True, help="Also those that have ended.")
def list_(as_json: bool, everything: bool) -> None:
    """List the silences that hold now, latest first, with who made them and why.

    \b
    Examples:
      tocsin silence list
      tocsin silence list --all --json
    """
    from tocsin.archive.orders import Orders
    from tocsin.cli import shapes, terminal

    settings, now = config(), datetime.now(UTC)
    with opened_if_any(settings) as archive:
        found = Orders(archive).silences(None if everything else now) if archive else []
    if as_json:
        terminal.print_json([shapes.silence(each, now) for each in found])
        return
    if not found:
        click.echo("No silence." if everything else "No silence holds.")
        return
    rows: list[list[Any]] = [
        [
            str(each.id),
            terminal.outside(_words(each), 120),
            terminal.when(each.until),
            "holds" if each.active(now) else f"ended by {each.ended_by}" if each.ended_at else "over",
            terminal.outside(each.by, 40),
            terminal.outside(each.why, 120),
        ]
        for each in found
    ]
    terminal.console().print(terminal.table(("id>", "silences", "until", "state", "by", "why"), rows))


@silence.command(short_help="End a silence before its time.")
@config_option
@click.argument("number", type=click.IntRange(1, 10**9), metavar="ID")
@by_option
def end(number: int, by: str) -> None:
    """End a silence now. What it silenced stays silenced; what comes from now on rings.

    \b
    Example:
      tocsin silence end 3 --by amal
    """
    from tocsin.archive.orders import Orders

    settings = config()
    with opened(settings) as archive:
        if not Orders(archive).end_silence(number, by=somebody(by), now=datetime.now(UTC)):
            raise ConfigError(
                f"silence end {number}", "no silence of that number holds; tocsin silence list shows them"
            )
    click.echo(f"Silence {number} has ended.")


def _words(silence: Silence) -> str:
    """What a silence is about, in words."""
    named = (
        ("event", silence.event),
        ("watch", silence.watch),
        ("type", silence.event_type),
        ("in", silence.governorate),
        ("on channel", silence.channel),
    )
    parts = [f"{name} {value}" for name, value in named if value]
    return ", ".join([*parts, f"up to {silence.max_severity.value}"])
