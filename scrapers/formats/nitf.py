"""NITF 3: AP, PA, EFE, NTB and AAP; one document, or a list of them under a root of the agency's own."""

from __future__ import annotations

from datetime import datetime

from lxml import etree

from scrapers import trees, wire
from scrapers.entries import Entry, FeedDocument, document
from scrapers.trees import attribute, attribute_at, find, words, words_at
from scrapers.wire import Marks
from tocsin.config import Feed
from tocsin.model import Fetched


def sniff(body: bytes, content_type: str) -> bool:  # noqa: ARG001 - servers declare anything; the body tells
    """True for a document whose root is ``nitf``."""
    return trees.root_name(body) in {"nitf", "nitfs"}


def parse(feed: Feed, fetched: Fetched, *, now: datetime) -> FeedDocument:
    """Read one NITF document or several; raises ParseError when the XML cannot be read."""
    root = trees.read(feed, fetched.body)
    stories = list(trees.anywhere(root, "nitf"))
    return document(feed, fetched.final_url, stories, lambda story: _entry(story, feed, now), now=now)


def _entry(story: etree._Element, feed: Feed, now: datetime) -> Entry:
    data = find(story, "head/docdata")
    docdata = data if data is not None else story
    family = attribute_at(docdata, "doc-id", "id-string") or attribute_at(docdata, "du-key", "key")
    headline = words_at(story, "body/body.head/hedline/hl1") or words_at(story, "head/title")
    language = attribute(story, "lang") or attribute(find(story, "body"), "lang")
    return Entry(
        guid=family,
        link=attribute_at(story, "head/pubdata", "ex-ref"),
        title=headline,
        summary=words_at(story, "body/body.head/abstract"),
        content=trees.markup(find(story, "body/body.content")).strip(),
        published=attribute_at(docdata, "date.issue", "norm"),
        updated=attribute_at(story, "head/revision-history", "norm"),
        authors=[words_at(story, "body/body.head/byline/person") or words_at(story, "body/body.head/byline")],
        language=language.split("-")[0].lower() or None,
        wire=wire.read(_marks(story, docdata, family, feed), now=now),
    )


def _marks(story: etree._Element, docdata: etree._Element, family: str, feed: Feed) -> Marks:
    status = attribute(docdata, "management-status")
    message = attribute_at(docdata, "ed-msg", "info")
    held = status.lower() == "embargoed"
    return Marks(
        provider=attribute_at(docdata, "doc-id", "regsrc")
        or words_at(story, "body/body.head/distributor/org")
        or words_at(story, "body/body.head/distributor"),
        family=attribute_at(docdata, "du-key", "key") or family,
        version=attribute_at(docdata, "du-key", "generation", "version"),
        urgency=attribute_at(docdata, "urgency", "ed-urg"),
        status=status,
        signals=(
            message,
            message.split(" ", 1)[0],
            attribute_at(docdata, "fixture", "fix-id"),
            words(find(docdata, "ed-msg")),
        ),
        embargo=attribute_at(docdata, "date.release", "norm") if held else "",
        timezone=feed.timezone,
    )
