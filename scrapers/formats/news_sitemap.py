"""Google News sitemaps: how Reuters, AP and others list their headlines; at most the last 48 hours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from lxml import etree

from scrapers import trees
from scrapers.entries import Entry, FeedDocument, document
from scrapers.trees import name
from tocsin.config import Feed
from tocsin.errors import ParseError
from tocsin.model import Fetched


def sniff(body: bytes, content_type: str) -> bool:  # noqa: ARG001 - servers declare anything; the body tells
    """True for a urlset, or for an index of them (which ``parse`` refuses with a better word)."""
    return re.search(rb"<(?:\w+:)?(?:urlset|sitemapindex)[\s>/]", body[:20_000].replace(b"\0", b""), re.I) is not None


def parse(feed: Feed, fetched: Fetched, *, now: datetime) -> FeedDocument:
    """Read a news sitemap; entries without a news title keep their address only.

    Raises:
        ParseError: an index of sitemaps, or XML that defines entities.
    """
    root = trees.read(feed, fetched.body)
    if name(root) == "sitemapindex":
        first = next((e.text for e in root.iter() if name(e) == "loc"), None)
        raise ParseError(feed.id, f"not_a_feed: an index of sitemaps; take one of them, such as {first}")
    urls = [element for element in root if name(element) == "url"]
    return document(feed, fetched.final_url, urls, _entry, now=now)


def _entry(url: etree._Element) -> Entry:
    found: dict[str, str] = {}
    for key, text in _leaves(url):
        found.setdefault(key, text)
    return Entry(
        guid=found.get("loc", ""),
        link=found.get("loc", ""),
        title=found.get("title", ""),
        summary=found.get("keywords", ""),
        published=found.get("publication_date", ""),
        updated=found.get("lastmod", ""),
        language=found.get("language", "").split("-")[0].lower() or None,
    )


def _leaves(url: etree._Element) -> Iterator[tuple[str, str]]:
    for element in url.iter():
        # image and video extensions have titles and addresses of their own
        if "image" in _space(element) or "video" in _space(element):
            continue
        if element.text and element.text.strip():
            yield name(element), element.text.strip()


def _space(element: etree._Element) -> str:
    """The namespace of an element, or ""."""
    return str(element.tag).rpartition("}")[0]
