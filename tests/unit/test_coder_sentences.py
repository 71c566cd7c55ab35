"""One sentence, one thing to code: actor, claim, weapon and count, interception, target, damage, tolls; by language."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tocsin.flagging.coder import code
from tocsin.flagging.reading import read
from tocsin.model import Facts

PUBLISHED = datetime(2024, 5, 6, 9, tzinfo=UTC)

SENTENCES = Path(__file__).parents[1] / "corpus" / "coder_sentences.tsv"  # language, text, what is to be coded
with SENTENCES.open(encoding="utf-8") as lines:
    TABLE = [line.rstrip("\n").split("\t") for line in lines]


def _read(facts: Facts, name: str) -> set[str]:
    """What was coded under a name, as the table writes it."""
    if name == "actor":
        return {said.value for said in facts.actors} or {""}
    if name == "place":
        return {said.value.name for said in facts.places[:1]}
    if name == "weapon":
        weapons = [said.value for said in facts.weapons]
        both = {w.name for w in weapons} | {f"{w.name}:{w.count or ''}" for w in weapons}
        return both or {""}
    if name in ("killed", "wounded"):
        toll = facts.killed if name == "killed" else facts.wounded
        return {str(toll.value.min) if toll else ""}
    said = {
        "claim": facts.claim, "type": facts.event_type, "target": facts.target,
        "damage": facts.damage, "intercepted": facts.intercepted,
    }[name]  # fmt: skip
    return {str(said.value) if said else ""}


def _wanted(line: str) -> dict[str, str]:
    """ "killed=1 actor=Islamic State" as a mapping; a value may hold spaces."""
    wanted: dict[str, str] = {}
    for word in line.split(" "):
        name, equals, value = word.partition("=")
        if equals:
            wanted[name] = value
        else:
            wanted[list(wanted)[-1]] += f" {word}"
    return wanted


@pytest.mark.parametrize(("language", "text", "line"), TABLE, ids=[f"{t[0]} {t[1][:50]}" for t in TABLE])
def test_a_sentence(language: str, text: str, line: str) -> None:
    facts = code(read("", text, language), PUBLISHED)
    for name, value in _wanted(line).items():
        assert value in _read(facts, name), (name, value, _read(facts, name))
