"""``tocsin explain``: one page or text, the verdict on it, the arithmetic and the words it rests on."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tocsin.cli.filters import kind_of
from tocsin.cli.options import config_if_any, config_option, json_option, known
from tocsin.errors import ConfigError, ParseError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from tocsin.config import Config, Watch
    from tocsin.model import Assessment, Reason

LONG_TITLE = 200  # characters; a longer first line is text


@dataclass(frozen=True, slots=True)
class Story:
    """What is to be explained."""

    title: str
    text: str
    language: str | None = None  # declared: the text itself decides where it is long enough
    url: str = ""
    published: datetime | None = None


@click.command(short_help="Why a page or text is or is not flagged.")
@config_option
@json_option
@click.option(
    "--html", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Write a page for people."
)
@click.option("--watch", metavar="ID", help="Only for this watch.")
@click.argument("url_or_file", metavar="URL-or-FILE-or-ID")
def explain(url_or_file: str, as_json: bool, html: Path | None, watch: str | None) -> None:
    """Say why a page or text is or is not flagged: the verdict, the sum of its reasons, and the quoted words.

    A file may be text (a short first line is its title), HTML, or JSON with "title" and "text"; of JSON
    Lines every line is explained. "-" reads standard input. A number is an article of the archive, ev-… an event.

    \b
    Examples:
      tocsin explain https://example.org/story
      tocsin explain story.txt
      tocsin explain 1234
      tocsin explain story.txt --html why.html
    """
    from tocsin.cli import terminal
    from tocsin.config import reading
    from tocsin.flagging.lines import answer
    from tocsin.flagging.whatif import told

    found = config_if_any() or reading.defaults()
    watches = {each.id: each for each in found.watches}
    if watch is not None:
        watches = {watch: watches[known("watch", watch, watches)]}
    stories = _stories(url_or_file, found)
    judged = [(story, assessment) for story in stories for assessment in _assess(story, watches.values())]
    if html is not None:
        _write_page(html, judged, watches)
    if as_json:
        shown = [
            {"title": s.title, "url": s.url, **answer(each), "turn": told(each, watches[each.watch].threshold)}
            for s, each in judged
        ]
        terminal.print_json(shown)
        return
    if html is not None:
        click.echo(f"Written to {html}.")
        return
    for story, each in judged:
        show(story, each, terminal.console(), watches[each.watch].threshold)


def _write_page(file: Path, judged: list[tuple[Story, Assessment]], watches: dict[str, Watch]) -> None:
    from tocsin.cli.explain_page import Shown, page

    shown = [Shown(s.title, s.text, s.url, each, watches[each.watch].threshold) for s, each in judged]
    try:
        file.write_text(page(shown), encoding="utf-8", errors="replace")
    except OSError as exc:
        raise ConfigError(str(file), f"cannot be written ({exc.strerror}); choose another --html") from None


def _assess(story: Story, watches: Iterable[Watch]) -> list[Assessment]:
    from tocsin import flagging

    title, text, when = story.title, story.text, story.published
    return [flagging.assess(title, text, language=story.language, published=when, watch=each) for each in watches]


def _stories(name: str, config: Config) -> list[Story]:
    if "://" in name:
        return [_fetch(name, config)]
    stored = (name.isdecimal() and len(name) < 19) or name.startswith("ev-")
    return [_stored(name, config)] if stored and not Path(name).exists() else _read(name)


def _stored(name: str, config: Config) -> Story:
    """An article of the archive by its number, or the article that an event's facts come from."""
    from tocsin.archive import Archive

    if config.archive.exists():
        with Archive.open(config.archive) as archive:
            event = None if name.isdecimal() else archive.event(name)
            number = (event.evidence or event.sources[0].article) if event else int(name) if name.isdecimal() else None
            article = None if number is None else archive.load_article(number)
            if article is not None:
                return Story(article.title, article.text, article.language, article.url, article.published)
    raise ConfigError(f"explain {name}", "no such article or event; tocsin search and tocsin events list their ids")


def _fetch(url: str, config: Config) -> Story:
    from scrapers import pages
    from scrapers.http import Http
    from tocsin.archive.hosts import HostLedger

    http = Http(config.http, ledger=HostLedger.of(config.archive))
    try:
        fetched = http.get(url, kind="page", now=datetime.now(UTC))
        return _from_html(pages.decode(fetched), fetched.final_url or url)
    finally:
        http.close()


def _from_html(html: str, url: str) -> Story:
    from scrapers.extract import line

    found = line({"id": url, "url": url, "html": html}, base=None)
    if found.get("error") or not (found.get("title") or found.get("text")):
        raise ParseError(url, str(found.get("error") or "no article found in it"))
    published = _published(found, url)
    return Story(found.get("title") or "", found.get("text") or "", found.get("language"), url, published)


