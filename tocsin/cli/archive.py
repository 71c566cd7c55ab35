"""The commands about the archive itself: ``tocsin archive import`` and ``tocsin archive stats``."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tocsin.cli.opening import opened_if_any
from tocsin.cli.options import config, config_option, json_option

if TYPE_CHECKING:
    from tocsin.archive.bulk import Taken

SHOWN = 20  # bad rows told one by one


@click.group(short_help="Take in another archive; how large this one is.")
@config_option
def archive() -> None:
    """Take in an archive that exists already; see how large this one is and how it grows.

    \b
    Examples:
      tocsin archive stats
      tocsin archive import old-articles.jsonl.gz
    """


@archive.command("import", short_help="Take in articles of a file.")
@config_option
@json_option
@click.option("--table", metavar="NAME", help="The table of an SQLite file; found by its columns when not given.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_(file: Path, table: str | None, as_json: bool) -> None:
    """Store the articles of FILE (JSON Lines, CSV, SQLite; .gz too), copies attached to their originals.

    Nothing is assessed and nothing rings: an import is memory, not news. Running it again changes nothing, so one
    that was cut off is run again.

    \b
    Examples:
      tocsin archive import old-articles.jsonl.gz
      tocsin archive import other/tocsin.db
      tocsin archive import news.db --table stories
    """
    from tocsin.archive import Archive, foreign
    from tocsin.cli import terminal
    from tocsin.errors import ConfigError

    settings = config()
    if settings.archive.exists() and settings.archive.samefile(file):
        raise ConfigError(str(file), "is this very archive; name another file")
    with Archive.open(settings.archive) as into:
        taken = into.take_in(foreign.read(file, table), now=datetime.now(UTC), told=_progress if not as_json else None)
        cooled = into.cool()
    if as_json:
        bad = [{"line": line, "error": reason} for line, reason in taken.bad]
        terminal.print_json({"rows": taken.rows, "outcomes": dict(taken.outcomes), "bad": bad, "cooled": cooled})
    else:
        _told(file, taken)
    if taken.rows and len(taken.bad) == taken.rows:
        click.get_current_context().exit(1)


def _progress(taken: Taken) -> None:
    if sys.stderr.isatty() or taken.rows % 10_000 == 0:
        click.echo(
            f"\r{taken.rows} rows" if sys.stderr.isatty() else f"{taken.rows} rows",
            err=True,
            nl=not sys.stderr.isatty(),
        )


def _told(file: Path, taken: Taken) -> None:
    if sys.stderr.isatty():
        click.echo("", err=True)
    from tocsin.text import clean_line

    for line, reason in taken.bad[:SHOWN]:
        click.echo(f"{file}:{line}: {clean_line(reason, 200)}", err=True)
    if len(taken.bad) > SHOWN:
        click.echo(f"… and {len(taken.bad) - SHOWN} more rows that could not be read", err=True)
    counts = ", ".join(f"{n} {name}" for name, n in taken.outcomes.most_common()) or "nothing"
    click.echo(f"{taken.rows} rows: {counts}, {len(taken.bad)} bad.")


@archive.command(short_help="How large the archive is, and how it grows.")
@config_option
@json_option
def stats(as_json: bool) -> None:
    """Say how large the archive is: bytes per article, postings, growth, articles by what they are.

    \b
    Examples:
      tocsin archive stats
      tocsin archive stats --json
    """
    from tocsin.cli import terminal

    with opened_if_any(config()) as of:
        found = of.measures(now=datetime.now(UTC)) if of else {}
    if as_json:
        terminal.print_json(found)
        return
    for line in _lines(found) if found else ():
        click.echo(line)


def _lines(found: dict[str, Any]) -> list[str]:
    parts = found["bytes_by_part"]
    lines = [f"{found['articles']} articles, {_size(found['bytes'])}, {_size(found['bytes_per_article'])} each"]
    if parts:
        lines.append("  " + ", ".join(f"{name} {_size(size)}" for name, size in parts.items()))
    lines.append("kinds: " + _counts(found["kinds"]) + f"; {found['revisions']} earlier versions kept")
    lines.append("items: " + _counts(found["outcomes"]))
    lines.append("languages: " + _counts(found["languages"]))
    months = _counts(found["postings"])
    lines.append(f"postings: {months}; {found['hot_months']} months stay, older ones are dropped by upkeep")
    growth = f"{found['articles_per_day']} articles and {_size(found['bytes_per_day'])} a day"
    lines.append(f"growth: {growth}; {_size(found['bytes_in_a_year'])} in a year, before retention")
    learned = found["learned_parameters"]
    return lines + [f"learned: {r['param']} means nothing on {r['host']} ({r['equal']} equal texts)" for r in learned]


def _counts(found: dict[str, int]) -> str:
    return ", ".join(f"{name} {n}" for name, n in found.items()) or "none"


def _size(size: float) -> str:
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
