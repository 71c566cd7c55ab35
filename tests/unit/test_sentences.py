"""Where a sentence ends: not at an abbreviation or an ordinal, but after a number that closes it."""

from __future__ import annotations

import pytest

from tocsin.text import fold_text, sentences


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        pytest.param("It wounded 27. The blast was loud.", ["It wounded 27.", "The blast was loud."], id="a toll ends"),
        pytest.param("أصيب 27. وقال المصدر ذلك.", ["أصيب 27.", "وقال المصدر ذلك."], id="a toll ends, Arabic"),
        pytest.param("Il y en a 12. Décision demain.", ["Il y en a 12.", "Décision demain."], id="no month"),
        pytest.param("Am 3. Juli starben drei. Ende.", ["Am 3. Juli starben drei.", "Ende."], id="German date"),
        pytest.param("Am Montag, 3. Juli. Ende.", ["Am Montag, 3. Juli.", "Ende."], id="month without preposition"),
        pytest.param("Die 2. Brigade kam. Ende.", ["Die 2. Brigade kam.", "Ende."], id="German ordinal"),
        pytest.param("Op 4. mei was er een. Ja.", ["Op 4. mei was er een.", "Ja."], id="Dutch date"),
        pytest.param("U.S. troops left. M. Kazimi too.", ["U.S. troops left.", "M. Kazimi too."], id="abbreviations"),
        pytest.param("1. Rockets hit. 2. Drones too", ["1. Rockets hit.", "2. Drones too"], id="a list"),
        pytest.param("Line one\nLine two", ["Line one", "Line two"], id="a newline ends"),
        pytest.param("He wounded 27.", ["He wounded 27."], id="the end"),
    ],
)
@pytest.mark.parametrize("folded", [False, True], ids=["as written", "folded"])
def test_sentences(text: str, parts: list[str], folded: bool) -> None:
    if folded:
        text, parts = fold_text(text), [fold_text(part) for part in parts]
    assert [text[start:end] for start, end in sentences(text)] == parts
