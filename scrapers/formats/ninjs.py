"""ninjs, the IPTC's news in JSON: version 1 with single fields, 2 and 3 with lists; one document or a list of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from scrapers import documents, wire
from scrapers.documents import objects, text
from scrapers.entries import Entry, FeedDocument, document
from scrapers.wire import Marks
from tocsin.config import Feed
from tocsin.model import Fetched


def sniff(body: bytes, content_type: str) -> bool:  # noqa: ARG001 - servers call it application/json at best
    """True for JSON with the fields that every ninjs document has, and no document of AP's."""
    return documents.mentions(body, rb'"versioncreated"') and not documents.mentions(body, rb'"altids"\s*:\s*\{')


def parse(feed: Feed, fetched: Fetched, *, now: datetime) -> FeedDocument:
    """Read one ninjs document or a list of them; raises ParseError when it is no JSON."""
    stories = objects(documents.read(feed, fetched.body), "items", "data")
    return document(feed, fetched.final_url, stories, lambda story: _entry(story, feed, now), now=now)


def _entry(story: dict[str, Any], feed: Feed, now: datetime) -> Entry:
    uri = text(story, "uri")
    return Entry(
        guid=uri,
        link=text(story, "webUrl") or (uri if uri.startswith(("http://", "https://")) else ""),
        title=text(story, "headline") or _best(story, "headlines"),
        summary=text(story, "description_text") or _best(story, "descriptions"),
        content=text(story, "body_html", "body_xhtml", "body_text") or _best(story, "bodies"),
        published=text(story, "firstcreated", "firstCreated", "versioncreated", "versionCreated"),
        updated=text(story, "versioncreated", "versionCreated"),
        authors=[text(one, "name") for one in objects(story.get("by_authors") or story.get("by") or [])]
        or [text(story, "byline")],
        language=text(story, "language").split("-")[0].lower() or None,
        wire=wire.read(_marks(story, feed), now=now),
    )


def _marks(story: dict[str, Any], feed: Feed) -> Marks:
    sources = objects(story.get("infosources") or story.get("infosource") or [])
    named = next(filter(None, (text(one, "name") for one in sources)), "")
    genres = objects(story.get("genre") or story.get("genres") or [])
    return Marks(
        provider=named or text(story, "provider", "copyrightholder", "copyrightHolder"),
        family=text(story, "altid") or text(story, "uri"),
        version=text(story, "version"),
        urgency=text(story, "urgency"),
        status=text(story, "pubstatus", "pubStatus"),
        signals=(text(story, "signal"), text(story, "ednote", "edNote"), *(text(g, "name", "code") for g in genres)),
        embargo=text(story, "embargoed", "embargoedUntil"),
        timezone=feed.timezone,
    )


def _best(story: dict[str, Any], key: str) -> str:
    """The value of a list of {role, contentType, value}: HTML before plain text, else the first."""
    listed = [one for one in objects(story.get(key)) if text(one, "value")]
    listed.sort(key=lambda one: "html" not in text(one, "contentType", "contenttype"))
    return text(listed[0], "value") if listed else ""
