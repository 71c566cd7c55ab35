"""The main event as the coder sees it: its sentences, with their hits by family and their counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from tocsin.flagging import numbers
from tocsin.flagging.matcher import Hit
from tocsin.flagging.numbers import Number
from tocsin.flagging.reading import Reading, Sentence
from tocsin.model import Span

_NONE: list[Hit] = []  # never added to
FLYING = (
    "weapon.rocket", "weapon.katyusha", "weapon.grad", "weapon.missile", "weapon.ballistic_missile",
    "weapon.drone", "weapon.armed_drone", "weapon.mortar",
)  # fmt: skip
_STRIKES = frozenset({"fact.air", "act.airstrike", "act.drone_strike"})
_OF_EVENTS = (
    "act.",
    "effect.",
    "weapon.",
    "place:",
    "fact.killed",
    "fact.wounded",
    "fact.one",
    "fact.bomb",
    "fact.toll",
    "fact.rises",
)
_FAMILIES = frozenset({"force", "actor", "weapon", "dem", "people"})  # that the coder asks for whole
NOWHERE = 1 << 30  # an offset that no text has
_OPENING = 8  # characters: "In response to the attack, jets struck" tells its own attack later
_SUICIDE = frozenset({"fact.suicide", "act.suicide_bombing"})
_DRONES = frozenset({"weapon.drone", "weapon.armed_drone"})
_FIRE = frozenset({"act.shooting", "weapon.gun"})
_SHOOTERS = frozenset({  # where they are named, fire may be of guns
    "actor.gunmen", "weapon.sniper", "weapon.rpg", "act.clash", "act.tribal_clash", "act.protest",
})  # fmt: skip
_HARM = (  # what "fact.other" takes back
    "fact.killed", "fact.one", "fact.intercepted", "act.intercept", "act.shooting",
    "act.execution", "act.arrest", "effect.killed",
)  # fmt: skip
_NAMED_FOR = ("fact.killed", "fact.unit.person", "fact.one", "effect.killed")  # what names of groups are made of
CONCEPTS = Path(__file__).parent / "concepts.yaml"


@lru_cache(maxsize=1)
def labels() -> dict[str, str]:
    """English labels of all concepts, by name."""
    with CONCEPTS.open(encoding="utf-8") as file:
        data: dict[str, dict[str, Any]] = yaml.load(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    return {name: str(entry.get("label", name)) for name, entry in data.items()}


@dataclass(frozen=True, slots=True)
class Clause:
    """A sentence of the main event with its hits sorted by family and its counts; offsets are of its folded field."""

    sentence: Sentence
    rank: int  # 0 for the title or, without one, the first sentence
    families: dict[str, list[Hit]]
    language: str
    mixed: dict[tuple[str, ...], list[Hit]]  # what `of` has put together before

    @property
    def numbers(self) -> tuple[Number, ...]:
        """The counts of the sentence, read when first asked for."""
        return numbers.find(self.sentence.text, self.sentence.start, self.language)

    def of(self, *concepts: str) -> list[Hit]:
        """The hits of these concepts, or of families ("fact.weekday"), in order; not to be changed."""
        if len(concepts) == 1:
            return self.families.get(concepts[0], _NONE)
        found = self.mixed.get(concepts)
        if found is None:
            lists = [self.families[name] for name in concepts if name in self.families]
            found = lists[0] if len(lists) == 1 else [hit for hits in lists for hit in hits]
            if len(lists) > 1:
                found.sort(key=lambda h: (h.start, -h.end))
            self.mixed[concepts] = found
        return found

    def has(self, *concepts: str) -> bool:
        """True when any of these concepts or families was found."""
        return any(self.families.get(concept) for concept in concepts)

    def between(self, first: int, last: int) -> str:
        """The folded text between two offsets of the field."""
        base = self.sentence.start
        return self.sentence.text[max(0, first - base) : max(0, last - base)]

    def word_end(self, at: int) -> int:
        """The end of the word that goes on at an offset of the field."""
        text, stop = self.sentence.text, at - self.sentence.start
        while stop < len(text) and text[stop].isalnum():
            stop += 1
        return stop + self.sentence.start


@dataclass(frozen=True, slots=True)
class Scene:
    """A reading cut down to its main event."""

    reading: Reading
    clauses: tuple[Clause, ...]

    def span(self, clause: Clause, start: int, end: int) -> Span:
        """The quoted span of a stretch of a clause's field, whole words at its end."""
        return self.reading.span(clause.sentence.field, start, clause.word_end(end))

    def hits(self, *concepts: str) -> Iterator[tuple[Clause, Hit]]:
        """Every hit of these concepts or families, in order of the text."""
        for clause in self.clauses:
            for hit in clause.of(*concepts):
                yield clause, hit

    def has(self, *concepts: str) -> bool:
        """True when the main event speaks of any of these."""
        return any(clause.has(*concepts) for clause in self.clauses)


