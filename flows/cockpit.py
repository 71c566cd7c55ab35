"""What an operator sees in the Prefect UI: the run report as artifacts, the flagged events as a table and as events.

Everything from outside is escaped here: the UI renders markdown, follows ``javascript:`` links and
loads remote images unless we keep them out.
"""

from __future__ import annotations

import html
import re
from typing import Any
from urllib.parse import quote, urlsplit

from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.events import emit_event

from tocsin.archive import Archive
from tocsin.archive.outbox import Outbox
from tocsin.config import Config
from tocsin.model import FlaggedEvent, RunReport, Source
from tocsin.urls import masked

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+!|<>~-])")


def headline(report: RunReport) -> str:
    """The run in one line: "32 new, 2 events, 1/80 feeds down"."""
    if report.skipped:
        return report.skipped
    down = sum(feed.down for feed in report.feeds)
    new = report.outcomes.get("new", 0)
    events = sum(event.is_new for event in report.events)
    parts = [f"{new} new", f"{events} event{'' if events == 1 else 's'}"]
    parts.append(f"{down}/{len(report.feeds)} feeds down" if down else f"{len(report.feeds)} feeds")
    return ", ".join(parts) + (f", {report.failed} deliveries failed" if report.failed else "")


def publish(config: Config, archive: Archive, report: RunReport) -> None:
    """Write the run's artifacts and events."""
    create_markdown_artifact(summary(report), key="run-report", description=headline(report))
    create_table_artifact(
        [flagged_row(event) for event in report.events] or [{"event": "none in this run"}],
        key="flagged-events",
        description="Events that this run opened or changed",
    )
    create_table_artifact(
        [_feed_row(row) for row in archive.list_feeds()] or [{"feed": "none polled yet"}],
        key="feed-health",
        description="Every feed that was ever polled, with its last answer",
    )
    create_table_artifact(
        [review_row(row) for row in archive.list_review(50)] or [{"article": "the shelf is empty"}],
        key="review-shelf",
        description="Articles between the two thresholds, which rang nowhere: tocsin label takes them off",
    )
    ledger = Outbox(archive).list_alerts(limit=50)
    create_table_artifact(
        [{key: text(str(value)) for key, value in row.items() if key in _LEDGER} for row in ledger]
        or [{"alert": "none yet"}],
        key="alert-ledger",
        description="The last alerts and where they went",
    )
    _emit(config, report)


_LEDGER = ("event", "reason", "severity", "gist", "channel", "recipient", "state", "created_at", "sent_at", "error")


def _emit(config: Config, report: RunReport) -> None:
    for flagged in report.events:
        event = flagged.event
        emit_event(
            "tocsin.event",
            resource={"prefect.resource.id": f"tocsin.event.{event.id}", "tocsin.severity": event.severity.value},
            payload={"gist": event.gist, "new": flagged.is_new, "reasons": [r.value for r in flagged.reasons]},
        )
    for feed in report.feeds:
        if feed.down:
            emit_event(
                "tocsin.feed.down",
                resource={"prefect.resource.id": f"tocsin.feed.{feed.feed}"},
                payload={"status": feed.status, "detail": feed.detail},
            )
    if any(not feed.down for feed in report.feeds):
        emit_event("tocsin.poll.ok", resource={"prefect.resource.id": f"tocsin.archive.{config.archive.stem}"})
    if report.failed:
        emit_event("tocsin.delivery.failed", resource={"prefect.resource.id": "tocsin.outbox"})


def summary(report: RunReport) -> str:
    """The run report in markdown."""
    seconds = (report.finished - report.started).total_seconds()
    lines = [f"## {headline(report)}", "", f"{report.started:%Y-%m-%d %H:%M:%S} UTC, {seconds:.1f} s", ""]
    if report.events:
        lines += ["| severity | event | place | sources |", "|---|---|---|---|"]
        for flagged in report.events:
            event = flagged.event
            where = event.facts.places[0].value.name if event.facts.places else ""
            links = ", ".join(link(source) for source in event.sources[:5])
            lines.append(f"| {event.severity.value} | {text(event.gist)} | {text(where)} | {links} |")
        lines.append("")
    lines += ["| outcome | items |", "|---|---:|"]
    lines += [f"| {name} | {n} |" for name, n in sorted(report.outcomes.items())]
    lines += ["", f"Alerts: {report.sent} sent, {report.waiting} waiting, {report.failed} failed."]
    bad = [feed for feed in report.feeds if feed.down]
    if report.review:
        lines += [
            "",
            f"Review shelf: {report.review} articles, in the artifact review-shelf and in `tocsin review`.",
        ]
    if bad:
        lines += ["", "| feed down | status | why |", "|---|---|---|"]
        lines += [f"| {text(feed.feed)} | {feed.status} | {text(feed.detail)} |" for feed in bad]
    if report.channels_off:
        lines += ["", "Channels off: " + ", ".join(text(name) for name in report.channels_off)]
    return "\n".join(lines)


def flagged_row(flagged: FlaggedEvent) -> dict[str, Any]:
    """One event as a row of the table."""
    event = flagged.event
    return {
        "severity": event.severity.value,
        "gist": text(event.gist),
        "place": text(", ".join(p.value.name for p in event.facts.places[:2])),
        "sources": f"{len(event.sources)} articles, {len(event.origins)} origins",
        "alerts": ", ".join(r.value for r in flagged.reasons) or "quiet",
        "links": " ".join(link(source) for source in event.sources[:3]),
        "id": event.id,
    }


def review_row(row: dict[str, Any]) -> dict[str, Any]:
    """One article of the review shelf."""
    shown = {key: text(str(row[key])) for key in ("watch", "gist", "title", "verdict", "publisher", "at")}
    return {"article": row["id"], "score": round(row["score"], 2), **shown}


def _feed_row(row: dict[str, Any]) -> dict[str, Any]:
    shown = ("id", "status", "detail", "last_success", "newest_item", "next_poll", "failures", "url")
    return {key: text(masked(str(row[key])) if key == "url" else str(row[key])) for key in shown if key in row}


def text(value: str) -> str:
    """Outside text as inert markdown on one line."""
    return _MARKDOWN.sub(r"\\\1", html.escape(" ".join(value.split())[:500], quote=False))


def link(source: Source) -> str:
    """A source as a markdown link; only http and https become links."""
    label = text(source.publisher or source.origin or "source")
    parts = urlsplit(source.url)
    if parts.scheme not in {"http", "https"}:
        return label
    return f"[{label}]({quote(source.url, safe=':/?&=%#@+,;~')})"
