"""Which way the text of a page is had, and why: leads, JSON-LD, the data of scripts, and what a text is worth."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from scrapers import dates, pages, quality, registry
from scrapers.pages import Examined
from scrapers.registry import Css, SiteScraper
from scrapers.structured import Declared
from tocsin.model import Page, TextStatus

NOW = datetime(2026, 7, 20, 12, tzinfo=UTC)
TITLE = "Roadside bomb hits army convoy near Tarmiya"
BODY = [
    "The device had been hidden under a culvert and was set off from a distance as the second vehicle passed, "
    "according to a statement released late in the evening.",
    "Reinforcements were sent into the orchards along the Tigris, where cells of the Islamic State group remain "
    "active in spite of several sweeps since the spring.",
    "Two suspects were arrested after nightfall, a security source said. No group had claimed the attack by Thursday.",
    "The road to Samarra was closed for three hours, and lorries waited on both sides of the bridge until dawn.",
]
LEAD = "Three soldiers were killed and five wounded on Wednesday, the Joint Operations Command in Baghdad said."
PARAGRAPHS = "".join(f"<p>{line}</p>" for line in BODY)


def examine(body: str, head: str = "", url: str = "https://outlet.example/world/convoy") -> Examined:
    """What becomes of such a page."""
    return pages.examine(Page(url, f"<html><head>{head}</head><body>{body}</body></html>", NOW), now=NOW)


def ld(**fields: Any) -> str:
    """A JSON-LD script."""
    node = {"@type": "NewsArticle", "headline": TITLE} | fields
    return f'<script type="application/ld+json">{json.dumps(node)}</script>'


@pytest.mark.parametrize(
    ("lead", "taken"),
    [
        (f'<p class="article-summary">{LEAD}</p>', True),
        (f'<div class="storyStandfirst"><p>{LEAD}</p></div>', True),
        (f'<p class="x1">{LEAD}</p>', False),
        ('<p class="summary">The device had been hidden under a culvert as the second vehicle passed.</p>', False),
        (f'<figure class="intro"><figcaption class="summary">{LEAD}</figcaption></figure>', False),
        (f'<div class="summary"><script>var a=1</script>{LEAD}</div>', False),
    ],
    ids=["by its name", "camel case", "no name", "says nothing new", "a caption", "a box of scripts"],
)
def test_a_lead_outside_the_body_is_text_when_it_says_something_new(lead: str, taken: bool) -> None:
    """The sentence with the toll often stands between headline and byline."""
    html = f"<header><h1>{TITLE}</h1>{lead}<span>July 9</span></header><main><div class=story>{PARAGRAPHS}</div></main>"
    text = examine(html).article.text
    assert ("Three soldiers were killed" in text.split("\n")[0]) is taken
    assert all(line in text for line in BODY)


def test_a_lead_is_known_by_the_description_too() -> None:
    """Whatever its class: it opens with the words that the page gives as its own description."""
    head = f'<meta name="description" content="{LEAD[:80]}...">'
    html = f"<header><h1>{TITLE}</h1><p class=x1>{LEAD}</p></header><main><div class=story>{PARAGRAPHS}</div></main>"
    assert examine(html, head).article.text.split("\n")[0] == LEAD


def test_json_ld_text_that_the_page_shows_is_taken_as_the_page_parts_it() -> None:
    """Without the generic reading, and without what stands between its paragraphs."""
    teaser = "<div><p>Oil exports rose again in June, the ministry said on Sunday, as fields added capacity.</p></div>"
    story = f"<h1>{TITLE}</h1><p>{BODY[0]}</p>{teaser}{PARAGRAPHS[len(BODY[0]) + 7 :]}"
    found = examine(f"<article>{story}</article>", ld(articleBody=" ".join(BODY)))
    assert (found.article.text.split("\n"), found.article.rung) == (BODY, "json-ld")
    assert "what the page shows" in found.why


def test_a_page_that_only_its_scripts_fill_is_read_from_them() -> None:
    """HTML in a JSON string, itself in a script's string, as frameworks write it."""
    state = json.dumps({"props": {"content": PARAGRAPHS, "publishedAt": "2026-07-09T06:18:22Z"}}).replace(
        "<", "\\u003c"
    )
    found = examine("<div id=app></div>", f"<script>window.__DATA__ = {state}</script><title>{TITLE}</title>")
    assert (found.article.rung, found.article.text.split("\n")) == ("script-data", BODY)
    assert "scripts" in found.why


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("\n".join(BODY), TextStatus.FULL),
        ("\n".join(f"Story {n} about the harvest and the price of dates" for n in range(12)), TextStatus.BOILERPLATE),
        (BODY[0], TextStatus.SHORT),
        (f"{BODY[0]} This article is reserved. Subscribe to continue", TextStatus.PAYWALLED),
    ],
    ids=["sentences", "a list of teasers", "one sentence", "a paywall"],
)  # fmt: skip
def test_a_text_is_worth_what_it_says(text: str, status: TextStatus) -> None:
    """Full, short, cut by a paywall, or probably no article."""
    assert quality.verdict(text, Declared()) is status


def test_a_site_scraper_that_fell_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its selectors match nothing: the page is read generically, and says so."""

    class Outlet(SiteScraper):
        text = Css(".layout-of-last-year p")

    monkeypatch.setattr(registry, "layouts", lambda *_: [Outlet])
    found = examine(f"<article><h1>{TITLE}</h1>{PARAGRAPHS}</article>")
    assert (found.article.rung, found.fallen) == ("generic", "Outlet")
    assert "Outlet gave 0 characters" in found.why


@pytest.mark.parametrize(
    ("head", "title"),
    [
        (ld(headline="Roadside bomb hits army convoy near...") + "<h1></h1>", TITLE),
        (ld(headline=f"Iraq: {TITLE}") + f'<meta property="og:title" content="{TITLE}">', TITLE),
        (f"<title>{TITLE} | The Outlet</title>", TITLE),
    ],
    ids=["cut short: h1", "a kicker that og leaves out", "the site's name"],
)
def test_the_headline_is_whole_and_bare(head: str, title: str) -> None:
    """Neither cut by the content system nor with a kicker or the site's name."""
    assert examine(f"<article><h1>{TITLE}</h1>{PARAGRAPHS}</article>", head).article.title == title


@pytest.mark.parametrize(
    ("raw", "ago"),
    [("il y a 2 heures", 120), ("hace 2 horas", 120), ("vor 30 Minuten", 30), ("2 hours ago", 120),
     ("منذ 3 ساعات", 180), ("2 uur geleden", 120), ("2 saat önce", 120)],
)  # fmt: skip
def test_a_time_told_from_now_is_read(raw: str, ago: int) -> None:
    """In the languages of our sites."""
    assert dates.read(raw, now=NOW) == NOW - timedelta(minutes=ago)
