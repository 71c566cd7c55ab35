"""Whatever comes from outside, a reader gives a value or one of our errors."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from scrapers import dates, extract, feeds, pages, schedule
from scrapers.http import retry_after
from tocsin import origins
from tocsin.config import Feed
from tocsin.errors import FetchError, ParseError, TocsinError
from tocsin.model import FeedState, Fetched, Page
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
