"""Whatever comes from outside, a reader gives a value or one of our errors."""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from scrapers import dates, extract, feeds, pages, schedule
from scrapers.http import retry_after
from tocsin import origins
from tocsin.config import Feed
from tocsin.errors import FetchError, ParseError, TocsinError
from tocsin.model import Article, FeedState, Fetched, Page
from tocsin.text import clean_line, clean_text, unescape, whole
from tocsin.urls import masked

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
FEED = Feed(id="a", url="https://a.example/rss")
_WORDS = [
    "29",
    "2026",
    "juin",
    "حزيران",
    "15:07",
    "GMT+3",
    "CEST",
    "/",
    "-",
    "T",
    "Z",
    "مساء",
    "1782745661",
    "0001",
    "99",
]
_PIECES = [
    "<p>", "</p>", "<div class=related>", "<table><td>", "<article>", "<h1>", "<h1>Title</h1>", "<title>", "text ",
    "<script type='application/ld+json'>", '{"@type":"NewsArticle","headline":', '["x"]}', "</script>", "<rss>",
    "<item>", "<channel>", "<link>http://[", "<guid>", "</item>", "<feed>", "<entry>", "<urlset><url><loc>", "&#0;",
    "\ufffd", "<meta property='article:published_time' content='", "'>", "<!--", "]]>", "<![CDATA[", "\u202e", "<br>",
]  # fmt: skip
quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@quick
@given(st.one_of(st.text(max_size=40), st.lists(st.sampled_from(_WORDS), max_size=8).map(" ".join)))
@example("0001-01-01T00:00:00+14:00")
@example("9999-12-31T23:59:59-14:00")
@example("29/06/2026 25:61")
@example("01/02/0000 10:00")
def test_a_date_is_none_or_aware_and_never_in_the_future(raw: str) -> None:
    """No words raise."""
    moment = dates.read(raw, now=NOW, timezone_name="Asia/Baghdad", language="ar")
    assert moment is None or (moment.utcoffset() == timedelta(0) and moment <= NOW + dates.FUTURE)


@quick
@given(st.one_of(st.text(max_size=200), st.lists(st.sampled_from(_PIECES), max_size=30).map("".join)))
def test_a_page_is_an_article_or_a_parse_error(html: str) -> None:
    """And the filter answers in its line."""
    with contextlib.suppress(ParseError):
        assert pages.read(Page("https://a.example/x", html, NOW), now=NOW).text
    assert set(extract.line({"id": 1, "html": html}, base=None, now=NOW)) >= {"id", "text", "error"}


@quick
@given(
    st.one_of(
        st.binary(max_size=200), st.lists(st.sampled_from(_PIECES), max_size=30).map(lambda p: "".join(p).encode())
    )
)
def test_a_feed_is_a_document_or_a_parse_error(body: bytes) -> None:
    """Its items have an identity each, and no address that is not http."""
    with contextlib.suppress(ParseError):
        document = feeds.read(FEED, Fetched(FEED.url, FEED.url, 200, (), body, NOW, 0.1), now=NOW)
        assert len({item.identity for item in document.items}) == len(document.items)
        assert all(item.url.startswith(("http://", "https://")) for item in document.items if item.url)


# How half a surrogate pair comes: writers cut a text inside an emoji, or write each half of one by itself.
_HALVES = [
    r"\ud83d",
    r"\uDE00",
    r"\\ud83d",
    r"\ud83d\ude00",
    "&#55357;",
    "&#xDE00;",
    "&amp;#55357;",
    "emoji 😀",
    "عاجل ",
]
_PROSE = "A roadside bomb killed two Iraqi soldiers near Tarmiya, north of Baghdad, police said on Monday. " * 6
_PAGES = (
    '<html><head><script type="application/ld+json">{"@type": "NewsArticle", "headline": "HERE", "author":'
    ' {"name": "HERE"}, "datePublished": "2026-06-29HERE", "url": "https://a.example/xHERE", "articleBody":'
    ' "HEREPROSE"}</script></head><body></body>',
    "<html><head><title>HERE</title><meta property='og:title' content='HERE'><meta name=author content='HERE'></head>"
    "<body><article><h1>HERE</h1><p>HEREPROSE</p><p>PROSE</p></article></body>",
    '<html><body><h1>HERE</h1><script>window.s = {"content":'
    ' "\\u003cp\\u003ePROSEHERE\\u003c/p\\u003e\\u003cp\\u003eHERE\\u003c/p\\u003e"}</script></body>',
)
_FEEDS = (
    '{"version": "https://jsonfeed.org/version/1.1", "title": "HERE", "items": [{"id": "HERE", "url":'
    ' "https://a.example/HERE", "title": "HERE", "content_html": "<p>HERE</p>", "authors": [{"name": "HERE"}]}]}',
    '{"uri": "tag:HERE", "versioncreated": "2026-06-29T15:07:00Z", "version": "HERE", "headline": "HERE", "language":'
    ' "HERE", "provider": "HERE", "body_html": "<p>HERE</p>", "altid": "HERE", "urgency": "HERE"}',
    "<rss><channel><title>HERE</title><item><guid>HERE</guid><link>https://a.example/HERE</link><title>HERE</title>"
    "<description>HERE</description><author>HERE</author><pubDate>HERE</pubDate></item></channel></rss>",
    "<urlset xmlns:n='n'><url><loc>https://a.example/HERE</loc><n:news><n:title>HERE</n:title></n:news></url></urlset>",
)


