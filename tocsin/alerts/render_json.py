"""An alert as JSON for programs: the keys of ``tocsin assess``, with the event, its sources and what changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tocsin.alerts.render import QUOTE, line, map_link, web_address
from tocsin.events.coverage import SOURCES, coverage_of
from tocsin.model import Alert, Facts, Source, Span
from tocsin.model.facts_json import count_json, facts_json

Json = dict[str, Any]


def payload(alert: Alert) -> Json:
    """One alert; texts are clean single lines, times ISO 8601 with zone, figures null when the text does not say."""
    event, coverage = alert.event, alert.coverage or coverage_of(alert.event)
    return {
        "id": line(alert.id, 200),
        "event": line(event.id, 200),
        "watch": event.watch,
        "version": event.version,
        "reason": str(alert.reason),
        "state": event.state,
        "severity": str(event.severity),
        "severity_reasons": [line(reason.note or reason.rule, 120) for reason in event.reasons[:20]],
        "gist": line(event.gist, 300),
        "at": _time(alert.at),
        "happened": _time(event.happened),
        "first_seen": _time(event.first_seen),
        "published": _time(alert.article.published if alert.article else None),
        "seen": _time(alert.article.seen if alert.article else None),
        **_facts(event.facts),
        "changes": [
            {"field": line(c.field, 40), "old": line(c.old, 200), "new": line(c.new, 200)} for c in alert.changes
        ],
        "quotes": [line(span.quote, QUOTE) for span in alert.quotes[:20]],
        "language": alert.language or None,
        "origins": [line(origin, 80) for origin in coverage.origins],
        "sources": [_source(source) for source in event.sources[-SOURCES:]],
    }


def _facts(facts: Facts) -> Json:
    quotes: Json = {}

    def quoted(key: str, span: Span) -> None:
        quotes.setdefault(key, []).append(line(span.quote, QUOTE))

    for key in ("event_type", "intercepted", "target", "killed", "wounded", "damage", "claim", "when"):
        if said := getattr(facts, key):
            quoted(key, said.span)
    for key in ("places", "weapons", "actors"):
        for said in getattr(facts, key):
            quoted(key, said.span)
    shaped = facts_json(facts, line)
    for place, said in zip(shaped["places"], facts.places, strict=True):
        place["map"] = map_link(said.value)
    return {**shaped, "fact_quotes": quotes}


def _source(source: Source) -> Json:
    return {
        "url": web_address(source.url) or None,
        "title": line(source.title, 300),
        "publisher": line(source.publisher, 120),
        "origin": line(source.origin, 120),
        "language": source.language,
        "relation": source.relation,
        "published": _time(source.published),
        "seen": _time(source.seen),
        "killed": count_json(source.killed),
        "wounded": count_json(source.wounded),
    }


def _time(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
