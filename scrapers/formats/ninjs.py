"""ninjs, the IPTC's news in JSON: version 1 with single fields, 2 and 3 with lists; one document or a list of them."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

from scrapers.entries import Entry, FeedDocument, document
from tocsin.config import Feed
from tocsin.errors import ParseError
from tocsin.model import Fetched, Signal, Wire

_SIGNALS = {
    "correction": Signal.CORRECTION, "update": Signal.UPDATE, "lead": Signal.LEAD, "repeat": Signal.REPEAT,
    "advisory": Signal.ADVISORY, "kill": Signal.KILL,
}  # fmt: skip
# IPTC urgency, 1 highest to 9, as our four levels
_LEVELS = {1: 1, 2: 2, 3: 2, 4: 3, 5: 3, 6: 4, 7: 4, 8: 4, 9: 4}


def sniff(body: bytes, content_type: str) -> bool:  # noqa: ARG001 - servers call it application/json at best
    """True for JSON with the fields that every ninjs document has."""
    head = body[:20_000].lstrip(b"\xef\xbb\xbf \t\r\n")
    return head[:1] in {b"{", b"["} and re.search(rb'"version_?created"', head, re.I) is not None


def parse(feed: Feed, fetched: Fetched, *, now: datetime) -> FeedDocument:
    """Read one ninjs document or a list of them; raises ParseError when it is no JSON."""
    try:
        data = json.loads(fetched.body.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError) as exc:
        raise ParseError(feed.id, f"not_a_feed: damaged JSON ({type(exc).__name__})") from None
    listed = data.get("items", [data]) if isinstance(data, dict) else data
    stories = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    return document(feed, fetched.final_url, [_entry(story) for story in stories], now=now)


def _entry(story: dict[str, Any]) -> Entry:
    language = _text(story, "language").split("-")[0].lower()
    return Entry(
        guid=_text(story, "uri"),
        link=_text(story, "webUrl") or _address(_text(story, "uri")),
        title=_text(story, "headline") or _first(story, "headlines"),
        summary=_text(story, "description_text") or _first(story, "descriptions"),
        content=_text(story, "body_html") or _text(story, "body_xhtml") or _first(story, "bodies"),
        published=_text(story, "firstcreated", "firstCreated") or _text(story, "versioncreated", "versionCreated"),
        updated=_text(story, "versioncreated", "versionCreated"),
        authors=[_text(one, "name") for one in story.get("by_authors", ()) if isinstance(one, dict)]
        or [_text(story, "byline")],
        language=language or None,
        wire=_wire(story),
    )


def _wire(story: dict[str, Any]) -> Wire:
    urgency = story.get("urgency")
    sources = story.get("infosources") or story.get("infosource") or ()
    provider = next((_text(one, "name") for one in sources if isinstance(one, dict)), "") if sources else ""
    signal = _SIGNALS.get(_text(story, "signal").lower(), Signal.NEW)
    if _text(story, "pubstatus", "pubStatus").lower() in {"canceled", "cancelled"}:
        signal = Signal.KILL
    return Wire(
        provider=provider or _text(story, "provider", "copyrightholder"),
        family=_text(story, "altid") or _text(story, "uri"),
        version=_text(story, "version"),
        urgency=_LEVELS.get(urgency) if isinstance(urgency, int) else None,
        signal=signal,
    )


def _address(uri: str) -> str:
    return uri if uri.startswith(("http://", "https://")) else ""


def _first(story: dict[str, Any], key: str) -> str:
    """The value of the first entry of a list of {role, value}."""
    listed = story.get(key)
    values = [_text(one, "value") for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    return next(filter(None, values), "")


def _text(data: dict[str, Any], *keys: str) -> str:
    return next((str(data[key]) for key in keys if isinstance(data.get(key), str | int)), "")
