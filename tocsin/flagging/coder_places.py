"""Where the main event happened: of the places named, those that are its scene, most specific first."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import hypot

from tocsin.flagging.coder_scene import Clause, Scene
from tocsin.flagging.gazetteer import ARABIC_SCRIPT, Entry, entries
from tocsin.flagging.home import IRAQ
from tocsin.flagging.matcher import Hit
from tocsin.model import Place, Said

_ORDER = {"site": 0, "town": 1, "district": 2, "governorate": 3, "country": 4}
SHORT = 3  # letters of a name that may as well be a common word
_URBAN = frozenset({"quarter", "road"})
_LOOK_ON = 2  # sentences after "in northern Iraq" in which the place itself may be named
_OPENING = 5  # characters of "In ", "A "
_IN_TOWN = 16  # km from the middle of a town to its furthest quarter
_DATELINE = 40  # characters within which "BAGHDAD (Reuters) -" stands


@dataclass(frozen=True, slots=True)
class _Named:
    entry: Entry
    clause: Clause
    hit: Hit
    doubt: int  # 0: a scene; 1: a reference point ("north of Baghdad"); 2: a dateline, a government


def places(scene: Scene) -> tuple[Said[Place], ...]:
    """The places of the main event, most specific first; a country only when there is nothing better."""
    named = _named(scene)
    home = [n for n in named if scene.reading.home.holds(n.entry)]
    precise = [n for n in home if n.entry.place.precision != "country" and n.entry.kind != "region"]
    regions = [n for n in home if n.entry.kind == "region"]
    countries = [n for n in home if n.entry.place.precision == "country"]
    if regions:
        precise = [n for n in precise if n.clause.rank <= regions[0].clause.rank + _LOOK_ON]
    chosen = _scene_of([n for n in precise if not n.doubt]) or _capital(scene)
    chosen = chosen or _scene_of([n for n in precise if n.doubt == 1]) or _finest(regions)
    chosen = chosen or _with_neighbour(countries[:1], named) or _demonym(scene) or _scene_of(precise) or named[:1]
    chosen = _with_towns(_without_covers(chosen))
    chosen = sorted(chosen, key=lambda n: (_ORDER[n.entry.place.precision], n.clause.rank, n.hit.start))
    return tuple(Said(n.entry.place, scene.span(n.clause, n.hit.start, n.hit.end)) for n in chosen)


def _finest(regions: list[_Named]) -> list[_Named]:
    """The region that says most: the valley named soon after "northern Iraq"."""
    near = [n for n in regions if n.clause.rank <= regions[0].clause.rank + _LOOK_ON]
    return sorted(near, key=lambda n: _ORDER[n.entry.place.precision])[:1]


def _with_neighbour(home: list[_Named], named: list[_Named]) -> list[_Named]:
    """With the other country of "in Iraq and Syria"."""
    for here in home:
        for n in named:
            first, last = sorted((here.hit, n.hit), key=lambda h: h.start)
            if n.clause is not here.clause or n.entry.place.precision != "country" or first.end > last.start:
                continue
            gap = here.clause.between(first.end, last.start).strip()
            if any(
                first.end <= h.start and gap == here.clause.between(h.start, h.end) for h in here.clause.of("fact.and")
            ):
                return [here, n]
    return home


def _without_covers(chosen: list[_Named]) -> list[_Named]:
    """Without a governorate that a finer place lies in: "Rutba, Anbar" is Rutba, whose entry tells the governorate."""
    finer = {n.entry.place.governorate for n in chosen if n.entry.place.precision != "governorate"}
    return [n for n in chosen if n.entry.place.precision != "governorate" or n.entry.place.governorate not in finer]


def _with_towns(chosen: list[_Named]) -> list[_Named]:
    """With the town of a quarter or street, which a text need not name: Sadr City is in Baghdad."""
    have = {n.entry.id for n in chosen}
    towns = {town: n for n in chosen if (town := _town_around(n.entry)) and town not in have}
    return chosen + [_Named(entries()[town], n.clause, n.hit, n.doubt) for town, n in towns.items()]


@lru_cache(maxsize=512)
def _town_around(entry: Entry) -> str | None:
    """The town that a quarter, a street or an embassy lies in: the largest one near it bears the governorate's name."""
    place = entry.place
    if entry.kind not in _URBAN or not place.governorate:
        return None
    towns = [e for e in entries().values() if e.place.precision == "town" and e.place.governorate == place.governorate]
    seats = [e for e in towns if e.place.name == place.governorate] or towns
    near = min(seats, key=lambda e: _apart(e.place, place), default=None)
    return near.id if near is not None and _apart(near.place, place) <= _IN_TOWN else None