def _read(name: str) -> list[Story]:
    try:
        raw = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as exc:
        raise ConfigError(name, f"cannot be read ({exc.strerror}); give a web address or a file") from None
    text = raw.decode("utf-8-sig", "replace")
    suffix, start = Path(name).suffix.lower(), text.lstrip()[:200].lower()
    if suffix in {".json", ".jsonl"} or (suffix != ".txt" and start.startswith("{")):
        return _from_json(text, name)
    if suffix in {".html", ".htm", ".xhtml"} or start.startswith(("<!doctype html", "<html")):
        return [_from_html(text, "" if name == "-" else Path(name).resolve().as_uri())]
    title, _, rest = text.strip().partition("\n")
    return [Story(title.strip(), rest.strip()) if len(title) <= LONG_TITLE else Story("", text.strip())]


def _from_json(text: str, name: str) -> list[Story]:
    try:
        whole = json.loads(text)
        found = whole if isinstance(whole, list) else [whole]
    except ValueError:
        found = [_json_line(line, f"{name} line {i}") for i, line in enumerate(text.split("\n"), 1) if line.strip()]
    return [_story(obj, name) for obj in found]


def _json_line(line: str, where: str) -> Any:
    try:
        return json.loads(line)
    except ValueError as exc:
        raise ParseError(where, f"not JSON: {exc}") from None


def _story(obj: Any, name: str) -> Story:
    if not isinstance(obj, dict):
        raise ParseError(name, f"not a JSON object but {kind_of(obj)}")
    values = [obj.get(key) for key in ("title", "text", "language", "url")]
    if isinstance(obj.get("html"), str):
        return _from_html(obj["html"], str(obj.get("url") or ""))
    title, text, language, url = (value if isinstance(value, str) else "" for value in values)
    if not title and not text:
        raise ParseError(name, 'needs a "title" or a "text"')
    return Story(title, text, language or None, url, _published(obj, name))


def _published(obj: dict[str, Any], name: str) -> datetime | None:
    """When it came out, as ``tocsin assess`` reads it: dates in the text are read from it."""
    from tocsin.flagging.lines import moment

    try:
        return moment(obj.get("published"))
    except (TypeError, ValueError):
        raise ParseError(name, f"published is not an ISO 8601 time: {str(obj['published'])[:40]!r}") from None


def show(story: Story, assessment: Assessment, console: Console, threshold: float) -> None:
    """Print the verdict, the text with its evidence marked, the sum and the facts."""
    from rich.text import Text

    from tocsin.cli.terminal import outside, severity
    from tocsin.flagging.whatif import told

    word, style = ("FLAGGED ", "bold red") if assessment.flagged else ("not flagged ", "bold")
    head = Text(word, style=style)
    head.append_text(severity(assessment.severity.value if assessment.severity else None))
    head.append(f"  {assessment.watch}, probability {assessment.score:.3f}, language {assessment.language}", "dim")
    console.print(head)
    console.print(outside(assessment.verdict, 500))
    if assessment.gist:
        console.print(outside(assessment.gist, 500), style="bold")
    console.print()
    console.print(marked(story.title, assessment.reasons, "title", "bold"))
    console.print(marked(story.text, assessment.reasons, "text"))
    console.print()
    _sum(assessment, console)
    console.print(outside(told(assessment, threshold), 900), style="bold")


def marked(text: str, reasons: tuple[Reason, ...], field: str, style: str = "", limit: int = 4000) -> Text:
    """A field with its evidence marked; control characters are shown as spaces, so that offsets hold."""
    from rich.text import Text

    safe = "".join(c if c == "\n" or c.isprintable() else " " for c in text[:limit])
    made = Text(safe, style=style)
    for reason in reasons:
        if reason.span and reason.span.field == field:
            colour = "green" if reason.rule.startswith("fact.") else "red" if reason.weight >= 0 else "blue"
            made.stylize(f"underline {colour}", reason.span.start, reason.span.end)
    if len(text) > limit:
        made.append(f" … ({len(text) - limit} more characters)", "dim")
    return made


def _sum(assessment: Assessment, console: Console) -> None:
    from tocsin.cli.explain_page import SMALL, collapsed
    from tocsin.cli.terminal import outside, table

    scored, rest, small = collapsed(assessment.reasons)
    rows: list[list[Text | str]] = [
        [f"{reason.weight:+.2f}", reason.rule, outside(_quote(reason), 160), outside(reason.note, 120)]
        for reason in scored
    ]
    if small:
        rows.append([f"{rest:+.2f}", f"{small} terms under {SMALL}", "", ""])
    if rows:
        rows.append(
            [f"{sum(r.weight for r in assessment.reasons):+.2f}", "sum, in log-odds", "", f"p = {assessment.score:.3f}"]
        )
        console.print(table(("weight>", "reason", "words", "note"), rows))
        console.print()
    facts: list[list[Text | str]] = [
        [reason.rule.removeprefix("fact."), outside(reason.note, 120), outside(_quote(reason), 160)]
        for reason in assessment.reasons
        if not reason.weight
    ]
    if facts:
        console.print(table(("fact", "value", "words"), facts))


def _quote(reason: Reason) -> str:
    return f"“{reason.span.quote}”" if reason.span else ""
