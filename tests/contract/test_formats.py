"""Every feed format: its module keeps the contract, and its saved feeds are read as a person wrote down."""

from __future__ import annotations

import io
import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import feedparser
import pytest

from scrapers import feeds
from tocsin.config import Feed
from tocsin.errors import ParseError
from tocsin.model import Fetched, Wire

CORPUS = Path(__file__).parents[1] / "corpus" / "feeds"
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
CASES = sorted(path.with_name(path.name.removesuffix(".expect.json")) for path in CORPUS.glob("*/*.expect.json"))


def fetched(body: bytes, content_type: str = "application/xml") -> Fetched:
    """An answer with that body."""
    url = "https://feed.example/dir/feed.xml"
    return Fetched(url, url, 200, (("content-type", content_type),), body, NOW, 0.1)


def feed(**more: Any) -> Feed:
    """A configured feed."""
    return Feed(id="case", url="https://feed.example/dir/feed.xml", **more)


def test_every_format_has_a_saved_feed() -> None:
    """A file in scrapers/formats without a folder in tests/corpus/feeds is untested."""
    assert set(feeds.all_formats()) == {case.parent.name for case in CASES}


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.parent.name}/{c.name}")
def test_one_format_alone_knows_a_saved_feed(case: Path) -> None:
    """``sniff`` is true for the folder's format and false for all others."""
    body = case.read_bytes()
    assert [name for name, f in feeds.all_formats().items() if f.sniff(body, "")] == [case.parent.name]


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.parent.name}/{c.name}")
def test_a_saved_feed_is_read_as_expected(case: Path) -> None:
    """Identities, addresses, titles, times and notes come out exact."""
    expect = json.loads(case.with_name(case.name + ".expect.json").read_text(encoding="utf-8"))
    document = feeds.read(feed(**expect["feed"]), fetched(case.read_bytes()), now=NOW)
    assert document.title == expect["title"]
    assert document.ttl_seconds == expect["ttl"]
    assert list(document.notes) == expect["notes"]
    got = [
        {key: _plain(getattr(item, key)) for key in wanted}
        for item, wanted in zip(document.items, expect["items"], strict=True)
    ]
    assert got == expect["items"]


def _plain(value: Any) -> Any:
    if isinstance(value, Wire):
        return [value.provider, value.family, value.version, value.urgency, value.signal.value]
    if isinstance(value, datetime):
        return value.replace(microsecond=0).isoformat()
    return list(value) if isinstance(value, tuple) else value


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "empty: "),
        (b"\xef\xbb\xbf \n", "empty: "),
        (b"<html><title>Journal</title><p>Bonjour</p></html>", 'not_a_feed: an HTML page titled "Journal"'),
        (b"<html><title>Privacy gate</title>Accepter et continuer: cookie consent</html>", "consent: "),
        (b"<!doctype html><title>Just a moment...</title>", "challenge: "),
        (b"<html><form><input type=password></form></html>", "not_a_feed: a login page"),
        (b"\x89PNG\r\n\x1a\n0000", "not_a_feed: 12 bytes of image/png"),
        (b"/etc/passwd", "not_a_feed: "),
        (b"https://feed.example/other.xml", "not_a_feed: "),
        (b'<!DOCTYPE r [<!ENTITY a "b">]><rss><channel><title>&a;</title></channel></rss>', "xml_entities"),
        (b'{"version": "https://jsonfeed.org/version/1.1"', "not_a_feed: damaged JSON"),
        (b'{"version": "https://jsonfeed.org/version/1.1", "items": 3}', "not_a_feed: JSON without"),
        (b"<sitemapindex><sitemap><loc>https://a.example/s1.xml</loc></sitemap></sitemapindex>", "s1.xml"),
        (b'<!DOCTYPE u [<!ENTITY a "b">]><urlset/>', "xml_entities"),
    ],
    ids=[
        "nothing", "only a byte order mark", "HTML", "consent", "challenge", "login", "image", "a path", "an address",
        "entities", "cut JSON", "JSON without items", "sitemap index", "sitemap entities",
    ],
)  # fmt: skip
def test_what_is_no_feed_says_what_came_instead(body: bytes, says: str) -> None:
    """The detail opens with the status that the feed gets."""
    with pytest.raises(ParseError, match="case") as caught:
        feeds.read(feed(), fetched(body, "image/png" if body[:1] == b"\x89" else ""), now=NOW)
    assert says in caught.value.detail


def _rss(*items: str) -> bytes:
    return f'<rss version="2.0"><channel><title>T</title>{"".join(items)}</channel></rss>'.encode()


def test_items_and_fields_are_capped_and_the_cut_is_noted() -> None:
    """501 items give 500; a title of 5,000 characters gives 2,000; both feeds stay usable."""
    items = [f"<item><title>{'x' * 5000}</title><link>https://a.example/{n}</link></item>" for n in range(501)]
    document = feeds.read(feed(), fetched(_rss(*items)), now=NOW)
    assert len(document.items) == 500
    assert document.notes == ("cut to 500 items of 501", "cut to size: title or text (500)")
    assert {len(item.title) for item in document.items} == {2000}


