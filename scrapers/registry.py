"""Which site scraper reads which host: selectors as data, claimed once, checked by shape elsewhere."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import ClassVar, TypeVar
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Tag

from tocsin.text import clean_line, clean_text

_BLOCKS = ("p", "li", "h2", "h3", "h4", "blockquote", "pre", "div")


@dataclass(frozen=True, slots=True)
class Css:
    """Where on a page something stands: a CSS selector, and the attribute that holds it (None: its text)."""

    selector: str
    attr: str | None = None


Where = Css | tuple[Css, ...] | None  # several: the first that gives something


@dataclass(frozen=True, slots=True)
class Reading:
    """What a site scraper found; what it did not find is empty."""

    site: str
    title: str = ""
    text: str = ""
    published: str = ""  # raw
    updated: str = ""
    authors: tuple[str, ...] = ()
    section: str = ""
    timezone: str | None = None


class SiteScraper:
    """One layout of one site. Subclasses hold selectors only; what they leave out is read generically."""

    hosts: ClassVar[tuple[str, ...]] = ()
    until: ClassVar[date | None] = None  # the layout's last day; None: today's layout
    text: ClassVar[Where] = None  # each match is one paragraph or one block of them
    title: ClassVar[Where] = None
    published: ClassVar[Where] = None
    updated: ClassVar[Where] = None
    authors: ClassVar[Where] = None
    section: ClassVar[Where] = None
    drop: ClassVar[str] = ""  # CSS of what stands inside the text and is not part of it
    timezone: ClassVar[str | None] = None  # of dates on the page that name none

    @classmethod
    def read(cls, html: str) -> Reading:
        """Read a page by this layout's selectors."""
        soup = BeautifulSoup(html, "lxml")
        published, updated = _first(soup, cls.published), _first(soup, cls.updated)
        for element in soup.select(cls.drop) if cls.drop else ():
            element.decompose()
        return Reading(
            site=cls.__name__,
            title=_first(soup, cls.title),
            text=_text(soup, cls.text),
            published=published,
            updated=updated,
            authors=tuple(_all(soup, cls.authors)),
            section=_first(soup, cls.section),
            timezone=cls.timezone,
        )


S = TypeVar("S", bound=type[SiteScraper])
_CLAIMS: dict[str, list[type[SiteScraper]]] = {}


def site(*hosts: str, until: date | None = None) -> Callable[[S], S]:
    """Claim hosts, with all their subdomains, for a scraper.

    Args:
        until: Last day of an old layout; pages published later are read by the next one.

    Raises:
        ValueError: another scraper claims the same host for the same time.
    """

    def claim(scraper: S) -> S:
        scraper.hosts, scraper.until = hosts, until
        for host in hosts:
            known = _CLAIMS.setdefault(host, [])
            twins = [k for k in known if k.until == until and k.__qualname__ != scraper.__qualname__]
            if twins:
                raise ValueError(f"{host} is claimed by {twins[0].__name__} and by {scraper.__name__}")
            _CLAIMS[host] = [k for k in known if k.until != until] + [scraper]
        return scraper

    return claim


def find(url: str, day: date | None = None) -> type[SiteScraper] | None:
    """The scraper for an address and, among its layouts, for a day; the closest host wins."""
    return next(iter(layouts(url, day)), None)


def layouts(url: str, day: date | None = None) -> list[type[SiteScraper]]:
    """Every layout of a site, the likeliest for a day first: old stories are shown in new layouts, and kept in old."""
    known = sorted(_layouts(url), key=lambda s: s.until or date.max)
    return sorted(known, key=lambda s: s.until is not None and (day is None or day > s.until))


def is_claimed(url: str) -> bool:
    """True when a site scraper knows the host of an address, in whatever layout."""
    return bool(_layouts(url))


def _layouts(url: str) -> list[type[SiteScraper]]:
    """The layouts of the closest host that is claimed."""
    claims = all_sites()
    labels = (urlsplit(url).hostname or "").lower().split(".")
    hosts = (".".join(labels[start:]) for start in range(len(labels) - 1))
    return next((claims[host] for host in hosts if claims.get(host)), [])


def all_sites() -> dict[str, list[type[SiteScraper]]]:
    """Every claimed host with its layouts."""
    _load()
    return _CLAIMS


@lru_cache(maxsize=1)
def _load() -> None:
    from scrapers import sites

    for module in pkgutil.iter_modules(sites.__path__):
        importlib.import_module(f"{sites.__name__}.{module.name}")


def _all(soup: BeautifulSoup, where: Where) -> Iterator[str]:
    """Every value at the first place that gives any."""
    for css in where if isinstance(where, tuple) else (where,):
        if css is None:
            continue
        values = [clean_line(_value(element, css)) for element in soup.select(css.selector)]
        if any(values):
            yield from dict.fromkeys(v for v in values if v)
            return


def _first(soup: BeautifulSoup, where: Where) -> str:
    return next(_all(soup, where), "")


def _value(element: Tag, css: Css) -> str:
    return str(element.get(css.attr) or "") if css.attr else element.get_text(" ")


def _text(soup: BeautifulSoup, where: Where) -> str:
    """The paragraphs at the first place that gives any."""
    for css in where if isinstance(where, tuple) else (where,):
        if css is None:
            continue
        chosen = soup.select(css.selector)
        inside = {id(child) for element in chosen for child in element.find_all(True)}
        lines = [line for element in chosen if id(element) not in inside for line in _lines(element)]
        if text := clean_text("\n".join(dict.fromkeys(lines))):
            return text
    return ""


def _lines(element: Tag) -> Iterator[str]:
    """The paragraphs of an element: its blocks, or itself when it has none; <br> ends a line."""
    for useless in element.find_all(["script", "style", "figure", "aside", "noscript", "iframe", "button"]):
        useless.decompose()
    for br in element.find_all("br"):
        br.replace_with("\n")
    blocks = [b for b in element.find_all(_BLOCKS) if not b.find(_BLOCKS)]
    if not blocks:
        yield from element.get_text("").split("\n")
        return
    loose = "".join(s for s in element.find_all(string=True, recursive=False)).strip()
    if loose:
        yield from loose.split("\n")
    for block in blocks:
        yield from (" ".join(line.split()) for line in block.get_text("").split("\n"))
