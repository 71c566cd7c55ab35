"""The guarded GET and what it owes: headers, validators, redirects, passwords, pauses; on loopback sockets."""

from __future__ import annotations

import gzip
import time
from datetime import timedelta
from email.utils import format_datetime

import pytest

from scrapers.http import retry_after
from tests.fakes.site import AGENT, NOW, get, http, reply, serve
from tocsin.errors import FetchError, RefusedError, TemporaryFetchError


def test_a_plain_answer_and_what_the_server_saw() -> None:
    """We name ourselves, ask for gzip, and send neither cookie nor Referer; the body comes decoded."""
    packed = gzip.compress(b"<rss/>")
    with serve({"/f": reply(200, packed, Content_Encoding="gzip", ETag='W/"a-gzip"', Set_Cookie="a=b")}) as site:
        client = http()
        fetched = get(client, site.base + "/f?b=1&a=%C3%A9")
        get(client, site.base + "/f")
    assert (fetched.status, fetched.body, fetched.header("etag")) == (200, b"<rss/>", 'W/"a-gzip"')
    assert site.paths()[0] == "/f?b=1&a=%C3%A9"
    headers = {k.lower(): v for k, v in site.seen[1][1].items()}
    assert headers["user-agent"] == AGENT
    assert "gzip" in headers["accept-encoding"]
    assert not {"cookie", "referer", "if-none-match", "if-modified-since"} & set(headers)


def test_validators_travel_byte_for_byte_and_a_304_is_a_value() -> None:
    """Quotes, W/ and suffixes are the server's business."""
    with serve({"/f": reply(304, ETag='W/"b"')}) as site:
        fetched = get(http(), site.base + "/f", etag='W/"a-gzip"', last_modified="Mon, 29 Jun 2026 10:00:00 GMT")
    assert fetched.not_modified
    assert fetched.body == b""
    assert site.seen[0][1]["If-None-Match"] == 'W/"a-gzip"'
    assert site.seen[0][1]["If-Modified-Since"] == "Mon, 29 Jun 2026 10:00:00 GMT"


def test_hops_are_counted_and_permanence_needs_every_one() -> None:
    """Five hops pass, six do not; one 302 makes a chain temporary."""
    chain = {f"/{n}": reply(301, Location=f"/{n + 1}") for n in range(6)} | {"/6": reply(200, b"end")}
    mixed = {"/a": reply(308, Location="/b"), "/b": reply(302, Location="/6")}
    with serve(chain | mixed) as site:
        assert get(http(), site.base + "/1").permanent
        assert not get(http(), site.base + "/a").permanent
        assert not get(http(), site.base + "/6").permanent
        with pytest.raises(RefusedError, match="more than 5 hops"):
            get(http(), site.base + "/0")


@pytest.mark.parametrize(
    ("raw", "asked"),
    [
        ("/أخبار/انفجار في كركوك?رقم=7".encode(), "/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1/%D8%A7%D9%86%D9%81%D8%AC%D8%A7%D8%B1"
         "%20%D9%81%D9%8A%20%D9%83%D8%B1%D9%83%D9%88%D9%83?%D8%B1%D9%82%D9%85=7"),
        ("/اليوم".encode(), "/%D8%A7%D9%84%D9%8A%D9%88%D9%85"),
        ("/actualité".encode("latin-1"), "/actualit%E9"),
        (b"/%D8%A7%D9%84/caf%C3%A9?a=%25", "/%D8%A7%D9%84/caf%C3%A9?a=%25"),
    ],
    ids=["UTF-8", "its last byte a space in Latin-1", "Latin-1", "encoded already"],
)  # fmt: skip
def test_a_redirect_is_followed_to_the_bytes_that_it_names(raw: bytes, asked: str) -> None:
    """Sites with Arabic slugs send them raw; each byte is percent-encoded once."""
    with serve({"/old": reply(301, Location=raw.decode("latin-1")), asked.split("?")[0]: reply(200, b"ok")}) as site:
        fetched = get(http(), site.base + "/old")
    assert (fetched.body, fetched.final_url) == (b"ok", site.base + asked)
    assert site.paths() == ["/old", asked]


def test_a_password_stays_with_its_host() -> None:
    """Basic auth of an address is sent to its host, on its redirects too, and to no other; no error shows it."""
    with serve({"/end": reply(200, b"ok")}) as other:
        routes = {"/a": reply(302, Location="/b"), "/b": reply(302, Location=other.base + "/end"), "/no": reply(401)}
        with serve(routes) as site:
            get(http(), f"http://me:hunter2@127.0.0.1:{site.port}/a")
            with pytest.raises(FetchError) as caught:
                get(http(), f"http://me:hunter2@127.0.0.1:{site.port}/no?token=abc123")
    assert ["Authorization" in headers for _, headers, _ in site.seen[:2]] == [True, True]
    assert "Authorization" not in other.seen[0][1]
    assert "hunter2" not in str(caught.value)
    assert "abc123" not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        ("0", None),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("1000000000", 604_800.0),
        (format_datetime(NOW + timedelta(minutes=3), usegmt=True), 180.0),
        (format_datetime(NOW - timedelta(minutes=3), usegmt=True), None),
    ],
    ids=["seconds", "zero", "negative", "word", "nothing", "thirty years", "date", "past date"],
)
def test_retry_after_is_read_in_every_form(value: str, seconds: float | None) -> None:
    """What cannot be a pause is none."""
    assert retry_after(value, NOW) == seconds


def test_a_429_pauses_its_host_without_sleeping() -> None:
    """The pause is for the caller to keep; a second request in it does not leave the house."""
    with serve({"/f": reply(429, Retry_After="77"), "/g": reply(200, b"ok")}) as site:
        client = http()
        started = time.monotonic()
        with pytest.raises(TemporaryFetchError) as first:
            get(client, site.base + "/f")
        with pytest.raises(TemporaryFetchError, match="asked for a pause") as second:
            get(client, site.base + "/g")
    assert (first.value.status, first.value.retry_after) == (429, 77.0)
    assert second.value.retry_after == pytest.approx(77, abs=2)
    assert site.paths() == ["/f"]
    assert time.monotonic() - started < 1


def test_after_close_nothing_is_asked() -> None:
    """Threads that still wait for their turn come back empty-handed."""
    with serve({"/f": reply(200, b"ok")}) as site:
        client = http()
        client.close()
        with pytest.raises(TemporaryFetchError, match="shutting down"):
            get(client, site.base + "/f")
    assert site.seen == []
