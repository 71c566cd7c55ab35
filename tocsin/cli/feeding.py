"""``tocsin feeds``: how each feed fares; finding, taking in and handing over feeds; trusting one again."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tocsin.cli.opening import opened, opened_if_any
from tocsin.cli.options import config, config_option, json_option, known

if TYPE_CHECKING:
    from scrapers.http import Http
    from tocsin.config import Config, Feed
    from tocsin.model import FeedState

FINE = frozenset({"ok", "unchanged", "never", "disabled"})


@click.group(invoke_without_command=True, short_help="Every feed and how it fares; add, import, export.")
@config_option
@json_option
@click.option("--bad", is_flag=True, help="Only feeds that do not answer as they should.")
@click.pass_context
def feeds(ctx: click.Context, as_json: bool, bad: bool) -> None:
    """List every feed of the config and how it fares; a feed never polled has the status "never".

    \b
    Examples:
      tocsin feeds --bad
      tocsin feeds --json
      tocsin feeds add https://news.example.org
    """
    if ctx.invoked_subcommand is not None:
        return
    from tocsin.cli import terminal
    from tocsin.english import counted

    settings, now = config(), datetime.now(UTC)
    with opened_if_any(settings) as archive:
        stored = {str(row["id"]): row for row in archive.list_feeds()} if archive else {}
        states = archive.feed_states() if archive else {}
    rows = [_feed(feed, stored.get(feed.id, {}), states.get(feed.id), now) for feed in settings.feeds]
    if bad:
        rows = [row for row in rows if row["status"] not in FINE]
    if as_json:
        terminal.print_json(rows)
        return
    columns = ("feed", "status", "last success", "newest item", "usual gap", "lag", "next poll", "texts", "why")
    terminal.console().print(terminal.table(columns, [_cells(row) for row in rows]))
    down = sum(row["status"] not in FINE for row in rows)
    click.echo(f"{counted(len(settings.feeds), 'feed')}, {down} in trouble. Times are UTC.")
    click.echo("Of the last fifty pages: lag, from publication to here (the median); texts, the share that gave one.")


def _cells(row: dict[str, Any]) -> list[Any]:
    from tocsin.cli import terminal

    return [
        row["id"],
        row["status"],
        terminal.when(row["last_success"]),
        terminal.when(row["newest_item"]),
        span(row["usual_gap_seconds"]),
        span(row["lag_seconds"]),
        terminal.when(row["next_poll"]),
        "" if row["text_yield"] is None else f"{row['text_yield']:.0%}",
        terminal.outside(row["detail"], 120),
    ]


def span(seconds: int | None) -> str:
    """A stretch of time in few letters.

    >>> span(0), span(300), span(7200), span(200_000)
    ('', '5 min', '2 h', '2 d')
    """
    if not seconds:
        return ""
    for size, name in ((86_400, "d"), (3600, "h")):
        if seconds >= 1.5 * size:
            return f"{seconds / size:.0f} {name}"
    return f"{max(1, seconds // 60)} min"


def _feed(
    feed: Feed, row: dict[str, Any], state: FeedState | None = None, now: datetime | None = None
) -> dict[str, Any]:
    """A feed of the config with what the archive knows of it; passwords and tokens are masked."""
    from tocsin import health
    from tocsin.urls import masked

    status, detail = row.get("status", "never"), row.get("detail", "")
    if state is not None and now is not None:
        status, detail = health.status(feed, state, now)
    read = row.get("read", 0)
    return {
        "id": feed.id,
        "url": masked(feed.url),
        "status": status if feed.enabled else "disabled",
        "detail": detail,
        "publisher": feed.publisher,
        "language": feed.language,
        "kind": feed.kind,
        "failures": row.get("failures", 0),
        "interval_seconds": row.get("interval_seconds"),
        "usual_gap_seconds": row.get("usual_gap_seconds") or None,
        "last_attempt": row.get("last_attempt_at"),
        "last_success": row.get("last_success_at"),
        "newest_item": row.get("newest_item_at"),
        "lag_seconds": row.get("lag"),
        "next_poll": row.get("next_attempt_at"),
        "moved_to": masked(row["url"]) if row.get("url") not in {None, feed.url} else None,
        "items": row.get("items", 0),
        "articles": row.get("articles", 0),
        "text_yield": round(row["texts"] / read, 2) if read else None,
    }


@feeds.command(short_help="Find the feeds of a site and write them into the config.")
@config_option
@json_option
@click.argument("url")
@click.option("--all", "every", is_flag=True, help="Write all that were found, not only the first.")
@click.option("--yes", is_flag=True, help="Write without asking.")
@click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")
def add(url: str, as_json: bool, every: bool, yes: bool, dry_run: bool) -> None:
    """Find the feeds of URL (a site or a feed), read each once, and write the best into the config.

    Looks at what the page declares and links to, at the sitemaps of its robots.txt, and where feeds usually are.
    Comments and order of the config stay; the change is shown first.

    \b
    Examples:
      tocsin feeds add news.example.org
      tocsin feeds add https://news.example.org/rss.xml --yes
      tocsin feeds add news.example.org --all --dry-run
    """
    from tocsin.cli import seeking, terminal

    settings = config()
    address = url if "://" in url else f"https://{url}"
    found = _with_http(settings, lambda http: seeking.seek(address, settings, http, now=datetime.now(UTC)))
    if as_json:
        terminal.print_json([each.as_json() for each in found])
    elif not found:
        click.echo(f"No feed found at {address}. Its front page may name one; give that address instead.", err=True)
    else:
        columns = ("", "feed", "items", "newest", "what it is")
        terminal.console().print(terminal.table(columns, [each.cells(n) for n, each in enumerate(found, 1)]))
    fresh = [each for each in found if not each.known]
    if not fresh:
        if found and not as_json:
            click.echo("All of them are in the config already.")
        click.get_current_context().exit(0 if found else 1)
    chosen = [dict(each.entry) for each in (fresh if every else fresh[:1])]
    _write(settings, chosen, yes=yes, dry_run=dry_run, quiet=as_json)


def _with_http(settings: Config, use: Any) -> Any:
    from scrapers.http import Http
    from tocsin.archive.hosts import HostLedger

    http: Http = Http(settings.http, ledger=HostLedger.of(settings.archive))
    try:
        return use(http)
    finally:
        http.close()


def _write(settings: Config, entries: list[dict[str, Any]], *, yes: bool, dry_run: bool, quiet: bool = False) -> None:
    from tocsin.config import editing

    path = settings.path or Path("config.yaml")
    before = editing.read(path)
    apply(settings, before, editing.add_feeds(before, entries), yes=yes, dry_run=dry_run, quiet=quiet)


def apply(settings: Config, before: str, after: str, *, yes: bool, dry_run: bool = False, quiet: bool = False) -> bool:
    """Show a change of the config and write it, once it is wanted; whether it was written."""
    import sys

    from tocsin.config import editing, reading

    path = settings.path or Path("config.yaml")
    if not quiet:
        for line in editing.diff(before, after, path.name).splitlines():
            click.secho(line, fg={"+": "green", "-": "red", "@": "cyan"}.get(line[:1]))
    if before == after or dry_run:
        return False
    if not yes:
        if quiet or not sys.stdin.isatty():
            click.echo("Nothing was written: add --yes to write it.", err=True)
            return False
        if not click.confirm(f"Write this into {path}?", default=True):
            return False
    editing.write(path, before, after, reading.load)
    click.echo(f"{path} was changed.", err=quiet)
    return True


@feeds.command("import", short_help="Take in the feeds of an OPML file.")
@config_option
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Write without asking.")
@click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")
def import_(file: Path, yes: bool, dry_run: bool) -> None:
    """Write the feeds of an OPML file, as feed readers export it, into the config; those it has already are left out.

    \b
    Examples:
      tocsin feeds import subscriptions.opml
      tocsin feeds import subscriptions.opml --yes && tocsin check
    """
    from scrapers import opml
    from tocsin.cli import seeking
    from tocsin.errors import ConfigError, ParseError

    settings = config()
    try:
        outlines = opml.read(file.read_bytes(), str(file))
    except ParseError as exc:
        raise ConfigError(str(file), exc.detail) from None
    entries, refused = seeking.entries(outlines, settings)
    for url, why in refused:
        click.secho(f"left out: {url}: {why}", fg="yellow", err=True)
    click.echo(f"{len(entries)} new of {len(outlines)} feeds in {file.name}.")
    if entries:
        _write(settings, entries, yes=yes, dry_run=dry_run)


@feeds.command(short_help="Write the feeds of the config as OPML.")
@config_option
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
def export(file: Path | None) -> None:
    """Write the enabled feeds as OPML, for any feed reader, to FILE or to standard output.

    A feed whose address holds a password or a token is left out, and said so.

    \b
    Examples:
      tocsin feeds export feeds.opml
    """
    from scrapers import opml
    from tocsin.errors import ConfigError
    from tocsin.urls import masked

    enabled = [feed for feed in config().feeds if feed.enabled]
    told = [feed for feed in enabled if feed.url.startswith("http") and masked(feed.url) == feed.url]
    for feed in enabled:
        if feed not in told:
            click.secho(f"left out: {feed.id}: its address is no public one, or holds a secret", fg="yellow", err=True)
    body = opml.write(told, now=datetime.now(UTC))
    if file is None:
        click.echo(body.decode(), nl=False)
        return
    try:
        file.write_bytes(body)
    except OSError as exc:
        raise ConfigError(str(file), f"cannot be written: {exc.strerror}") from None
    click.echo(f"{len(told)} feeds written to {file}.")


@feeds.command(short_help="Say that a feed suspected of a hijack is itself.")
@config_option
@click.argument("feed_id", metavar="ID")
def trust(feed_id: str) -> None:
    """Say that a feed is what it was, although its title, links or script changed: it rings again from its next poll.

    \b
    Examples:
      tocsin feeds trust shafaq-en
    """
    from dataclasses import replace

    from scrapers import hijack

    settings = config()
    known("feed", feed_id, [feed.id for feed in settings.feeds], "ID")
    with opened(settings) as archive, archive.transaction():
        state = archive.feed_states().get(feed_id)
        if state is None or not state.suspect:
            click.echo(f"{feed_id} is not under suspicion.")
            return
        archive.save_feed_state(replace(hijack.trusted(state), status="unchanged", detail="", next_attempt_at=None))
    click.echo(f"{feed_id} is trusted again; what it shows at its next poll is what it is known by.")
