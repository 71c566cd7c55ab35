"""Who wrote it, on whole pages in many languages: credits in text, byline, dateline, meta tags and captions."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from scrapers import pages
from tocsin.model import Page

NOW = datetime(2026, 7, 20, 12, tzinfo=UTC)
CORPUS = yaml.safe_load((Path(__file__).parents[1] / "corpus" / "origins.yaml").read_text(encoding="utf-8"))
STORIES: dict[str, list[str]] = CORPUS["stories"]
CASES: list[dict[str, Any]] = CORPUS["pages"]
LEAST = 0.97  # of the pages right


def _found(case: dict[str, Any]) -> list[str]:
    first, second, last = STORIES[case["lang"]]
    text = f"{case.get('open', '')}{first}\n{second}{case.get('middle', '')}\n{last}{case.get('close', '')}"
    paragraphs = "".join(f"<p>{line}</p>" for line in text.split("\n"))
    author = f'<meta name="author" content="{case["author"]}">' if "author" in case else ""
    caption = f"<figure><figcaption>{case['caption']}</figcaption></figure>" if "caption" in case else ""
    head = f"<title>Bomb hits convoy</title>{author}{case.get('meta', '')}"
    story = f"<article><h1>Bomb hits convoy</h1>{caption}{paragraphs}</article>"
    html = f"<html><head>{head}</head><body>{story}</body></html>"
    article = pages.read(Page("https://outlet.example/a", html, NOW), now=NOW)
    assert article.language == case["lang"], article.text[:80]
    return list(article.origins)


def test_origins_are_right_on_nearly_all_pages() -> None:
    """Exactly the agencies that wrote it, the writer first; photo credits and quoted reports are none."""
    wrong = [(case, got) for case in CASES if (got := _found(case)) != case["is"]]
    assert len(CASES) >= 60
    assert 1 - len(wrong) / len(CASES) >= LEAST, wrong


@pytest.mark.parametrize(("language", "text"), [(code, " ".join(STORIES[code])) for code in ("ar", "fa", "ckb")])
def test_languages_of_one_script_are_told_apart(language: str, text: str) -> None:
    """By the letters and small words that only one of them has, whatever the page declares."""
    html = f"<html lang=ar><body><article><h1>{text[:40]}</h1><p>{text}</p></article></body></html>"
    assert pages.read(Page("https://outlet.example/a", html, NOW), now=NOW).language == language
