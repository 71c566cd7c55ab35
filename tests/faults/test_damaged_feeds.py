"""Feeds as careless systems write them: what can be read is read, one bad entry costs itself, no bug escapes."""

from __future__ import annotations

import json
import logging
import random
from pathlib import Path

import feedparser
import pytest

from scrapers import entries, feeds, mending, parse_worker
from scrapers.entries import FeedDocument
from tests.fakes.site import NOW
from tocsin.config import Feed
from tocsin.errors import ParseError
from tocsin.model import Fetched

FEED = Feed(id="a", url="https://a.example/rss")
CORPUS = Path(__file__).parents[1] / "corpus" / "feeds"


def read(body: bytes, content_type: str = "application/rss+xml") -> FeedDocument:
    """The document of that body."""
    return feeds.read(
        FEED, Fetched(FEED.url, FEED.url, 200, (("content-type", content_type),), body, NOW, 0.1), now=NOW
    )


def rss(*items: str, first: str = "") -> str:
    """A feed of those items, each with an id of its own."""
    listed = "".join(f"<item><guid>{n}</guid>{item}</item>" for n, item in enumerate(items))
    return f'{first}<rss version="2.0"><channel><title>T</title>{listed}</channel></rss>'


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("smile &#55357;&#56832;", "smile 😀"),
        ("smile &#xD83D;&#xDE00;", "smile 😀"),
        ("smile &amp;#55357;&amp;#xde00;", "smile 😀"),
        ("<![CDATA[smile &#55357;&#56832;]]>", "smile 😀"),
        ("cut &#xD83D;", "cut \ufffd"),
        ("cut &#56832; here", "cut \ufffd here"),
        ("huge &#99999999999; number", "huge \ufffd number"),
        ("huge &#x110000;", "huge \ufffd"),
        (f"digits &#{'9' * 5000};", "digits \ufffd"),
        (f"digits &amp;#{'9' * 5000};", "digits \ufffd"),
        ("a&#0;b &#11;c", "a b c"),
        ("kept &#1576;&#1594;&#1583;&#1575;&#1583; &#xe9;&#233;&#128512;", "kept بغداد éé😀"),
    ],
    ids=[
        "pair", "hex pair", "escaped pair", "pair in CDATA", "half", "other half", "no character", "beyond the last",
        "5,000 digits", "5,000 digits, escaped", "controls", "whole",
    ],
)  # fmt: skip
def test_references_to_no_character_cost_their_character(title: str, said: str) -> None:
    """In RSS, read by one parser, and in a news sitemap, read by the other; every other item is there."""
    found = read(rss("<title>before</title>", f"<title>{title}</title>", "<title>after</title>").encode())
    assert [item.title for item in found.items] == ["before", said, "after"]
    sitemap = (
        '<urlset xmlns:n="n"><url><loc>https://a.example/1</loc><n:news><n:title>{}</n:title></n:news></url></urlset>'
    )
    assert read(sitemap.format(title).encode()).items[0].title == said


_REFERENCES = "<title>&#1582;&#1576;&#1585; &#233; &#55357;&#56832;</title>"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (rss("<title>خبر é 😀</title>").encode("utf-8").replace("😀".encode(), b"\xed\xa0\xbd\xed\xb8\x80"), ""),
        (rss("<title>خبر é &#55357;&#56832;</title>", first="\ufeff").encode("utf-16-le"), "text/xml; charset=utf-16"),
        (rss(_REFERENCES, first="\ufeff").encode("utf-16-le"), "text/xml; charset=utf-16"),
        (rss("<title>خبر é 😀</title>", first='\ufeff<?xml version="1.0" encoding="utf-16"?>').encode("utf-16-be"), ""),
        (rss("<title>خبر é 😀</title>", first='<?xml version="1.0" encoding="utf8mb4"?>').encode(), ""),
        (rss("<title>خبر é 😀</title>", first="\ufeff<?xml version='1.0' encoding='\u00e9'?>").encode(), ""),
        (rss("<title>خبر é 😀</title>", first='<?xml version="1.0" encoding="\0"?>').encode(), ""),
        (rss(_REFERENCES, first='<?xml version<x/> encoding="A"?>').encode().replace(b"A", b"\xe9", 1), ""),
    ],
    ids=[
        "halves in bytes",
        "UTF-16",
        "UTF-16 of ASCII",
        "UTF-16, the other",
        "no such encoding",
        "no name",
        "NUL",
        "torn declaration",
    ],
)
def test_letters_arrive_in_whatever_they_are_written(body: bytes, kind: str) -> None:
    """A declaration that names nothing is passed over."""
    assert [item.title for item in read(body, kind).items] == ["خبر é 😀"]


