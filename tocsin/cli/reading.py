"""The commands that read the archive: events, search, show; tables for people, --json for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from tocsin.cli.options import config, config_option, json_option, limit_option

if TYPE_CHECKING:
    from tocsin.archive import Archive
    from tocsin.config import Config


@contextmanager
def _archive(settings: Config) -> Iterator[Archive | None]:
    """The archive, or None, said once, when nothing was polled yet."""
    from tocsin.archive import Archive

    if not settings.archive.exists():
        click.echo(f"No archive at {settings.archive} yet; tocsin run makes it.", err=True)
        yield None
        return
    with Archive.open(settings.archive) as archive:
        yield archive


@click.group(short_help="Events, newest first; merge and split correct them.", invoke_without_command=True)
@config_option
@json_option
@limit_option
@click.option("--since", metavar="WHEN", help="Only events seen since: 24h, 7d, or a date such as 2026-11-20.")
@click.option("--watch", help="Only events of this watch.")
@click.option("--unacknowledged", is_flag=True, help="Only open events that nobody looks after.")
@click.pass_context
def events(
    ctx: click.Context, as_json: bool, limit: int, since: str | None, watch: str | None, unacknowledged: bool
) -> None:
    """List the events of the archive, newest first; merge and split correct which articles are one event.

    \b
    Examples:
      tocsin events --since 24h
      tocsin events --limit 100 --json
      tocsin events --since 12h --unacknowledged
      tocsin events merge ev-3f2a01bc9d ev-77d0a1c2b3
      tocsin events split ev-3f2a01bc9d 1204 1207
    """
    if ctx.invoked_subcommand is not None:
        return
    from tocsin.archive.orders import Orders
    from tocsin.cli import shapes, terminal

    settings = config()
    start = moment(since, datetime.now(UTC)) if since else None
    with _archive(settings) as archive:
        rows = archive.list_events(limit, start, watch, unacknowledged=unacknowledged) if archive else []
        found = [event for row in rows if archive and (event := archive.event(row["id"]))]
        acks = Orders(archive).acks([event.id for event in found]) if archive else {}
    if as_json:
        terminal.print_json([{**shapes.event(e), "acknowledged": shapes.ack(acks.get(e.id))} for e in found])
        return
    cells = [
        [
            terminal.severity(event.severity.value),
            terminal.outside(event.gist or event.sources[-1].title),
            f"{len(event.sources)} ({len(event.origins)})",
            terminal.when(event.first_seen),
            event.id + (" withdrawn" if event.state == "withdrawn" else ""),
            terminal.outside(
                f"{acks[event.id].by}, {terminal.when(acks[event.id].at)}" if event.id in acks else "", 60
            ),
        ]
        for event in found
    ]
    _print(("severity", "event", "articles (origins)", "first seen", "id", "acknowledged"), cells, "No event yet.")


def moment(text: str, now: datetime) -> datetime:
    """``24h``, ``7d``, ``90m`` before now, or an ISO date or time; UTC where it names no zone."""
    units = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
    if text[:-1].isdigit() and text[-1] in units and len(text) < 8:
        return now - timedelta(**{units[text[-1]]: int(text[:-1])})
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is neither like 24h or 7d nor a date like 2026-11-20") from None
    return found if found.utcoffset() is not None else found.replace(tzinfo=UTC)


@click.command(short_help="Search the stored articles.")
@config_option
@json_option
@limit_option
@click.argument("words", nargs=-1, required=True)
def search(as_json: bool, limit: int, words: tuple[str, ...]) -> None:
    """Search titles and texts of the archive, in any language; accents and Arabic letter forms do not matter.

    All words are wanted; "a phrase" in a row, begin* at the beginning of a word, and after -- a -word not at all.

    \b
    Examples:
      tocsin search rocket baghdad
      tocsin search '"green zone"' -- -football
      tocsin search صاروخ بغداد --json
    """
    from tocsin.cli import terminal

    settings = config()
    with _archive(settings) as archive:
        found = archive.search(" ".join(words), limit=limit) if archive else []
    if as_json:
        terminal.print_json(found)
        return
    rows = [
        [
            str(row["id"]),
            terminal.when(row["published"]),
            terminal.outside(row["publisher"], 40),
            terminal.outside(f"{row['title']} · {row['snippet']}", 400),
            str(row["event"] or ""),
        ]
        for row in found
    ]
    _print(("article>", "published", "publisher", "title and words", "event"), rows, "Nothing found.")


def _print(columns: Sequence[str], rows: Sequence[Sequence[Any]], empty: str) -> None:
    from tocsin.cli import terminal

    if not rows:
        click.echo(empty)
        return
    terminal.console().print(terminal.table(columns, rows))


@click.command(short_help="Articles or events, with versions, family and evidence.")
@config_option
@json_option
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
def show(ids: tuple[str, ...], as_json: bool) -> None:
    """Show articles (numbers) or events (ev-…): their versions with what changed, their family, their evidence.

    \b
    Examples:
      tocsin show 1234
      tocsin show ev-3f2a
    """
    from tocsin.cli import showing, terminal

    settings = config()
    with _archive(settings) as archive:
        if archive is None:
            click.get_current_context().exit(1)
        found = [showing.find(archive, name) for name in ids]
        if as_json:
            terminal.print_json(found)
            return
        for each in found:
            showing.show(archive, each, terminal.console())
