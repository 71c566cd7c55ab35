"""Every site scraper reads its saved pages: invented stories in the site's real markup."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from scrapers import pages, registry
from scrapers.registry import Css, SiteScraper, site
from tocsin.errors import ParseError
from tocsin.model import Page

CORPUS = Path(__file__).parents[1] / "corpus" / "sites"
NOW = datetime(2026, 7, 20, 12, tzinfo=UTC)
CASES = sorted(path.parent for path in CORPUS.glob("*/*/expect.json"))


def _load(case: Path) -> tuple[Page, dict[str, Any]]:
    expect: dict[str, Any] = json.loads((case / "expect.json").read_text(encoding="utf-8"))
    return Page(expect["url"], (case / "page.html").read_text(encoding="utf-8"), NOW), expect


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.parent.name}/{c.name}")
def test_a_saved_page_is_read_as_expected(case: Path) -> None:
    """Title, text, times, authors, origin and the rung are those that a person wrote down."""
    page, expect = _load(case)
    if "error" in expect:
        with pytest.raises(ParseError, match=expect["error"]):
            pages.read(page, now=NOW)
        return
    article = pages.read(page, now=NOW)
    assert article.rung == expect["rung"]
    assert article.title == expect["title"]
    assert article.published is not None
    assert article.published.replace(microsecond=0).isoformat() == expect["published"]
    assert list(article.authors) == expect["authors"]
    assert article.language == expect["language"]
    assert list(article.origins) == expect["origins"]
    lines = article.text.split("\n")
    assert lines[0].startswith(expect["starts"])
    assert lines[-1].endswith(expect["ends"])
    assert len(lines) == expect["paragraphs"]
    assert [words for words in expect["absent"] if words in article.text] == []


def test_every_site_has_a_case() -> None:
    """A file in scrapers/sites without a folder in tests/corpus/sites is untested."""
    modules = {
        scraper.__module__.rpartition(".")[2] for layouts in registry.all_sites().values() for scraper in layouts
    }
    assert modules - {case.parent.name for case in CASES} == set()


def test_every_site_names_where_its_text_stands() -> None:
    """Title and times can be had generically; a site scraper without a text selector does nothing."""
    assert [s.__name__ for layouts in registry.all_sites().values() for s in layouts if s.text is None] == []


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://www.tagesschau.de/ausland/a.html", "Tagesschau"),
        ("https://observers.france24.com/fr/x", "FranceMediasMonde"),
        ("https://nottagesschau.de/a", None),
        ("https://tagesschau.de.evil.example/a", None),
        ("", None),
    ],
    ids=["host", "subdomain", "a longer name", "a name in front", "no address"],
)
def test_a_host_finds_its_scraper(url: str, name: str | None) -> None:
    """Hosts match by whole labels from the right."""
    found = registry.find(url)
    assert (found.__name__ if found else None) == name


def test_two_claims_of_one_host_are_an_error_and_dated_layouts_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two scrapers for one host at one time cannot both be right; an old layout has its last day."""
    registry.all_sites()
    monkeypatch.setattr(registry, "_CLAIMS", {})

    @site("outlet.example")
    class Today(SiteScraper):
        text = Css("p.new")

    @site("outlet.example", until=date(2024, 3, 1))
    class Before(SiteScraper):
        text = Css("p.old")

    assert registry.find("https://outlet.example/a", date(2024, 3, 1)) is Before
    assert registry.find("https://outlet.example/a", date(2024, 3, 2)) is Today
    assert registry.find("https://outlet.example/a") is Today
    with pytest.raises(ValueError, match="claimed by Today and by Twin"):

        @site("outlet.example")
        class Twin(SiteScraper):
            text = Css("p")
