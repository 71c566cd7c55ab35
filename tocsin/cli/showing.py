"""What ``tocsin show`` tells of one article or one event: everything the archive knows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rich.console import Console, Group, RenderableType
from rich.text import Text

from tocsin.archive.orders import Orders
from tocsin.archive.outbox import Outbox
from tocsin.cli import shapes
from tocsin.cli.alerting import told as why
from tocsin.cli.explaining import marked
from tocsin.cli.terminal import Cell, outside, severity, table, when
from tocsin.english import counted
from tocsin.errors import ConfigError
from tocsin.flagging.lines import answer

if TYPE_CHECKING:
    from tocsin.archive import Archive
    from tocsin.model import Event, Span

LISTED = 50  # deliveries and muted parts of one event


def find(archive: Archive, name: str) -> dict[str, Any]:
    """An article, by its number, or an event, by its id, as one object.

    Raises:
        ConfigError: There is neither.
    """
    found = _article(archive, int(name)) if name.isdecimal() and len(name) < 19 else _event(archive, name)
    if found is None:
        raise ConfigError(f"show {name}", "no such article or event; tocsin events and tocsin search list their ids")
    return found


def _article(archive: Archive, number: int) -> dict[str, Any] | None:
    found = archive.article(number)
    if found is None:
        return None
    watches = [row["watch"] for row in found["assessments"]]
    known = [archive.assessment(number, watch) for watch in watches]
    return {"type": "article", **found, "assessments": [answer(each) for each in known if each]}


def _event(archive: Archive, event_id: str) -> dict[str, Any] | None:
    event = archive.event(event_id)
    if event is None:
        return None
    return {
        "type": "event",
        **shapes.event(event),
        "evidence": [evidence_row(archive, event, *each) for each in said(event)],
        "history": archive.event_history(event_id),
        "merged_into": archive.merged_into(event_id),
        "by_hand": archive.list_hands(event_id),
        "acknowledged": shapes.ack(Orders(archive).ack(event_id)),
        "alerts": Outbox(archive).list_alerts(limit=LISTED, event=event_id),
        "muted": Outbox(archive).muted_by(event_id, limit=LISTED),
    }


def evidence_row(archive: Archive, event: Event, fact: str, value: str, span: Span) -> dict[str, Any]:
    """A fact with the words that say it, and where they stand: article, and version where that was replaced."""
    sources = [event.evidence, *(source.article for source in reversed(event.sources))]
    texts = (text for number in dict.fromkeys(sources) if number is not None for text in _texts(archive, number))
    found = next((where for where, text in texts if text[span.field][span.start : span.end] == span.quote), {})
    place = {"field": span.field, "quote": span.quote, "start": span.start, "end": span.end}
    return {"fact": fact, "value": value, "article": None, "version": None, **found, **place}


def _texts(archive: Archive, number: int) -> Iterator[tuple[dict[str, int], dict[str, str]]]:
    """Title and text of an article, of its present version first."""
    found = archive.article(number)
    for version in [found, *reversed(found["versions"])] if found else ():
        if version["text"] is not None:
            where = {"article": number} | ({} if version is found else {"version": int(version["version"])})
            yield where, {"title": version["title"], "text": version["text"]}


def said(event: Event) -> Iterator[tuple[str, str, Span]]:
    """Each coded fact of an event with the words that say it: name, value, span."""
    for each in fields(event.facts):
        yield from _said(each.name, getattr(event.facts, each.name))


def _said(name: str, value: Any) -> Iterator[tuple[str, str, Span]]:
    for one in value if isinstance(value, tuple) else (value,):
        if one is not None:
            words = getattr(one.value, "name", None) or (
                when(one.value) if isinstance(one.value, datetime) else str(one.value)
            )
            count = getattr(one.value, "count", None)
            yield name, f"{count} × {words}" if isinstance(count, int) else words, one.span


def show(archive: Archive, found: dict[str, Any], console: Console) -> None:
    """Print one article or event."""
    if found["type"] == "event":
        event = archive.event(found["id"])
        if event is not None:
            console.print(_event_page(event, found))
        return
    console.print(_article_page(archive, found))


def _event_page(event: Event, found: dict[str, Any]) -> RenderableType:
    head = severity(event.severity.value)
    head.append("  ").append_text(outside(event.gist, 500))
    line = (
        f"{event.id}, watch {event.watch}, version {event.version}, {event.state}; first seen {when(event.first_seen)}"
    )
    parts: list[RenderableType] = [head, Text(f"{line} UTC", "dim"), Text()]
    facts: list[list[Cell]] = [
        [row["fact"], outside(row["value"], 80), outside(f"“{row['quote']}”"), _where(row)] for row in found["evidence"]
    ]
    if facts:
        parts += [table(("fact", "value", "words", "article"), facts), Text()]
    rows: list[list[Cell]] = [
        [
            str(source.article),
            when(source.published or source.seen),
            source.language,
            outside(
                source.publisher if source.publisher == source.origin else f"{source.publisher} ({source.origin})", 60
            ),
            source.relation,
            outside(source.title),
        ]
        for source in event.sources
    ]
    outlets = {source.publisher for source in event.sources}
    parts.append(outside(coverage(len(rows), len(outlets), event.origins)))
    parts.append(table(("article>", "published", "", "publisher (origin)", "relation", "title"), rows))
    changes: list[list[Cell]] = [
        [when(row["at"]), str(row["version"]), row["field"], outside(row["old"], 60), outside(row["new"], 60)]
        for row in found["history"]
    ]
    if changes:
        parts += [Text(), table(("changed", "version>", "what", "from", "to"), changes)]
    return Group(*parts, *_by_hand(found), *_told(found))


def _told(found: dict[str, Any]) -> Iterator[RenderableType]:
    """Who was told of an event, who looks after it, and which parts it muted."""
    rows: list[list[Cell]] = [
        [
            when(row["sent_at"] or row["created_at"]),
            row["reason"],
            outside(f"{row['channel']} {row['recipient']}".strip(), 60),
            row["state"],
            outside(why(row), 120),
        ]
        for row in found["alerts"]
    ]
    if rows:
        yield from (Text(), table(("alerted", "reason", "to", "state", "why"), rows))
    if seen := found["acknowledged"]:
        yield from (
            Text(),
            outside(f"Acknowledged by {seen['by']}, {when(seen['at'])} UTC. {seen['note']}".strip(), 300),
        )
    muted: list[list[Cell]] = [[row["event"], outside(row["gist"], 200)] for row in found["muted"]]
    if muted:
        yield from (Text(), table(("muted part", "event"), muted))


def _by_hand(found: dict[str, Any]) -> Iterator[RenderableType]:
    """What people joined to an event or parted from it, and where it went if it was merged."""
    for row in found["by_hand"]:
        verb = "joined to" if row["verb"] == "merge" else "parted from"
        numbers = ", ".join(map(str, row["articles"]))
        what = f"{row['other']} {verb} {row['event']} by {row['by']}, articles {numbers}"
        yield outside(f"{when(row['at'])} {what}{': ' if row['note'] else ''}{row['note']}", 400)
    if found["merged_into"]:
        yield outside(f"It is {found['merged_into']} now; tocsin show {found['merged_into']}")


def coverage(articles: int, outlets: int, origins: Sequence[str]) -> str:
    """How much independent reporting there is.

    >>> coverage(12, 3, ["AFP", "Belga"])
    '12 articles, 3 outlets, 2 origins: AFP, Belga'
    """
    numbers = ((articles, "article"), (outlets, "outlet"), (len(origins), "origin"))
    return ", ".join(counted(n, what) for n, what in numbers) + f": {', '.join(origins)}"


def _where(row: dict[str, Any]) -> str:
    version = f", version {row['version']}" if row["version"] else ""
    return f"{row['article']}{version}" if row["article"] else ""


def _changes(diff: str) -> Text:
    """A diff with what went in red and what came in green."""
    made = Text("".join(c if c == "\n" or c.isprintable() else " " for c in diff))
    made.highlight_regex(r"(?s)\[-.*?-\]", "red")
    made.highlight_regex(r"(?s)\{\+.*?\+\}", "green")
    return made


def _shared(rows: list[dict[str, Any]]) -> RenderableType:
    """What the members of a family have in common with articles of others."""
    lines: list[list[Cell]] = [
        [
            f"{row['article']} contains {row['share']:.0%}"
            if row["contains"]
            else f"{row['share']:.0%} of {row['article']}",
            f"of {row['id']}" if row["contains"] else f"is in {row['id']}",
            outside(row["publisher"], 40),
            outside(row["title"], 120),
        ]
        for row in rows
    ]
    return table(("share>", "article", "publisher", "title"), lines)


def _article_page(archive: Archive, found: dict[str, Any]) -> RenderableType:
    number = int(found["id"])
    about = [found["publisher"], ", ".join(found["origins"] or ()), found["language"], found["status"], found["rung"]]
    parts: list[RenderableType] = [
        outside(found["url"], 1000),
        outside(f"{when(found['published'])} UTC · " + " · ".join(part for part in about if part), 400),
    ]
    if found["copy_of"]:
        parts.append(outside(f"{found['relation']} of {found['copy_of']}: {found['why']}"))
    reasons: tuple[Any, ...] = ()
    for each in found["assessments"]:
        verdict = f"{each['watch']}: {'FLAGGED' if each['flagged'] else 'not flagged'} {each['severity'] or ''}"
        parts.append(outside(f"{verdict} ({each['score']:.3f}) {each['verdict']}", 500))
        known = archive.assessment(number, each["watch"])
        reasons = reasons or (known.reasons if known else ())
    parts += [outside(f"event {each['id']}: {each['why']}", 400) for each in found["events"]]
    parts += [Text(), marked(found["title"], reasons, "title", "bold"), marked(found["text"], reasons, "text")]
    if len(found["family"]) > 1:
        rows: list[list[Cell]] = [
            [str(row["id"]), row["relation"] or "first", outside(row["publisher"], 40), outside(row["url"], 200)]
            for row in found["family"]
        ]
        parts += [Text(), outside(coverage(len(rows), len(found["outlets"]), found["family_origins"]))]
        parts += [table(("family>", "relation", "publisher", "address"), rows)]
    if found["parts"]:
        parts += [Text(), Text("Text in common with other stories:"), _shared(found["parts"])]
    for row in found["versions"]:
        what = f"Version {row['version']}, replaced {when(row['replaced'])} UTC by a {row['relation'] or 'new text'}:"
        parts += [Text(), Text(what), _changes(row["diff"])]
    return Group(*parts)
