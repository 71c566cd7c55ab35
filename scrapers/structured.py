"""What a page declares about itself: JSON-LD, meta tags, microdata and <time>, the best of each.

Publishers fill these in for search engines, with the minute and the full names, and get them wrong
in known ways: several articles in one page, HTML in headlines, the site's name as author.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement

from scrapers import bylines as naming
from scrapers import documents, masthead, sections
from scrapers.masthead import Masthead
from scrapers.nodes import finder, short_text
from tocsin.text import clean_line, fold_term, unescape

_ARTICLE = re.compile(r"(?:Article|BlogPosting|LiveBlogPosting|Report|SocialMediaPosting)$")
_OPEN, _CLOSED = "{[", "}]"
_WRAPPING = re.compile(r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>)\s*$")
_RUINS = 50_000  # characters of broken JSON that are searched
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_MENDED: tuple[Callable[[str], str], ...] = (str, lambda text: _TRAILING_COMMA.sub(r"\1", text), unescape)
_PUBLISHED = (
    "article:published_time", "og:article:published_time", "og:published_time", "datepublished", "dc.date.issued",
    "dcterms.issued", "dcterms.created", "dc.date", "dcterms.date", "parsely-pub-date", "sailthru.date", "pubdate",
    "publishdate", "publish-date", "publication_date", "article.published", "cxenseparse:recs:publishtime",
    "bt:pubdate", "article_date_original", "originalpublicationdate", "date", "last-modified-date",
    "rnews:datepublished",
)  # fmt: skip
_UPDATED = (
    "article:modified_time",
    "og:updated_time",
    "datemodified",
    "dcterms.modified",
    "article.updated",
    "lastmod",
)
_AUTHOR = ("author", "article:author", "dc.creator", "dcterms.creator", "parsely-author", "sailthru.author", "byl",
           "article.author", "cxenseparse:author")  # fmt: skip
_SECTION = ("article:section", "parsely-section", "section", "articlesection", "dc.subject", "category", "genre")


@dataclass(frozen=True, slots=True)
class Declared:
    """A page in its own words; dates are raw, absent things are empty."""

    headline: str = ""  # of JSON-LD
    og_title: str = ""
    h1: str = ""
    page_title: str = ""
    published: tuple[str, ...] = ()  # candidates, best first
    updated: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    bylines: tuple[str, ...] = ()  # as written, before names are taken out of them
    around: tuple[str, ...] = ()  # date lines that stand around the headline
    sources: tuple[str, ...] = ()  # whose text it says it is: source organisation, credit line
    publisher: str = ""
    site_name: str = ""
    section: str = ""
    language: str = ""
    canonical: str = ""
    body: str = ""  # JSON-LD articleBody
    free: bool = True  # False: it says that it is behind a paywall
    description: str = ""
    image: str = ""  # address of the lead image

    @property
    def is_ample(self) -> bool:
        """True when headline, names and minute are declared, so that the page need not be searched for them."""
        return bool(self.h1 and self.bylines) and any(_TIMED.search(moment) for moment in self.published)


def read(tree: HtmlElement, url: str) -> Declared:
    """Everything that a page declares about its article."""
    meta = _meta(tree)
    heading = _heading(tree)
    h1 = _joined(heading) if heading is not None else ""
    around = masthead.read(heading)
    nodes = _json_ld(tree)
    node = _article(nodes, url, {fold_term(t) for t in (meta.get("og:title", ""), h1) if t})
    bylines, authors = _bylines(tree, node, meta, around)
    publisher = _names(node.get("publisher") or node.get("sourceOrganization"))
    return Declared(
        headline=_headline(node),
        og_title=clean_line(meta.get("og:title") or meta.get("twitter:title", "")),
        h1=h1,
        page_title=clean_line(tree.findtext(".//title") or ""),
        published=tuple(_published(tree, node, meta, around)) or around.updated,
        updated=tuple(
            filter(None, [_string(node, "dateModified"), *(meta.get(k, "") for k in _UPDATED), *around.updated])
        ),
        authors=authors,
        bylines=tuple(bylines),
        around=(*around.dated, *around.over, *naming.labels(around.lines)),
        sources=(*_sources(tree, node, meta), *naming.credited(around.lines, around.dated)),
        publisher=publisher[0] if publisher else "",
        site_name=clean_line(meta.get("og:site_name") or meta.get("application-name", ""), 100)
        or _microdata(tree, "publisher", "name"),
        section=_section(node, meta) or sections.section_of(tree, nodes, around.lines, (h1, meta.get("og:title", ""))),
        language=_language(tree, node, meta),
        canonical=_canonical(tree, node, meta, url),
        body=_string(node, "articleBody"),
        free=str(node.get("isAccessibleForFree", True)).lower() not in {"false", "no", "0"}
        and meta.get("article:content_tier", "free") not in {"locked", "metered"},
        description=clean_line(meta.get("og:description") or meta.get("description", ""), 2000),
        image=_image(node, meta, url) or _address(_microdata(tree, "image", "url"), url),
    )


def _meta(tree: HtmlElement) -> dict[str, str]:
    """Meta tags and microdata by lower-case name; the first of a name counts."""
    found: dict[str, str] = {}
    for element in tree.iter("meta"):
        attributes = dict(element.items())
        if content := attributes.get("content", "").strip():
            for attribute in ("property", "name", "itemprop", "http-equiv"):
                if name := attributes.get(attribute, "").strip().lower():
                    found.setdefault(name, content)
    return found


def _heading(tree: HtmlElement) -> HtmlElement | None:
    """The h1 of the article, of the page otherwise; the h2 or h3 that says what <title> says where there is none."""
    for path in (".//article//h1", ".//main//h1", ".//h1"):
        for element in tree.iterfind(path):
            if len(clean_line(" ".join(element.itertext()))) > 5:
                return element
    title = fold_term(clean_line(tree.findtext(".//title") or "")[:300])
    for tags in (("h2", "h3"), ("b", "strong", "font", "span", "div", "td")):
        for element in tree.iter(*tags):
            text = fold_term(clean_line(short_text(element, 300)))
            if len(text) > 12 and text in title and (tags[0] == "h2" or len(text) > 0.4 * len(title)):
                return element
    only = list(islice(tree.iter("h2", "h3"), 2))
    return only[0] if len(only) == 1 and masthead.leads_to_text(only[0]) else None


def _joined(heading: HtmlElement) -> str:
    """The words of a headline, whose parts may stand in boxes of their own: "Irak", ": Drei Tote"."""
    pieces = [piece.strip() for piece in heading.itertext() if piece.strip()]
    return clean_line("".join(f"{'' if piece[0] in ':,.;!?' else ' '}{piece}" for piece in pieces))


def _json_ld(tree: HtmlElement) -> list[dict[str, Any]]:
    nodes: list[dict[str, Any]] = []
    for script in tree.iter("script"):
        if "ld+json" in (script.get("type") or "").lower():
            nodes.extend(_walk(_loads(script.text or ""), 0))
    return nodes


def _loads(text: str) -> Any:
    """JSON as sites write it: with comments, control characters and commas too many; of ruins, what can be saved."""
    text = text.strip()
    if text[:1] not in _OPEN or text[-1:] not in _CLOSED:
        text = _WRAPPING.sub("", text).strip(" ;")
    for mended in _MENDED:
        try:
            return documents.loads(mended(text), strict=False)
        except (ValueError, RecursionError):
            continue
    return _saved(text[:_RUINS])


def _saved(text: str) -> dict[str, Any] | None:
    """The plain facts of JSON that no parser reads, most often for a quote within a quote: dates and names."""
    kind = re.search(r'"@type"\s*:\s*\[?\s*"(\w*(?:Article|BlogPosting))"', text)
    if kind is None:
        return None
    node: dict[str, Any] = {"@type": kind.group(1)}
    for key in ("datePublished", "dateModified", "isAccessibleForFree", "articleSection"):
        if found := re.search(rf'"{key}"\s*:\s*"?([^"\n,}}]+)', text):
            node[key] = found.group(1).strip()
    for key in ("author", "publisher"):
        if found := re.search(rf'"{key}"\s*:\s*[\[{{][^}}]{{0,300}}?"name"\s*:\s*"([^"\n]+)"', text):
            node[key] = found.group(1)
    return node


def _walk(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    if depth > 6:
        return
    if isinstance(value, list):
        for one in value[:200]:
            yield from _walk(one, depth + 1)
    elif isinstance(value, dict):
        if "@type" in value:
            yield value
        for key in ("@graph", "mainEntity", "mainEntityOfPage", "itemListElement", "item", "hasPart"):
            if isinstance(value.get(key), dict | list):
                yield from _walk(value[key], depth + 1)


def _article(nodes: list[dict[str, Any]], url: str, titles: set[str]) -> dict[str, Any]:
    """The node that is about this page: an article with its title, else with its address, else the first."""
    articles = [n for n in nodes if any(_ARTICLE.search(t) for t in _types(n))]
    path = urlsplit(url).path.rstrip("/")

    def score(node: dict[str, Any]) -> int:
        headline = fold_term(_headline(node))
        titled = bool(headline) and any(headline in t or t in headline for t in titles)
        addresses = json.dumps([node.get("url"), node.get("mainEntityOfPage"), node.get("@id")], ensure_ascii=False)
        return 2 * titled + (len(path) > 1 and path in addresses) + bool(node.get("datePublished") and headline)

    return max(articles, key=score, default={})


def _types(node: dict[str, Any]) -> list[str]:
    kind = node.get("@type")
    return [str(t) for t in (kind if isinstance(kind, list) else [kind])]


def _string(node: dict[str, Any], key: str) -> str:
    value = node.get(key)
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, int | float) and value > 1e9:  # seconds or milliseconds since 1970
        return f"{value:.0f}"
    return unescape(value).strip() if isinstance(value, str) else ""


def _headline(node: dict[str, Any]) -> str:
    return clean_line(_string(node, "headline") or _string(node, "name"))


def _names(value: Any) -> list[str]:
    """Names of people or organisations, however they are nested."""
    if isinstance(value, str):
        return [clean_line(value, 200)] if value and not value.startswith("http") else []
    if isinstance(value, list):
        return [name for one in value[:20] for name in _names(one)]
    return _names(value.get("name")) if isinstance(value, dict) else []


_TIMED = re.compile(r"\d[T ]+\d\d?:\d\d")


def _published(tree: HtmlElement, node: dict[str, Any], meta: dict[str, str], around: Masthead) -> Iterator[str]:
    said = (_string(node, "datePublished"), *(meta.get(k, "") for k in _PUBLISHED), _string(node, "dateCreated"))
    found = [value for value in said if value]
    if not any(map(_TIMED.search, found)):  # else what is written on the page is not better, and dear to find
        marked = _DATED(tree)
        found += (v for e in marked if (v := e.get("datetime") or e.get("content") or e.get("title")))
        found += around.published
        found += _elsewhere(tree) if found or not around.updated else around.updated
    yield from found


def _elsewhere(tree: HtmlElement) -> Iterator[str]:
    """The first times for machines in the likelier parts of a page, be they of other stories."""
    for path in (
        "//article//time[@datetime]",
        "//header//time[@datetime]",
        "//main//time[@datetime]",
        "//time[@datetime]",
    ):
        for element in tree.xpath(path)[:1]:
            yield element.get("datetime")


def _bylines(
    tree: HtmlElement, node: dict[str, Any], meta: dict[str, str], around: Masthead
) -> tuple[list[str], tuple[str, ...]]:
    """The first bylines that give names, and these: JSON-LD, meta tags, the lines around the headline, any byline."""
    lines = _names(node.get("author") or node.get("creator"))
    if not lines:
        lines = [clean_line(meta[k], 300) for k in _AUTHOR if k in meta and not meta[k].startswith("http")][:1]
    if names := naming.each_once(name for line in lines for name in naming.split_names(line)):
        return lines, names
    byline, found = naming.of_lines(around.lines)
    if found:
        return list(byline), naming.each_once(found)
    signed = filter(_is_byline, _SIGNED(tree))
    lines = [clean_line(" ".join(e.itertext()), 300) for e in islice(signed, 4)]
    return lines, naming.each_once(name for line in lines for name in naming.shown(line))


# By attributes, which few tags have: to ask each tag for each attribute takes three times as long.
_DATED = finder("//@itemprop[. = 'datePublished']/.. | //@pubdate/..")
_SIGNED = finder(
    "//@rel[. = 'author']/.. | //@itemprop[. = 'author']/.."
    " | //@class[contains(., 'byline') or contains(., 'author')]/.."
)
_THING = finder("//@itemprop[. = $what]/..")
_SOURCE = ("source", "agenc", "signat", "author-sign")
_OTHERS = re.compile(r"related|recommend|teaser|card|promo|list|more|most|sidebar|widget")
_ASIDE = frozenset({"aside", "nav", "li", "footer", "figure", "form", "header"})
_BYLINE = ("author-name", "article-author", "article__author")


@lru_cache(maxsize=20_000)  # a page repeats few names many times
def _is_source(names: str) -> bool:
    return any(word in names for word in _SOURCE)


def _is_byline(element: HtmlElement) -> bool:
    names = element.get("class") or ""
    signed = element.get("rel") == "author" or element.get("itemprop") == "author"
    return signed or "byline" in names.split() or any(word in names for word in _BYLINE)


def _sources(tree: HtmlElement, node: dict[str, Any], meta: dict[str, str]) -> Iterator[str]:
    """What a page says of whose text it is; not of its pictures."""
    for key in ("sourceOrganization", "creditText", "provider"):
        yield from _names(node.get(key))
    for key in ("source", "article:source", "dc.source", "dcterms.source", "news_source"):
        if key in meta and not meta[key].startswith("http"):
            yield clean_line(meta[key], 200)
    for element in islice((e for e in tree.iter() if (names := e.get("class")) and _is_source(names)), 8):
        around = [element, *islice(element.iterancestors(), 4)]
        boxes = " ".join(up.get("class") or "" for up in around).lower()
        if not masthead.PHOTO.search(boxes) and not _OTHERS.search(boxes) and not {up.tag for up in around} & _ASIDE:
            yield clean_line(short_text(element, 120))


def _image(node: dict[str, Any], meta: dict[str, str], url: str) -> str:
    """The address of the lead image: og:image, else JSON-LD's, however it is nested."""
    value: Any = meta.get("og:image") or meta.get("twitter:image") or node.get("image")
    for _ in range(3):
        if isinstance(value, list):
            value = value[0] if value else ""
        if isinstance(value, dict):
            value = value.get("url") or value.get("contentUrl") or value.get("@id")
    return _address(value, url) if isinstance(value, str) else ""


