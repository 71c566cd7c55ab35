"""Why a block of a page is no text: a caption, an embedded post, a row of links, a pointer to another story.

Each reason is one that the page itself shows, by what it calls a block and the boxes around it, or by its links.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from lxml.html import HtmlElement

from scrapers.neighbours import FULL_STOPS
from scrapers.nodes import own_names, short_text, whole_text
from scrapers.noise import MAX_TEASER

FIGURES = frozenset({"figure", "figcaption"})
_CAPTION = re.compile(r"caption|legende|légende|photo-?credit|image-?credit|bildunterschrift|fotobyschrift", re.I)
_EMBED = re.compile(r"\b(?:twitter-tweet|instagram-media|tiktok-embed|fb-post|telegram-post)\b", re.I)
_PICTURE = re.compile(r"(?:^|[\s_-])(?:image|photo|picture|video|media|img|foto|bild)s?(?:[\s_-]|$)")
_CAMEL = re.compile(r"([a-z])([A-Z])")
_POINTERS = frozenset({"p", "li", "div"})
_LEVELS = 3  # boxes around a block that may say what it is; a link may be one further out
_LONGEST_CAPTION = 300  # characters
_LONGEST_LINK, _LONGEST_ROW = 300, 600  # characters of one link, and of several, that are no sentence


def why_dropped(element: HtmlElement, text: str, known: dict[HtmlElement, Above]) -> str:
    """The reason to drop a block, "" to keep it.

    Args:
        known: What is above the boxes of one page that were met; grows, for a box holds many blocks.
    """
    if why := _why_itself(element):
        return why
    parent = element.getparent()
    if parent is None:
        return ""
    above = known.get(parent)
    if above is None:
        above = known[parent] = _above(parent)
    if above.why or is_linked(element, text) or _is_pointer(element, text):
        return above.why or "links"
    return "caption" if above.picture is not None and _is_nearly_all(text, above.picture) else ""


def _why_itself(element: HtmlElement) -> str:
    names = element.get("class")
    return (why_named(names) if names else "") or ("caption" if element.tag in FIGURES else "")


@dataclass(frozen=True, slots=True)
class Above:
    """What the boxes around a block say of it."""

    why: str
    picture: HtmlElement | None  # the closest that is called a picture's


def _above(parent: HtmlElement) -> Above:
    """The nearest reason in the boxes around; a link that holds them makes a card of another story."""
    picture: HtmlElement | None = None
    box: HtmlElement | None = parent
    for level in range(_LEVELS + 1):
        if box is None:
            break
        if level < _LEVELS and (why := _why_itself(box)):
            return Above(why, picture)
        if box.tag == "a":
            return Above("links", picture)
        if level < _LEVELS and picture is None and (names := box.get("class")) and _is_picture(names):
            picture = box
        box = box.getparent()
    return Above("", picture)


def is_captioned(element: HtmlElement, text: str) -> bool:
    """True for a box with a picture and a few words, if it is called a picture's."""
    names = element.get("class")
    return bool(names) and len(text) <= _LONGEST_CAPTION and _is_picture(names)


def _is_pointer(element: HtmlElement, text: str) -> bool:
    """True for a line that leads to another story: "READ HERE | Five held after the attack"."""
    if element.tag not in _POINTERS or not 30 < len(text) < MAX_TEASER or text[-1] in FULL_STOPS:
        return False
    links = [" ".join(whole_text(a).split()) for a in element.iter("a")]
    if not 0 < len(links) < 3 or len(links[-1]) < 25 or not text.endswith(links[-1]):
        return False
    return sum(map(len, links)) > 0.5 * len(text)


def _is_nearly_all(text: str, box: HtmlElement) -> bool:
    """True where a box holds a text and little else."""
    return short_text(box, int(1.6 * len(text)) + 40) != ""


def is_linked(element: HtmlElement, text: str) -> bool:
    """True for a row of links, which an article is not."""
    if len(text) >= _LONGEST_ROW or (len(element) == 0 and element.tag != "a"):
        return False
    links = [len(whole_text(a)) for a in element.iter("a")]
    return sum(links) > 0.75 * len(text) and (len(text) < _LONGEST_LINK or len(links) > 1)


@lru_cache(maxsize=20_000)  # a page repeats few names many times
def _is_picture(names: str) -> bool:
    return _PICTURE.search(_CAMEL.sub(r"\1-\2", own_names(names)).lower()) is not None


@lru_cache(maxsize=20_000)
def why_named(names: str) -> str:
    """The reason to drop a box that is called so, "" to keep it."""
    names = own_names(names)
    return "embed" if _EMBED.search(names) else "caption" if _CAPTION.search(names) else ""
