"""HTML -> article: the text by ``ladder.py``, metadata from what the page declares, with the feed's item behind it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from bs4.dammit import EncodingDetector
from lxml.html import HtmlElement

from scrapers import blocks, bylines, dates, excerpts, ladder, noise, quality, state, structured
from scrapers.ladder import Story
from scrapers.registry import Reading
from scrapers.sections import outlet_of
from scrapers.structured import Declared
from scrapers.tails import credits_below
from scrapers.titles import host_of, title_of
from scrapers.zones import zone_of
from tocsin import origins
from tocsin.config import Feed
from tocsin.errors import ParseError
from tocsin.model import Article, Fetched, Item, Page, TextStatus
from tocsin.text import clean_line, clean_text, fold_term, language, whole

FEED_FULL = 400  # characters of text in a feed that make its page unnecessary
NEAR = timedelta(hours=40)  # dates of one story's publication that differ by more are not of one thing
_NAMES = 20


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
        return whole(body.decode(name, "replace").replace("\0", ""))  # UTF-7 and escapes may hold half pairs
    except (LookupError, UnicodeError):  # a few encodings of Python's refuse to replace
        return body.decode("utf-8", "replace").replace("\0", "")


@dataclass(frozen=True, slots=True)
class Examined:
    """An article, and what is known of the page that no article holds."""

    article: Article
    why: str  # what made its rung believed
    fallen: str = ""  # the site scraper that was asked first and no longer fits its site
    image: str = ""  # address of the lead image
    writer: str = ""  # the agency that wrote it: the first one credited, not one that was only told something


def read(page: Page, *, item: Item | None = None, feed: Feed | None = None, now: datetime, utc: bool = True) -> Article:
    """The article on a page: ``examine`` without the rest.

    Raises:
        ParseError: no article is there.
    """
    return examine(page, item=item, feed=feed, now=now, utc=utc).article


def examine(
    page: Page, *, item: Item | None = None, feed: Feed | None = None, now: datetime, utc: bool = True
) -> Examined:
    """The article on a page, how its text was had, and its lead image.

    Args:
        item: What the feed says of it; fills in what the page leaves out.
        utc: Give times in UTC; otherwise in the zone that the page names.

    Raises:
        ParseError: no article is there: a consent wall, a challenge, a page without text.
    """
    url = page.final_url or page.url
    declared, story = _from_excerpt(page, url, item) or _from_whole(page, url, item, now)
    quality.refuse_walls(page, story.text)
    site, (text, rung, why, status) = story.site, _believed(story, declared, item)
    if len(text) < quality.LEAST:
        raise ParseError(page.url, "no article text on the page")
    clock = _clock(site, feed, now, utc, zone_of(url, declared.language))
    title = clean_line((site.title if site else "") or title_of(declared, url) or (item.title if item else ""))
    publisher = _publisher(declared, feed, url)
    authors = _authors(site, declared, item)
    whole = (story.credits or text)[: ladder.LONGEST]
    credited = (*authors, *declared.sources, *credits_below(page.html, text))
    writers = origins.writers(title, whole, credited, publisher, feed.origin if feed else None)
    article = Article(
        url=page.url,
        title=title,
        text=noise.without_credits(text) or text,
        language=language(f"{title}\n{text}", declared.language or (feed.language if feed else None)),
        published=_published(site, declared, page, item, clock),
        updated=clock.first((site.updated if site else "", *declared.updated)) or (item.updated if item else None),
        authors=_people(authors, publisher, declared.site_name, host_of(url))[:_NAMES],
        publisher=publisher,
        section=(site.section if site else "") or declared.section,
        origins=origins.with_told(writers, whole),
        canonical_url=declared.canonical or _moved_to(page),
        feed=feed.id if feed else (item.feed if item else ""),
        identity=item.identity if item else "",
        status=status,
        rung=rung,
        wire=item.wire if item else None,
        seen=now,
    )
    return Examined(article, why, story.fallen, declared.image, writers[0] if writers else "")


def _believed(story: Story, declared: Declared, item: Item | None) -> tuple[str, str, str, TextStatus]:
    """The text, its rung, why and what it is worth: the page's, unless that is not whole and the feed says more."""
    status = quality.verdict(story.text, declared)
    if status is TextStatus.PAYWALLED:
        story = replace(story, text=quality.without_wall(story.text))
    summary = item.summary if item else ""
    if status is not TextStatus.FULL and len(summary) > len(story.text):
        return clean_text(summary), "feed", f"the page's text is {status}, the feed's is longer", status
    return story.text[: ladder.LONGEST], story.rung, story.why, status


def _from_excerpt(page: Page, url: str, item: Item | None) -> tuple[Declared, Story] | None:
    """What a page declares, and its text, where a few pieces of it tell both."""
    excerpt = excerpts.cut(page.html)
    head = blocks.parse(excerpt.head) if excerpt else None
    if excerpt is None or head is None:
        return None
    declared = structured.read(head, url)
    story = ladder.at_once(excerpt, declared, url, _titles(declared, item)) if declared.is_ample else None
    return (declared, story) if story else None


def _from_whole(page: Page, url: str, item: Item | None, now: datetime) -> tuple[Declared, Story]:
    tree = _tree(page)
    held = list(tree.iter())  # as long as these live, no walk over the page makes them anew
    declared = structured.read(tree, url)
    day = _Clock(now, None, None, utc=True).first(declared.published)
    story = ladder.climb(page.html, tree, declared, url, _titles(declared, item), day.date() if day else None)
    del held
    return declared, story


