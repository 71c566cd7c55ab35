"""What stands around an article: related stories, most-read lists, newsletters, layout tables; taken out first.

General extractors decide by text density, and a card with a headline and two lines of summary looks
like an article to them. A page says itself what such a block is, in its class names or its heading.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice, takewhile

from lxml import etree
from lxml.html import HtmlElement

from scrapers.nodes import own_names, whole_text
from scrapers.sizes import of_page
from tocsin.text import fold_term

_LONGEST_HEADING = 44  # characters
MOST = 0.4  # of the page's text: what holds more is no furniture, whatever it is called
_NAMES = re.compile(
    r"(?:^|[\s_-])(?:related|recommend(?:ed|ations?|er)?|most-?(?:read|popular|viewed|shared)|trending|outbrain|taboola"
    r"|read-?(?:more|also|next|on)|see-?also|more-(?:on|from|stories|news)|also-?(?:on|read)|newsletters?|sign-?up"
    r"|breadcrumbs?|comments?|sidebar|share(?:-?(?:bar|buttons?|tools?|links?))?|social(?:-?(?:media|share|links?))?"
    r"|cookies?|consent|gdpr|links-block|tags|tag-list|promo|teasers?|advert(?:isement)?|ads?|most"
    r"|(?:author-?|contributor-?)?bio(?:graphy)?|about-(?:the-)?author|author-?(?:box|info|card)|toast(?:-?popup)?|access-?wall"
    r"|regwall|whats-?app(?:-(?:group|cta|channel))?|inline-?sign-?up|vjs-no-js|no-js-message)(?:$|[\s_-])"
)
_HEADINGS = frozenset(
    fold_term(words)
    for line in """
related stories|related articles|related news|related topics|related|most read|most popular|trending|trending now
read more|read next|more from this section|more stories|more on this story|recommended|you may also like
les plus lus|les plus consultés|sur le même sujet|à lire aussi|lire aussi|articles liés|dans la même rubrique
meest gelezen|lees ook|lees verder|meer over dit onderwerp|ook interessant|meistgelesen|mehr zum thema
lesen sie auch|das könnte sie auch interessieren|lo más leído|más noticias|noticias relacionadas|leggi anche
ilgili haberler|çok okunanlar|أخبار ذات صلة|مواضيع ذات صلة|الأكثر قراءة|اقرأ أيضا|اقرأ أيضاً|قد يعجبك أيضا|قد يهمك
مقالات ذات صلة|اقرأ/ي أيضاً|موضوعات متعلقة|أخبار متعلقة|آخر الأخبار|الأكثر مشاهدة|اخبار مرتبط|مطالب مرتبط
هەواڵی پەیوەندیدار|بابەتی پەیوەندیدار|هەواڵی زیاتر|یہ بھی پڑھیے|یہ بھی پڑھیں|te puede interesar
también te puede interesar
más información|lee también|archivado en|sıradaki haber|benzer haberler|diğer haberler|ilginizi çekebilir|zie ook
ook in het nieuws|à lire également|articles similaires|sur le même thème|suivez notre direct|related posts
deel artikel|deel dit artikel|recommended stories|latest articles|up next|next article|auch interessant|mehr zu
""".strip().split("\n")
    for words in line.split("|")
)
_NO_TEXT = ("script", "style", "template", "svg", "iframe", "canvas", "object", "select", "datalist", "input", "source")
_BOXES = frozenset({"section", "div", "aside", "ul", "ol", "td", "nav", "dl"})
_GONE = "gone"
_LEAST_STORY = 200  # characters
_HEADS = frozenset({"h2", "h3", "h4", "h5"})
_ATTRIBUTES = ("class", "id", "data-component", "data-testid", "role", "aria-label")


def prune(tree: HtmlElement) -> None:
    """Take the furniture out of a page; the tree is changed."""
    body = tree.find("body")
    if body is None:
        return
    etree.strip_elements(tree, *_NO_TEXT, with_tail=False)  # structured data is read by its own module
    sizes = of_page(body)
    kept = _above(body.iter("h1"))
    stories = [one for one in body.iter("article") if one in kept and sizes.of(one) > _LEAST_STORY]
    story = stories[0] if len(stories) == 1 else None  # furniture outside it may be of any size
    inside = set(story.iter()) if story is not None else None
    gone: list[HtmlElement] = []
    for element in [*_named(body), *_headed(body)]:
        if element in kept:
            continue
        if (inside is None or element in inside) and sizes.of(element) >= MOST * sizes.whole:
            continue
        gone.append(element)
    for element in gone:
        element.tag = _GONE
    etree.strip_elements(body, _GONE, with_tail=False)
    _flatten_layout_tables(body)


def _above(elements: Iterable[HtmlElement]) -> set[HtmlElement]:
    """All that holds one of some elements."""
    found: set[HtmlElement] = set()
    for element in elements:
        found.update(takewhile(lambda box: box not in found, element.iterancestors()))
    return found


def _named(body: HtmlElement) -> Iterator[HtmlElement]:
    """Boxes whose names say what they are."""
    for element in body.iter(*_BOXES, "footer", "form"):
        if _is_furniture(" ".join(filter(None, map(element.get, _ATTRIBUTES)))):
            yield element


@lru_cache(maxsize=20_000)
def _is_furniture(names: str) -> bool:
    return bool(names) and _NAMES.search(own_names(names.lower())) is not None


def _headed(body: HtmlElement) -> Iterator[HtmlElement]:
    """Boxes that a heading like "Most read" opens."""
    long: set[HtmlElement] = set()  # from the end, so that what holds a long text is known before it is read
    openings: dict[HtmlElement, str] = {}
    for element in reversed(list(body.iter("h2", "h3", "h4", "h5", "b", "strong", "span", "p", "div"))):
        if len(element) > 3 or element in long:
            continue
        text = (whole_text(element) if len(element) else element.text or "").strip()
        if len(text) > _LONGEST_HEADING:
            long.update(takewhile(lambda box: box not in long, element.iterancestors()))
        elif is_heading(text):
            box = next(element.iterancestors(*_BOXES), None)
            if box is not None and box not in openings:
                openings[box] = _opening(box)
            if box is not None and openings[box].startswith("".join(text.split())):
                yield box
            elif element.tag in _HEADS:  # in one box with the story: the list below it
                yield element
                below = element.getnext()
                if below is not None and below.tag in {"ul", "ol", "nav"}:
                    yield below


def _opening(box: HtmlElement) -> str:
    """The first characters of a box, white space apart, so many as a heading may have."""
    text = ""
    for piece in box.itertext():
        text += "".join(piece.split())
        if len(text) >= _LONGEST_HEADING:
            break
    return text


def is_heading(text: str) -> bool:
    """True for words that open a box of other stories, such as "Most read"."""
    return 3 < len(text) <= _LONGEST_HEADING and fold_term(text.strip(" :>».-")) in _HEADINGS


def _flatten_layout_tables(body: HtmlElement) -> None:
    """Make plain boxes of tables that only place things: those whose cells hold blocks or many lines."""
    for table in [one for one in body.iter("table") if next(one.iterancestors("table"), None) is None]:
        cells = set(table.iter("td"))
        if any(_places(cell) for cell in cells if next(cell.iterancestors("td"), None) not in cells):
            for element in [table, *table.iter("tbody", "tr", "td", "th")]:
                element.tag = "div"


def _places(cell: HtmlElement) -> bool:
    return next(cell.iter("h1", "div"), None) is not None or len(list(islice(cell.iter("br"), 4))) > 3
