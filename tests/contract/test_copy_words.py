"""Every language file has the words by which a copy is told from the next note of one form, and they tell it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tocsin.dedup import keys
from tocsin.dedup.decide import decide
from tocsin.dedup.diff import kind
from tocsin.dedup.guard import Body, body
from tocsin.dedup.likeness import another_day
from tocsin.dedup.measure import Known
from tocsin.dedup.wording import EVENING, MORNING, wording
from tocsin.languages import languages, load_language
from tocsin.model import Article, Outcome

NOTES = Path(__file__).parents[1] / "corpus" / "siblings.yaml"
NOW = datetime(2026, 3, 16, 9, 0, tzinfo=UTC)
LISTS = {
    "ordinals", "ordinal_endings", "mornings", "evenings", "each", "introduces", "prepositions", "updated", "counted",
}  # fmt: skip


@lru_cache(maxsize=1)
def notes() -> dict[str, Any]:
    return dict(yaml.safe_load(NOTES.read_text(encoding="utf-8")))


def note(language: str, nth: str, day: str, number: int = 1, hours: float = 0) -> Article:
    """One note, as outlet ``number`` published it."""
    form = notes()[language]
    title, text = form["title"].format(nth=nth), form["text"].format(nth=nth.lower(), day=day)
    return Article(f"https://s{number}.example/{number}", title, text, language, published=NOW + timedelta(hours=hours))


def outcome(old: Article, new: Article) -> Outcome:
    """What the second is where the first is all that the archive has."""
    of, at = keys(old), old.published
    assert at is not None
    known = Known(1, 1, None, of.text_hash, of.version_hash, of.prints, old.title, old.text, at)
    return decide(new, keys(new), [known], now=NOW).outcome


def told(article: Article) -> Body:
    """An article as the rules read it."""
    return body(article.title, article.text, article.language)


@pytest.mark.parametrize("language", languages())
def test_a_language_has_the_words_of_copies(language: str) -> None:
    section, found = load_language(language)["copies"], wording(language)
    assert set(section) <= LISTS
    assert all(isinstance(word, str) for words in section.values() for word in words)
    assert {n for n in found.days.values() if n < MORNING} == set(range(7))
    assert {MORNING, EVENING} <= set(found.days.values())
    assert len(found.ordinals) >= 8
    assert found.each
    assert found.updated
    assert found.counted
    assert len(found.numbers) >= 20


@pytest.mark.parametrize("language", languages())
def test_number_words_are_text(language: str) -> None:
    """YAML reads a bare "null", German for zero, as nothing."""
    numbers = load_language(language)["numbers"]
    assert all(
        isinstance(word, str) for name in ("values", "nouns", "things", "vague") for word in numbers.get(name, ())
    )


@pytest.mark.parametrize("language", languages())
def test_the_next_note_of_one_form_is_no_copy(language: str) -> None:
    """Be it the fifth one of the same day or that of the next; the same note at another outlet is a copy."""
    assert language in notes(), "add a note of your language to tests/corpus/siblings.yaml"
    form = notes()[language]
    (one, other), (today, tomorrow) = form["nth"], form["day"]
    first = note(language, one, today)
    assert outcome(first, note(language, one, today, 2, hours=5)) is Outcome.COPY
    assert outcome(first, note(language, other, today, 2, hours=5)) is Outcome.NEW
    assert another_day(told(first), told(note(language, one, tomorrow)))
    assert not another_day(told(first), told(note(language, other, today)))
    if "digits" in form:
        fourth, fifth = form["digits"]
        first = note(language, fourth, today)
        assert outcome(first, note(language, fourth, today, 2, hours=5)) is Outcome.COPY
        assert outcome(first, note(language, fifth, today, 2, hours=5)) is Outcome.NEW


@pytest.mark.parametrize("language", languages())
def test_a_clock_and_a_counter_of_a_page_are_no_news(language: str) -> None:
    form, section = notes()[language], load_language(language)["copies"]
    story = note(language, form["nth"][0], form["day"][0]).text
    page = f"{section['updated'][0]}: {{clock}}\n{story}\n{{count}} {section['counted'][0]}"
    old, new = page.format(clock="10:45", count=31), page.format(clock="11:02", count=58)
    assert kind(old, new, language) == kind(old, new) == "counter"
    assert kind(old, new.replace(story, f"{story} 58"), language) == "material"


def test_a_small_word_is_a_number_in_its_own_language_alone() -> None:
    assert "on" in wording("tr").numbers
    assert "on" not in wording("en").numbers
    assert "on" in wording("und").numbers
    assert wording("fr-BE") == wording("fr")
