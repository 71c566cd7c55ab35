"""Where the main event happened: of the places named, those that are its scene, most specific first."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.flagging.coder_scene import Clause, Scene
from tocsin.flagging.gazetteer import Entry, entries
from tocsin.flagging.matcher import Hit
from tocsin.model import Place, Said

HOME = "IQ"
_ORDER = {"site": 0, "town": 1, "district": 2, "governorate": 3, "country": 4}
_DATELINE = 40  # characters within which "BAGHDAD (Reuters) -" stands


@dataclass(frozen=True, slots=True)
class _Named:
    entry: Entry
    clause: Clause
    hit: Hit
    weak: bool  # a dateline, or only a reference point: "north of Baghdad"


def places(scene: Scene) -> tuple[Said[Place], ...]:
    """The places of the main event, most specific first; a country only when there is nothing better."""
    named = _named(scene)
    home = [n for n in named if n.entry.place.country == HOME]
    precise = [n for n in home if n.entry.place.precision != "country" and n.entry.kind != "region"]
    chosen = _scene_of([n for n in precise if not n.weak]) or _scene_of(precise)
    if not chosen:
        chosen = [n for n in home if n.entry.kind == "region"][:1] or home[:1] or named[:1]
    chosen.sort(key=lambda n: (_ORDER[n.entry.place.precision], n.clause.rank, n.hit.start))
    return tuple(Said(n.entry.place, scene.span(n.clause, n.hit.start, n.hit.end)) for n in chosen)


def _named(scene: Scene) -> list[_Named]:
    """Every place of the main event at its first strong mention, in order of the text."""
    known = entries()
    found: dict[str, _Named] = {}
    for clause, hit in scene.hits("place"):
        entry = known.get(hit.concept.removeprefix("place:"))
        if entry is None or _inside_longer(clause, hit, entry):
            continue
        here = _Named(entry, clause, hit, _weak(clause, hit, entry.place.precision))
        before = found.get(entry.id)
        if before is None or (before.weak and not here.weak):
            found[entry.id] = here
    return sorted(found.values(), key=lambda n: (n.clause.rank, n.hit.start))


def _inside_longer(clause: Clause, hit: Hit, entry: Entry) -> bool:
    """True when a longer name covers this one and is not of a site within it: "Erbil airport" is also in Erbil."""
    for other in clause.of("place"):
        if other.start <= hit.start and hit.end <= other.end and other.end - other.start > hit.end - hit.start:
            longer = entries().get(other.concept.removeprefix("place:"))
            within = longer is not None and longer.place.governorate == entry.place.governorate
            if not (within and entry.place.precision == "town"):
                return True
    return False


def _weak(clause: Clause, hit: Hit, precision: str) -> bool:
    if precision in ("site", "town") and any(0 <= hit.start - h.end <= 5 for h in clause.of("fact.relative")):
        return True
    if clause.sentence.field == "text" and clause.sentence.index == 1 and hit.start - clause.sentence.start <= 2:
        return any(mark in clause.between(hit.end, hit.end + _DATELINE) for mark in ("- ", "(", " -"))
    return False


def _scene_of(named: list[_Named]) -> list[_Named]:
    """The places of the title and the first sentence that has any; later ones only when they lie within these."""
    if not named:
        return []
    first = named[0].clause.rank
    core = [n for n in named if n.clause.rank <= max(first, _lead_rank(named))]
    governorates = {n.entry.place.governorate for n in core}
    later = [n for n in named if n not in core and n.entry.place.governorate in governorates]
    finer = [n for n in later if _ORDER[n.entry.place.precision] <= 1]
    return core + finer[:2]


def _lead_rank(named: list[_Named]) -> int:
    """The rank of the first text sentence when the title is rank 0, so that both count as the top."""
    return 1 if any(n.clause.sentence.field == "title" for n in named) else 0
