"""AP Media API: the JSON of its feed and of single items; the text where a rendition carries it inline."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from scrapers import documents, trees, wire
from scrapers.documents import objects, text
from scrapers.entries import Entry, FeedDocument, document
from scrapers.wire import Marks
from tocsin.config import Feed
from tocsin.errors import ParseError
from tocsin.model import Fetched


def sniff(body: bytes, content_type: str) -> bool:  # noqa: ARG001 - servers call it application/json at best
    """True for JSON whose items have AP's alternative ids."""
    return documents.mentions(body, rb'"altids"\s*:\s*\{') and documents.mentions(body, rb'"itemid"')


def parse(feed: Feed, fetched: Fetched, *, now: datetime) -> FeedDocument:
    """Read one item or a page of the feed; raises ParseError when it is no JSON."""
    data = documents.read(feed, fetched.body)
    inner = data.get("data", data) if isinstance(data, dict) else data
    stories = [_item(one) for one in objects(inner, "items")]
    texts = [story for story in stories if text(story, "type") in {"", "text"}]
    return document(feed, fetched.final_url, texts, lambda story: _entry(story, feed, now), now=now)


def _item(one: dict[str, Any]) -> dict[str, Any]:
    inner = one.get("item")
    return inner if isinstance(inner, dict) else one


def _entry(story: dict[str, Any], feed: Feed, now: datetime) -> Entry:
    itemid = text(_object(story, "altids"), "itemid")
    marks = Marks(
        provider="AP",
        family=itemid,
        version=text(story, "version"),
        urgency=text(story, "urgency", "editorialpriority"),
        status=text(story, "pubstatus"),
        signals=(
            *_strings(story, "signals"),
            text(story, "ednote"),
            text(story, "headline_extended").partition(":")[0],
        ),
        embargo=text(story, "embargoed", "embargodate"),
        timezone=feed.timezone,
    )
    return Entry(
        guid=itemid or text(story, "uri"),
        link=next(
            (text(one, "href") for one in objects(story.get("links")) if text(one, "rel") in {"canonical", "web"}), ""
        ),
        title=text(story, "headline", "title"),
        summary=text(story, "description_summary", "headline_extended"),
        content=_body(story, feed),
        published=text(story, "firstcreated", "versioncreated"),
        updated=text(story, "versioncreated"),
        authors=[text(one, "byline", "title").removeprefix("By ") for one in objects(story.get("bylines"))],
        language=text(story, "language").split("-")[0].lower() or None,
        wire=wire.read(marks, now=now),
    )


def _body(story: dict[str, Any], feed: Feed) -> str:
    """The text as HTML, out of the NITF that stands in the item."""
    nitf = text(story, "body_nitf") or text(_object(_object(story, "renditions"), "nitf"), "body", "content")
    if not nitf.lstrip().startswith("<"):
        return nitf
    try:
        root = trees.read(feed, f"<nitf>{nitf}</nitf>".encode())
    except ParseError:
        return ""
    inner = next(trees.anywhere(root, "body.content"), root)
    return trees.markup(inner)


def _object(data: dict[str, Any], key: str) -> dict[str, Any]:
    value = data.get(key)
    return value if isinstance(value, dict) else {}


def _strings(data: dict[str, Any], key: str) -> list[str]:
    listed = data.get(key)
    return [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []
