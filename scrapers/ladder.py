"""The ways to the text of a page, best first, and why one was believed: each rung says what it rests on.

A site scraper is believed only while its text has a sane shape, for sites change their layout without a
word and old selectors then catch the menu. JSON-LD text is believed at once where the page shows the same
paragraphs, and alone where it shows hardly any; what only the page's scripts hold comes last.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from lxml.html import HtmlElement

from scrapers import blocks, excerpts, leads, noise, quality, registry, state
from scrapers.registry import Reading
from scrapers.structured import Declared

SITE_LEAST = 200  # characters of a site scraper's text
BODY_LEAST = 500  # characters of an articleBody that may be a whole story
SHOWN = 0.9  # of an articleBody stands on the page: it is this page's text
LONGEST = 300_000  # characters of a story; the longest report we know has a third of that
HUGE = 3_000_000  # characters of HTML beyond which scripts are not searched for text


@dataclass(frozen=True, slots=True)
class Story:
    """The text of a page and how it was had."""

    text: str
    rung: str  # site:<name>, json-ld, generic or script-data
    why: str
    credits: str = ""  # the text before lines were struck out: who wrote it may stand there
    site: Reading | None = None
    fallen: str = ""  # the site scraper that was asked first and not believed


def climb(
    html: str, tree: HtmlElement, declared: Declared, url: str, titles: tuple[str, ...], day: date | None
) -> Story:
    """The text by the first rung that is believed; the tree is changed.

    Args:
        titles: What may stand above the text and is none: headline, bylines.
        day: When the page was published, where it says so; a site's old layouts have their last day.
    """
    site = _by_site(html, url, day)
    body = _body(declared)
    if site is None and (shown := _as_shown(tree, body, titles)):
        return _shown(shown)
    hidden = state.text(tree) if not body and len(html) < HUGE else ""
    opening = leads.candidates(tree, titles, declared.description)
    reading = blocks.generic(tree, url, titles)
    generic = leads.put_first(reading.text, opening)
    fallen, why = "", "no site scraper knows this host"
    if site is not None:
        text = "\n".join(line for line in site.text.split("\n") if not noise.is_noise(line))
        if len(text) >= SITE_LEAST and len(text) >= 0.5 * len(generic):
            return Story(text, f"site:{site.site}", "its selectors gave a text of sane size", text, site)
        fallen, why = site.site, f"{site.site} gave {len(text)} characters where the page has about {len(generic)}"
    if len(body) >= BODY_LEAST and len(generic) < 0.5 * len(body):
        return Story(body, "json-ld", f"the page shows {len(generic)} of the {len(body)} characters of its articleBody",
                     body, fallen=fallen)  # fmt: skip
    if len(generic) < quality.LEAST and hidden:
        return Story(hidden, "script-data", "the page shows no text, and its scripts hold it", hidden, fallen=fallen)
    return Story(blocks.agreed(generic, body or hidden), "generic", why, reading.credits, fallen=fallen)


def _by_site(html: str, url: str, day: date | None) -> Reading | None:
    """What the site's scraper reads: by the first of its layouts that gives a text, else by the likeliest one."""
    likeliest: Reading | None = None
    for layout in registry.layouts(url, day):
        reading = layout.read(html)
        if len(reading.text) >= SITE_LEAST:
            return reading
        likeliest = likeliest or reading
    return likeliest


def at_once(excerpt: excerpts.Excerpt, declared: Declared, url: str, titles: tuple[str, ...]) -> Story | None:
    """The text by JSON-LD from an excerpt of the page; None where it takes the whole page to tell."""
    if registry.is_claimed(url) or not (body := _body(declared)):
        return None
    stretch = blocks.parse(excerpt.story(body)) if len(body) >= BODY_LEAST else None
    shown = _as_shown(stretch, body, titles) if stretch is not None else ""
    return _shown(shown) if shown else None


def _body(declared: Declared) -> str:
    return blocks.body_text(declared.body[:LONGEST]) if declared.body else ""


def _shown(text: str) -> Story:
    return Story(text, "json-ld", "its articleBody is what the page shows", text)


def _as_shown(tree: HtmlElement, body: str, titles: tuple[str, ...]) -> str:
    """The paragraphs on the page that its articleBody has too, where they are nearly all of it; else "".

    The page parts its paragraphs, which many an articleBody runs together; the body says which are the story's.
    """
    if len(body) < BODY_LEAST:
        return ""
    shown = blocks.shared(tree, body, titles)
    return shown if SHOWN * len(body) <= len(shown) <= len(body) * 1.1 else ""
