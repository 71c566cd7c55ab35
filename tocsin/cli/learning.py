"""What the desk teaches: ``review`` shows what waits for its word, ``label`` takes it, ``train`` learns from it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tocsin.cli.opening import opened, opened_if_any
from tocsin.cli.options import by_option, config, config_option, json_option, known, limit_option, somebody, when
from tocsin.errors import ConfigError

if TYPE_CHECKING:
    from tocsin.archive import Archive
    from tocsin.cli.terminal import Cell
    from tocsin.config import Config
    from tocsin.flagging.learn import Item, Trial

VERDICTS = (
    "relevant", "not-relevant", "duplicate", "not-duplicate", "wrong-place", "wrong-toll", "wrong-type", "wrong-time",
    "wrong-actor", "wrong-severity",
)  # fmt: skip

_MORE = "More labels: JSON lines with title, text, label (positive, negative), perhaps lang and watch."


@click.command(short_help="Articles between the two thresholds, which wait for a person.")
@config_option
@json_option
@limit_option
@click.option("--since", type=when, metavar="WHEN", help="Only those assessed since then: 24h, 7d, or a date.")
@click.option("--watch", metavar="ID", help="Only of this watch.")
def review(as_json: bool, limit: int, since: datetime | None, watch: str | None) -> None:
    """List the review shelf: articles under the alert threshold and over the review one, latest first.

    They rang nowhere. tocsin label takes one off the shelf.

    \b
    Examples:
      tocsin review --since 24h
      tocsin label 1234 not-relevant
    """
    from tocsin.cli import terminal

    settings = config()
    if watch is not None:
        known("watch", watch, [each.id for each in settings.watches])
    with opened_if_any(settings) as archive:
        found = archive.list_review(limit, since, watch) if archive else []
        waiting = archive.count_review(since) if archive else 0
    if as_json:
        terminal.print_json(found)
        return
    if not found:
        click.echo("The review shelf is empty.")
        return
    rows: list[list[Cell]] = [
        [
            str(row["id"]),
            f"{row['score']:.2f}",
            terminal.outside(row["gist"] or row["title"]),
            terminal.outside(row["title"], 160),
            terminal.outside(row["verdict"]),
            terminal.when(row["at"]),
        ]
        for row in found
    ]
    columns = ("article>", "score>", "gist", "title", "verdict", "assessed")
    terminal.console().print(terminal.table(columns, rows))
    more = f"{len(found)} of {waiting}" if waiting > len(found) and not watch else str(len(found))
    click.echo(f"{more} on the shelf. Say what each is: tocsin label ARTICLE relevant|not-relevant")


@click.command(short_help="Say what an article or event is, for tocsin train to learn from.")
@config_option
@json_option
@limit_option
@click.argument("name", required=False, metavar="[ARTICLE-or-EVENT")
@click.argument("verdict", required=False, metavar="VERDICT]", type=click.Choice(VERDICTS))
@click.option("--note", default="", help="Why, in your words.")
@by_option
@click.option("--watch", metavar="ID", help="The watch it is said to; an event's own, else the first of the config.")
@click.option("--list", "as_list", is_flag=True, help="List what was said, latest first.")
def label(
    name: str | None,
    verdict: str | None,
    note: str,
    by: str,
    watch: str | None,
    as_list: bool,
    as_json: bool,
    limit: int,
) -> None:
    """Store the desk's verdict on an article (a number) or on an event (ev-…: the article its facts come from).

    relevant and not-relevant are what tocsin train learns from; the others (duplicate, not-duplicate, wrong-place,
    wrong-toll, wrong-type, wrong-time, wrong-actor, wrong-severity) are kept for people.

    \b
    Examples:
      tocsin label 1234 not-relevant --note "a film"
      tocsin label ev-3f2a wrong-place --by amal
      tocsin label --list --json
    """
    from tocsin.cli import terminal

    settings = config()
    if not as_list and (name is None or verdict is None):
        raise click.UsageError(f"Give an article or event and a verdict ({', '.join(VERDICTS)}), or --list.")
    with opened(settings) as archive:
        if name is not None and verdict is not None:
            number, event, of = _meant(archive, name, watch, settings)
            archive.save_verdict(number, of, verdict, event=event, note=note, by=somebody(by), now=datetime.now(UTC))
        said = archive.list_verdicts(limit if as_list else 1)
    if as_json:
        terminal.print_json(said)
        return
    if not as_list:
        title = terminal.outside(said[0]["title"], 100).plain
        click.echo(f"Article {said[0]['article']} is {verdict} for {said[0]['watch']}: {title}")
        return
    keys = ("article", "event", "watch", "verdict", "by", "at", "title", "note")
    rows = [[terminal.when(r[k]) if k == "at" else terminal.outside(r[k], 120) for k in keys] for r in said]
    terminal.show(keys, rows, "Nothing labelled yet.")


def _meant(archive: Archive, name: str, watch: str | None, settings: Config) -> tuple[int, str | None, str]:
    """The article, event and watch that a call means."""
    ids = [each.id for each in settings.watches]
    if watch is not None:
        known("watch", watch, ids)
    if name.isdecimal() and len(name) < 19:
        of = watch or ids[0]
        return int(name), archive.event_of_article(int(name), of), of
    event = archive.event(name)
    if event is None:
        raise ConfigError(f"label {name}", "no such article or event; tocsin events and tocsin review list their ids")
    return event.evidence or event.sources[0].article, event.id, event.watch


@click.command(short_help="Refit the scorer on the desk's labels; says what would change before it does.")
@config_option
@json_option
@click.option("--labels", "files", multiple=True, metavar="FILE", type=click.Path(path_type=Path), help=_MORE)
@click.option("--out", metavar="FILE", type=click.Path(path_type=Path), help="Write the weights there.")
@click.option("--use", is_flag=True, help="Switch: write the weights where the config finds them.")
@click.option("--anyway", is_flag=True, help="Switch even if the held-out figures got worse.")
def train(files: tuple[Path, ...], out: Path | None, use: bool, anyway: bool, as_json: bool) -> None:
    """Refit the scorer on the shipped corpus and the desk's labels, and compare before and after on held-out folds.

    "Before" is what Tocsin ships, "after" what it would be. Nothing is switched without --use; to go back, remove the
    file that --use wrote.

    \b
    Examples:
      tocsin train
      tocsin train --labels more.jsonl --out new.json
      tocsin train --use
    """
    from tocsin.cli import terminal
    from tocsin.flagging import learn
    from tocsin.flagging.scorer import weights

    settings = config()
    given = _labelled(settings, files)
    start = weights()
    found = learn.trial(given, start, {watch.id: watch.threshold for watch in settings.watches})
    model = learn.refit(given, start)
    own = sum(item.own for item in given)
    moved = sorted(
        ((model.weight.get(n, 0.0) - start.weight.get(n, 0.0), n) for n in model.weight.keys() | start.weight.keys()),
        key=lambda pair: -abs(pair[0]),
    )[:8]
    refused = use and found.worse and not anyway
    paths = [path for path in (out, settings.weights if use and not refused else None) if path]
    for path in paths:
        learn.write(model, path, f"tocsin train, {own} labels of the desk and {len(given) - own} shipped lines")
    if as_json:
        terminal.print_json(_report(found, own, moved, paths, refused))
    else:
        _tell(found, own, moved, paths, refused)
    if refused:
        click.get_current_context().exit(1)


def _labelled(settings: Config, files: tuple[Path, ...]) -> list[Item]:
    """Every labelled text: of the archive, of the files, of the shipped corpus."""
    from tocsin.flagging import learn

    rows = [row for path in files for row in learn.labels(path)]
    if settings.archive.exists():
        with opened(settings) as archive:
            rows += archive.labelled()
    if not rows:
        raise ConfigError("tocsin train", "no labels yet; tocsin label ARTICLE relevant|not-relevant, or --labels FILE")
    watches = {watch.id: watch for watch in settings.watches}
    return learn.items(rows, watches, own=True) + learn.items(learn.shipped(), watches, own=False)


def _report(found: Trial, own: int, moved: list[tuple[float, str]], paths: list[Path], refused: bool) -> dict[str, Any]:
    return {
        "labels": own,
        "before": {name: asdict(each) for name, each in found.before.items()},
        "after": {name: asdict(each) for name, each in found.after.items()},
        "changed": [asdict(each) for each in found.changed],
        "moved": [{"feature": name, "by": round(by, 3)} for by, name in moved if by],
        "written": [str(path) for path in paths],
        "refused": refused,
    }


def _tell(found: Trial, own: int, moved: list[tuple[float, str]], paths: list[Path], refused: bool) -> None:
    from tocsin.cli import terminal

    console = terminal.console()
    click.echo(f"{own} labels of the desk; each fold is judged by weights that never saw it.")
    parts = {"own": "the desk's labels", "shipped": "the shipped corpus"}
    rows = [
        [parts[name], when, str(f.items), f"{f.precision:.3f}", f"{f.recall:.3f}", f"{f.f1:.3f}", f"{f.brier:.4f}"]
        for name in parts
        for when, f in (("as shipped", found.before[name]), ("trained", found.after[name]))
    ]
    console.print(terminal.table(("on", "", "items>", "P>", "R>", "F1>", "Brier>"), rows))
    changed = [
        [
            "right" if (each.after > each.before) == each.wanted else "WRONG",
            f"{each.before:.2f} → {each.after:.2f}",
            terminal.outside(each.title, 120),
            "desk" if each.own else "shipped",
        ]
        for each in found.changed
    ]
    if changed:
        console.print(terminal.table(("decision now", "score", "title", "from"), changed))
    console.print("Moved most: " + ", ".join(f"{name} {by:+.2f}" for by, name in moved if by))
    for path in paths:
        click.echo(f"Written to {path}.")
    if refused:
        click.echo("Not switched: held out, the desk's labels fare worse. --anyway switches all the same.", err=True)
    elif not paths:
        click.echo("Nothing is switched: tocsin train --use does that, --out FILE keeps the weights for a backtest.")
