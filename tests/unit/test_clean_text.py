"""What becomes of the characters that a body must not hold: none may join two figures or two words into one."""

from __future__ import annotations

import pytest

from tocsin.text import clean_line, clean_text

BREAKS = {
    "line separator": "\u2028",
    "paragraph separator": "\u2029",
    "vertical tab of word processors": "\x0b",
    "form feed": "\x0c",
    "next line": "\x85",
    "Windows": "\r\n",
}
BLANKS = {"null": "\x00", "bell": "\x07", "unit separator": "\x1f", "delete": "\x7f", "a quote read as Latin": "\x92"}
GONE = {"soft hyphen": "\u00ad", "right-to-left override": "\u202e", "isolate": "\u2068", "byte order mark": "\ufeff"}


@pytest.mark.parametrize("sign", BREAKS.values(), ids=BREAKS)
def test_a_line_end_of_any_system_is_one(sign: str) -> None:
    assert clean_text(f"killed 3{sign}5 wounded{sign}Bagdad") == "killed 3\n5 wounded\nBagdad"
    assert clean_line(f"killed 3{sign}5 wounded") == "killed 3 5 wounded"


@pytest.mark.parametrize("sign", BLANKS.values(), ids=BLANKS)
def test_another_control_parts_what_it_stands_between(sign: str) -> None:
    assert clean_text(f"killed 3{sign}5 wounded") == "killed 3 5 wounded"


@pytest.mark.parametrize("sign", GONE.values(), ids=GONE)
def test_a_sign_that_nobody_sees_goes_without_a_trace(sign: str) -> None:
    assert clean_text(f"Bag{sign}dad") == "Bagdad"