def scene(reading: Reading, main: tuple[int, ...]) -> Scene:
    """The main sentences (by ``Sentence.index``) of a reading, ready for the coder."""
    wanted = frozenset(main)
    chosen = [s for s in reading.sentences if s.index in wanted]
    named = {h.concept for s in chosen for h in s.hits}
    flying = not named.isdisjoint(FLYING) and named.isdisjoint(_SHOOTERS)
    return Scene(reading, tuple(_clause(s, rank, reading.language, flying) for rank, s in enumerate(chosen)))


@lru_cache(maxsize=4096)
def _families(concept: str) -> tuple[str, ...]:
    """A concept and the families it belongs to: "fact.none.killed", "fact.none", "fact"."""
    if concept.startswith("place:"):
        return (concept, "place")
    parts = concept.split(".")
    least = 1 if parts[0] in _FAMILIES else 2
    return tuple(".".join(parts[:n]) for n in range(len(parts), least - 1, -1)) or (concept,)


def _clause(sentence: Sentence, rank: int, language: str, flying: bool) -> Clause:
    families: dict[str, list[Hit]] = {}
    masks = [h for h in sentence.hits if h.concept.startswith("mask.") and h.concept != "mask.both"]
    names = [h for h in sentence.hits if h.concept.startswith(("force.", "place:", "fact.senior"))]
    groups = [h for h in sentence.hits if h.concept.startswith("actor.")]
    times = {(h.start, h.end) for h in sentence.hits if h.concept.startswith("fact.part.")}
    others = [h for h in sentence.hits if h.concept == "fact.other"]
    cut = _answered(sentence.hits)
    semicolon = sentence.text.find(";", cut - sentence.start) if cut != NOWHERE else -1
    until = semicolon + sentence.start if semicolon >= 0 else NOWHERE
    for hit in sentence.hits:
        name = hit.concept
        if cut < hit.start < until and name.startswith(_OF_EVENTS):
            continue
        if name.startswith("act.") and ((hit.start, hit.end) in times or _within(hit, names)):
            # Arabic "فجر اليوم": at dawn today, not "blew up"; "نقطة تفتيش": a checkpoint, not a search; a bomb-maker
            # is no bombing
            continue
        if name in _SUICIDE and _of_a_drone(hit, sentence.hits):
            continue  # "drones kamikazes" kill no bomber
        if groups and name.startswith(_NAMED_FOR) and _within(hit, groups):
            continue  # the martyrs of "Sayyid al-Shuhada" are a name
        if others and name.startswith(_HARM) and _within(hit, others):
            continue  # "executes an operation" kills nobody; rockets that "se sont abattues" were not shot down
        if name in _FIRE and (_of_rockets(hit, sentence.hits) or (flying and _is_any_fire(hit, sentence.hits))):
            continue  # the "tirs" of "tirs de roquettes", and of "tirs contre un camp: trois roquettes", are no gunfire
        if masks and not name.startswith("fact.") and any(m.start <= hit.start and hit.end <= m.end for m in masks):
            continue
        for family in _families(name):
            if family in families:
                families[family].append(hit)
            else:
                families[family] = [hit]
    return Clause(sentence, rank, families, language, {})


def _answered(hits: tuple[Hit, ...]) -> int:
    """Where a sentence turns to what an attack answers: "jets struck PKK posts after an attack that killed 16"."""
    sure = next((h.start for h in hits if h.concept == "fact.answer.sure" and h.start - hits[0].start > _OPENING), None)
    if sure is not None:
        return sure
    strike = next((h.start for h in hits if h.concept in _STRIKES), None)
    if strike is None:
        return NOWHERE
    return next((h.start for h in hits if h.concept == "fact.answer" and h.start > strike), NOWHERE)


def _of_rockets(fire: Hit, hits: tuple[Hit, ...]) -> bool:
    return any(fire.start <= h.start <= fire.end + 4 and h.end > fire.end for h in hits if h.concept in FLYING)


def _is_any_fire(fire: Hit, hits: tuple[Hit, ...]) -> bool:
    return any(h.start <= fire.start and fire.end <= h.end for h in hits if h.concept == "fact.fire")


def _of_a_drone(word: Hit, hits: tuple[Hit, ...]) -> bool:
    return any(h.start < word.end and word.start < h.end for h in hits if h.concept in _DRONES)


def _within(hit: Hit, names: list[Hit]) -> bool:
    return any(n.start <= hit.start and hit.end <= n.end and n.end - n.start > hit.end - hit.start for n in names)


def outermost(hits: list[Hit]) -> list[Hit]:
    """Of overlapping hits of several concepts only the longest, in order."""
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda h: (h.start, -h.end)):
        if kept and hit.start < kept[-1].end:
            if hit.end - hit.start > kept[-1].end - kept[-1].start:
                kept[-1] = hit
            continue
        kept.append(hit)
    return kept
