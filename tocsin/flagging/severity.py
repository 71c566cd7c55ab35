"""How grave an event is: the rubric of severity.yaml applied to the coded facts and the words of the main event."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from tocsin.flagging.coder_scene import Scene, scene
from tocsin.flagging.coder_tolls import things_fell
from tocsin.flagging.mainevent import main_sentences
from tocsin.flagging.reading import Reading
from tocsin.model import Facts, Reason, Severity, Span

RUBRIC = Path(__file__).parent / "severity.yaml"
_ARMED = frozenset({
    "Attack", "Armed clash", "Air/drone strike", "Shelling/artillery/missile attack", "Suicide bomb", "Grenade",
    "Remote explosive/landmine/IED", "Mob violence",
})  # fmt: skip
_FOREIGN = ("embassy", "airport", "US troops", "Coalition troops", "United Nations", "Green Zone", "US military base")
_LINES = ("pipeline", "power line", "oil site")  # sabotage: nobody lives there
_THEIRS = ("convoy", "military base")  # foreign where the text says whose they are
_FOREIGNERS = ("force.us_troops", "force.coalition_troops", "actor.coalition", "actor.us_forces")
_TAKING = frozenset({"Government regains territory", "Non-state actor overtakes territory"})
_CROWD = frozenset({"Excessive force against protesters", "Violent demonstration"})
_FROM_AFAR = frozenset({"Air/drone strike", "Shelling/artillery/missile attack"})
_LEADERS = ("fact.leader", "people.iraq_leader")


@dataclass(frozen=True, slots=True)
class _Rule:
    level: Severity
    test: str
    over: int
    rule: str
    note: str


@dataclass(frozen=True, slots=True)
class _Case:
    scene: Scene
    facts: Facts
    over: int

    @property
    def type(self) -> str:
        return self.facts.event_type.value if self.facts.event_type else ""


_Test = Callable[[_Case], Span | bool | None]


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    with RUBRIC.open(encoding="utf-8") as file:
        data: dict[str, Any] = yaml.load(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    return data


@lru_cache(maxsize=1)
def _rules() -> tuple[_Rule, ...]:
    rules = _data()["rules"]
    return tuple(_Rule(Severity(r["level"]), r["when"], int(r.get("over", 0)), r["rule"], r["note"]) for r in rules)


def rate(reading: Reading, facts: Facts) -> tuple[Severity, tuple[Reason, ...]]:
    """The severity of an event and the rule that set it, with the words it rests on."""
    return rate_scene(scene(reading, main_sentences(reading, None)), facts)


def rate_scene(view: Scene, facts: Facts) -> tuple[Severity, tuple[Reason, ...]]:
    """``rate`` for a reading that is cut down to its main event already."""
    for rule in _rules():
        answer = _TESTS[rule.test](_Case(view, facts, rule.over))
        if answer:
            span = answer if isinstance(answer, Span) else None
            return rule.level, (Reason(rule.rule, span, 0.0, f"{rule.level}: {rule.note}"),)
    raise ValueError("severity.yaml: the last rule must be `always`")


def _first(case: _Case, *concepts: str, top: int = 3) -> Span | None:
    for clause in case.scene.clauses[:top]:
        for hit in clause.of(*concepts):
            return case.scene.span(clause, hit.start, hit.end)
    return None


def _killed(case: _Case) -> Span | None:
    killed = case.facts.killed
    return killed.span if killed and killed.value.min >= case.over else None


def _deaths_unnumbered(case: _Case) -> Span | None:
    if case.facts.killed is not None:
        return None
    for clause in case.scene.clauses[:2]:
        for hit in clause.of("fact.killed"):
            if not things_fell(clause, hit):
                return case.scene.span(clause, hit.start, hit.end)
    return None


def _seized(case: _Case) -> Span | None:
    if case.type == "Non-state actor overtakes territory":
        return _first(case, "fact.overtaken", top=2)
    towns = any(p.value.precision in ("town", "district", "governorate") for p in case.facts.places)
    return _first(case, "fact.retaken", top=1) if towns and case.type in _TAKING else None


def _leader_killed(case: _Case) -> Span | None:
    if not case.scene.has("act.assassination") or case.scene.has("fact.survived"):
        return None
    return _first(case, *_LEADERS, top=1)


def _embassy_stormed(case: _Case) -> Span | None:
    killed = case.facts.killed
    if killed and killed.value.min and case.scene.has("act.storming"):
        return _first(case, "force.embassy", top=2)
    return None


def _hostages(case: _Case) -> Span | None:
    return _first(case, "act.kidnapping", "act.hostage", top=2) if case.type.startswith("Abduction") else None


def _foreign_target(case: _Case) -> Span | None:
    """An attack on foreigners, by its target or its place; a strike from the air is theirs more often than on them."""
    facts = case.facts
    if case.type not in _ARMED | _CROWD or case.scene.has("fact.air"):
        return None
    if facts.target is not None and case.type in _ARMED:
        if facts.target.value.endswith(_FOREIGN):
            return facts.target.span
        if facts.target.value.endswith(_THEIRS) and _first(case, *_FOREIGNERS, top=2):
            return facts.target.span
    if case.type in _FROM_AFAR:
        near = _embassy_near(case)
        if near:
            return near
    names = _data()["foreign_places"] if case.type in _ARMED or case.type.startswith("Excessive") else ()
    return next((p.span for p in facts.places if p.value.name in names or "Embassy" in p.value.name), None)


def _embassy_near(case: _Case) -> Span | None:
    """The embassy or consulate that rockets fell beside; not one that condemns them."""
    for clause in case.scene.clauses[:2]:
        speakers = clause.of("fact.speaker")
        for hit in clause.of("force.embassy") if not clause.has("act.condemn") else ():
            if not any(s.start <= hit.start < s.end for s in speakers):
                return case.scene.span(clause, hit.start, hit.end)
    return None


def _release(case: _Case) -> Span | None:
    if not case.type.startswith("Abduction"):
        return None
    return _first(case, "act.release", "fact.freed", top=1)


def _battle(case: _Case) -> Span | None:
    if case.type != "Armed clash" or _first(case, "act.ceasefire", "act.release", top=1):
        return None
    for clause in case.scene.clauses[:2]:
        hoped = clause.of("act.liberation")  # "to liberate the city" may be a wish as well as a battle
        for hit in clause.of("act.offensive", "act.battle", "act.clash", "act.siege"):
            if not any(h.start < hit.end and hit.start < h.end for h in hoped):
                return case.scene.span(clause, hit.start, hit.end)
    return None


def _attack_with_wounded(case: _Case) -> Span | None:
    wounded = case.facts.wounded
    return wounded.span if wounded and wounded.value.min >= case.over and case.type in _ARMED else None


def _deadly_type(case: _Case) -> Span | None:
    killed = case.facts.killed
    bombing = case.type in {"Suicide bomb", "Remote explosive/landmine/IED"}
    target = case.facts.target.value if case.facts.target else ""
    if not bombing or killed is not None or target in _LINES:
        return None
    return case.facts.event_type.span if case.facts.event_type else None


def _posture(case: _Case) -> Span | None:
    if case.type != "Change to group/activity" or _first(case, "act.threat", "act.ultimatum", top=2):
        return None
    return _first(case, "act.withdrawal", "act.departure", "act.deployment", "fact.posture")


def _small_arrest(case: _Case) -> Span | None:
    if _first(case, "fact.senior", top=2) and (
        case.type == "Arrests" or _first(case, "act.arrest", "act.defuse", top=2)
    ):
        return None  # a cell or its plot, or somebody of rank
    if case.type == "Disrupted weapons use" and not _first(case, "act.arrest", top=2):
        return _first(case, "act.find", "act.defuse", "fact.seized")
    if case.type not in {"Arrests", "Disrupted weapons use"}:
        return None
    counts = [n for clause in case.scene.clauses[:3] for n in clause.numbers if n.kind == "exact" and n.low > 1]
    return None if counts else _first(case, "act.arrest", "act.find")


def _judicial(case: _Case) -> Span | None:
    return _first(case, "fact.judicial", top=2) if case.type == "Other" else None


def _statement(case: _Case) -> Span | bool | None:
    """A text without an event, or whose event is what an armed group says it will do."""
    said = case.type in {"Other", "Change to group/activity"} and not (case.facts.killed or case.facts.wounded)
    if said and not _first(case, "fact.truce.over", top=2):
        return _first(case, "act.threat", "act.ultimatum", top=2)
    return case.facts.event_type is None


_TESTS: dict[str, _Test] = {
    "killed": _killed, "seized": _seized, "leader_killed": _leader_killed, "embassy_stormed": _embassy_stormed,
    "deaths_unnumbered": _deaths_unnumbered, "hostages": _hostages, "release": _release,
    "foreign_target": _foreign_target,
    "battle": _battle, "attack_with_wounded": _attack_with_wounded, "deadly_type": _deadly_type, "posture": _posture,
    "small_arrest": _small_arrest, "judicial": _judicial, "statement": _statement, "always": lambda _: True,
}  # fmt: skip