def test_titles_lose_markup_controls_and_direction_overrides_but_keep_joiners() -> None:
    """Bidi overrides and tags go; the zero-width non-joiner, which Persian needs, stays."""
    title = "&lt;script&gt;x&lt;/script&gt;Raid\u202e in Taji\u2066 \u0645\u06cc\u200c\u0634\u0648\u062f"
    document = feeds.read(feed(), fetched(_rss(f"<item><title>{title}</title><link>/a</link></item>")), now=NOW)
    assert document.items[0].title == "Raid in Taji \u0645\u06cc\u200c\u0634\u0648\u062f"
    assert document.items[0].url == "https://feed.example/a"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Mon, 29 Jun 2026 15:07:41 CEST", "13:07:41"),
        ("Mon, 29 Jun 2026 15:07:41 AST", "12:07:41"),
        ("Mon, 29 Jun 2026 15:07:41 GMT+3", "12:07:41"),
        ("29/06/2026 15:07", "12:07:00"),
        ("2026/6/29 15:07:41", "12:07:41"),
        ("1782745661", "15:07:41"),
        ("lundi, 29 juin 2026 15:07:41", "12:07:41"),
        ("ma, 29 jun. 2026 15:07:41 +0200", "13:07:41"),
        ("maandag 29 juni 2026 - 15:07", "12:07:00"),
        ("Monday, June 29, 2026 - 15:07", "12:07:00"),
        ("الاثنين 29 حزيران 2026 15:07", "12:07:00"),
        ("Mon, 29 Jun 2026 15:07:41", "12:07:41"),
    ],
)
def test_the_dates_that_feed_libraries_lose_arrive_through_a_feed(raw: str, expected: str) -> None:
    """In RSS and in Atom, with the feed's own zone for dates that name none."""
    atom = '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>a</id><title>t</title><published>{}</published></entry></feed>'
    for body in (_rss(f"<item><link>/a</link><pubDate>{raw}</pubDate></item>"), atom.format(raw).encode()):
        (item,) = feeds.read(feed(timezone="Asia/Baghdad"), fetched(body), now=NOW).items
        assert str(item.published) == f"2026-06-29 {expected}+00:00"


def test_an_item_may_have_a_description_and_nothing_else() -> None:
    """RSS asks for one of the two; one without any words says nothing."""
    words = "Two soldiers were killed near Tarmiya. " * 6
    items = (
        "<item><description>Short news</description></item>",
        f"<item><description>{words}</description></item>",
        "<item/>",
    )
    document = feeds.read(feed(), fetched(_rss(*items)), now=NOW)
    assert [item.title for item in document.items] == ["Short news", words[:160].rpartition(" ")[0] + "…"]
    assert document.notes == ("entry without address and words",)


def test_without_a_declared_type_the_xml_says_its_own_encoding() -> None:
    """Servers that declare nothing must not turn Cyrillic into something else."""
    body = (
        '<?xml version="1.0" encoding="mac-cyrillic"?><rss><channel><item><title>Взрыв</title></item></channel></rss>'
    )
    (item,) = feeds.read(feed(), fetched(body.encode("mac-cyrillic"), ""), now=NOW).items
    assert item.title == "Взрыв"


def test_a_changed_summary_changes_the_hash_and_a_changed_date_does_not() -> None:
    """Feeds bump pubDate without a change; a new toll in the summary is a change."""
    one, two, three = (
        feeds.read(feed(), fetched(_rss(f"<item><link>/a</link><title>t</title>{rest}</item>")), now=NOW).items[0]
        for rest in (
            "<description>2 killed</description><pubDate>Mon, 29 Jun 2026 10:00:00 GMT</pubDate>",
            "<description>2 killed</description><pubDate>Mon, 29 Jun 2026 11:00:00 GMT</pubDate>",
            "<description>3 killed</description><pubDate>Mon, 29 Jun 2026 10:00:00 GMT</pubDate>",
        )
    )
    assert one.content_hash == two.content_hash != three.content_hash


@pytest.mark.parametrize(
    "body",
    [
        b"<rss><channel><item><title>" + b"<a>" * 300_001,
        b"<rss " + b" ".join(b"a%d='1'" % n for n in range(1001)) + b"><channel></channel></rss>",
    ],
    ids=["tags", "attributes"],
)
def test_markup_that_would_take_minutes_is_refused_at_once(body: bytes) -> None:
    """Parsers take quadratic time over attributes, and seconds for each 100,000 tags left open."""
    started = time.process_time()
    with pytest.raises(ParseError, match="more than"):
        feeds.read(feed(), fetched(body), now=NOW)
    assert time.process_time() - started < 1


def test_a_picture_inside_a_tag_is_no_bomb() -> None:
    """Data addresses make long tags with one attribute."""
    image = f'<![CDATA[<img src="data:image/png;base64,{"iVBORw0KGgo" * 20_000}==">]]>'
    document = feeds.read(
        feed(), fetched(_rss(f"<item><link>/a</link><description>{image}</description></item>")), now=NOW
    )
    assert len(document.items) == 1


def test_only_a_feed_said_to_be_full_gives_its_description_as_content() -> None:
    """A long description may be an excerpt; the configuration decides."""
    body = _rss("<item><link>/a</link><title>t</title><description>&lt;p&gt;All of it.&lt;/p&gt;</description></item>")
    assert feeds.read(feed(), fetched(body), now=NOW).items[0].content == ""
    assert feeds.read(feed(body="full"), fetched(body), now=NOW).items[0].content == "<p>All of it.</p>"


def test_feedparser_never_gets_what_it_could_take_for_a_file_or_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes and text are opened or fetched by it when they look like a path or an address; a stream is only read."""
    seen: list[Any] = []
    parse = feedparser.parse
    monkeypatch.setattr(feedparser, "parse", lambda source, **more: (seen.append(source), parse(source, **more))[1])
    feeds.read(feed(), fetched(_rss("<item><title>t</title><link>/a</link></item>")), now=NOW)
    assert [type(source) for source in seen] == [io.BytesIO]
