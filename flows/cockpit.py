"""What an operator sees in the Prefect UI: the run report as artifacts, the flagged events as a table and as events.

Everything from outside is escaped here: the UI renders markdown, follows ``javascript:`` links and
loads remote images unless we keep them out.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, cast
from urllib.parse import quote, urlsplit
from uuid import UUID

from prefect.artifacts import (
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from prefect.client.orchestration import get_client
from prefect.events import emit_event
from prefect.runtime import flow_run

from tocsin import health
from tocsin.alerts.dispatch import DispatchReport
from tocsin.archive import Archive
from tocsin.archive.outbox import Outbox
from tocsin.config import Config, Feed
from tocsin.english import counted
from tocsin.model import FeedRun, FeedState, FlaggedEvent, RunReport, Source
from tocsin.urls import masked

QUIET = frozenset({"quiet", "frozen", "empty"})  # statuses of a feed that answers and brings nothing new
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+!|<>~-])")


def headline(report: RunReport) -> str:
    """The run in one line: "32 new, 2 events, 1/80 feeds down"."""
    if report.skipped:
        return report.skipped
    down = sum(feed.down for feed in report.feeds)
    new = report.outcomes.get("new", 0)
    events = sum(event.is_new for event in report.events)
    parts = [f"{new} new", counted(events, "event")]
    parts.append(f"{down}/{len(report.feeds)} feeds down" if down else counted(len(report.feeds), "feed"))
    return ", ".join(parts) + (f", {report.failed} deliveries failed" if report.failed else "")


def publish(config: Config, archive: Archive, report: RunReport) -> None:
    """Write the run's artifacts and events; a table that this run did not change is not written again."""
    health_rows = feed_rows(config, archive, report.finished)
    if report.feeds:
        create_markdown_artifact(summary(report), key="run-report", description=headline(report))
        _table("feed-health", "Every enabled feed and how it fares, those in trouble first", health_rows)
    if report.events:
        _table("flagged-events", "Events that this run opened or changed", map(flagged_row, report.events))
    if report.review:
        about = "Articles between the two thresholds, which rang nowhere: tocsin label takes them off"
        _table("review-shelf", about, map(review_row, archive.list_review(50)))
    if report.events or report.sent or report.failed:
        outbox = Outbox(archive)
        _table("alert-ledger", ledger_line(outbox, report.finished), map(_ledger_row, outbox.list_alerts(limit=50)))
    _emit(report, quiet={row["feed"]: row for row in health_rows if row["status"] in QUIET})
    if archive.last_success() == report.finished:
        emit_event("tocsin.poll.ok", resource={"prefect.resource.id": f"tocsin.archive.{config.archive.stem}"})


def _table(key: str, about: str, rows: Iterable[dict[str, Any]]) -> None:
    create_table_artifact(list(rows), key=key, description=about)


_LEDGER = (
    "event", "reason", "severity", "gist", "channel", "recipient", "state", "why",
    "created_at", "held_until", "sent_at", "error",
)  # fmt: skip
_FATES = ("sent", "waiting", "held", "silenced", "inhibited", "merged", "dead")


def ledger_line(outbox: Outbox, now: datetime) -> str:
    """What became of all deliveries, in counts: "40 sent, 3 held, 2 silenced"."""
    counts = dict(outbox.pending_counts())
    held = counts["held"] = outbox.count_held(now)
    counts["waiting"] = sum(counts.get(state, 0) for state in ("pending", "sending", "unknown")) - held
    told = ", ".join(f"{counts[fate]} {fate}" for fate in _FATES if counts.get(fate))
    return f"The last alerts and where they went; of all: {told or 'none'}"


def _emit(report: RunReport, quiet: Mapping[str, dict[str, Any]]) -> None:
    for flagged in report.events:
        event = flagged.event
        emit_event(
            "tocsin.event",
            resource={"prefect.resource.id": f"tocsin.event.{event.id}", "tocsin.severity": event.severity.value},
            payload={"gist": event.gist, "new": flagged.is_new, "reasons": [r.value for r in flagged.reasons]},
        )
    for feed in report.feeds:
        if feed.down:
            _emit_feed("down", feed.feed, feed.status, feed.detail)
        elif feed.feed in quiet:
            _emit_feed("quiet", feed.feed, quiet[feed.feed]["status"], quiet[feed.feed]["why"])


