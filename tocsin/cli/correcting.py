"""Events corrected by hand: ``tocsin events merge`` and ``tocsin events split``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from tocsin.cli.opening import opened
from tocsin.cli.options import by_option, config, config_option, json_option, somebody
from tocsin.english import counted

if TYPE_CHECKING:
    from flows.pipeline import Desk
    from tocsin.model import Event

note_option = click.option("--note", default="", help="Why, in your words; tocsin show tells it.")


@contextmanager
def _desk() -> Iterator[Desk]:
    from flows.pipeline import Desk
    from flows.run import recipients

    settings = config()
    with opened(settings) as archive:
        yield Desk(archive, settings, recipients(settings))


@click.command(short_help="Two events are one.")
@config_option
@json_option
@click.argument("kept", metavar="EVENT")
@click.argument("others", metavar="OTHER...", nargs=-1, required=True)
@by_option
@note_option
def merge(kept: str, others: tuple[str, ...], by: str, note: str, as_json: bool) -> None:
    """Make EVENT and each OTHER (ev-…) one event, under the id of the first.

    What is known is worked out anew from all their articles. Later reports that fit any of them join the one, and
    whoever was alerted about OTHER is told where it went. tocsin events split takes it back.

    \b
    Examples:
      tocsin events merge ev-3f2a01bc9d ev-77d0a1c2b3 --by amal
    """
    from flows import hands

    name = somebody(by)
    with _desk() as desk, desk.archive.transaction():  # all of them or none
        for other in others:
            event = hands.merge(desk, kept, other, by=name, note=note, now=datetime.now(UTC))
    _said([event], as_json)


@click.command(short_help="One event is two.")
@config_option
@json_option
@click.argument("event", metavar="EVENT")
@click.argument("articles", metavar="ARTICLE...", nargs=-1, required=True, type=int)
@by_option
@note_option
def split(event: str, articles: tuple[int, ...], by: str, note: str, as_json: bool) -> None:
    """Take articles (their numbers, as tocsin show EVENT lists them) out of an event; they become one of their own.

    What is known of both is worked out anew. The new event rings as any other when its articles are fresh, and whoever
    was alerted about EVENT is told. An event that had been merged into EVENT gets its id and its threads back.

    \b
    Examples:
      tocsin events split ev-3f2a01bc9d 1204 1207 --by amal
    """
    from flows import hands

    name = somebody(by)
    with _desk() as desk:
        both = hands.split(desk, event, articles, by=name, note=note, now=datetime.now(UTC))
    _said(both, as_json)


def _said(found: list[Event] | tuple[Event, ...], as_json: bool) -> None:
    from tocsin.cli import shapes, terminal

    if as_json:
        terminal.print_json([shapes.event(event) for event in found])
        return
    for event in found:
        click.echo(f"{event.id}: {counted(len(event.sources), 'article')}, {terminal.outside(event.gist).plain}")