def _address(value: str, url: str) -> str:
    """A web address on a page of another; "" for what is none."""
    try:
        address = urljoin(url, value.strip()) if value.strip() else ""
    except ValueError:
        return ""
    return address if address.startswith(("http://", "https://")) and len(address) <= 4096 else ""


def _microdata(tree: HtmlElement, what: str, part: str) -> str:
    """A part of a thing in microdata, or the thing itself: the name of the publisher, the address of the image."""
    for thing in _THING(tree, what=what)[:1]:
        for element in thing.iter():
            if element.get("itemprop") == part or element.get("src") is not None:
                return clean_line(element.get("content") or element.get("src") or short_text(element, 100), 4096)
    return ""


def _section(node: dict[str, Any], meta: dict[str, str]) -> str:
    sections = _names(node.get("articleSection"))
    return sections[0][:100] if sections else clean_line(next((meta[k] for k in _SECTION if k in meta), ""), 100)


def _language(tree: HtmlElement, node: dict[str, Any], meta: dict[str, str]) -> str:
    root = tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or ""
    return (root or _string(node, "inLanguage") or meta.get("og:locale", "") or meta.get("content-language", ""))[:10]


def _canonical(tree: HtmlElement, node: dict[str, Any], meta: dict[str, str], url: str) -> str:
    """The address that the page itself declares; not one that only names the site.

    JSON-LD is believed for a page of the same name: elsewhere it points at sections and front pages.
    """
    links = (e.get("href") for e in tree.iter("link") if "canonical" in (e.get("rel") or ""))
    entity = node.get("mainEntityOfPage")
    own = entity.get("@id") or entity.get("url") if isinstance(entity, dict) else entity
    name = urlsplit(url).path.rstrip("/").rpartition("/")[2]
    named = [a for a in (own, node.get("url")) if isinstance(a, str) and name and name in a]
    for value in (next(links, None), meta.get("og:url"), *named):
        try:
            address = urljoin(url, str(value or "").strip())
            parts = urlsplit(address)
        except ValueError:
            continue
        good = bool(value) and parts.scheme in {"http", "https"} and bool(parts.hostname) and len(address) <= 4096
        if good and (len(parts.path) > 1 or parts.query or len(urlsplit(url).path) <= 1):
            return address
    return ""
