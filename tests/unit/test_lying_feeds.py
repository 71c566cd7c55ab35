"""Feeds that lie about their letters, dates and shape: what they say arrives all the same, and the lie is noted."""

from __future__ import annotations

import pytest

from scrapers import feeds
from scrapers.entries import FeedDocument
from tests.fakes.site import NOW
from tocsin.config import Feed
from tocsin.model import Fetched

FEED = Feed(id="a", url="https://a.example/rss", language="fr")
FRENCH = (
    "Une roquette s’est abattue près de l’aéroport de Bagdad : « aucun blessé », dit l’armée – à 3 h, œuvre d’inconnus"
)
ARABIC = "سقوط ثلاثة صواريخ قرب مطار بغداد الدولي دون وقوع إصابات"


def read(body: bytes, content_type: str = "application/rss+xml") -> FeedDocument:
    """A feed as it arrives."""
    headers = (("content-type", content_type),)
    return feeds.read(FEED, Fetched(FEED.url, FEED.url, 200, headers, body, NOW, 0.1), now=NOW)


def rss(title: str, declared: str = "utf-8", rest: str = "") -> str:
    """A feed of one item."""
    return (
        f'<?xml version="1.0" encoding="{declared}"?><rss version="2.0"><channel><title>T</title>'
        f"<item><title>{title}</title><link>https://a.example/1</link>{rest}</item></channel></rss>"
    )


@pytest.mark.parametrize(
    ("title", "declared", "real", "content_type"),
    [
        (FRENCH, "utf-8", "utf-8", "application/rss+xml; charset=utf-8"),
        (FRENCH, "iso-8859-1", "cp1252", "application/rss+xml"),
        (FRENCH, "iso-8859-1", "cp1252", "application/rss+xml; charset=ISO-8859-1"),
        (FRENCH, "windows-1252", "cp1252", "text/xml"),
        (FRENCH, "utf-8", "utf-8", "application/rss+xml; charset=iso-8859-1"),
        (FRENCH, "utf-8", "utf-8-sig", "application/rss+xml"),
        (FRENCH, "utf-16", "utf-16", "application/rss+xml"),
        (ARABIC, "windows-1256", "cp1256", "application/rss+xml"),
        (ARABIC, "utf-8", "utf-8", "text/xml; charset=windows-1256"),
        (ARABIC, "utf-16", "utf-16", "text/xml"),
        (ARABIC, "utf-8", "utf-8-sig", "text/html"),
        (ARABIC, "iso-8859-1", "utf-8", "application/rss+xml; charset=utf-8"),
        (ARABIC, "iso-8859-1", "utf-8", "application/rss+xml"),
        (FRENCH, "us-ascii", "utf-8", "text/xml"),
    ],
    ids=[
        "all true", "latin-1 that is cp1252", "and says so twice", "cp1252", "a wrong charset in the header", "a BOM",
        "UTF-16", "Arabic cp1256", "Arabic, a wrong charset in the header", "Arabic UTF-16", "Arabic, a BOM, as HTML",
        "Arabic UTF-8 declared latin-1", "and nothing else says so", "French UTF-8 declared ASCII",
    ],
)  # fmt: skip
def test_the_letters_arrive(title: str, declared: str, real: str, content_type: str) -> None:
    """Exactly, quotes and dashes included, whatever the header and the declaration say."""
    document = read(rss(title, declared).encode(real), content_type)
    assert document.items[0].title == title
    assert "mojibake" not in document.notes


def test_letters_that_are_lost_are_told() -> None:
    """More than one in a hundred: the status of the feed says so."""
    assert "mojibake" in read(rss("Une roquette s\ufffdest abattue pr\ufffds de l\ufffda\ufffdroport").encode()).notes


def test_damaged_xml_gives_what_is_good_in_it_and_is_noted() -> None:
    """An entity that is none and a feed cut in the middle: the items before it count."""
    good = rss("Raid in Taji").replace("</channel></rss>", "")
    for tail in ("<item><title>A &nosuch; B</title><link>/2</link></item></channel></rss>", "<item><title>Cut off her"):
        document = read((good + tail).encode())
        assert document.items[0].title == "Raid in Taji"
        assert "damaged XML" in document.notes


@pytest.mark.parametrize(
    ("date", "published", "notes"),
    [
        ("<pubDate>Wed, 01 Jul 2026 11:00:00 GMT</pubDate>", "2026-07-01T11:00:00+00:00", ()),
        ("<pubDate>Thu, 01 Jan 2015 00:00:00 GMT</pubDate>", "2015-01-01T00:00:00+00:00", ()),
        ("<pubDate>Wed, 01 Jul 2026 12:09:00 GMT</pubDate>", "2026-07-01T12:09:00+00:00", None),
        ("<pubDate>Wed, 01 Jul 2026 18:00:00 GMT</pubDate>", "2026-07-01T12:00:00+00:00", ("date in the future",)),
        ("<pubDate>Fri, 03 Jul 2026 18:00:00 GMT</pubDate>", None, ("date in the future",)),
        ("", None, ()),
        ("<pubDate>yesterday-ish</pubDate>", None, ("date unread",)),
    ],
    ids=[
        "today",
        "back-dated by years",
        "nine minutes ahead",
        "six hours ahead",
        "days ahead",
        "none",
        "no date at all",
    ],
)
def test_whatever_its_date_an_item_arrives(date: str, published: str | None, notes: tuple[str, ...] | None) -> None:
    """What is new is what was never seen, not what is later than the last: a date hides nothing."""
    document = read(rss("Raid in Taji", rest=date).encode())
    (found,) = document.items
    if notes is None:  # a clock a little ahead: either as it says, or now
        assert found.published is not None
        assert abs((found.published - NOW).total_seconds()) <= 600
        return
    assert (found.published.isoformat() if found.published else None) == published
    assert document.notes == notes
