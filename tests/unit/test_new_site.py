"""``make new-site``: what it writes is a scraper that is found and a case that passes."""

from __future__ import annotations

import importlib.util
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pytest

from scrapers import pages, registry
from tocsin.model import Page

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 7, 20, 12, tzinfo=UTC)


def _module(name: str, file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def new_site() -> ModuleType:
    """The tool, loaded from its file as ``make`` runs it."""
    return _module("new_site", ROOT / "tools" / "new_site.py")


def test_the_scaffold_is_a_case_that_passes(
    new_site: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its page is read by its selectors, without the teaser between its paragraphs."""
    registry.all_sites()
    monkeypatch.setattr(registry, "_CLAIMS", dict(registry.all_sites()))
    (tmp_path / "scrapers" / "sites").mkdir(parents=True)
    module, page, expect_file = new_site.main("https://www.the-outlet.co.uk/world", 2026, tmp_path)
    assert module.name == "the_outlet.py"
    _module("the_outlet", module)
    expect = json.loads(expect_file.read_text(encoding="utf-8"))
    article = pages.read(Page(expect["url"], page.read_text(encoding="utf-8"), NOW), now=NOW)
    assert (article.rung, article.title, list(article.authors)) == (expect["rung"], expect["title"], ["Jane Doe"])
    assert len(article.text.split("\n")) == expect["paragraphs"]
    assert [words for words in expect["absent"] if words in article.text] == []


@pytest.mark.parametrize(
    ("host", "says"),
    [("", "is no host"), ("not a host", "is no host"), ("www.bbc.com", "scrapers.sites.bbc")],
    ids=["none", "words", "claimed"],
)
def test_a_host_that_cannot_be_added_is_told(new_site: ModuleType, tmp_path: Path, host: str, says: str) -> None:
    """No host, and one that a scraper claims, write nothing."""
    with pytest.raises(SystemExit, match=says):
        new_site.main(host, 2026, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("www.sep.gob.mx", "sep"),
        ("basranews.blogspot.com", "basranews"),
        ("www3.asahi.or.jp", "asahi"),
        ("en.news.outlet.co.uk", "outlet"),
    ],
)
def test_a_scraper_is_named_after_the_outlet(new_site: ModuleType, tmp_path: Path, host: str, name: str) -> None:
    """Not after what all of its country stand under."""
    (tmp_path / "scrapers" / "sites").mkdir(parents=True)
    assert new_site.main(host, 2026, tmp_path)[0].stem == name


def test_files_that_are_there_are_left_alone(new_site: ModuleType, tmp_path: Path) -> None:
    """A second call for a host changes nothing."""
    (tmp_path / "scrapers" / "sites").mkdir(parents=True)
    new_site.main("7sur8.example", 2026, tmp_path)
    module = tmp_path / "scrapers" / "sites" / "site_7sur8.py"
    module.write_text("mine", encoding="utf-8")
    with pytest.raises(SystemExit, match="there already"):
        new_site.main("7sur8.example", 2026, tmp_path)
    assert module.read_text(encoding="utf-8") == "mine"
