"""Classes of news that were judged wrong once, in lines that no weights have seen: hostages shown, soldiers going home,
others who leave, civil courts, days of remembrance, roads, Arabic words that begin like acts.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tocsin.config import Watch
from tocsin.flagging import assess

LINES = Path(__file__).parents[1] / "corpus" / "flagging_classes.tsv"  # language, flagged or not, title, text
with LINES.open(encoding="utf-8") as lines:
    TABLE = [line.rstrip("\n").split("\t") for line in lines]


@pytest.mark.parametrize(("language", "flagged", "title", "text"), TABLE, ids=[f"{t[0]} {t[2][:40]}" for t in TABLE])
def test_a_line(language: str, flagged: str, title: str, text: str) -> None:
    assert assess(title, text, language=language, watch=Watch(id="iraq-security")).flagged is (flagged == "yes")
