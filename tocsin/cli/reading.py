"""The commands that read the archive: events, search, show; tables for people, --json for programs."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from tocsin.cli.opening import opened_if_any
from tocsin.cli.options import config, config_option, json_option, known, limit_option, when

if TYPE_CHECKING:
    from tocsin.cli.terminal import Cell
    from tocsin.model import Ack, Event


@click.group(short_help="Events, newest first; merge and split correct them.", invoke_without_command=True)
@config_option
@json_option
@limit_option
@click.option(
    "--since", type=when, metavar="WHEN", help="Only events seen since: 24h, 7d, or a date such as 2026-11-20."
)
@click.option("--watch", metavar="ID", help="Only events of this watch.")
@click.option("--unacknowledged", is_flag=True, help="Only open events that nobody looks after.")
@click.pass_context
def events(
    ctx: click.Context, as_json: bool, limit: int, since: datetime | None, watch: str | None, unacknowledged: bool
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
    if watch is not None:
        known("watch", watch, [each.id for each in settings.watches])
    with opened_if_any(settings) as archive:
        rows = archive.list_events(limit, since, watch, unacknowledged=unacknowledged) if archive else []
        found = [event for row in rows if archive and (event := archive.event(row["id"]))]
        acks = Orders(archive).acks([event.id for event in found]) if archive else {}
    if as_json:
        terminal.print_json([{**shapes.event(e), "acknowledged": shapes.ack(acks.get(e.id))} for e in found])
        return
    columns = ("severity", "event", "articles (origins)", "first seen", "id", "acknowledged")
    terminal.show(columns, [_cells(event, acks.get(event.id)) for event in found], "No event yet.")


def _cells(event: Event, ack: Ack | None) -> list[Cell]:
    from tocsin.cli import terminal

    return [
        terminal.severity(event.severity.value),
        terminal.outside(event.gist or event.sources[-1].title),
        f"{len(event.sources)} ({len(event.origins)})",
        terminal.when(event.first_seen),
        event.id + (" withdrawn" if event.state == "withdrawn" else ""),
        terminal.outside(f"{ack.by}, {terminal.when(ack.at)}" if ack else "", 60),
    ]


@click.command(short_help="Search the stored articles.")
@config_option
@json_option
@limit_option
@click.argument("words", nargs=-1, required=True)
def search(as_json: bool, limit: int, words: tuple[str, ...]) -> None:
    """Search titles and texts of the archive, in any language; accents and Arabic letter forms do not matter.

    All words are wanted; "a phrase" in a row, begin* at the beginning of a word; after -- a -word or a -"phrase"
    must not stand there.

    \b
    Examples:
      tocsin search rocket baghdad
      tocsin search '"green zone"' -- -football
      tocsin search -- baghdad '-"green zone"'
      tocsin search صاروخ بغداد --json
    """
    from tocsin.cli import terminal

    settings = config()
    with opened_if_any(settings) as archive:
        found = archive.search(" ".join(words), limit=limit) if archive else []
    if as_json:
        terminal.print_json(found)
        return
    rows: list[list[terminal.Cell]] = [
        [
            str(row["id"]),
            terminal.when(row["published"]),
            terminal.outside(row["publisher"], 40),
            terminal.outside(f"{row['title']} · {row['snippet']}", 400),
            str(row["event"] or ""),
        ]
        for row in found
    ]
    terminal.show(("article>", "published", "publisher", "title and words", "event"), rows, "Nothing found.")


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
    with opened_if_any(settings) as archive:
        if archive is None:
            click.get_current_context().exit(1)
        found = [showing.find(archive, name) for name in ids]
        if as_json:
            terminal.print_json(found)
            return
        for each in found:
            showing.show(archive, each, terminal.console())