def _apart(one: Place, other: Place) -> float:
    """Kilometres between two places at the latitude of Iraq, near enough."""
    return hypot((one.lat - other.lat) * 111, (one.lon - other.lon) * 93)


def _capital(scene: Scene) -> list[_Named]:
    """Baghdad, where it is called "the Iraqi capital" only."""
    if "IQ" not in scene.reading.home.countries:
        return []
    return [_Named(entries()["baghdad"], clause, hit, 0) for clause, hit in scene.hits("fact.capital")][:1]


def _demonym(scene: Scene) -> list[_Named]:
    """Iraq, or another country of the watch, where only "Iraqi" tells it."""
    home = scene.reading.home
    found = scene.hits("dem.iraq", "people.iraqi") if "IQ" in home.countries else ()
    named = [_Named(entries()["iraq"], clause, hit, 0) for clause, hit in found]
    if named or home is IRAQ:
        return named[:1]
    countries = {e.place.country: e for e in entries().values() if e.kind == "country"}
    people = {f"dem.{code.lower()}": countries[code] for code in home.countries if code in countries}
    return [_Named(people[hit.concept], clause, hit, 0) for clause, hit in scene.hits(*people)][:1] if people else []


def _named(scene: Scene) -> list[_Named]:
    """Every place of the main event at its first strong mention, in order of the text."""
    known = entries()
    found: dict[str, _Named] = {}
    for clause, hit in scene.hits("place"):
        entry = known.get(hit.concept.removeprefix("place:"))
        if entry is None or _inside_longer(clause, hit, entry):
            continue
        if not _is_name(scene, clause, hit):
            continue
        here = _Named(entry, clause, hit, _doubt(clause, hit, entry.place.precision))
        before = found.get(entry.id)
        if before is None or before.doubt > here.doubt:
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


def _is_name(scene: Scene, clause: Clause, hit: Hit) -> bool:
    """False for a short name that is another word here: the verb in "bomber hits checkpoint" is not the town of Hit."""
    if hit.end - hit.start > SHORT or scene.reading.language in ARABIC_SCRIPT:
        return True
    if clause.sentence.field == "title":  # where every word may have a capital: "in Kut", but not "Bomber Hit"
        return any(0 <= hit.start - h.end <= 1 for h in clause.of("fact.preposition", "fact.relative"))
    span = scene.reading.span("text", hit.start, hit.end)
    return span.quote[:1].isupper() and clause.word_end(hit.end) == hit.end


def _doubt(clause: Clause, hit: Hit, precision: str) -> int:
    if any(h.start <= hit.start and hit.end <= h.end for h in clause.of("fact.metonym")):
        return 2  # "agreed with Baghdad": a government
    if clause.sentence.field == "text" and clause.sentence.index == 1 and hit.start - clause.sentence.start <= 2:
        after = clause.between(hit.end, hit.end + _DATELINE)
        if any(mark in after for mark in ("- ", "(")) or ":" in after[:25]:
            return 2
    near = any(0 <= hit.start - h.end <= 5 for h in clause.of("fact.relative")) or _on_a_route(clause, hit)
    return 1 if near and precision in ("site", "town") else 0


def _on_a_route(clause: Clause, hit: Hit) -> bool:
    """True for the ends of "the Kirkuk - Tikrit road"."""
    for other in clause.of("place"):
        first, last = sorted((hit, other), key=lambda h: h.start)
        if first.end < last.start and clause.between(first.end, last.start).strip() == "-":
            return True
    return False


def _scene_of(named: list[_Named]) -> list[_Named]:
    """The places of the title, or else of the first sentence that has any, and what lies within them."""
    if not named:
        return []
    top = named[0].clause.rank
    core = [n for n in named if n.clause.rank == top]
    near_top = [n for n in named if top < n.clause.rank <= top + 2]
    governorates = {n.entry.place.governorate for n in core}
    near = [n for n in named if top < n.clause.rank <= top + 2 and n.entry.place.governorate in governorates]
    if named[0].clause.sentence.field == "title":
        lead = [n for n in near if n.clause.rank == top + 1]
        core, near = core + lead, [n for n in near if n not in lead]
    core += [n for n in near_top if _opens(n)]
    finest = min(_ORDER[n.entry.place.precision] for n in core)
    return core + [n for n in near if _ORDER[n.entry.place.precision] < finest][:1]


def _opens(named: _Named) -> bool:
    """True for the place of "In Kirkuk, three people were killed", a further scene of the same event."""
    clause, hit = named.clause, named.hit
    first = hit.start - clause.sentence.start <= _OPENING and clause.between(hit.end, hit.end + 1) == ","
    return first and clause.has("fact.killed", "fact.wounded")
