"""RSS 0.9x to 2.0, RDF and Atom, by feedparser.

It gets bytes in a BytesIO only: given bytes or text it would open files and addresses named in them.
Its own HTML cleaning and link resolving are off (20 to 100 times slower than the rest): we do both.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from xml.sax import SAXException

import feedparser

from scrapers import salvage, trees
from scrapers.entries import Entry, FeedDocument, document
from scrapers.trees import MAX_TAGS
from tocsin.config import Feed
from tocsin.errors import ParseError
from tocsin.model import Fetched

MAX_ATTRIBUTES = 1000
_LONG_TAG = re.compile(rb"<[^<>]{4000,}")
_ROOT = re.compile(rb"<(?:\w+:)?(?:rss|feed|rdf|channel)[\s>]", re.I)
# what else may hold an element called channel, or a page with a feed named in it
_OTHER = re.compile(rb"<!doctype html|<html|<(?:\w+:)?(?:newsml|newsmessage|newsitem|nitf)[\s>]", re.I)
_PERIODS = {"hourly": 3600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}


def sniff(body: bytes, content_type: str) -> bool:  # noqa: ARG001 - servers declare anything; the body tells
    """True for a body with the root of a feed; warnings of the server in front of it are forgiven."""
    head = body[:20_000].replace(b"\0", b"")
    root = _ROOT.search(head)
    return root is not None and not _OTHER.search(head, 0, root.start())


def parse(feed: Feed, fetched: Fetched, *, now: datetime) -> FeedDocument:
    """Read RSS or Atom; what is damaged in it is passed over, and noted."""
    trees.refuse_entities(feed, fetched.body)
    _refuse_bombs(feed, fetched.body)
    # not told where it comes from, it joins addresses to an xml:base only; ``document`` does the rest, at half the cost
    headers = {"content-type": letters} if (letters := _letters(fetched)) else {}
    kept = salvage.Kept(f"feed {feed.id}")
    parts = kept.of_feed(fetched.body, lambda body: _parsed(body, headers))
    entries = [entry for part in parts for entry in part.entries]
    if not entries and not any(part.version for part in parts):
        raise ParseError(feed.id, "not_a_feed: it begins like a feed, but nothing in it can be read")
    return document(
        feed,
        fetched.final_url,
        entries,
        _entry,
        now=now,
        title=_text(parts[0].feed, "title"),
        ttl_seconds=_ttl(parts[0].feed),
        notes=("damaged XML",) if any(isinstance(part.get("bozo_exception"), SAXException) for part in parts) else (),
        kept=kept,
    )


def _parsed(body: bytes, headers: dict[str, str]) -> Any:
    return feedparser.parse(
        io.BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )


def _letters(fetched: Fetched) -> str:
    """A content type that tells feedparser the right encoding, or "" where the XML itself tells it.

    What is valid UTF-8 beyond ASCII is UTF-8, whatever header or declaration say. A type without a
    charset is no help: of text/xml feedparser would conclude ASCII.
    """
    if not fetched.body.isascii():
        try:
            fetched.body.decode("utf-8")
        except UnicodeDecodeError:
            pass
        else:
            return "application/xml; charset=utf-8"
    declared = fetched.header("content-type") or ""
    return declared if "charset" in declared.lower() else ""


def _refuse_bombs(feed: Feed, body: bytes) -> None:
    """Markup that would keep the parser busy for minutes: far more tags, or attributes in one, than any feed has."""
    tags = body.count(b"<")
    if tags > MAX_TAGS:
        raise ParseError(feed.id, f"not_a_feed: {tags} tags, more than any feed has")
    if any(tag.count(b"=") > MAX_ATTRIBUTES for tag in _LONG_TAG.findall(body)):
        raise ParseError(feed.id, f"not_a_feed: a tag with more than {MAX_ATTRIBUTES} attributes")


def _entry(entry: Any) -> Entry:
    content = max((_text(c, "value") for c in entry.get("content") or ()), key=len, default="")
    summary = _text(entry, "summary")
    return Entry(
        guid=_text(entry, "id"),
        link=_text(entry, "link"),
        title=_text(entry, "title"),
        summary="" if summary == content else summary,
        content=content,
        published=_text(entry, "published") or _text(entry, "created"),
        updated=dict.get(entry, "updated") or "",  # its own get() would give published
        authors=tuple(_authors(entry)),
    )


def _text(of: Any, key: str) -> str:
    """What feedparser has at a key: None for an element that is empty in some ways."""
    value = of.get(key)
    return value if isinstance(value, str) else ""


def _authors(entry: Any) -> Iterator[str]:
    for author in entry.get("authors") or ():
        if name := author.get("name", ""):
            yield str(name)
    if not entry.get("authors") and entry.get("author"):
        yield str(entry["author"])


def _ttl(channel: Any) -> int | None:
    """Seconds between changes, as the feed declares them: ttl (minutes) or sy:updatePeriod."""
    if 0 < (ttl := _number(channel, "ttl")) < 1_000_000:
        return ttl * 60
    period = _PERIODS.get(str(channel.get("sy_updateperiod", "")).strip().lower())
    return period // max(1, _number(channel, "sy_updatefrequency")) if period else None


def _number(of: Any, key: str) -> int:
    """A small number, 0 for what is none."""
    said = str(of.get(key, "")).strip()
    return int(said) if said.isdecimal() and len(said) < 10 else 0
