"""OPML, in which feed readers hand over their subscriptions: read, and written."""

from __future__ import annotations

import html
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from lxml import etree

from scrapers import trees
from scrapers.trees import attribute
from tocsin.config import Feed
from tocsin.errors import ParseError
from tocsin.text import clean_line


@dataclass(frozen=True, slots=True)
class Outline:
    """One subscription."""

    url: str
    title: str = ""
    language: str = ""
    site: str = ""  # the address of its home page


def read(body: bytes, name: str) -> list[Outline]:
    """The subscriptions of a file, folders opened; an address that was escaped twice is mended.

    Args:
        name: Of the file, for the error.

    Raises:
        ParseError: it is no OPML.
    """
    root = trees.read(Feed(id="opml", url=""), body) if body.strip() else None
    if root is None or trees.name(root).lower() != "opml":
        raise ParseError(name, "is no OPML file: its first element is not <opml>")
    outlines = (each for each in root.iter() if trees.name(each) == "outline")
    return [
        Outline(
            url=html.unescape(url).strip(),
            title=clean_line(html.unescape(attribute(each, "title", "text")), 120),
            language=attribute(each, "language").split("-")[0].lower(),
            site=html.unescape(attribute(each, "htmlUrl", "htmlurl")),
        )
        for each in outlines
        if (url := attribute(each, "xmlUrl", "xmlurl", "url"))
    ]


def write(feeds: Iterable[Feed], *, now: datetime) -> bytes:
    """Feeds as OPML 2.0."""
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = "Feeds of Tocsin"
    etree.SubElement(head, "dateCreated").text = format_datetime(now, usegmt=True)
    body = etree.SubElement(root, "body")
    for feed in feeds:
        name = feed.publisher or feed.id
        more = {"language": feed.language} if feed.language != "und" else {}
        etree.SubElement(body, "outline", {"type": "rss", "text": name, "title": name, "xmlUrl": feed.url, **more})
    return etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)
