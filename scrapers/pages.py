"""HTML -> article, down a ladder: site scraper, generic reading, the page's own JSON-LD; ``rung`` says which.

A site scraper is believed only while its text has a sane shape, for sites change their layout
without a word and old selectors then catch the menu. Metadata come from what the page declares
(JSON-LD, meta), with the feed's item behind it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from bs4.dammit import EncodingDetector
from lxml.html import HtmlElement

from scrapers import blocks, dates, registry, structured
from scrapers.registry import Reading
from scrapers.structured import Declared
from tocsin import origins
from tocsin.config import Feed
from tocsin.errors import ParseError
from tocsin.model import Article, Fetched, Item, Page, TextStatus
from tocsin.text import clean_line, clean_text, fold_term, language

LEAST = 40  # characters; less is no article, not even a flash
SHORT = 300
SITE_LEAST = 200
FEED_FULL = 400  # characters of text in a feed that make its page unnecessary
_NAMES = 20

_CUT_SHORT = re.compile(
    r"(?:\[?(?:…|\.\.\.)\]?|read more|continue reading|lire la suite|lees verder|weiterlesen)\W*$", re.I
)
_CONSENT = re.compile(
    r"(?:accept|manage|reject) (?:all )?cookies|before you continue|privacy ?gate|cookie ?wall|we value your privacy"
    r"|accepte[rz] (?:et (?:continuer|fermer)|les cookies)|continuer sans accepter|alles accepteren|cookies accepteren"
    r"|alle akzeptieren|zustimmen und weiter|je privacy-instellingen"
    r"|vos choix en matière de (?:cookies|confidentialité)",
    re.I,
)
_CHALLENGE = re.compile(
    r"just a moment|checking your browser|verify (?:that )?you are (?:a )?human|access denied", re.I
)
_PAYWALL = re.compile(
    r"(?:subscribe|sign in|log in) to (?:read|continue)|(?:article|contenu) réservé aux? abonnés|réservé à nos abonnés"
    r"|il vous reste \d+ ?% de cet article|alleen voor abonnees|lees verder met een abonnement|nur für abonnenten"
    r"|mit .{1,20}\+? weiterlesen|este artículo es exclusivo|للمشتركين فقط",
    re.I,
)


def decode(fetched: Fetched) -> str:
    """The HTML of a fetched page.

    Raises:
        ParseError: it is no HTML: an image, a PDF, nothing.
    """
    kind = (fetched.header("content-type") or "").split(";")[0].strip().lower()
    if kind and not re.search(r"html|xml|text/plain|octet-stream", kind):
        raise ParseError(fetched.url, f"not_a_page: {kind} instead of HTML")
    if not fetched.body.strip():
        raise ParseError(fetched.url, "empty: the answer has no body")
    return decode_bytes(fetched.body, fetched.header("content-type") or "")


def decode_bytes(body: bytes, content_type: str = "") -> str:
    """Text of HTML bytes: byte order mark, then UTF-8 if it fits, then what header or page declare."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if body.startswith(mark):
            return body.decode(encoding, "replace").replace("\0", "")
    try:
        return body.decode("utf-8").replace("\0", "")
    except UnicodeDecodeError:
        pass
    found = re.search(r"charset=[\"']?([\w.-]+)", content_type, re.I)
    declared = found.group(1) if found else EncodingDetector.find_declared_encoding(body, is_html=True)
    name = (declared or "utf-8").lower()
    name = "cp1252" if name in {"iso-8859-1", "latin-1", "latin1", "ascii", "us-ascii"} else name
    try:
        return body.decode(name, "replace").replace("\0", "")
    except LookupError:
        return body.decode("utf-8", "replace").replace("\0", "")


