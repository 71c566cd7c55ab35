"""Pages in the markup of many outlets and content systems, each with what a person reads on it.

``tests/corpus/pages/*.yaml`` holds the pages, ``stories.yaml`` the invented stories that they are made of: ``{{p}}``
is all paragraphs of a story, ``{{p2-3}}`` some of them, ``{{1}}`` one without its tags, ``{{json}}`` all of it as a
JSON string. A field that a page leaves out is not asked for; ``may`` is what may stand in the text beside the story.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from scrapers import extract

FOLDER = Path(__file__).parents[1] / "corpus" / "pages"
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
NOW = datetime(2026, 7, 5, 9, tzinfo=UTC)
_FILL = re.compile(r"\{\{(json|\d+|p[\d-]*)\}\}")
_SAME = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "\u00a0": " "})
Case = dict[str, Any]


@lru_cache(maxsize=1)
def _stories() -> dict[str, list[str]]:
    stories: dict[str, list[str]] = yaml.load((FOLDER / "stories.yaml").read_text(encoding="utf-8"), LOADER)
    return stories


def _cases() -> list[Case]:
    files = sorted(file for file in FOLDER.glob("*.yaml") if file.name != "stories.yaml")
    return [case for file in files for case in yaml.load(file.read_text(encoding="utf-8"), LOADER)]


CASES = _cases()


def _filled(html: str, story: list[str]) -> str:
    def piece(found: re.Match[str]) -> str:
        what = found.group(1)
        if what == "json":
            return json.dumps("\n\n".join(story), ensure_ascii=False)[1:-1]
        if what.isdigit():
            return story[int(what) - 1]
        first, _, last = what[1:].partition("-")
        start, end = int(first or 1), int(last or first or len(story))
        return "\n".join(f"<p>{paragraph}</p>" for paragraph in story[start - 1 : end])

    return _FILL.sub(piece, html)


def _plain(text: str | None) -> str:
    return " ".join((text or "").translate(_SAME).split())


def _read(case: Case) -> dict[str, Any]:
    html = _filled(case["html"], _stories()[case["story"]])
    return extract.line({"id": case["name"], "url": case["url"], "html": html}, base=None, now=NOW, more=True)


def _minute(iso: str | None) -> datetime | None:
    return datetime.fromisoformat(iso).replace(second=0, microsecond=0).astimezone(UTC) if iso else None


def _left_over(case: Case, text: str) -> tuple[list[str], str]:
    """Paragraphs that the text lacks, and what it has beside the story, title and what may be there."""
    whole = [_plain(paragraph) for paragraph in _stories()[case["story"]]]
    wanted = [whole[n - 1] for n in case["text"]] if "text" in case else whole
    wanted += [_plain(line) for line in case.get("must", [])]
    rest = _plain(text)
    lost = [paragraph for paragraph in wanted if paragraph not in rest]
    for known in (*wanted, *(_plain(line) for line in case.get("may", [])), _plain(case["title"])):
        rest = rest.replace(known, " ", 1)
    return lost, rest if len(re.findall(r"\w", rest)) > 3 else ""


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_page_is_read_as_a_person_reads_it(case: Case) -> None:
    """Title, day, minute and zone, authors, language, outlet, section, picture, address, agencies, verdict and text."""
    got = _read(case)
    if "error" in case:
        assert case["error"] in got["error"]
        return
    assert _plain(got["title"]) == _plain(case["title"])
    lost, foreign = _left_over(case, got["text"])
    assert not lost
    assert not foreign or case.get("status") == "boilerplate"
    assert got["status"] == case.get("status", "full")
    wanted = case.get("published")
    if wanted and len(wanted) == 10:
        assert got["published"][:10] == wanted
    elif wanted:
        assert _minute(got["published"]) == _minute(wanted)
    if "updated" in case:
        assert _minute(got["updated"]) == _minute(case["updated"]) or got["updated"] in (None, got["published"])
    for field in ("authors", "language", "publisher", "section", "image", "canonical", "origins"):
        if case.get(field) is not None:
            assert got[field] == case[field], field
