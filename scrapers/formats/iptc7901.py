"""IPTC 7901, the text format that dpa, ATS and APA still hand out: one line of header, no version, no year."""

from __future__ import annotations

import re
from datetime import datetime

from scrapers import telex, wire
from scrapers.entries import Entry, FeedDocument, document
from scrapers.telex import Telex
from scrapers.wire import Marks
from tocsin.config import Feed
from tocsin.model import Fetched

# service and number, priority, category, words, keywords: "bdt0257 3 pl 208 dpa 0643"
_HEADER = re.compile(
    r"(?P<service>[A-Za-z]{1,4})\s?(?P<number>\d{1,5}) (?P<priority>\d) (?P<category>\w{1,3}) \d+(?P<keywords>.*)"
)


def sniff(body: bytes, content_type: str) -> bool:  # noqa: ARG001 - it comes as text/plain, or as nothing
    """True for control characters around a text, with none inside the header."""
    header = body[:2000].partition(telex.SOH)[2].partition(telex.STX)[0]
    return telex.is_telex(body) and re.search(rb"[\x11-\x1f]", header) is None


def parse(feed: Feed, fetched: Fetched, *, now: datetime) -> FeedDocument:
    """Read every message; one without a header that can be read keeps its text."""
    messages = telex.read(fetched.body)
    return document(feed, fetched.final_url, messages, lambda message: _entry(message, feed, now), now=now)


def _entry(message: Telex, feed: Feed, now: datetime) -> Entry:
    found = _HEADER.match(message.header)
    at = telex.moment(message.stamp, now)
    number = f"{found['service']}{found['number']}" if found else ""
    keywords = found["keywords"].split() if found else []
    provider = next((word for word in keywords if word.isalpha()), "") or feed.publisher
    marks = Marks(
        provider=provider.upper(),
        urgency=found["priority"] if found else "",
        signals=(*message.above, message.headline.partition(":")[0]),
    )
    return Entry(
        guid=f"{number}-{at[:10]}" if number and at else "",
        title=message.headline,
        content=message.content,
        published=at,
        wire=wire.read(marks, now=now),
    )
