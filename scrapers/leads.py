"""The standfirst: the sentence or two between headline and text that many sites keep outside the body.

It often holds the toll, and text-density extractors leave it out, for it stands alone among dates,
names and share buttons. A block there is a lead when its name says so, or when it opens with the
words that the page gives as its own description.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

from lxml.html import HtmlElement

from scrapers.nodes import short_text, whole_text
from tocsin.text import fold_term, letters

LEAST, MOST = 40, 900  # characters of a lead
NEW = 0.4  # of its words: what says less that is new only repeats the text
_OPENING = 300  # characters with the letters of a description's opening
REACH = 160  # elements after the headline in which a lead stands
_TAGS = frozenset({"p", "div", "h2", "h3", "h4", "span", "strong"})
_NAMES = re.compile(
    r"(?:^|[\s_-])(?:lead|lede|intro(?:duction|text)?|standfirst|stand-first|chapo|chapeau|summary|deck|dek"
    r"|sub-?title|sub-?head(?:line|ing)?|excerpt|perex|entradilla|bajada|sommario|ingress|preamble|vorspann|spitzmarke"
    r"|teaser-?text|abstract|spot)(?:$|[\s_-])"
)
_NO_LEAD = re.compile(r"caption|related|newsletter|card|recommend|promo|comment|author|byline|breadcrumb|ticker")
_ATTRIBUTES = ("class", "id", "data-testid", "data-test", "data-component")
_NO_LEAD_TAGS = frozenset({"figure", "figcaption", "aside", "li"})
_PICTURE = re.compile(r"caption|gallery|carousel|slide|photo|picture|(?:^|[\s_-])(?:image|media|video|player)")
_WORD = re.compile(r"\w+")
_CAMEL = re.compile(r"([a-z])([A-Z])")


def candidates(tree: HtmlElement, titles: tuple[str, ...], description: str) -> list[str]:
    """Blocks after the headline that may be the lead, in page order; to be taken before the page is pruned.

    Args:
        titles: What the headline may be.
        description: What the page says it is about; may be cut short with an ellipsis.
    """
    opening = key(description.rstrip("…. "))[:60]
    heads = {key(title) for title in titles if title}
    found: list[str] = []
    for element in _after_headline(tree, heads):
        if element.tag not in _TAGS or len(element) > 12:
            continue
        named = _is_named(element)
        if not named and (len(opening) < 30 or not _may_begin(element, opening)):
            continue
        text = " ".join(short_text(element, 2 * MOST).split())
        if not LEAST <= len(text) <= MOST or not (named or key(text[:200]).startswith(opening)) or key(text) in heads:
            continue
        if not _pictured(element) and not any(text in other or other in text for other in found):
            found.append(text)
    return found


def _may_begin(element: HtmlElement, opening: str) -> bool:
    """False where the first words of an element are not those of ``opening``; it is dear to read all of each."""
    words = element.text  # of most
    if not words or not words.strip():
        words = next(filter(str.strip, element.itertext()), "")
    first = key(words[:_OPENING])
    return first.startswith(opening) or opening.startswith(first)


def put_first(text: str, leads: list[str]) -> str:
    """The text with its lead in front, where the text does not have it yet."""
    if not text or not leads:
        return text
    known = set(_WORD.findall(fold_term(text)))
    missing = [lead for lead in leads if _adds(lead, known)]
    return "\n".join([*missing[:1], text])


def _adds(lead: str, known: set[str]) -> bool:
    """True when the text does not say what the lead says: a figure that it lacks, or half of the lead's words."""
    words = _WORD.findall(fold_term(lead))
    new = [word for word in words if word not in known]
    return any(word.isdigit() for word in new) or len(new) > NEW * len(words)


def key(text: str) -> str:
    """Letters and digits alone, folded: what two ways of writing one text share."""
    return letters(text[:2000])


def _after_headline(tree: HtmlElement, heads: set[str]) -> Iterator[HtmlElement]:
    """The elements that follow the headline, so many as a lead may be away from it."""
    for headline in tree.iter("h1"):
        if key(whole_text(headline)) in heads:
            yield from islice(_following(headline), REACH)
            return


def _following(element: HtmlElement) -> Iterator[HtmlElement]:
    """What is in an element and behind it, in page order."""
    yield from element.iterdescendants()
    for up in (element, *element.iterancestors()):
        for sibling in up.itersiblings():
            yield from sibling.iter()


def _pictured(element: HtmlElement) -> bool:
    """True for a caption, and for a box that holds scripts, lists or pictures: no sentence of a lead."""
    if next(element.iter("script", "style", "li", "figure", "img", "form", "button", "time"), None) is not None:
        return True
    above = [element, *element.iterancestors()][:4]
    return any(e.tag in _NO_LEAD_TAGS or _PICTURE.search((e.get("class") or "").lower()) for e in above)


def _is_named(element: HtmlElement) -> bool:
    if element.get("itemprop") in {"description", "alternativeHeadline"}:
        return True
    return _says_lead(" ".join(filter(None, map(element.get, _ATTRIBUTES))))


@lru_cache(maxsize=20_000)  # a page repeats few names many times
def _says_lead(names: str) -> bool:
    names = _CAMEL.sub(r"\1-\2", names).lower()
    return _NAMES.search(names) is not None and not _NO_LEAD.search(names)
