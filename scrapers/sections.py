"""The part of the paper a story stands in, and the paper itself, where the page says them only to its readers.

A breadcrumb ends in the section, the label over a headline names it, and <title> carries the outlet before or
behind the headline.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from scrapers.masthead import Line
from scrapers.nodes import finder, short_text
from tocsin.text import clean_line, fold_term

LONGEST, _WORDS = 40, 5  # characters and words of a section
_CRUMBS = finder(  # by attributes, which few tags have: half the time of asking each tag
    "//@class[contains(., 'readcrumb')]/.. | //@id[contains(., 'readcrumb')]/.."
    " | //@aria-label[. = 'breadcrumb' or . = 'Breadcrumb']/.."
)
_HOME = frozenset(
    fold_term(word)
    for line in """
home|homepage|front page|accueil|à la une|startseite|inicio|portada|ana sayfa|anasayfa|haberler|nieuws|news|actualité
voorpagina|tuis|الرئيسية|الصفحة الرئيسية|سەرەتا|خانه|صفحه اصلی|صفحه نخست|صفحۂ اول|destpêk
""".strip().split("\n")
    for word in line.split("|")
)
_LABEL = re.compile(
    r"(?:^|[\s_-])(?:cat|category|categories|categoria|section|rubri[ckq]\w*|ressort|service)(?:$|[\s_-])"
)
_PREFIX = re.compile(
    r"^(?:from the section\s+|(?:categor(?:y|ies)|catégorie|rubrique|section|kategorie|القسم)\s*:\s*)", re.I
)
_NO_SECTION = re.compile(r"\d|\b(?:by|published|posted|twitter|facebook|share|print|e-?mail)\b", re.I)
_SEPARATORS = " \t|-–—:•·»«›‹/"


def section_of(tree: HtmlElement, nodes: list[dict[str, Any]], lines: Iterable[Line], titles: Iterable[str]) -> str:
    """The section by the breadcrumb, for machines or for readers, else by the label near the headline."""
    heads = {fold_term(title) for title in titles if title}
    trail = list(_declared(nodes)) or list(_shown(tree))
    labels = [_PREFIX.sub("", line.shown[0]) for line in lines if _LABEL.search(line.names)]
    for name in (*reversed(trail), *labels):
        folded = fold_term(name)
        if _may_be_one(name, folded) and not any(head.startswith(folded) for head in heads):
            return name
    return ""


def _may_be_one(name: str, folded: str) -> bool:
    short = 1 < len(name) <= LONGEST and len(name.split()) <= _WORDS
    return short and folded not in _HOME and not _NO_SECTION.search(name)


def _declared(nodes: list[dict[str, Any]]) -> Iterator[str]:
    for node in nodes:
        if "BreadcrumbList" in str(node.get("@type")) and isinstance(steps := node.get("itemListElement"), list):
            for step in steps[:10]:
                item = step.get("item") if isinstance(step, dict) else None
                name = step.get("name") if isinstance(step, dict) else None
                name = name or (item.get("name") if isinstance(item, dict) else None)
                if isinstance(name, str):
                    yield clean_line(name)


def _shown(tree: HtmlElement) -> Iterator[str]:
    for trail in islice((box for box in _CRUMBS(tree) if box.find(".//a") is not None), 1):
        for link in islice(trail.iter("a"), 10):
            if text := clean_line(short_text(link, LONGEST)):
                yield text


def outlet_of(page_title: str, headline: str, url: str) -> str:
    """The outlet that a page's <title> names beside the headline; "" where it is not plainly one.

    >>> outlet_of("Four held in Anbar | Peace Watch", "Four held in Anbar", "https://www.peacewatch.org/a")
    'Peace Watch'
    """
    before, found, after = page_title.partition(headline) if headline else ("", "", "")
    if not found or (before.strip(_SEPARATORS) and after.strip(_SEPARATORS)):
        return ""
    name = (before.strip(_SEPARATORS) or after.strip(_SEPARATORS))[:80]
    if not 2 < len(name) <= LONGEST or re.search(r"\s[|–—-]\s", name):
        return ""
    squeezed = re.sub(r"\W+", "", fold_term(name))
    labels = [label.replace("-", "") for label in (urlsplit(url).hostname or "").split(".")[:-1] if len(label) > 2]
    related = any(squeezed in label or label in squeezed for label in labels)
    return name if related or not name.isascii() else ""
