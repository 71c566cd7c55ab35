"""One JSON object in, one out: the step behind ``tocsin assess``; keys and values as the manual says."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tocsin.config import Watch
from tocsin.flagging import assess
from tocsin.model import Assessment
from tocsin.model.facts_json import facts_json


def line(obj: Any, watch: Watch) -> dict[str, Any]:
    """The answer to one object; a bad one gives ``{"id", "error"}``."""
    if not isinstance(obj, dict):
        return {"id": None, "error": "not a JSON object"}
    name = obj.get("id")
    for key in ("title", "text", "language", "published"):
        if obj.get(key) is not None and not isinstance(obj[key], str):
            return {"id": name, "error": f"{key} must be a string"}
    title, text = obj.get("title") or "", obj.get("text") or ""
    if not title.strip() and not text.strip():
        return {"id": name, "error": "title and text are both empty"}
    try:
        published = moment(obj.get("published"))
    except ValueError:
        return {"id": name, "error": f"published is not an ISO 8601 time: {obj['published'][:40]!r}"}
    return {"id": name, **answer(assess(title, text, language=obj.get("language"), published=published, watch=watch))}


def moment(value: str | None) -> datetime | None:
    """An ISO 8601 time, taken as UTC where it names no zone; raises ValueError."""
    if not value:
        return None
    at = datetime.fromisoformat(value)
    return at if at.utcoffset() is not None else at.replace(tzinfo=UTC)


def answer(found: Assessment) -> dict[str, Any]:
    """An assessment as plain JSON values; ``facts`` are those of flagged and review items."""
    return {
        "watch": found.watch, "flagged": found.flagged, "review": found.review, "score": round(found.score, 4),
        "severity": found.severity.value if found.severity else None, **facts_json(found.facts), "gist": found.gist,
        "language": found.language, "verdict": found.verdict, "reasons": _reasons(found),
    }  # fmt: skip


def _reasons(found: Assessment) -> list[dict[str, Any]]:
    """Reasons as plain values; what no words carry has no field, quote or offsets."""
    rows = []
    for reason in found.reasons:
        span = reason.span
        where = (
            {"field": span.field, "quote": span.quote, "start": span.start, "end": span.end}
            if span else {"field": None, "quote": None, "start": None, "end": None}
        )  # fmt: skip
        rows.append({"rule": reason.rule, **where, "weight": round(reason.weight, 4), "note": reason.note})
    return rows