def test_a_latin_feed_is_left_as_it_is() -> None:
    """What are halves of pairs in UTF-8 are letters and signs in other encodings; nothing to mend is nothing done."""
    body = rss("<title>í\xa0½</title>", first='<?xml version="1.0" encoding="iso-8859-1"?>').encode("latin-1")
    answer = Fetched(FEED.url, FEED.url, 200, (), body, NOW, 0.1)
    assert mending.mended(answer) is answer


@pytest.mark.parametrize(
    "item",
    ["<title/>", "<link/>", "<content:encoded/>", "<author/><dc:creator/>", "<media:title/><title>x</title>",
     "<pubDate/><dc:date/>", "<description/><summary/>", "<link></link><link/>", "<ttl>²</ttl>"],
)  # fmt: skip
def test_an_empty_element_is_none(item: str) -> None:
    """feedparser gives None for some of them."""
    found = read(rss("<title>before</title>", item + "<description>words</description>").encode())
    assert len(found.items) == 2
    assert not any(entries.UNREAD in note for note in found.notes)


def test_numbers_of_thousands_of_digits_are_none() -> None:
    """Python reads none of more than 4,300."""
    channel = (
        f"<ttl>{'9' * 5000}</ttl><sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>²</sy:updateFrequency>"
    )
    assert read(rss("<title>x</title>").replace("<item>", f"{channel}<item>", 1).encode()).ttl_seconds == 86_400
    story = {"uri": "tag:1", "versioncreated": "2026-06-29T15:07:00Z", "headline": "H", "version": "9" * 5000}
    body = json.dumps([story, story | {"version": "2", "versioncreated": "2026-06-29T15:08:00Z"}])
    (item,) = read(body.encode()).items
    assert item.wire is not None
    assert item.wire.version == "2"


# On coordinates outside their element feedparser 6.0 fails with KeyError: 'where'.
_FATAL = "<title>fatal</title><gml:pos>36.2 43.1</gml:pos>"


def test_the_entries_that_a_parser_does_not_fail_on_are_read(caplog: pytest.LogCaptureFixture) -> None:
    """The others are counted in the feed's notes, and the log has a stack; so with whole RSS and without."""
    items = [f"<title>story {n}</title>" for n in range(9)]
    items[2] = items[7] = _FATAL
    for body in (rss(*items), rss(*items).partition("</channel>")[0]):
        caplog.clear()
        found = read(body.encode())
        assert [item.identity for item in found.items] == ["0", "1", "3", "4", "5", "6", "8"]
        assert found.title == "T"
        assert "entry unread: KeyError (2)" in found.notes
        assert [record.exc_info is not None for record in caplog.records] == [True]
    atom = (
        rss(*items)
        .replace("rss version", 'feed xmlns="http://www.w3.org/2005/Atom" version')
        .replace("item>", "entry>")
    )
    assert len(read(atom.replace("guid>", "id>").replace("rss>", "feed>").encode()).items) == 7


def test_a_feed_with_nothing_else_says_so() -> None:
    """As a bug of ours, with the exception: the feed is no other than it was."""
    for body in (rss(_FATAL), rss(_FATAL, _FATAL)):
        answer = Fetched(FEED.url, FEED.url, 200, (), body.encode(), NOW, 0.1)
        assert json.loads(parse_worker.reply(FEED, answer)) == {"error": ["a", "bug: rss_atom: KeyError: 'where'"]}


