"""Letters alone come out the same whichever of the three ways a text takes: all ASCII, a few others, mostly others."""

from __future__ import annotations

import re
import sys

import pytest

from tocsin.text import _CONTROL, fold_text, letters

_PADDING = "plain words " * 30


@pytest.mark.parametrize("character", [*"éÉßøÇıİ’«»“”٢۵أىگﷺ½—\u00a0\u200f\u0640", "plain", "", "I.B_7 !"])
def test_a_text_takes_three_ways_to_the_same_letters(character: str) -> None:
    padding = letters(_PADDING)
    assert letters(_PADDING + character) == padding + letters(character)
    assert letters(character) == re.sub(r"\W+", "", fold_text(character))


def test_no_control_counts_as_printable() -> None:
    """A line that can be printed is not searched for them."""
    assert not any(chr(code).isprintable() for code in range(sys.maxunicode + 1) if _CONTROL.match(chr(code)))