def _titles(declared: Declared, item: Item | None) -> tuple[str, ...]:
    """What may stand above a text and is none of it."""
    around = (*declared.bylines, *declared.around, declared.section)
    return (declared.headline, declared.og_title, declared.h1, *around, item.title if item else "")


def _tree(page: Page) -> HtmlElement:
    try:
        tree = blocks.parse(page.html)
    except ParseError as error:
        raise ParseError(page.url, error.detail) from None
    if tree is None:
        raise ParseError(page.url, "empty: a page without HTML")
    return tree


def _authors(site: Reading | None, declared: Declared, item: Item | None) -> tuple[str, ...]:
    shown = bylines.each_once(name for line in (site.authors if site else ()) for name in bylines.split_names(line))
    return shown or declared.authors or (item.authors if item else ())


def _publisher(declared: Declared, feed: Feed | None, url: str) -> str:
    """Whose page it is: by the config, by the page, by its address."""
    house = declared.publisher or declared.site_name or outlet_of(declared.page_title, declared.h1, url)
    return clean_line((feed.publisher if feed else "") or house or host_of(url), 200)


def _people(authors: tuple[str, ...], *houses: str) -> tuple[str, ...]:
    """The authors who are not the publisher or its site; all of them where none is left."""
    names = {fold_term(house) for house in houses if house}
    own = {a for a in authors if (name := fold_term(a)) in names or ("." in name and any(name in n for n in names))}
    return tuple(author for author in authors if author not in own) or authors


def from_feed(item: Item, feed: Feed, *, now: datetime) -> Article:
    """The article as the feed alone tells it: its full text where it carries one, else title and summary."""
    text = blocks.html_text(item.content) if item.content else ""
    full = len(text) >= FEED_FULL and not quality.is_cut_short(text)
    if not full:
        text = max(text, clean_text(item.summary), key=len) or item.title
    return Article(
        url=item.url,
        title=item.title,
        text=noise.without_credits(text) or text,
        language=language(f"{item.title}\n{text}", item.language or feed.language),
        published=item.published,
        updated=item.updated,
        authors=item.authors,
        publisher=feed.publisher or host_of(item.url),
        origins=origins.find(item.title, text, item.authors, feed.publisher, feed.origin),
        feed=feed.id,
        identity=item.identity,
        status=TextStatus.FULL if full else TextStatus.FEED_ONLY,
        rung="feed",
        wire=item.wire,
        seen=now,
    )


def _moved_to(page: Page) -> str:
    """Where a redirect led, for a page that declares no address of its own; not a front page."""
    moved = page.final_url != page.url and len(urlsplit(page.final_url).path) > 1
    return page.final_url if moved else ""


@dataclass(frozen=True, slots=True)
class _Clock:
    """How the raw dates of one page are read."""

    now: datetime
    zone: str | None
    language: str | None
    utc: bool
    likely: str | None = None  # zone of a time of day that names none, where ``zone`` is not known

    def first(self, raws: tuple[str, ...]) -> datetime | None:
        """The first date that can be read; one of the same days with a time is better, with a zone best."""
        readings = [(raw, when) for raw in dict.fromkeys(raws) if (when := self._read(raw)) is not None]
        if not readings:
            return None
        near = [(raw, when) for raw, when in readings if abs(when - readings[0][1]) < NEAR]
        return max(near, key=lambda reading: _exactness(reading[0]))[1]  # the first of the best

    def _read(self, raw: str) -> datetime | None:
        zone = self.zone or (self.likely if dates.has_time(raw) else None)
        return dates.read(raw, now=self.now, timezone_name=zone, language=self.language, utc=self.utc)


def _exactness(raw: str) -> int:
    """0 for a day, 1 for a time, 2 for a time with its zone."""
    if raw.isdigit():
        return 2
    return dates.has_time(raw) + (dates.has_time(raw) and dates.has_zone(raw))


def _clock(site: Reading | None, feed: Feed | None, now: datetime, utc: bool, likely: str | None) -> _Clock:
    zone = (site.timezone if site else None) or (feed.timezone if feed else None)
    return _Clock(now, zone, feed.language if feed else None, utc, likely)


def _published(
    site: Reading | None, declared: Declared, page: Page, item: Item | None, clock: _Clock
) -> datetime | None:
    """When it was published: site scraper, page, feed; a page that knows only the day yields to a feed of that day."""
    raws = tuple(filter(None, (site.published if site else "", *declared.published)))
    moment = clock.first(raws)
    if moment is None and item is not None and item.published:
        return item.published
    if moment is None:
        return _unsaid(page, clock)
    if any(_exactness(raw) for raw in raws):
        return moment
    if item is not None and item.published and abs(item.published - moment).days < 1:
        return item.published
    tree = blocks.parse(page.html)
    return clock.first((*raws, state.published(tree))) if tree is not None else moment


def _unsaid(page: Page, clock: _Clock) -> datetime | None:
    """When a page that declares no date was published: by its scripts, else the day that htmldate finds."""
    tree = blocks.parse(page.html)  # a fresh one: of the other the furniture is gone, where a date may stand
    if tree is None:
        return None
    if moment := clock.first((state.published(tree),)):
        return moment
    from htmldate import find_date  # slow to load, rarely needed

    address = page.final_url or page.url
    day = find_date(tree, url=address, original_date=True, max_date=clock.now.strftime("%Y-%m-%d"))
    return datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC) if day else None
