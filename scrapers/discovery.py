"""From a site's address to its feeds: what the page declares, what its robots.txt lists, where feeds usually are.

Pure: bytes in, addresses out; who asks for them is elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import urljoin, urlsplit

from lxml import etree, html

from scrapers.entries import FeedDocument
from tocsin.text import language
from tocsin.urls import host, registered

COMMON = ("/feed/", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/feeds", "/rss/feed.xml")
MOST = 12  # addresses of one kind that are worth a request
_TYPES = re.compile(r"application/(?:rss|atom|feed|rdf)\+(?:xml|json)|text/xml|application/(?:xml|json)", re.I)
_LOOKS = re.compile(r"(?:^|[/._?=&-])(?:rss|feeds?|atom|rdf|syndication)(?:[/._?=&-]|$)", re.I)
_NOT_NEWS = re.compile(r"comments?(?:/|$)|/wp-json/|oembed|podcast|/tag/|/author/", re.I)


def declared(body: bytes, base: str) -> list[str]:
    """The feeds that a page declares in its head, its own order; those of comments last."""
    return _sorted(_links(body, base, "link", _is_declared))


def linked(body: bytes, base: str) -> list[str]:
    """Links of a page that look like feeds."""
    return _sorted(_links(body, base, "a", _looks_like_one))


def sitemaps(robots: str) -> list[str]:
    """The sitemaps that a robots.txt lists, those of news first.

    >>> sitemaps("Sitemap: https://a.example/pages.xml\\nSitemap: https://a.example/news.xml")
    ['https://a.example/news.xml', 'https://a.example/pages.xml']
    """
    found = [m.group(1) for m in re.finditer(r"(?im)^\s*sitemap:\s*(https?://\S+)", robots)]
    return sorted(dict.fromkeys(found), key=lambda url: "news" not in url.lower())[:MOST]


def children(body: bytes) -> list[str]:
    """The sitemaps that an index of sitemaps lists, those of news first."""
    text = body[:500_000].decode("utf-8", "replace")
    if not re.search(r"<(?:\w+:)?sitemapindex[\s>]", text):
        return []
    found = [m.group(1) for m in re.finditer(r"<(?:\w+:)?loc>\s*(?:<!\[CDATA\[)?\s*(https?://[^\s<\]]+)", text)]
    return sorted(dict.fromkeys(found), key=lambda url: "news" not in url.lower())[:MOST]


def common(url: str) -> list[str]:
    """Where feeds usually are on a site."""
    return [urljoin(url, path) for path in COMMON]


def feed_id(url: str, taken: set[str]) -> str:
    """An id for a feed that nobody else has: the site's name, and what its path adds.

    >>> feed_id("https://www.example.co.uk/rss/world.xml", {"example"})
    'example-world'
    """
    name = host(url)
    outlet = registered(name)
    parts = name.removesuffix(outlet).split(".") if outlet != name else []  # "arabic" of arabic.example.com
    parts = [part for part in parts if part not in {"www", "feeds", "rss", "news", "feed"}]
    site = _slug("-".join([*parts, outlet if outlet[-1:].isdigit() else outlet.partition(".")[0]])) or "feed"
    words = [_slug(word) for word in re.split(r"[/.]", urlsplit(url).path) if not _LOOKS.search(f"/{word}/")]
    more = [word for word in words if word and word not in {"xml", "json", "php", "index"} and len(word) < 20]
    names = [site, *(f"{site}-{'-'.join(more[-n:])}" for n in range(1, len(more) + 1))]
    names += [f"{site}-{n}" for n in range(2, len(taken) + 3)]
    return next(name for name in names if name not in taken)


def proposal(url: str, document: FeedDocument, taken: set[str]) -> dict[str, object]:
    """What to write into the config for a feed that was read: id, address, language, publisher, what it carries."""
    titles = "\n".join(item.title for item in document.items[:30])
    named = next((item.language for item in document.items if item.language), None)
    spoken = language(titles, named) if titles else (named or "und")
    found: dict[str, object] = {"id": feed_id(url, taken), "url": url}
    if re.fullmatch(r"[a-z]{2,3}", spoken) and spoken != "und":
        found["language"] = spoken
    if document.title:
        found["publisher"] = re.split(r"\s+[|–—»-]\s+", document.title)[0][:60]
    full = [item for item in document.items if len(item.content) > 1500]
    if document.items and len(full) > 0.8 * len(document.items):
        found["body"] = "full"
    return found


def _looks_like_one(link: etree._Element) -> bool:
    return _LOOKS.search(urlsplit(str(link.get("href") or "")).path) is not None


def _is_declared(link: etree._Element) -> bool:
    rel = str(link.get("rel") or "").lower().split()
    return "alternate" in rel and _TYPES.fullmatch(str(link.get("type") or "").split(";")[0].strip()) is not None


def _links(body: bytes, base: str, tag: str, wanted: Callable[[etree._Element], bool]) -> Iterator[str]:
    try:
        tree = html.document_fromstring(body[:2_000_000], parser=html.HTMLParser(huge_tree=False))
    except (etree.LxmlError, ValueError):
        return
    declared_base = tree.find(".//base[@href]")
    if declared_base is not None:
        base = urljoin(base, str(declared_base.get("href")))
    for element in tree.iter(tag):
        try:
            url = urljoin(base, str(element.get("href") or "").strip()) if wanted(element) else ""
            good = urlsplit(url).scheme in {"http", "https"}
        except ValueError:
            continue
        if good:
            yield url.partition("#")[0]


def _sorted(urls: Iterator[str]) -> list[str]:
    return sorted(dict.fromkeys(urls), key=lambda url: bool(_NOT_NEWS.search(url)))[:MOST]


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
