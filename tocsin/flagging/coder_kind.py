"""What kind of event it was, by the votes of its words; the rules are in event_types.yaml."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from tocsin.flagging.coder_scene import Clause, Scene
from tocsin.flagging.matcher import Hit
from tocsin.model import Said

RULES = Path(__file__).parent / "event_types.yaml"
_WEIGHTS = (3.0, 2.0, 1.0)  # title or lead, the next one, the third; half a vote further down
_TOP = 2.0  # a word of the title or the lead


@dataclass(frozen=True, slots=True)
class _Rule:
    type: str
    votes: dict[str, float]
    needs: tuple[str, ...]
    unless: tuple[str, ...]
    never: tuple[str, ...]


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    with RULES.open(encoding="utf-8") as file:
        data: dict[str, Any] = yaml.load(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    return data


@lru_cache(maxsize=1)
def _rules() -> tuple[_Rule, ...]:
    return tuple(
        _Rule(
            str(r["type"]),
            {str(k): float(v) for k, v in r["any"].items()},
            tuple(r.get("all", ())),
            tuple(r.get("unless", ())),
            tuple(r.get("never", ())),
        )
        for r in _data()["rules"]
    )


def label_types() -> dict[str, frozenset[str]]:
    """The event types that each label of the development data accepts."""
    return {label: frozenset(types) for label, types in _data()["labels"].items()}


def event_type(scene: Scene) -> Said[str] | None:
    """The ACLED sub-event name that most words of the main event speak for, with the strongest of them."""
    first: dict[str, tuple[float, Clause, Hit]] = {}
    votes: dict[str, float] = {}
    for clause in scene.clauses:
        weight = _WEIGHTS[clause.rank] if clause.rank < len(_WEIGHTS) else 0.5
        for name, hits in clause.families.items():
            votes[name] = votes.get(name, 0.0) + weight
            if name not in first:
                first[name] = (weight, clause, hits[0])
    totals: dict[str, float] = {}
    evidence: dict[str, tuple[float, Clause, Hit]] = {}
    for rule in _rules():
        found = [name for name in rule.votes if name in votes]
        if not found or not all(name in votes for name in rule.needs) or any(name in votes for name in rule.never):
            continue
        if any(name in first and first[name][0] >= _TOP for name in rule.unless):
            continue
        totals[rule.type] = totals.get(rule.type, 0.0) + sum(rule.votes[name] * votes[name] for name in found)
        name = max(found, key=lambda n: rule.votes[n] * first[n][0])
        weight = rule.votes[name] * first[name][0]
        if rule.type not in evidence or weight > evidence[rule.type][0]:
            evidence[rule.type] = (weight, *first[name][1:])
    if not totals:
        return None
    best = max(totals, key=lambda kind: totals[kind])
    _, clause, hit = evidence[best]
    return Said(best, scene.span(clause, hit.start, hit.end))
