"""Our values as JSON with stable keys: what --json prints and other programs build on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tocsin.model import Ack, Event, FlaggedEvent, Reason, RunReport, Silence, Source
from tocsin.model.facts_json import facts_json
from tocsin.urls import masked


def time(value: datetime | None) -> str | None:
    """ISO 8601 with zone, to the second."""
    return value.isoformat(timespec="seconds") if value else None


def run_report(report: RunReport) -> dict[str, Any]:
    """A run as one object."""
    return {
        "started": time(report.started),
        "finished": time(report.finished),
        "seconds": round((report.finished - report.started).total_seconds(), 3),
        "skipped": report.skipped or None,
        "feeds": [
            {
                "id": run.feed,
                "url": masked(run.url),
                "status": run.status,
                "down": run.down,
                "detail": run.detail,
                "items": run.items,
                "outcomes": dict(run.outcomes),
                "seconds": run.elapsed,
            }
            for run in report.feeds
        ],
        "outcomes": report.outcomes,
        "events": [flagged(each) for each in report.events],
        "deliveries": {"sent": report.sent, "waiting": report.waiting, "held": report.held, "failed": report.failed},
        "latency_seconds": {"p50": report.latency[0], "p95": report.latency[1]} if report.latency else None,
        "review": report.review,
        "channels_off": list(report.channels_off),
    }


def ack(value: Ack | None) -> dict[str, Any] | None:
    """Who looks after an event, or None."""
    if value is None:
        return None
    return {"by": value.by, "at": time(value.at), "via": value.via, "note": value.note}


def silence(value: Silence, now: datetime) -> dict[str, Any]:
    """A silence, and whether it holds."""
    return {
        "id": value.id,
        "active": value.active(now),
        "event": value.event,
        "governorate": value.governorate,
        "event_type": value.event_type,
        "watch": value.watch,
        "channel": value.channel,
        "max_severity": value.max_severity.value,
        "at": time(value.at),
        "until": time(value.until),
        "by": value.by,
        "why": value.why,
        "ended_at": time(value.ended_at),
        "ended_by": value.ended_by,
    }


def flagged(each: FlaggedEvent) -> dict[str, Any]:
    """An event with what this run made of it."""
    return {**event(each.event), "new": each.is_new, "alerts": [reason.value for reason in each.reasons]}


def event(value: Event) -> dict[str, Any]:
    """An event as one object."""
    return {
        "id": value.id,
        "watch": value.watch,
        "state": value.state,
        "version": value.version,
        "severity": value.severity.value,
        **facts_json(value.facts),
        "gist": value.gist,
        "happened": time(value.happened),
        "first_seen": time(value.first_seen),
        "last_seen": time(value.last_seen),
        "origins": list(value.origins),
        "articles": len(value.sources),
        "sources": [source(each) for each in value.sources],
        "reasons": [reason(each) for each in value.reasons],
    }


def source(value: Source) -> dict[str, Any]:
    """One article of an event."""
    return {
        "article": value.article,
        "url": value.url,
        "title": value.title,
        "publisher": value.publisher,
        "language": value.language,
        "origin": value.origin,
        "relation": value.relation,
        "published": time(value.published),
        "seen": time(value.seen),
    }


def reason(value: Reason) -> dict[str, Any]:
    """One reason with its quoted span."""
    span = value.span
    return {
        "rule": value.rule,
        "field": span.field if span else None,
        "quote": span.quote if span else None,
        "start": span.start if span else None,
        "end": span.end if span else None,
        "weight": round(value.weight, 3),
        "note": value.note,
    }