def read(page: Page, *, item: Item | None = None, feed: Feed | None = None, now: datetime, utc: bool = True) -> Article:
    """The article on a page.

    Args:
        item: What the feed says of it; fills in what the page leaves out.
        utc: Give times in UTC; otherwise in the zone that the page names.

    Raises:
        ParseError: no article is there: a consent wall, a challenge, a page without text.
    """
    url = page.final_url or page.url
    tree = blocks.parse(page.html)
    if tree is None:
        raise ParseError(page.url, "empty: a page without HTML")
    declared = structured.read(tree, url)
    titles = (declared.headline, declared.og_title, declared.h1, *declared.bylines, item.title if item else "")
    text, rung, site = _text(page, tree, declared, titles, now)
    _refuse_walls(page, text)
    zone = (site.timezone if site else None) or (feed.timezone if feed else None)
    clock = _Clock(now, zone, feed.language if feed else None, utc)
    title = (site.title if site else "") or title_of(declared, url) or (item.title if item else "")
    publisher = (feed.publisher if feed else "") or declared.publisher or declared.site_name or _host(url)
    status = _status(text, declared)
    summary = item.summary if item else ""
    if status is not TextStatus.FULL and len(summary) > len(text):
        text, rung = clean_text(summary), "feed"
    if len(text) < LEAST:
        raise ParseError(page.url, "no article text on the page")
    bylines = [name for byline in (site.authors if site else ()) for name in structured.split_names(byline)]
    authors = tuple(dict.fromkeys(bylines)) or declared.authors or (item.authors if item else ())
    people = tuple(a for a in authors if fold_term(a) not in {fold_term(publisher), fold_term(declared.site_name)})
    return Article(
        url=page.url,
        title=clean_line(title),
        text=text,
        language=language(f"{title}\n{text}", declared.language or (feed.language if feed else None)),
        published=_published(site, declared, page, item, clock),
        updated=clock.first((site.updated if site else "", *declared.updated)) or (item.updated if item else None),
        authors=(people or authors)[:_NAMES],
        publisher=clean_line(publisher, 200),
        section=(site.section if site else "") or declared.section,
        origins=origins.find(title, text, authors, publisher, feed.origin if feed else None),
        canonical_url=declared.canonical or _moved_to(page),
        feed=feed.id if feed else (item.feed if item else ""),
        identity=item.identity if item else "",
        status=status,
        rung=rung,
        wire=item.wire if item else None,
        seen=now,
    )


def from_feed(item: Item, feed: Feed, *, now: datetime) -> Article:
    """The article as the feed alone tells it: its full text where it carries one, else title and summary."""
    text = blocks.html_text(item.content) if item.content else ""
    full = len(text) >= FEED_FULL and not _CUT_SHORT.search(text[-60:])
    if not full:
        text = max(text, clean_text(item.summary), key=len) or item.title
    return Article(
        url=item.url,
        title=item.title,
        text=text,
        language=language(f"{item.title}\n{text}", item.language or feed.language),
        published=item.published,
        updated=item.updated,
        authors=item.authors,
        publisher=feed.publisher or _host(item.url),
        origins=origins.find(item.title, text, item.authors, feed.publisher, feed.origin),
        feed=feed.id,
        identity=item.identity,
        status=TextStatus.FULL if full else TextStatus.FEED_ONLY,
        rung="feed",
        wire=item.wire,
        seen=now,
    )


def _text(
    page: Page, tree: HtmlElement, declared: Declared, titles: tuple[str, ...], now: datetime
) -> tuple[str, str, Reading | None]:
    """The text, the rung it came from, and the site scraper's reading where it was believed."""
    url = page.final_url or page.url
    generic = blocks.generic(tree, url, titles)
    day = next(filter(None, (dates.read(raw, now=now) for raw in declared.published)), None)
    scraper = registry.find(url, day.date() if day else None)
    if scraper is not None:
        site = scraper.read(page.html)
        text = "\n".join(line for line in site.text.split("\n") if not blocks.is_noise(line))
        if len(text) >= SITE_LEAST and len(text) >= 0.5 * len(generic):
            return text, f"site:{site.site}", site
    body = blocks.html_text(declared.body.replace("\n", "<br>")) if declared.body else ""
    if len(body) >= 500 and len(generic) < 0.5 * len(body):
        return body, "json-ld", None
    return blocks.agreed(generic, body), "generic", None


