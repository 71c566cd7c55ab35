"""``tocsin backtest``: what another config, or other weights, would have rung and kept silent."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from tocsin.cli.opening import opened
from tocsin.cli.options import json_option, when

_TODAY = "The config of today, whose archive is read; config.yaml when not given."
EVERY = 500  # articles between two words of progress


@click.command(short_help="The stored articles again under another config: alerts gained and lost.")
@json_option
@click.option(
    "--since", type=when, default="90d", show_default=True, metavar="WHEN", help="Articles first seen since then."
)
@click.option("--config", "new", metavar="FILE", type=click.Path(path_type=Path), help="The config to try.")
@click.option("--against", "old", metavar="FILE", type=click.Path(path_type=Path), help=_TODAY)
@click.option("--weights", metavar="FILE", type=click.Path(path_type=Path), help="Weights to try: tocsin train --out.")
def backtest(since: datetime, new: Path | None, old: Path | None, weights: Path | None, as_json: bool) -> None:
    """Replay the stored articles under today's config and under another, and list alerts gained and lost.

    Here --config FILE names the config to try; nothing is sent and nothing stored.

    \b
    Examples:
      tocsin backtest --since 90d --config new.yaml
      tocsin backtest --weights new.json --json
    """
    from flows.backtest import compare
    from tocsin.cli import terminal
    from tocsin.config import reading

    meta = click.get_current_context().find_root().meta
    today = reading.load(old or meta.get("tocsin.path"))
    tried = reading.load(new) if new else today
    if weights is not None:
        path = weights.resolve()
        tried = tried.model_copy(
            update={"watches": tuple(w.model_copy(update={"weights": path}) for w in tried.watches)}
        )
    elif new is None:
        raise click.UsageError("Say what to try: --config new.yaml, or --weights new.json.")
    with opened(today) as archive:
        stored = archive.articles_since(since)
        found = compare(stored, today, tried, _progress if not as_json else _quiet)
    if as_json:
        terminal.print_json(found)
    else:
        _tell(found)


def _progress(done: int) -> None:
    if done % EVERY == 0:
        click.echo(f"  {done} articles", err=True)


def _quiet(_done: int) -> None:
    """Programs want no progress."""


def _tell(found: dict[str, Any]) -> None:
    from tocsin.cli import terminal

    console = terminal.console()
    click.echo(f"{found['articles']} articles.")
    rows = [
        [watch, *(f"{_n(both['before'], key)} → {_n(both['after'], key)}" for key in _COUNTS)]
        for watch, both in found["watches"].items()
    ]
    console.print(terminal.table(("watch", *(f"{key}>" for key in _COUNTS)), rows))
    for name, other in (("gained", "was"), ("lost", "now")):
        click.echo(f"{len(found[name])} alerts {name}.")
        rows = [
            [
                terminal.severity(each["severity"]),
                terminal.outside(each["gist"] or each["title"]),
                terminal.outside(each["title"], 120),
                terminal.outside(each["why"] if name == "gained" else each["why_there"], 200),
                f"{other} {each['score_there']:.2f}" if each["score_there"] is not None else "",
                each["watch"],
            ]
            for each in found[name]
        ]
        if rows:
            console.print(terminal.table(("severity", "event", "title", "because", "score", "watch"), rows))


_COUNTS = ("flagged", "review", "events", "alerts")


def _n(counts: dict[str, int] | None, key: str) -> str:
    return str(counts[key]) if counts else "-"
