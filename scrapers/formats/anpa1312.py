"""ANPA 1312, as AP and Kyodo send it: priority and category are single letters between control characters."""

from __future__ import annotations

import re
from datetime import datetime

from scrapers import telex, wire
from scrapers.entries import Entry, FeedDocument, document
from scrapers.telex import Telex
from scrapers.wire import Marks
from tocsin.config import Feed
from tocsin.model import Fetched

# service letter and number, priority and category letter, slug, month-day, words: "a0123 u i BC-Iraq-Attack 06-29 0180"
_HEADER = re.compile(
    r"(?P<service>[A-Za-z])\s?(?P<number>\d{3,5})\s+(?P<priority>[a-zA-Z])\s*(?P<category>[a-zA-Z])\s+(?P<slug>\S.*?)"
    r"(?:\s+(?P<month>\d{1,2})-(?P<day>\d{1,2}))?(?:\s+(?P<words>\d{3,4}))?$"
)
_AP_STAMP = re.compile(r"(\d{2})-(\d{2})-(\d{2}) (\d{2})(\d{2})(\w{0,4})")  # "AP-NY-06-29-26 1507GMT"
_TAKE = re.compile(
    r"\b\d(?:st|nd|rd|th)[ -](?:ld|lead)(?:-writethru)?\b|\b(?:writethru|advisory|kill|correction)\b", re.I
)


def sniff(body: bytes, content_type: str) -> bool:  # noqa: ARG001 - it comes as text/plain, or as nothing
    """True for control characters around a text and in its header."""
    header = body[:2000].partition(telex.SOH)[2].partition(telex.STX)[0]
    return telex.is_telex(body) and re.search(rb"[\x11-\x1f]", header) is not None


def parse(feed: Feed, fetched: Fetched, *, now: datetime) -> FeedDocument:
    """Read every message; one without a header that can be read keeps its text."""
    messages = telex.read(fetched.body)
    return document(feed, fetched.final_url, messages, lambda message: _entry(message, feed, now), now=now)


def _entry(message: Telex, feed: Feed, now: datetime) -> Entry:
    found = _HEADER.match(message.header)
    at = _when(message.stamp) or telex.moment(message.stamp, now)
    slug = found["slug"] if found else ""
    marks = Marks(
        provider=feed.publisher or "AP",
        family=_family(slug, at),
        version=found["number"] if found else "",
        urgency=found["priority"].lower() if found else "",
        signals=(*message.above, *(take.group().replace("-", " ") for take in _TAKE.finditer(slug))),
    )
    return Entry(
        guid=_family(slug, at) or "",
        title=message.headline,
        content=message.content,
        published=at,
        wire=wire.read(marks, now=now),
    )


def _when(stamp: str) -> str:
    found = _AP_STAMP.search(stamp)
    if found is None:
        return ""
    month, day, year, hour, minute, zone = found.groups()
    return f"20{year}-{month}-{day} {hour}:{minute} {zone}".strip()


def _family(slug: str, at: str) -> str:
    """The slug without its take: all leads of one day share it, "BC-Iraq-Attack, 1st Ld-Writethru" among them."""
    bare = _TAKE.sub("", slug).strip(" ,-").upper()
    return f"{bare}-{at[:10]}" if bare and at else ""
