"""NewsML-G2: Reuters, dpa, ANSA, TT, AP and others; a message of many items, or one news item.

Pictures and packages are passed over: what rings is text.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from lxml import etree

from scrapers import trees, wire
from scrapers.entries import Entry, FeedDocument, document
from scrapers.trees import attribute, attribute_at, find, find_all, words, words_at
from scrapers.wire import Marks
from tocsin.config import Feed
from tocsin.model import Fetched

_NO_TEXT = frozenset({"picture", "graphic", "video", "audio", "composite", "animation"})


def sniff(body: bytes, content_type: str) -> bool:  # noqa: ARG001 - servers declare anything; the body tells
    """True for a news message, and for a single item."""
    return trees.root_name(body) in {"newsmessage", "newsitem", "packageitem"}


def parse(feed: Feed, fetched: Fetched, *, now: datetime) -> FeedDocument:
    """Read every text item of a message; raises ParseError when the XML cannot be read."""
    root = trees.read(feed, fetched.body)
    items = [root] if trees.name(root) == "newsItem" else list(trees.anywhere(root, "newsItem"))
    texts = [item for item in items if _is_text(item)]
    return document(feed, fetched.final_url, texts, lambda item: _entry(item, feed, now), now=now)


def _is_text(item: etree._Element) -> bool:
    kind = attribute_at(item, "itemMeta/itemClass", "qcode", "uri").lower()
    return kind.rpartition(":")[2] not in _NO_TEXT


def _entry(item: etree._Element, feed: Feed, now: datetime) -> Entry:
    language = attribute_at(item, "contentMeta/language", "tag") or attribute(item, "lang")
    about = find(item, "contentMeta")
    meta = about if about is not None else item
    return Entry(
        guid=attribute(item, "guid"),
        link=next(_links(item), ""),
        title=words_at(meta, "headline") or words_at(item, "itemMeta/title") or next(_headlines(item), ""),
        summary=words_at(meta, "description"),
        content=_content(item),
        published=words_at(item, "itemMeta/firstCreated") or words_at(meta, "contentCreated"),
        updated=words_at(item, "itemMeta/versionCreated") or words_at(meta, "contentModified"),
        authors=[words_at(creator, "name") or words(creator) for creator in find_all(meta, "by")],
        language=language.split("-")[0].lower() or None,
        wire=wire.read(_marks(item, meta, feed), now=now),
    )


def _marks(item: etree._Element, meta: etree._Element, feed: Feed) -> Marks:
    signals = [attribute(s, "qcode", "uri") for s in find_all(item, "itemMeta/signal")]
    notes = [words(note) for note in find_all(item, "itemMeta/edNote")]
    genres = [attribute(genre, "qcode") for genre in find_all(meta, "genre")]
    provider = attribute_at(item, "itemMeta/provider", "literal", "qcode", "uri")
    return Marks(
        provider=words_at(meta, "infoSource/name") or provider.rpartition(":")[2].rpartition("/")[2],
        family=attribute(item, "guid"),
        version=attribute(item, "version"),
        urgency=words_at(meta, "urgency") or words_at(item, "itemMeta/urgency"),
        status=attribute_at(item, "itemMeta/pubStatus", "qcode", "uri"),
        signals=(*signals, *notes, *genres),
        embargo=words_at(item, "itemMeta/embargoed"),
        timezone=feed.timezone,
    )


def _links(item: etree._Element) -> Iterator[str]:
    """Addresses of the story for people: item links that are no pictures, an alternative id that is an address."""
    for link in find_all(item, "itemMeta/link"):
        if "html" in attribute(link, "contenttype") or attribute(link, "rel").rpartition(":")[2] in {
            "web",
            "canonical",
        }:
            yield attribute(link, "href")
    yield from (text for other in find_all(item, "contentMeta/altId") if (text := words(other)).startswith("http"))


def _headlines(item: etree._Element) -> Iterator[str]:
    for wanted in ("hl1", "title", "h1"):
        yield from (text for element in trees.anywhere(item, wanted) if (text := words(element)))


def _content(item: etree._Element) -> str:
    """The text as HTML: NITF or XHTML inside, or plain inline data."""
    for wanted in ("body.content", "body", "inlineXML", "inlineData"):
        for element in trees.anywhere(item, wanted):
            if html := trees.markup(element).strip():
                return html
    return ""
