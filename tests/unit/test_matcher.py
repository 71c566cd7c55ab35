"""Patterns with a gap: verbs whose second half comes later in the sentence."""

from __future__ import annotations

import pytest

from tocsin.config import Watch
from tocsin.flagging import assess
from tocsin.flagging.matcher import GAP, Matcher
from tocsin.flagging.reading import read
from tocsin.text import fold

SEPARABLE = Matcher([("haalt … terug", "act.withdrawal"), ("asker* … çek*", "act.withdrawal")])


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        pytest.param("België haalt speciale eenheden terug uit Irak", "haalt speciale eenheden terug", id="gap"),
        pytest.param("haalt terug", "haalt terug", id="nothing between"),
        pytest.param("hij haalt het. Morgen terug naar Irak", "", id="not over the end of a sentence"),
        pytest.param(f"haalt {'zeer ' * (GAP // 5 + 1)}terug", "", id="not over a long gap"),
        pytest.param("terug haalt", "", id="not the other way round"),
        pytest.param("haalterug", "", id="not inside one word"),
        pytest.param("Irak'taki askerlerini geri çekiyor", "askerlerini geri cek", id="stars in both halves"),
    ],
)
def test_halves_of_a_verb(text: str, quote: str) -> None:
    folded = fold(text).text
    assert [folded[h.start : h.end] for h in SEPARABLE.find(folded)] == ([quote] if quote else [])


@pytest.mark.parametrize(
    ("title", "text", "flagged"),
    [
        pytest.param("Sticky bomb kills judge in Rawa", "", True, id="a weapon that kills is an act"),
        pytest.param("Oman pulls forty of its soldiers out of Kirkuk camp", "", True, id="separable verb"),
        pytest.param("Iraqi student stabbed in Gothenburg", "Police arrested a man.", False, id="abroad"),
        pytest.param("Rockets on gas plant in Kurdistan", "", True, id="Kurdistan alone"),
        pytest.param("Rockets on barracks in Iranian Kurdistan", "", False, id="the other Kurdistan"),
    ],
)
def test_what_the_patterns_turn(title: str, text: str, flagged: bool) -> None:
    assert assess(title, text, language="en", watch=Watch(id="iraq-security")).flagged is flagged


@pytest.mark.parametrize(
    ("language", "text"),
    [
        pytest.param("fr", "celle d'un homme seul, ses gènes, la porte et le port", id="fr"),
        pytest.param("nl", "zij namen een kano en gingen voor de bergen liggen", id="nl"),
        pytest.param("de", "die Namen in Bergen von Akten, kein Essen", id="de"),
        pytest.param("es", "el guerrero quitó la goma y quito el polvo del puerto", id="es"),
        pytest.param("it", "nel porto una fiorente attività", id="it"),
        pytest.param("pt", "o porto e os lagos", id="pt"),
        pytest.param("en", "a mocha and a bale of hay", id="en"),
    ],
)
def test_towns_are_no_common_words(language: str, text: str) -> None:
    """Everything is folded, so a town whose name is a word of a language would be found in every text."""
    reading = read("", text, language)
    assert [h.concept for s in reading.sentences for h in s.hits if h.concept.startswith("place:")] == []