@pytest.mark.parametrize("name", sorted(set(feeds.all_formats()) - {"rss_atom"}))
def test_one_entry_that_cannot_be_read_costs_itself(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In every format; where it is the only one, the document says so."""
    reader = feeds.all_formats()[name]
    real, calls = vars(reader)["_entry"], []

    def failing(*args: object) -> object:
        calls.append(args)
        if len(calls) == 1:
            raise IndexError("a bug")
        return real(*args)

    monkeypatch.setattr(reader, "_entry", failing)
    for path in sorted((CORPUS / name).iterdir()):
        if path.name.endswith(".expect.json"):
            continue
        calls.clear()
        try:
            found = read(path.read_bytes())
            said = found.notes if found.items else ()
        except ParseError as error:
            said = (error.detail,)
        assert not calls or {"entry unread: IndexError", "bug: no entry can be read: IndexError"} & {*said}
    assert calls


_SHARDS = [
    b"&#55357;&#56832;", b"&#xD800;", b"&#0;", b"&#99999999999;", b"&#" + b"9" * 5000 + b";", b"9" * 5000, b"\0",
    b"\xff", b"]]>", b"<![CDATA[", b"<!--", b"<", b">", b"</", b'"', b"&", b"\\ud83d", b"null", b"{}", b"[]", b"-1",
    b"<title/>", b"<id></id>", b"<link/>", b"<author/>", b"<content/>", b"<published/>", b" xml:base='http://['", b"http://[",
    b"\xed\xa0\xbd", b"\xc2\xb2", "٣".encode(), b"<enclosure/>", b"<media:content/>", b"<category/>", b"<source/>",
]  # fmt: skip


def _damaged(body: bytes, chance: random.Random) -> bytes:
    """The body with a few pieces put in, taken out, doubled or cut off."""
    for _ in range(chance.randint(1, 6)):
        at, other = chance.randrange(len(body) + 1), chance.randrange(len(body) + 1)
        shard, gone = chance.choice(_SHARDS), chance.randint(1, 200)
        body = chance.choice([
            body[:at] + shard + body[at:],
            body[:at] + shard + body[at + chance.randint(0, 12) :],
            body[:at] + body[at + gone :],
            body[:at] + body[other : other + gone] + body[at:],
            body[:at] + bytes([chance.randrange(256)]) + body[at + 1 :],
            body[: max(at, other)],
        ])  # fmt: skip
    return body


def _fuzz(seed: int, times: int) -> int:
    """Read damaged feeds of every format; how many could still be read."""
    chance = random.Random(seed)
    whole = [path.read_bytes() for path in sorted(CORPUS.rglob("*.*")) if not path.name.endswith(".expect.json")]
    good = 0
    for _ in range(times):
        body = _damaged(chance.choice(whole), chance)
        answer = Fetched(FEED.url, FEED.url, 200, (), body, NOW, 0.1)
        reply = parse_worker.reply(FEED, answer)
        assert b'["a", "bug:' not in reply, (reply, body)
        if not reply.startswith(b'{"error"'):
            assert entries.UNREAD.encode() not in reply, (reply, body)
            good += bool(parse_worker.DOCUMENT.validate_json(reply).items)
    return good


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_happens_to_a_feed_no_bug_comes_of_it(seed: int) -> None:
    """A document or one of our errors, and text that can cross a pipe."""
    assert _fuzz(seed, 800) > 400


@pytest.mark.torture
def test_whatever_happens_to_a_feed_for_minutes() -> None:
    """The same at length."""
    logging.getLogger("tocsin").setLevel(logging.CRITICAL)
    assert _fuzz(3, 60_000) > 30_000


def test_feedparser_still_fails_where_these_tests_say() -> None:
    """Else they test nothing: look for another document that it fails on."""
    with pytest.raises(KeyError):
        feedparser.parse(rss(_FATAL))