def _written(found: Article | feeds.FeedDocument) -> bytes:
    """Every text in it, as another process or a file gets it."""
    return json.dumps(asdict(found), ensure_ascii=False, default=str).encode()


@quick
@given(st.lists(st.sampled_from(_HALVES), min_size=1, max_size=3).map("".join), st.sampled_from(_PAGES))
@example(r"\ud83d", _PAGES[0])
@example("\ud83d", _PAGES[1])
def test_what_leaves_a_page_can_be_encoded(words: str, html: str) -> None:
    """A headline cut inside an emoji costs one sign of it, and neither its article nor its feed."""
    html = html.replace("PROSE", _PROSE).replace("HERE", words)
    article = pages.read(Page("https://a.example/x", html, NOW), now=NOW)
    assert "Tarmiya" in article.text
    assert "?" not in article.text or words == "\ud83d"
    assert _written(article)


@quick
@given(st.lists(st.sampled_from(_HALVES), min_size=1, max_size=3).map("".join), st.sampled_from(_FEEDS))
@example(r"\ud83d", _FEEDS[0])
@example(r"\ud83d", _FEEDS[1])
def test_what_leaves_a_feed_can_be_encoded(words: str, body: str) -> None:
    """Its items go to other processes and into files: addresses, ids and marks as well as words."""
    answer = Fetched(FEED.url, FEED.url, 200, (), body.replace("HERE", words).encode(), NOW, 0.1)
    document = feeds.read(FEED, answer, now=NOW)
    assert document.items
    assert _written(document)


@quick
@given(st.text(st.one_of(st.characters(), st.sampled_from("\ud83d\ude00&#;\x00\n\ufeff")), max_size=80))
@example("&#" + "9" * 5000 + ";")
@example("\ud83d\x00\ude00")
def test_what_was_cleaned_can_be_encoded(text: str) -> None:
    """Half a pair becomes one sign, so that the places of all others stay; a whole text stays as it is."""
    for clean in (clean_line(text), clean_text(text), whole(unescape(text))):
        clean.encode()
    assert len(whole(text)) == len(text)
    with contextlib.suppress(UnicodeEncodeError):
        text.encode()
        assert whole(text) is text


@quick
@given(st.text(max_size=120), st.text(max_size=120))
def test_text_from_outside_never_raises_elsewhere(one: str, two: str) -> None:
    """Addresses, headers and credits are made by strangers."""
    masked("https://" + one)
    assert (retry_after(one, NOW) or 1) > 0
    origins.find(one, two, (one,), two)


@quick
@given(
    st.sampled_from([None, 0.1, 60.0, 1e9]),
    st.sampled_from([404, 410, 429, 503, None]),
    st.floats(0, 1e6),
    st.integers(5, 2000),
    st.booleans(),
)
def test_every_failure_has_a_next_time(
    pause: float | None, status: int | None, failures: float, minutes: int, alert: bool
) -> None:
    """After now, and at most a week and a bit away."""
    feed = FEED.model_copy(update={"poll_minutes": minutes, "alert": alert})
    error: TocsinError = FetchError(FEED.url, "HTTP", status, pause)
    assert isinstance(error, FetchError)
    after = schedule.next_state(feed, FeedState("a", failures=failures), now=NOW, error=error)
    assert after.next_attempt_at is not None
    assert NOW < after.next_attempt_at <= NOW + timedelta(days=8)
