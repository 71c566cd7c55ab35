"""Whatever is put in, the coder answers, and every span quotes the text as stored."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.flagging.coder import code
from tocsin.flagging.gist import facts_reasons, write
from tocsin.flagging.reading import read
from tocsin.flagging.severity import rate
from tocsin.languages import load_language

NOW = datetime(2024, 3, 17, 12, tzinfo=UTC)
GLUE = (" ", " ", " ", ", ", ". ", ".\n", "\u00ad", " 12 ", " deux ", "«", "» ", " 2.500 ", " 7:45 ", "ـ", "\u200f")


def _check(title: str, text: str, language: str) -> None:
    reading = read(title, text, language)
    facts = code(reading, NOW)
    _, reasons = rate(reading, facts)
    line = write(facts, ("AFP",))
    assert line
    assert "\n" not in line
    for reason in (*facts_reasons(facts), *reasons):
        if reason.span is not None:
            stored = title if reason.span.field == "title" else text
            assert stored[reason.span.start : reason.span.end] == reason.span.quote
            assert reason.span.quote.strip()


def _words(language: str) -> list[str]:
    data = load_language(language)
    sections = (*data["facts"].values(), *data["concepts"].values(), data["numbers"].get("values", {}))
    return [str(word).strip("*") for section in sections for word in section]


@pytest.mark.parametrize("language", ["fr", "en", "ar", "nl", "de", "es", "tr", "ckb", "fa", "it"])
def test_word_salad_of_the_lexicon(language: str) -> None:
    """Every word of a language in random company: the densest text that the rules can meet."""
    rng = random.Random(7)
    words = _words(language)
    for _ in range(25):
        text = "".join(rng.choice(words) + rng.choice(GLUE) for _ in range(60))
        _check(rng.choice(words), text, language)


FIGURES = (
    "7",
    "42",
    "1,700",
    "1 700",
    "1.700",
    "2024",
    "٤٢",
    "07:45",
    "12/11",
    "8-10",
    "3.5",
    "9" * 5000,
    "9" + ",000" * 2000,
)


@pytest.mark.parametrize("language", ["fr", "en", "ar", "nl", "de", "es", "tr", "ckb", "fa", "it"])
def test_figures_in_any_company(language: str) -> None:
    """However they are written, and whatever stands before and after them."""
    rng = random.Random(11)
    words = [*_words(language), *FIGURES * 20]
    marks = (" ", ", ", " , ", ",", ".", " - ", "-", "/", " %", " $", ":", "(", ") ")
    for _ in range(60):
        text = "".join(rng.choice(words) + rng.choice(marks) for _ in range(30))
        _check(rng.choice(words), text, language)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200), st.text(max_size=400), st.sampled_from(["en", "fr", "ar", "xx"]))
def test_any_text(title: str, text: str, language: str) -> None:
    _check(title, text, language)
