"""dpa digitalwires, the German agency's JSON; its notepad for editors holds telephone numbers and is never read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from scrapers import documents, wire
from scrapers.documents import text
from scrapers.entries import Entry, FeedDocument, document
from scrapers.wire import Marks
from tocsin.config import Feed
from tocsin.model import Fetched


def sniff(body: bytes, content_type: str) -> bool:  # noqa: ARG001 - servers call it application/json at best
    """True for JSON with the fields that only dpa's documents have."""
    return documents.mentions(body, rb'"version_created"')


def parse(feed: Feed, fetched: Fetched, *, now: datetime) -> FeedDocument:
    """Read one document or a list of entries; raises ParseError when it is no JSON."""
    stories = documents.objects(documents.read(feed, fetched.body), "entries")
    return document(feed, fetched.final_url, stories, lambda story: _entry(story, feed, now), now=now)


def _entry(story: dict[str, Any], feed: Feed, now: datetime) -> Entry:
    headline, kicker = text(story, "headline"), text(story, "kicker")
    return Entry(
        guid=text(story, "urn"),
        link=text(story, "web_url", "canonical_url"),
        title=f"{kicker}: {headline}" if kicker and kicker not in headline else headline,
        summary=text(story, "teaser"),
        content=text(story, "article_html"),
        published=text(story, "version_created") if text(story, "version") == "1" else text(story, "created"),
        updated=text(story, "updated", "version_created"),
        authors=tuple(_authors(story)),
        language=text(story, "language").split("-")[0].lower() or None,
        wire=wire.read(_marks(story, feed), now=now),
    )


def _marks(story: dict[str, Any], feed: Feed) -> Marks:
    return Marks(
        provider="dpa",
        family=text(story, "urn"),
        version=text(story, "version"),
        urgency=text(story, "urgency"),
        status=text(story, "pubstatus"),
        signals=(text(story, "signal"), *(text(g, "qcode", "name") for g in documents.objects(story.get("genres")))),
        embargo=text(story, "embargoed"),
        timezone=feed.timezone or "Europe/Berlin",
    )


def _authors(story: dict[str, Any]) -> Iterator[str]:
    yield text(story, "byline").removeprefix("Von ").removesuffix(", dpa")
    for creator in documents.objects(story.get("creators")):
        yield text(creator, "name")