def _emit_feed(what: str, feed: str, status: str, detail: str) -> None:
    emit_event(
        f"tocsin.feed.{what}",
        resource={"prefect.resource.id": f"tocsin.feed.{feed}", "prefect.resource.name": feed},
        payload={"feed": feed, "status": status, "detail": detail},
    )


def tell_deliveries(config: Config, report: DispatchReport | None) -> None:
    """An event when alerts could not be delivered; ``tocsin.final`` says whether any was refused for good."""
    if report is None or not report.failed + report.dead:
        return
    emit_event(
        "tocsin.delivery.failed",
        resource={
            "prefect.resource.id": f"tocsin.outbox.{config.archive.stem}",
            "tocsin.final": "yes" if report.dead else "no",
        },
        payload={"failed": report.failed, "dead": report.dead, "problems": "; ".join(report.problems)},
    )


def name_run(report: RunReport) -> None:
    """Give the present run a name that tells its outcome, and tags to find it by."""
    marks = {"events": bool(report.events), "feeds-down": any(f.down for f in report.feeds), "idle": not report.feeds}
    new = [*(flow_run.tags or []), *(name for name, holds in marks.items() if holds)]
    with get_client(sync_client=True) as client:
        client.update_flow_run(
            UUID(flow_run.id), name=f"poll {report.started:%Y-%m-%d %H:%M:%S}: {headline(report)}"[:200], tags=new
        )


def why_down(feed: FeedRun) -> str:
    """Why a feed could not be read, in a line without secrets."""
    return f"{feed.status}: {feed.detail}" if feed.detail else feed.status


class Progress:
    """How far a poll has come, as an artifact of the running flow; said at most twenty times, never of a total of 0."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._said = 0.0
        self._id: UUID | None = None
        if total:
            made = create_progress_artifact(0.0, key="poll-progress", description=f"{total} feeds due")
            self._id = cast(UUID, made)  # a coroutine only where a loop runs

    def show(self, done: int) -> None:
        """So many feeds are done."""
        share = 100.0 * done / max(self._total, 1)
        if self._id is not None and (share - self._said >= 5.0 or done == self._total):
            update_progress_artifact(self._id, share, description=f"{done} of {self._total} feeds")
            self._said = share


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
    held = f" ({report.held} of them held)" if report.held else ""
    lines += ["", f"Alerts: {report.sent} sent, {report.waiting} waiting{held}, {report.failed} failed."]
    if report.latency:
        lines += ["", f"Fetch to acceptance: median {report.latency[0]} s, 95th percentile {report.latency[1]} s."]
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


def feed_rows(config: Config, archive: Archive, now: datetime) -> list[dict[str, Any]]:
    """Every enabled feed, those in trouble first."""
    known, states = {row["id"]: row for row in archive.list_feeds()}, archive.feed_states()
    rows = [_feed_row(f, known.get(f.id, {}), states.get(f.id), now) for f in config.feeds if f.enabled]
    return sorted(rows, key=lambda row: row["status"] in {*health.GOOD, "never"})


def _ledger_row(row: dict[str, Any]) -> dict[str, Any]:
    return {key: text(str(value)) for key, value in row.items() if key in _LEDGER}


def _feed_row(feed: Feed, row: dict[str, Any], state: FeedState | None, now: datetime) -> dict[str, Any]:
    """How a feed fares as of now; a feed that answered well may since have gone quiet."""
    status, why = health.status(feed, state, now) if state else ("never", "")
    read = row.get("read")
    shown = {
        "last success": row.get("last_success_at"),
        "newest item": row.get("newest_item_at"),
        "usual gap": str(timedelta(seconds=row["usual_gap_seconds"])) if row.get("usual_gap_seconds") else None,
        "next poll": row.get("next_attempt_at"),
        "texts": f"{row['texts'] / read:.0%}" if read else None,
        "failures": row.get("failures"),
        "url": masked(feed.url),
    }
    cells = {key: "" if value is None else text(str(value)[:200]) for key, value in shown.items()}
    return {"feed": feed.id, "status": status, "why": text(why), **cells}


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
