"""Persian and Sorani both bind parts of words with a mark: which of them a text is written in."""

from __future__ import annotations

import pytest

from tocsin.text import language


@pytest.mark.parametrize(
    ("text", "hint", "code"),
    [
        pytest.param("عملیات ارتش عراق در کوه‌های مکحول و جنگنده‌های عراقی", None, "fa", id="Persian plurals after he"),
        pytest.param("ده‌ها خانه‌ به‌دلیل حمله‌های شدید تخلیه شدند و نیروها رسیدند", "fa", "fa", id="Persian, declared"),
        pytest.param(
            "له‌ شاری كه‌ركوك ته‌قینه‌وه‌یه‌ك روویدا و دوو كه‌س بریندار بوون", None, "ckb", id="Sorani typed with he"
        ),
        pytest.param("لە کەرکووک دوو پێشمەرگە بریندار بوون", None, "ckb", id="Sorani letters"),
    ],
)
def test_language(text: str, hint: str | None, code: str) -> None:
    assert language(text, hint) == code
