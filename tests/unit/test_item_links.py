"""Addresses from outside, in feeds and in config.yaml: which are followed, and in what spelling."""

from __future__ import annotations

from pathlib import Path

import pytest

from scrapers import feeds
from tests.fakes.site import NOW
from tocsin.config import Feed, reading
from tocsin.errors import ConfigError
from tocsin.model import Fetched, Item

FEED = Feed(id="a", url="https://a.example/rss")


def item(link: str) -> Item:
    """The item of a feed with that link."""
    entry = f"<item><title>t</title><link><![CDATA[{link}]]></link></item>"
    body = f"<rss version='2.0'><channel><title>T</title>{entry}</channel></rss>"
    return feeds.read(FEED, Fetched(FEED.url, FEED.url, 200, (), body.encode(), NOW, 0.1), now=NOW).items[0]


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("https://a.example/1", "https://a.example/1"),
        ("  https://a.example/1 ", "https://a.example/1"),
        ("/1?x=1#part", "https://a.example/1?x=1#part"),
        ("https://a.example/1?utm_source=rss&id=2", "https://a.example/1?utm_source=rss&id=2"),
        ("https://a.example/one two", "https://a.example/one%20two"),
        ("javascript:alert(1)", ""),
        ("data:text/html,<script>alert(1)</script>", ""),
        ("file:///etc/passwd", ""),
        ("ftp://a.example/1", ""),
        ("gopher://a.example/1", ""),
        ("https://[::1/", ""),
        ("https://a.example/\x07bell", ""),
        ("https://a.example/" + "x" * 4096, ""),
        ("https://раураl.example/1", "https://xn--l-7sba6dbr.example/1"),
        ("https://أخبار.example/1", "https://xn--igbicxr.example/1"),
        ("https://a..ü.example/1", ""),
    ],
    ids=[
        "plain", "spaces around", "relative", "tracking is kept for fetching", "a space", "javascript", "data", "file",
        "ftp", "gopher", "half a bracket", "a control character", "too long", "Cyrillic for Latin",
        "an Arabic host", "no host can be so",
    ],
)  # fmt: skip
def test_the_link_of_an_item(link: str, url: str) -> None:
    """http and https only; a host in ASCII, so that nobody takes it for another; the item stays in any case."""
    found = item(link)
    assert (found.url, found.title) == (url, "t")


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://a.example/x", "data:,x", "gopher://a.example", "javascript:1"]
)
def test_only_web_addresses_stand_in_the_config(url: str, tmp_path: Path) -> None:
    """The mistake names the feed."""
    path = tmp_path / "config.yaml"
    path.write_text(
        f'http: {{user_agent: "Tocsin/1.0 (+https://x.example/; a@x.example)"}}\nfeeds: [{{id: a, url: "{url}"}}]\n'
    )
    with pytest.raises(ConfigError, match="url"):
        reading.load(path, {})


@pytest.mark.parametrize("agent", ["python-requests/2.34.2", "Mozilla/5.0 (X11; Linux x86_64)", "curl/8.0", ""])
def test_who_we_say_we_are_must_lead_to_a_person(agent: str, tmp_path: Path) -> None:
    """The default of a library, or a browser's name, is refused at the start."""
    path = tmp_path / "config.yaml"
    path.write_text(f'http: {{user_agent: "{agent}"}}\n')
    with pytest.raises(ConfigError, match="user_agent"):
        reading.load(path, {})