def _moved_to(page: Page) -> str:
    """Where a redirect led, for a page that declares no address of its own; not a front page."""
    moved = page.final_url != page.url and len(urlsplit(page.final_url).path) > 1
    return page.final_url if moved else ""


def _refuse_walls(page: Page, text: str) -> None:
    head = page.html[:20_000]
    about_cookies = len(text) < LEAST or (len(text) < 1500 and re.search(r"\bcookies?\b", text, re.I))
    if (len(text) < 2000 and _CONSENT.search(text)) or (about_cookies and _CONSENT.search(page.html)):
        raise ParseError(page.url, "consent: a consent wall instead of the article")
    if len(text) < 400 and _CHALLENGE.search(head[: head.lower().find("</title") + 1] + text):
        raise ParseError(page.url, "challenge: a page that asks for a browser")


def _status(text: str, declared: Declared) -> TextStatus:
    if len(text) < 1500 and (not declared.free or _PAYWALL.search(text[-600:])):
        return TextStatus.PAYWALLED
    return TextStatus.SHORT if len(text) < SHORT else TextStatus.FULL


@dataclass(frozen=True, slots=True)
class _Clock:
    """How the raw dates of one page are read."""

    now: datetime
    zone: str | None
    language: str | None
    utc: bool

    def first(self, raws: tuple[str, ...]) -> datetime | None:
        """The first date that can be read, one with a time of day before one without."""
        readings = [(raw, when) for raw in raws if (when := self._read(raw)) is not None]
        timed = [when for raw, when in readings if dates.has_time(raw) or raw.isdigit()]
        return timed[0] if timed else readings[0][1] if readings else None

    def _read(self, raw: str) -> datetime | None:
        return dates.read(raw, now=self.now, timezone_name=self.zone, language=self.language, utc=self.utc)


def _published(
    site: Reading | None, declared: Declared, page: Page, item: Item | None, clock: _Clock
) -> datetime | None:
    """When it was published: site scraper, page, feed; a page that knows only the day yields to a feed of that day."""
    raws = tuple(filter(None, (site.published if site else "", *declared.published)))
    moment = clock.first(raws)
    if moment is None and item is not None and item.published:
        return item.published
    if moment is None:
        return _day_in_text(page, clock.now)
    timed = any(dates.has_time(raw) or raw.isdigit() for raw in raws)
    if not timed and item is not None and item.published and abs(item.published - moment).days < 1:
        return item.published
    return moment


def _day_in_text(page: Page, now: datetime) -> datetime | None:
    """The day that htmldate finds in the text or address of a page that declares none."""
    from htmldate import find_date  # slow to load, rarely needed

    day = find_date(page.html, url=page.final_url or page.url, original_date=True, max_date=now.strftime("%Y-%m-%d"))
    return datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC) if day else None


def title_of(declared: Declared, url: str) -> str:
    """The headline of a page: JSON-LD, else og:title or <title> without the site's name, else h1."""
    headline = declared.headline
    if headline and not headline.endswith(("…", "...")) and len(headline) > 3:
        return _cut(headline, declared, url)
    for candidate in (declared.og_title, declared.h1, declared.page_title):
        if len(candidate) > 3:
            return _cut(candidate, declared, url)
    return headline


def _cut(title: str, declared: Declared, url: str) -> str:
    """Take the site's name off the end of a title: "Rockets hit Baghdad | The Outlet"."""
    found = re.match(r"^(.{8,}?)\s+(?:[|•·»]|[-–—]{1,2}|::)\s+([^|]{2,60})$", title)
    if not found:
        return title
    rest, tail = found.group(1), fold_term(found.group(2))
    names = [fold_term(n) for n in (declared.site_name, declared.publisher) if n]
    host = _host(url).split(".")
    names += [label for label in host[:-1] if len(label) > 3]
    squeezed = re.sub(r"\W+", "", tail)
    known = any(n in tail or tail in n or re.sub(r"\W+", "", n) in squeezed for n in names if n)
    if known or fold_term(rest) == fold_term(declared.h1):
        return _cut(rest, declared, url)
    return title


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")
