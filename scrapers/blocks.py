"""The text of a page that no site scraper knows: trafilatura's reading, and what we strike out of it.

trafilatura (precision) is the best single extractor on news; what it still lets through are captions,
teasers for other stories, rows of links and the title again. A block is dropped only for a reason
that the page itself shows.
"""

from __future__ import annotations

import re
from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from lxml import etree
from lxml.html import HtmlElement

from scrapers import neighbours, pruning
from scrapers.neighbours import FULL_STOPS, Block, key_of
from scrapers.nodes import own_names, whole_text
from scrapers.noise import is_noise, without_notes
from scrapers.reasons import FIGURES, Above, is_captioned, is_linked, why_dropped, why_named
from scrapers.sizes import MOST_ELEMENTS, shorten
from tocsin.errors import ParseError
from tocsin.text import clean_line, clean_text, letters

if TYPE_CHECKING:
    from trafilatura.settings import Extractor

MOST_HTML = 8_000_000  # characters; the largest news page we know has 1.7 million
MOST_TAGS = 60_000  # the richest we know has 10,000
_LONG_TAG, _LONGEST_TAG = 10_000, 200_000  # characters: looked into; bared whatever is in it
_LARGE, _TALL = 1_500_000, 100_000  # characters of a page that may hold too much on its levels; too many elements
_MOST_ATTRIBUTES = 1000
_BLOCK_TAGS = frozenset({
    "p", "li", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "td", "th", "dd", "dt", "figcaption", "div",
    "section", "article", "main", "aside", "header", "footer", "ul", "ol", "table", "tr", "figure", "form", "nav",
    "address", "details", "summary",
})  # fmt: skip
# What the extractor deletes itself, having looked at each tag of it a dozen times.
_UNREAD = (
    "applet", "area", "aside", "audio", "blink", "button", "canvas", "datalist", "dialog", "embed", "fieldset",
    "footer", "frame", "frameset", "head", "iframe", "input", "label", "legend", "link", "map", "marquee", "menu",
    "menuitem", "nav", "noindex", "noscript", "object", "optgroup", "option", "output", "param", "picture", "progress",
    "rp", "rt", "rtc", "script", "select", "source", "style", "svg", "textarea", "time", "track", "use", "video",
)  # fmt: skip
_SKIP = frozenset({"script", "style", "noscript", "template", "svg", "iframe", "button", "select", "textarea", "head"})
_END = 6  # lines of a text in which a note of its rights may stand
_STAMP = re.compile(r"\b(?:19|20)\d\d\b.{0,20}\b\d{1,2}[:h]\d{2}\b|\b\d{1,2}[:h]\d{2}\b.{0,30}\b(?:19|20)\d\d\b")
_LABEL = re.compile(
    r"(?:^|[\s_-])(?:rubrique|kicker|topline|overline|overtitle|surtitre|category|section-label|byline|signature"
    r"|dateline|timestamp|pubdate|publish-date|dachzeile)(?:$|[\s_-])",
    re.I,
)
_JOINER, _BOND = "\u200c", "\u2e3d"  # the bond is a stop of old manuscripts, which no news has
_ENOUGH = 0.5  # of the prose on the page: less than that, and the extractor is asked again
# A caption that cannot be the beginning of a sentence, as the bare name under a portrait is.
_WHOLE_CAPTION = re.compile(r"[.!?…)\]»”]$|©|\b(?:photo|foto|picture|image|bild|صورة|تصوير)\b.{0,40}$", re.I)
_ROUNDS = ((True, True), (True, False), (False, False))  # dearer and less strict only where needed
_ROUNDS_OF_MANY = ((True, True), (False, True))  # other extractors compare each block with each
_MOST_COMPARED = 4_000
_LEVELS = 3  # boxes around a picture that may be called so
_LEAST_ROW = 3  # links that make a row
_MARK = re.compile(r"\s[-–|·•/]\s")
_LEAST_SHARED = {"p": 20, "li": 30}  # letters: a word of a menu stands in many a text by chance
_LEAST_JUDGE = 400  # letters of an articleBody that may say what is no text
_NOWHERE: neighbours.Place = ("", ())


