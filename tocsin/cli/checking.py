"""``tocsin check``: is the config right, do feeds and channels answer, and what mends each that does not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from tocsin.cli.options import config, config_option, json_option, known
from tocsin.cli.probing import Finding

_RESERVED = re.compile(r"(?:[@.]example(?:\.(?:com|net|org))?|\.invalid|\.test)\W*$", re.I)  # RFC 2606

if TYPE_CHECKING:
    from tocsin.config import Config, Feed


@click.command(short_help="Validate the config, probe feeds and channels, say how to mend each.")
@config_option
@json_option
@click.option("--offline", is_flag=True, help="Only the file: probe nothing.")
@click.option("--feed", "only", multiple=True, metavar="ID", help="Probe only this feed; may be given more than once.")
@click.option("--write", is_flag=True, help="Write what was found into the config: new addresses, dead feeds off.")
@click.option("--yes", is_flag=True, help="With --write: do not ask.")
@click.option("--send-test", metavar="CHANNEL", help="Send a test alert through one channel, and nothing else.")
@click.option(
    "--alive",
    type=click.IntRange(1, 10**6),
    metavar="MINUTES",
    help="Only: did a poll succeed in the last MINUTES? 1 if not.",
)
def check(
    as_json: bool,
    offline: bool,
    only: tuple[str, ...],
    write: bool,
    yes: bool,
    send_test: str | None,
    alive: int | None,
) -> None:
    """Validate the config, probe every feed, a page of each and every channel; say what is wrong and what mends it.

    --write shows what it would change in the config and asks: a feed that moved for good gets its new address, one
    that is gone the feed that its site now has, else it is switched off; never while no feed at all answers.

    Exit code 0 when feeds answer and all channels work, 1 when no feed answers, a channel fails or --alive
    finds silence, 2 when the config is wrong.

    \b
    Examples:
      tocsin check
      tocsin check --offline
      tocsin check --write
      tocsin check --send-test desk-slack
      tocsin check --alive 30 || echo "Tocsin is silent"
    """
    if write and offline:
        raise click.UsageError("--write writes what probing finds; leave out --offline.")
    settings = config()
    if alive is not None:
        _alive(settings, alive)
    elif send_test is not None:
        _send_test(settings, send_test)
    else:
        _check(settings, as_json=as_json, offline=offline, only=only, write=write, yes=yes)


def _check(settings: Config, *, as_json: bool, offline: bool, only: tuple[str, ...], write: bool, yes: bool) -> None:
    from tocsin.cli import probing, terminal

    notes = advice(settings)
    wanted = _wanted(settings, only)
    if not as_json:
        click.echo(f"{settings.path}: valid. Feeds: {len(settings.feeds)}, routes: {len(settings.alerts.routes)}.")
        for note in notes:
            click.secho(f"  note: {note}", fg="yellow")
    feeds = [] if offline else probing.probe_feeds(settings, wanted, quiet=as_json, search=write)
    channels = [] if offline or only else [_probe_channel(settings, name) for name in settings.alerts.channels]
    if as_json:
        terminal.print_json(
            {
                "config": str(settings.path),
                "notes": notes,
                "feeds": [finding.as_json() for finding in feeds],
                "channels": [finding.as_json() for finding in channels],
            }
        )
    else:
        _print("feed", feeds)
        _print("channel", channels)
    if write and feeds:
        _write(settings, feeds, yes=yes, quiet=as_json)
    dead = bool(feeds) and not any(finding.ok for finding in feeds)
    if dead or not all(finding.ok for finding in channels):
        click.get_current_context().exit(1)


def _write(settings: Config, findings: list[Finding], *, yes: bool, quiet: bool) -> None:
    """Write what was found into the config."""
    from pathlib import Path

    from tocsin.cli import feeding, probing
    from tocsin.config import editing

    wanted = probing.changes(findings)
    if not wanted:
        click.echo("Nothing to write into the config.", err=quiet)
        return
    before = after = editing.read(settings.path or Path("config.yaml"))
    for feed_id, keys in wanted.items():
        after = editing.set_feed(after, feed_id, keys)
    feeding.apply(settings, before, after, yes=yes, quiet=quiet)


def _wanted(settings: Config, only: tuple[str, ...]) -> list[Feed]:
    ids = [feed.id for feed in settings.feeds]
    for name in only:
        known("feed", name, ids)
    return [feed for feed in settings.feeds if (feed.id in only if only else feed.enabled)]


def advice(settings: Config) -> list[str]:
    """What is allowed but not wise."""
    notes = [*placeholders(settings)]
    for name, secret in settings.channels_off:
        notes.append(f"channel {name} is off: {secret} is not set; put it into the environment or into .env")
    if not [feed for feed in settings.feeds if feed.enabled]:
        notes.append("no feed is enabled: nothing will be polled")
    routed = {name for route in settings.alerts.routes for name in route.to}
    routed |= {name for step in settings.alerts.escalate for name in step.to} | set(settings.alerts.operators)
    lonely = [name for name in settings.alerts.channels if name not in routed and name != "terminal"]
    notes += [f"no route leads to channel {name}: it will never be used" for name in lonely]
    heard = {route.watch for route in settings.alerts.routes}
    notes += [f"no route for watch {w.id}: its events ring nowhere" for w in settings.watches if w.id not in heard]
    usual = settings.archive.parent / "weights.json"
    if settings.weights and settings.weights != usual and not settings.weights.exists():
        notes.append(f"weights: there is no {settings.weights}: those that Tocsin ships are used")
    return [*notes, *_unknown_names(settings), *_alert_advice(settings)]


def placeholders(settings: Config) -> Iterator[str]:
    """Where the config still has names that nobody has: publishers cannot write there, and a relay loses such mail."""
    if "tocsin.example" in settings.http.user_agent:
        who = "put your own site and address there, so that a publisher can write to you before blocking you"
        yield f"http.user_agent still names tocsin.example: {who}"
    for name, channel in settings.alerts.channels.items():
        keys = channel.model_extra or {}
        addresses = [str(keys.get("from", "")), *map(str, keys.get("to") or ())]
        if made_up := next((address for address in addresses if _RESERVED.search(address)), None):
            yield f"channel {name}: {made_up} is nobody's address: mail to it or from it is lost; put your own there"


def _alert_advice(settings: Config) -> Iterator[str]:
    """Routes that nothing reaches, and alerts that wait for channels that are off or gone."""
    from tocsin.archive import Archive
    from tocsin.archive.backlog import Backlog
    from tocsin.config.mistakes.alerts import never_reached

    for number in never_reached(settings.alerts.routes):
        mend = "an earlier one takes all of its events and says continue: false; move it up"
        yield f"alerts.routes[{number}] is never reached: {mend}"
    if not settings.archive.exists():
        return
    with Archive.open(settings.archive) as archive:
        waiting = Backlog(archive).by_channel()
    for name, n in waiting.items():
        if name not in settings.alerts.channels:
            mend = f"set its secret, or tocsin alerts drop (or reroute) --channel {name}"
            yield f"{n} alerts wait for channel {name}, which is off or not in the config: {mend}"


def _unknown_names(settings: Config) -> list[str]:
    """Governorates in routes that no place has: such a route would never ring."""
    from tocsin.config.mistakes.alerts import governorates
    from tocsin.config.problem import did_you_mean

    wanted = sorted({name for route in settings.alerts.routes for name in route.governorates})
    if not wanted:
        return []
    known = governorates()
    return [f"no governorate is called {n!r}{did_you_mean(n, known)}" for n in wanted if n not in known]


def _probe_channel(settings: Config, name: str) -> Finding:
    from tocsin.alerts import channels
    from tocsin.errors import DeliveryError

    spec = settings.alerts.channels[name]
    try:
        detail = channels.build(name, spec).probe(name)
    except DeliveryError as exc:
        words = "try again later" if exc.retryable else "check its keys in alerts.channels, and its secret"
        return Finding(name, False, "failed", exc.detail or str(exc), words, {"kind": spec.kind})
    return Finding(name, True, "ok", detail.removeprefix(f"{name}: "), "", {"kind": spec.kind})


def _send_test(settings: Config, name: str) -> None:
    from tocsin.alerts import channels
    from tocsin.cli.testalert import test_delivery
    from tocsin.errors import ConfigError

    specs = settings.alerts.channels
    off = dict(settings.channels_off)
    if name in off:
        raise ConfigError(f"channel {name}", f"is off: {off[name]} is not set; put it into the environment or .env")
    channel = channels.build(known("channel", name, specs, "--send-test"), specs[name])
    for recipient in channel.recipients():
        delivery = test_delivery(name, recipient, settings.watches[0].id, datetime.now(UTC))
        receipt = channel.send(delivery, committing=lambda: None)
        told = f" as {receipt.remote_id}" if receipt.remote_id else ""
        click.echo(f"Test alert sent through {name}{f' to {recipient}' if recipient else ''}{told}.")


def _alive(settings: Config, minutes: int) -> None:
    from tocsin.archive import Archive

    now = datetime.now(UTC)
    last = None
    if settings.archive.exists():
        with Archive.open(settings.archive) as archive:
            last = archive.last_success()
    if last is None:
        click.echo("No poll ever succeeded: start tocsin run, or tocsin serve.")
    else:
        click.echo(
            f"The last good poll ended {(now - last).total_seconds() / 60:.0f} minutes ago, at {last:%H:%M} UTC."
        )
    if last is None or now - last > timedelta(minutes=minutes):
        click.get_current_context().exit(1)


def _print(what: str, findings: list[Finding]) -> None:
    from tocsin.cli import terminal

    if not findings:
        return
    good = [finding for finding in findings if finding.ok and not finding.mend]
    shown = [finding for finding in findings if finding not in good]
    click.echo(f"\n{what.capitalize()}s: {len(good)} of {len(findings)} fine.")
    if what == "channel":
        shown = findings
    rows: list[list[terminal.Cell]] = [
        [finding.name, finding.status, terminal.outside(finding.detail, 160), terminal.outside(finding.mend, 160)]
        for finding in shown
    ]
    if rows:
        terminal.console().print(terminal.table((what, "status", "what", "how to mend it"), rows))
