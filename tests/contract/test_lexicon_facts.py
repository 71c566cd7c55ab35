"""Every language file says the same things in its `facts` and `numbers` sections, under names that the coder knows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tocsin.flagging import coder
from tocsin.languages import languages, load_language

CODE = Path(coder.__file__).parent
# What a story in any language may need; the rest is optional where the grammar has no use for it.
NEEDED = {
    "fact.killed", "fact.wounded", "fact.none", "fact.including", "fact.attacker", "fact.background", "fact.unclaimed",
    "fact.claimed", "fact.intercepted", "fact.unit.person", "fact.unit.vehicle", "fact.measure", "fact.day.today",
    "fact.suicide", "fact.bomb", "fact.air", "fact.capital", *(f"fact.weekday.{n}" for n in range(1, 8)),
}  # fmt: skip
SECTIONS = {
    "values", "vague", "articles", "nouns", "things", "ordinals", "not_numbers", "before_ten", "joiners", "joins_from",
    "ranges", "between", "scores", "halves", "units_first", "glued_and", "dot_ordinals", "suffixes",
    "further", "further_after",
}  # fmt: skip


def _known() -> set[str]:
    """The fact names that stand in the code and its rules, and the families they open."""
    texts = [p.read_text(encoding="utf-8") for p in (*CODE.glob("*.py"), *CODE.glob("*.yaml"))]
    return {name for text in texts for name in re.findall(r"fact\.[a-z]+(?:\.[a-z0-9]+)*", text)}


@pytest.mark.parametrize("language", languages())
def test_a_language_uses_names_that_the_coder_knows(language: str) -> None:
    """A misspelt name would never be read."""
    known = _known()
    strange = {
        name
        for name in load_language(language)["facts"]
        if name not in known and name.rpartition(".")[0] not in known
    }  # fmt: skip
    assert not strange


@pytest.mark.parametrize("language", languages())
def test_a_language_has_what_every_story_needs(language: str) -> None:
    data = load_language(language)
    families = {".".join(name.split(".")[:n]) for name in data["facts"] for n in range(2, 5)}
    assert not NEEDED - families
    assert set(data["numbers"]) <= SECTIONS
    values = set(data["numbers"]["values"].values())
    assert set(range(2, 11)) <= values
    assert {20, 50, 100, 1000} <= values