def parse(html: str) -> HtmlElement | None:
    """The tree of a page; None when there is nothing in it.

    Raises:
        ParseError: it is too big to be a page that people read.
    """
    if not html.strip():
        return None
    tags = html.count("<") if len(html) > MOST_TAGS else 0
    for what, size, most in (("characters", len(html), MOST_HTML), ("tags", tags, MOST_TAGS)):
        if size > most:
            raise ParseError("html", f"too_big: {size} {what}, more than the {most} that a page may have")
    html = _tamed(html)
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=False)
    # lxml.html asks Python for the class of each element it hands out; with one class for all, a walk costs half
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=HtmlElement))
    try:
        tree = etree.fromstring(html.encode("utf-8", "replace"), parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None
    if not isinstance(tree, HtmlElement):
        return None
    if len(html) > _LARGE or (len(html) > _TALL and html.count("<") > MOST_ELEMENTS):
        shorten(tree)  # what reads declarations, date lines and dates is as slow on boxes in boxes
    return tree


def _tamed(html: str) -> str:
    """The page with tags that have thousands of attributes bared: the parser compares each with each."""
    if not _may_hold_long_tag(html):
        return html
    pieces = html.split("<")
    for number, piece in enumerate(pieces):
        if len(piece) > _LONG_TAG and piece[0].isalpha():
            tag, closed, rest = piece.partition(">")
            if len(tag) > _LONGEST_TAG or (len(tag) > _LONG_TAG and tag.count("=") > _MOST_ATTRIBUTES):
                pieces[number] = tag.split(None, 1)[0][:20] + closed + rest
    return "<".join(pieces)


def _may_hold_long_tag(html: str) -> bool:
    """True where more than ``_LONG_TAG`` characters without "<" or ">" follow a "<"."""
    start = html.find("<")  # in the end the last of either that was met
    while 0 <= start < len(html) - _LONG_TAG - 1:
        reach = start + 1, start + _LONG_TAG + 2
        last = max(html.rfind("<", *reach), html.rfind(">", *reach))
        if last < 0 and html[start] == "<":
            return True
        start = last if last >= 0 else html.find("<", reach[1])
    return False


@dataclass(frozen=True, slots=True)
class Reading:
    """The text of a page, "" when it has none."""

    text: str
    credits: str  # the text with what follows it, where it may say whose it is

    def parted(self) -> Reading:
        """The same with the joiners that were made visible for the extractor."""
        return Reading(self.text.replace(_BOND, _JOINER), self.credits.replace(_BOND, _JOINER))


def generic(tree: HtmlElement, url: str, titles: tuple[str, ...]) -> Reading:
    """The text of a page without help of a site scraper.

    Args:
        tree: The parsed page; what stands around the article is taken out of it.
        titles: Lines equal to one of these, such as headline and byline, are not text when they open it.
    """
    joined = _bind(tree)
    pruning.prune(tree)
    found, unwanted = _blocks(tree)
    unwanted |= {key for one in found for key in _rows(one.element, whole=one.why == "links")}
    captions = tuple(one.text for one in found if one.why == "caption" and _WHOLE_CAPTION.search(one.text))
    prose = sum(len(one.text) for one in found if not one.why and len(one.text) > 80 and one.text[-1] in FULL_STOPS)
    text = ""
    for precise, fast in _ROUNDS if len(found) <= _MOST_COMPARED else _ROUNDS_OF_MANY:
        read = neighbours.complete(_trafilatura(tree, url, precise=precise, fast=fast), found)
        again = edit(_without_captions(without_notes(read), captions), unwanted, titles)
        text = again if len(again) > 1.5 * len(text) else text
        if len(text) >= max(500, _ENOUGH * prose):
            break
    rights = [line for line in read.split("\n")[-_END:] if line.startswith("©")]
    reading = Reading(neighbours.without_tail(text, found), "\n".join([text, *rights]))
    return reading.parted() if joined else reading


def _bind(tree: HtmlElement) -> bool:
    """Put a printing character where parts of Persian words meet: the extractor drops what cannot be seen."""
    body = tree.find("body")
    bound = False
    for element in body.iter() if body is not None and _JOINER in whole_text(body) else ():
        if element.text and _JOINER in element.text:
            element.text, bound = element.text.replace(_JOINER, _BOND), True
        if element.tail and _JOINER in element.tail:
            element.tail, bound = element.tail.replace(_JOINER, _BOND), True
    return bound


def shared(tree: HtmlElement, body: str, titles: tuple[str, ...]) -> str:
    """The innermost blocks of a page that ``body`` has too, in page order and each once."""
    keys = [letters(line) for line in body.split("\n")]
    whole, own = "".join(keys), set(keys)  # of the body every line that is noise is gone
    heads = {key_of(title) for title in titles if title}
    lines: dict[str, str] = {}
    reached = 0  # in ``whole``, where the next paragraph mostly begins: to look there first spares a search
    for element in tree.iter("p", "h2", "h3", "h4", "li", "blockquote", "pre"):
        least = _LEAST_SHARED.get(element.tag, 12)
        for line in _broken(element, least):
            key = key_of(line)
            if len(key) < least or key in lines or key in heads:
                continue
            if whole.startswith(key[:200], reached):
                reached += len(key)
            elif key[:200] not in whole:
                continue
            if (key in own or not is_noise(line)) and not is_linked(element, line):
                lines[key] = line
    return "\n".join(lines.values()).replace("\u00ad", "")


def _broken(element: HtmlElement, least: int) -> list[str]:
    """The text of a block, a line for each that <br> makes; nothing where it has fewer than ``least`` characters."""
    text = whole_text(element)
    if len(text) < least or len(" ".join(text.split())) < least:  # most of a page: rows of its menus
        return []
    if len(element) > 0 and next(element.iter("br"), None) is not None:
        for br in element.iter("br"):
            br.tail = "\u2028" + (br.tail or "").lstrip("\u2028")
        text = whole_text(element)
    return [clean_line(line, 20_000) for line in text.split("\u2028")]


def _rows(element: HtmlElement, *, whole: bool) -> set[str]:
    """Keys of the lines that <br> makes of a block: of all, or of those that are links with marks between them."""
    if (not whole and len(element) <= _LEAST_ROW) or element.find(".//br") is None:
        return set()
    pieces = ("\n" if isinstance(one, HtmlElement) else str(one) for one in element.xpath(".//text() | .//br"))
    links = set() if whole else {key_of(whole_text(link)) for link in element.iter("a")}
    rows = (line for line in "".join(pieces).split("\n") if whole or _is_row(line, links))
    return {key for line in rows if (key := key_of(line))}


def _is_row(line: str, links: set[str]) -> bool:
    parts = {key_of(part) for part in _MARK.split(line)}
    return len(links) >= _LEAST_ROW <= len(parts) and parts <= links


def _without_captions(text: str, captions: tuple[str, ...]) -> str:
    """The text without captions that the extractor joined to the paragraph behind them."""
    for caption in captions:
        if f"{caption} " in text:  # to make a pattern ready takes longer than all else here
            text = re.sub(rf"^{re.escape(caption)} (?![a-zß-ÿ(])", "", text, flags=re.M)
    return text


def agreed(text: str, body: str) -> str:
    """Lines of ``text`` that the page's own ``articleBody`` has too, where that is plainly the same text.

    A body that lacks much of the text, or has much more, is a teaser or another story, and no judge.
    """
    whole = letters(body)
    if len(whole) < _LEAST_JUDGE:
        return text
    lines = text.split("\n")
    kept = [line for line in lines if key_of(line)[:120] in whole]
    size, shared = len(letters(text)), len(letters("\n".join(kept)))
    if shared < 0.6 * size or shared < 0.8 * len(whole):
        return text
    return "\n".join(kept)


def _trafilatura(tree: HtmlElement, url: str, *, precise: bool, fast: bool) -> str:
    import trafilatura  # 0.3 s to load, not needed where the feed carries the text

    if fast:  # else it reads them with other extractors
        tree = copy(tree)
        etree.strip_elements(tree, *_UNREAD, with_tail=False)
    return clean_text(trafilatura.extract(tree, url=url, options=_options(precise, fast)) or "")


@lru_cache(maxsize=4)
def _options(precise: bool, fast: bool) -> Extractor:
    """Made once: each reads its defaults from a file of settings."""
    from trafilatura.settings import Extractor

    return Extractor(output_format="txt", comments=False, precision=precise, fast=fast)


def edit(text: str, unwanted: set[str], titles: tuple[str, ...]) -> str:
    """Strike out captions, teasers, rows of links, site noise and repeats of the title.

    Args:
        unwanted: Keys of the blocks that the page marks as no text.
    """
    heads = {key_of(title) for title in titles if title}
    lines: list[str] = []
    for number, line in enumerate(text.split("\n")):
        key = key_of(line)
        if not key or key in unwanted or is_noise(line):
            continue
        if number < 6 and (key in heads or _is_stamp(line)):
            continue
        if lines and key == key_of(lines[-1]):
            continue
        lines.append(line)
    return "\n".join(lines)


def _is_stamp(line: str) -> bool:
    """True for a line that only dates the story: "AFP | Sun, 22 Nov 2026 10:19"."""
    return len(line) < 90 and not line.endswith((".", "!", "?", "؟", '"', "»")) and _STAMP.search(line) is not None


def html_text(fragment: str) -> str:
    """The paragraphs of an HTML fragment, as feeds carry it; plain text comes back as it is."""
    tree = parse(f"<html><body>{fragment}</body></html>")
    return _without_noise(_plain(tree)) if tree is not None else ""


def body_text(body: str) -> str:
    """The paragraphs of an ``articleBody``: lines, with or without HTML in them."""
    if "<" in body or "&" in body:
        return html_text(body.replace("\n", "<br>"))
    return _without_noise(body.split("\n"))


def _without_noise(lines: list[str]) -> str:
    return clean_text("\n".join(line for line in lines if not is_noise(line.strip())))


def _plain(tree: HtmlElement) -> list[str]:
    parts: list[str] = []

    def walk(element: HtmlElement) -> None:
        tag = element.tag if isinstance(element.tag, str) else ""
        if tag in _SKIP or tag in FIGURES or not tag or why_named(element.get("class") or ""):
            parts.append(element.tail or "")
            return
        if tag in _BLOCK_TAGS or tag == "br":
            parts.append("\n")
        parts.append(" ".join((element.text or "").split("\n")) if tag != "pre" else element.text or "")
        for child in element:
            walk(child)
        if tag in _BLOCK_TAGS:
            parts.append("\n")
        parts.append(" ".join((element.tail or "").split("\n")))

    walk(tree)
    return "".join(parts).split("\n")


def _blocks(tree: HtmlElement) -> tuple[list[Block], set[str]]:
    """The innermost blocks of a page in its order, and the keys of those, and of labels, that are no text."""
    blocks: list[HtmlElement] = []
    holders: set[HtmlElement] = set()  # blocks with blocks inside
    labels: list[str] = []
    body = tree.find("body")
    for element in (tree if body is None else body).iter():
        if element.tag in _BLOCK_TAGS:
            blocks.append(element)
            parent = element.getparent()
            while parent is not None and parent.tag not in _BLOCK_TAGS:
                parent = parent.getparent()
            if parent is not None:
                holders.add(parent)
        if (names := element.get("class")) and _is_label(names):
            labels.append(" ".join(whole_text(element).split()))
    found: list[Block] = []
    boxes: dict[HtmlElement, neighbours.Boxes] = {}
    above: dict[HtmlElement, Above] = {}
    pictured = {box for image in tree.iter("img") for box in islice(image.iterancestors(), _LEVELS)}
    for element in blocks:
        if element not in holders and len(text := " ".join(whole_text(element).split())) > 3:
            why = why_dropped(element, text, above)
            why = why or ("caption" if element in pictured and is_captioned(element, text) else "")
            place = _NOWHERE if why else neighbours.place_of(element, boxes)
            found.append(Block(element, text, why, key_of(text), place))
    unwanted = {key_of(label) for label in labels if 1 < len(label) < 120}
    unwanted |= {one.key for one in found if one.why and len(one.text) < 1500}
    return found, unwanted - {one.key for one in found if not one.why and len(one.text) > 60}


@lru_cache(maxsize=20_000)  # a page repeats few names many times
def _is_label(names: str) -> bool:
    return _LABEL.search(own_names(names)) is not None
