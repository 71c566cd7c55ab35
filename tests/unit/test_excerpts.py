"""The quick way to a JSON-LD text says what the reading of the whole page says, and steps aside where it may not."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime

import pytest

from scrapers import excerpts, pages
from tocsin.model import Page

NOW = datetime(2026, 7, 2, tzinfo=UTC)
URL = "https://outlet.example/world/drones-balad"
PARAGRAPHS = (
    "BALAD (AFP) - Two drones laden with explosives were shot down early on Wednesday before they could reach the "
    "air base at Balad, north of Baghdad, a security official said on condition of anonymity.",
    "Air defences fired at both shortly after 2:40 am, the official said, adding that nobody was hurt & that the "
    "runway was still in use. Debris fell on a date grove outside the fence.",
    "No group has claimed the attack. It is the third within ten days on the base, which houses Iraqi F-16 jets and "
    "foreign contractors who maintain them.",
    "The government called it “a cowardly act” and said that an inquiry had begun into where the aircraft took off.",
)
HEADLINE = "Two drones shot down near Balad air base"


def _page(**changes: str) -> str:
    """A page with menu, teasers and scripts around its story; each change replaces one piece of it."""
    ld = {
        "@context": "https://schema.org", "@type": "NewsArticle", "headline": HEADLINE, "url": URL,
        "datePublished": "2026-07-01T06:12:00+03:00", "author": {"@type": "Person", "name": "Layla Haddad"},
        "inLanguage": "en", "articleBody": " ".join(PARAGRAPHS),
    }  # fmt: skip
    pieces = {
        "html": '<html lang="en">',
        "meta": '<meta property="og:title" content="Two drones > shot down near Balad air base">'
        '<meta property="og:site_name" content="The Outlet"><meta name="description" content=\'It says "drones"\'>',
        "ld": f'<script type="application/ld+json">{json.dumps(ld)}</script>',
        "scripts": "<style>p > a {color: red}</style><script>var a = '<h1>no</h1><p>No story</p>';</script>",
        "comment": '<!-- <h1>An old headline</h1> <meta name="author" content="Nobody"> -->',
        "h1": f'<h1 class="headline">{HEADLINE}</h1>',
        "body": "".join(f"<p>{p.replace('&', '&amp;')}</p>" for p in PARAGRAPHS),
    } | changes
    menu = "".join(f'<li><a href="/{n}">Section {n} of the outlet with its news</a></li>' for n in range(160))
    return (
        f"<!doctype html>{pieces['html']}<head><title>{HEADLINE} - The Outlet</title>{pieces['meta']}"
        f'<link rel="canonical" href="{URL}">{pieces["ld"]}{pieces["scripts"]}</head><body><nav><ul>{menu}</ul></nav>'
        f"{pieces['comment']}<main><article>{pieces['h1']}<div class='text'>{pieces['body']}</div></article>"
        f"<aside><p>Another story that has nothing to do with this one.</p></aside></main><ul>{menu}</ul></body></html>"
    )


def _both(html: str, monkeypatch: pytest.MonkeyPatch) -> tuple[pages.Examined, pages.Examined]:
    page = Page(URL, html, NOW)
    quick = pages.examine(page, now=NOW)
    with monkeypatch.context() as patch:
        patch.setattr(excerpts, "cut", lambda html: None)
        return quick, pages.examine(page, now=NOW)


def test_an_excerpt_is_far_smaller_and_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    html = _page()
    excerpt = excerpts.cut(html)
    assert excerpt is not None
    assert excerpt.head.count("<") + excerpt.story(" ".join(PARAGRAPHS)).count("<") < html.count("<") / 4
    quick, whole = _both(html, monkeypatch)
    assert quick == whole
    assert quick.article.text == "\n".join(PARAGRAPHS)
    assert (quick.article.rung, quick.article.title, quick.article.authors) == ("json-ld", HEADLINE, ("Layla Haddad",))
    assert quick.article.published == datetime(2026, 7, 1, 3, 12, tzinfo=UTC)


def test_the_whole_page_is_not_parsed_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "_from_whole", lambda *_: pytest.fail("the whole page was read"))
    assert pages.read(Page(URL, _page(), NOW), now=NOW).rung == "json-ld"


@pytest.mark.parametrize(
    ("changes", "rung"),
    [
        pytest.param(
            {"h1": "<h1>The Outlet</h1><h1>Two drones shot down near Balad air base</h1>"}, "json-ld", id="h1s"
        ),
        pytest.param({"h1": "<h2>No headline</h2>"}, "json-ld", id="no-h1"),
        pytest.param({"h1": "<H1>Two drones shot down near Balad air base</H1>"}, "json-ld", id="capital-h1"),
        pytest.param({"meta": '<META property="og:site_name" content="The Outlet">'}, "json-ld", id="capital-meta"),
        pytest.param({"scripts": "<script>var open = 1;"}, "generic", id="script-without-end"),
        pytest.param({"comment": "<!-- never closed"}, None, id="comment-without-end"),
        pytest.param({"html": ""}, "json-ld", id="no-html-tag"),
        pytest.param({"body": f"<p>{PARAGRAPHS[0]}</p><p>{PARAGRAPHS[1].replace('&', '&amp;')}</p>"}, None, id="half"),
        pytest.param({"body": f"<p>{PARAGRAPHS[3]}</p><p>Read also: nothing</p>"}, None, id="last-paragraph-only"),
    ],
)
def test_odd_pages_read_the_same_either_way(
    changes: dict[str, str], rung: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    html = _page(**changes)
    quick, whole = _both(html, monkeypatch)
    assert quick == whole
    assert rung is None or quick.article.rung == rung


@pytest.mark.parametrize(
    "tags",
    [
        pytest.param("<meta a" * 50_000 + ">", id="tags-in-tags"),
        pytest.param('<meta "' * 50_001, id="quotes-without-end"),
        pytest.param("<meta '>" + "<link x" * 50_000, id="no-end-at-all"),
        pytest.param("<script>" * 50_000, id="scripts-in-a-script"),
        pytest.param("<!--" * 50_000 + "-->", id="comments-in-a-comment"),
    ],
)
def test_hostile_tags_are_passed_over_in_no_time(tags: str) -> None:
    """Each character is looked at a few times at most, whatever the tags hold."""
    started = time.process_time()
    excerpts.cut(_page(comment=tags))
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    "html",
    [
        pytest.param("<html><h1>A headline</h1><p>Text</p></html>", id="no-body-declared"),
        pytest.param(_page(h1="<h1>One</h1><h1>Two</h1>"), id="two-headlines"),
        pytest.param(_page(scripts="<script>var open = 1;"), id="script-without-end"),
        pytest.param(_page(meta='<meta name="description" content="never closed'), id="tag-without-end"),
        pytest.param(_page(comment="<b>" * 61_000), id="too-many-tags"),
    ],
)
def test_no_excerpt_where_one_might_mislead(html: str) -> None:
    assert excerpts.cut(html) is None


def test_what_stands_around_the_headline_is_in_the_excerpt(monkeypatch: pytest.MonkeyPatch) -> None:
    """The agency in the shown byline, the time of the last change and the breadcrumb, as on the whole page."""
    crumbs = '<nav class="breadcrumb"><a href="/">Home</a><a href="/iraq">Iraq</a></nav>'
    shown = '<p class="byline">By Layla Haddad with Reuters</p><p class="date">Updated 1 July 2026, 19:05 UTC</p>'
    html = _page(h1=f"{crumbs}<h1>{HEADLINE}</h1>{shown}")
    quick, whole = _both(html, monkeypatch)
    assert quick == whole
    assert (quick.article.rung, quick.article.section, quick.article.origins) == ("json-ld", "Iraq", ("AFP", "Reuters"))
    assert quick.article.updated == datetime(2026, 7, 1, 19, 5, tzinfo=UTC)
