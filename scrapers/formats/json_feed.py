"""JSON Feed 1.0 and 1.1 (jsonfeed.org)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from scrapers import documents
from scrapers.documents import objects
from scrapers.documents import text as _text
from scrapers.entries import Entry, FeedDocument, document
from tocsin.config import Feed
from tocsin.errors import ParseError
from tocsin.model import Fetched


def sniff(body: bytes, content_type: str) -> bool:
    """True for a JSON object that calls itself a JSON Feed."""
    head = body[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    return head.startswith(b"{") and (b"jsonfeed.org" in head or "feed+json" in content_type)


def parse(feed: Feed, fetched: Fetched, *, now: datetime) -> FeedDocument:
    """Read a JSON Feed; raises ParseError when it is no JSON or has no list of items."""
    data = documents.read(feed, fetched.body)
    items = data.get("items") if isinstance(data, dict) else None
    if not isinstance(items, list):
        raise ParseError(feed.id, "not_a_feed: JSON without a list of items")
    language = _text(data, "language") or None
    stories = [item for item in items if isinstance(item, dict)]
    base = _text(data, "home_page_url") or fetched.final_url
    return document(feed, base, stories, lambda story: _entry(story, language), now=now, title=_text(data, "title"))


def _entry(item: dict[str, Any], language: str | None) -> Entry:
    return Entry(
        guid=_text(item, "id"),
        link=_text(item, "url") or _text(item, "external_url"),
        title=_text(item, "title"),
        summary=_text(item, "summary"),
        content=_text(item, "content_html") or _text(item, "content_text"),
        published=_text(item, "date_published"),
        updated=_text(item, "date_modified"),
        authors=tuple(_authors(item)),
        language=(_text(item, "language") or language or "").split("-")[0].lower() or None,
    )


def _authors(item: dict[str, Any]) -> Iterator[str]:
    for author in objects(item.get("authors") or [item.get("author")]):
        yield _text(author, "name")
