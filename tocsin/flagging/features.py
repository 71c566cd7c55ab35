"""What the scorer looks at: who did what to whom and where, in the headline and the first sentences.

Every feature is a number with the words that gave it. Three zones: the head (title and first sentence),
the lead (the next three), the body (the rest of the first 1,600 characters). A feature's name is read
by people: ``head.act in Iraq`` is a violent act in the head whose nearest named place is Iraqi.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import yaml

from tocsin.flagging.gazetteer import entries
from tocsin.flagging.genre import ARMED, DAY, REPORTED, SOFT, damped, genre, masked
from tocsin.flagging.home import IRAQ, Home
from tocsin.flagging.matcher import Hit
from tocsin.flagging.reading import Field, Reading, Sentence

CONCEPTS = Path(__file__).parent / "concepts.yaml"
MAX_TEXT = 1600  # characters of the text that count: what follows is background
MAX_SENTENCES = 14
ZONES = ("head", "lead", "body")

# Countries that act inside Iraq, and the capitals that stand for them.
ACTING = frozenset({"US", "GB", "TR", "IR", "FR", "DE", "NL", "BE", "IT", "ES", "AU", "CA", "DK", "IL", "PL", "JP"})
CAPITALS = frozenset({
    "washington", "london", "ankara", "paris", "tehran", "berlin", "brussels", "the-hague", "rome", "madrid",
    "tel-aviv", "jerusalem",
})  # fmt: skip
DEPARTURE = "act.departure"  # "leaves Iraq", which may be said of anybody
FAR = 9999
DAMPED = 0.3  # what is left of a genre's words where a killing is reported
REACH = 300  # characters: what is farther off in an endless sentence says nothing about where an act is
BEFORE = 15  # characters by which a place before an act counts as farther off: the doer, not the scene


@dataclass(frozen=True, slots=True)
class Kind:
    """What a concept is to the scorer."""

    signal: str  # the name it is counted under
    where: str = ""  # "IQ" for home, another country's code, "" when it says nothing about the place
    act: str = ""  # violent act, military act, posture act, other act
    acting: bool = False  # a country that acts inside Iraq: its name beside Iraq's says little about where


VICTIM = Kind("people of another country")
HOSTAGES = frozenset({"act.kidnapping", "act.hostage"})


@dataclass(slots=True)
class Feature:
    """A feature's value and the words it rests on."""

    value: float
    field: Field | None = None
    start: int = 0
    end: int = 0


@dataclass(slots=True)
class Zone:
    """What was found in one zone: how often, and where first."""

    count: dict[str, int] = field(default_factory=dict)
    first: dict[str, tuple[Field, int, int]] = field(default_factory=dict)

    def add(self, signal: str, sentence: Sentence, hit: Hit) -> None:
        """Count a signal once more, keeping its first words."""
        if signal in self.count:
            self.count[signal] += 1
        else:
            self.count[signal] = 1
            self.first[signal] = (sentence.field, hit.start, hit.end)


@lru_cache(maxsize=8192)
def kind(concept: str, home: Home = IRAQ) -> Kind:
    """What a concept or a place is to the scorer; "Iraq" in a signal's name stands for the home of the watch."""
    if concept.startswith("place:"):
        return _place_kind(concept[6:], home)
    space, _, name = concept.partition(".")
    if space == "dem":
        code = "IQ" if name == "iraq" else name.upper()
        if code in home.around:
            return Kind("home country")
        return Kind("Iraqi", "IQ") if code in home.countries else _abroad("people", code, code in ACTING)
    role = roles().get(concept, space)
    if role == "Iraqi unit":
        if "IQ" in home.countries:
            return Kind(role, "IQ")
        role = "armed group" if space == "actor" else "force"
    if concept in home.concepts and space in {"act", "frame"}:  # a theme of the watch
        return Kind(concept, act=role if role in _WEIGHTY else "military act")
    if space == "act":
        return Kind(concept, act=role)
    return Kind(role if space in {"actor", "force", "weapon"} else concept)


_WEIGHTY = ("violent act", "military act", "posture act")


def _place_kind(place: str, home: Home) -> Kind:
    entry = entries()[place]
    code = entry.place.country
    if home.holds(entry):
        return Kind("Iraq" if entry.kind == "country" else "Iraqi place", "IQ")
    if entry.kind == "country" and code in home.around:
        return Kind("home country")
    acting = code in ACTING and (entry.kind == "country" or entry.id in CAPITALS)
    return _abroad("country" if entry.kind == "country" else "place", code, acting)


def _abroad(what: str, code: str, acting: bool) -> Kind:
    """A place or people of elsewhere; "IQ" stands for home, so Iraq seen from another country has another mark."""
    return Kind(f"elsewhere.{what}", "Iraq" if code == "IQ" else code or "?", acting=acting)


@lru_cache(maxsize=1)
def roles() -> dict[str, str]:
    """The role of each concept, from concepts.yaml."""
    with CONCEPTS.open(encoding="utf-8") as file:
        data = yaml.load(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    return {concept: row["role"] for concept, row in data.items()}


def zoned(reading: Reading) -> Iterator[tuple[int, Sentence]]:
    """The sentences that count, each with the index of its zone."""
    titled = bool(reading.sentences) and reading.sentences[0].field == "title"
    for position, sentence in enumerate(reading.sentences):
        if position >= MAX_SENTENCES or (sentence.field == "text" and sentence.start > MAX_TEXT):
            return
        yield (0 if position < 2 else 1 if position < (5 if titled else 4) else 2), sentence


def features(reading: Reading) -> dict[str, Feature]:
    """Every feature of an article that is not zero."""
    zones, opening = (Zone(), Zone(), Zone()), Zone()
    countries: dict[str, int] = {}
    context = ""  # the country of the last place named
    for number, sentence in zoned(reading):
        if sentence is reading.sentences[0]:
            _tally(opening, sentence, "", {}, reading.home)
        context = _tally(zones[number], sentence, context, countries, reading.home)
    found: dict[str, Feature] = {}
    _opening(found, opening)
    for name, zone in zip(ZONES, zones, strict=True):
        _zone_features(found, name, zone)
    _whole(found, zones, countries)
    for what, (value, at) in genre(zoned(reading), lambda concept: kind(concept, reading.home).where == "IQ").items():
        _put(found, what, value, at)
    if REPORTED in found:
        for name in filter(damped, found):
            found[name].value *= DAMPED
    return found


def _counted(sentence: Sentence) -> Iterator[tuple[Hit, bool]]:
    """The hits that count, each with whether a set phrase covers it; "Ain al-Asad" is no word of Assad.

    The coder's own words are left out, but for days and hours.
    """
    masks = masked(sentence)
    names: list[tuple[int, int]] | None = None
    for hit in sentence.hits:
        concept, start, end = hit
        if concept.startswith("fact."):
            if concept.startswith(DAY):
                yield hit, False
            continue
        if concept.startswith("dem."):
            if names is None:
                names = [(h.start, h.end) for h in sentence.hits if h.concept.startswith("place:")]
            if names and any(s < start and end <= e for s, e in names):
                continue
        if concept == "effect.killed" and _of_a_name(hit, sentence):
            continue
        if concept in SOFT and _in_quotes(hit, sentence):
            continue
        if concept == DEPARTURE:
            if not _of_forces(sentence):
                continue
            hit = Hit("act.withdrawal", start, end)
        covered = bool(masks) and not concept.startswith("mask.") and any(s <= start and end <= e for s, e in masks)
        yield hit, covered


def _of_forces(sentence: Sentence) -> bool:
    """True where soldiers are named: they withdraw, while a coach or an oil firm only "leaves Iraq"."""
    return any(h.concept in ARMED or h.concept.startswith("actor.") for h in sentence.hits)


def _in_quotes(hit: Hit, sentence: Sentence) -> bool:
    """True for a word alone in quotes: the "attack" of new rules for methane is none."""
    start, end = hit.start - sentence.start, hit.end - sentence.start
    return start > 0 and sentence.text[start - 1] == '"' and sentence.text[end : end + 1] == '"'


def _of_a_name(hit: Hit, sentence: Sentence) -> bool:
    """True for the martyrs of "Sayyid al-Shuhada", which are part of a group's name."""
    return any(
        h.start <= hit.start and hit.end <= h.end and h.end - h.start > hit.end - hit.start
        for h in sentence.hits
        if h.concept.startswith("actor.")
    )


def _tally(zone: Zone, sentence: Sentence, context: str, countries: dict[str, int], home: Home) -> str:
    """Count one sentence into its zone; the country that the next one starts from."""
    places: list[tuple[int, int, str]] = []  # start, end, "IQ", "acting" or another country's code
    acts: list[tuple[Hit, Kind]] = []
    hostages = any(hit.concept in HOSTAGES for hit in sentence.hits)
    for hit, covered in _counted(sentence):
        if hit.concept.startswith("fact."):
            zone.add("day or hour", sentence, hit)
            continue
        what = kind(hit.concept, home)
        if covered:
            if what.where == "IQ":
                zone.add("masked Iraq", sentence, hit)
                both = any(
                    h.concept == "mask.both" and h.start <= hit.start and hit.end <= h.end for h in sentence.hits
                )
                if both:
                    zone.add("Iraq", sentence, hit)
                    places.append((hit.start, hit.end, "IQ"))
            continue
        if hostages and what.where != "IQ" and hit.concept.startswith("dem."):
            what = VICTIM  # "a Kuwaiti businessman" says who was taken, not where
        zone.add(what.signal, sentence, hit)
        if what.where:
            places.append((hit.start, hit.end, "acting" if what.acting else what.where))
            if what.where != "IQ" and not what.acting:
                zone.add("another theatre", sentence, hit)
            countries[what.where] = countries.get(what.where, 0) + 1
        elif what.act:
            acts.append((hit, what))
    for hit, what in acts or _deadly(sentence):
        _locate(zone, sentence, hit, what, places, context)
    countries_here = [where for _, _, where in places]
    if "IQ" in countries_here:
        zone.add("sentence in Iraq", sentence, sentence.hits[0])
        return "IQ"
    return countries_here[-1] if countries_here else context


def _deadly(sentence: Sentence) -> list[tuple[Hit, Kind]]:
    """Where no act is named, the weapon that kills or wounds is one: "Bomb under car kills judge"."""
    hits = [hit for hit, covered in _counted(sentence) if not covered]
    if not any(hit.concept in {"effect.killed", "effect.wounded"} for hit in hits):
        return []
    return [(hit, Kind("weapon", act="violent act")) for hit in hits if hit.concept.startswith("weapon.")][:1]


def _locate(
    zone: Zone, sentence: Sentence, hit: Hit, what: Kind, places: list[tuple[int, int, str]], context: str
) -> None:
    """Say where an act is: by the nearest place in its sentence, else by the place named before."""
    distance: dict[str, int] = {}
    if places:
        for start, end, where in places:
            gap = start - hit.end if start >= hit.end else max(hit.start - end, 0) + BEFORE
            if gap > REACH:
                continue
            key = where if where in {"IQ", "acting"} else ""
            distance[key] = min(distance.get(key, FAR), gap)
    if distance:
        iraqi = "IQ" in distance and distance["IQ"] <= distance.get("", FAR)
        far = "Iraq" if iraqi else "elsewhere" if "" in distance else "acting country"
    else:
        far = (
            "Iraq, named before"
            if context == "IQ"
            else "elsewhere, named before"
            if context not in {"", "acting"}
            else "no place"
        )
    zone.add(f"{what.act} in {far}", sentence, hit)
    if far in {"Iraq", "Iraq, named before"}:
        zone.add(f"{hit.concept} in Iraq", sentence, hit)


_IRAQ = ("Iraqi place", "Iraq", "Iraqi", "Iraqi unit")


def _opening(found: dict[str, Feature], zone: Zone) -> None:
    """What the first sentence alone says: the headline, where there is one."""
    for signal in (
        "Iraqi place",
        "Iraq",
        "Iraqi",
        "Iraqi unit",
        "elsewhere.place",
        "elsewhere.country",
        "elsewhere.people",
    ):
        if signal in zone.count:
            _put(found, f"opening.{signal}", 1.0, zone.first[signal])
    for act in ("violent act", "military act", "posture act"):
        for where in ("Iraq", "elsewhere", "acting country", "no place"):
            signal = f"{act} in {where}"
            if signal in zone.count:
                _put(found, f"opening.{signal}", 1.0, zone.first[signal])
    for signal in zone.count:
        if signal.startswith("frame."):
            _put(found, f"opening.{signal}", 1.0, zone.first[signal])


def _put(found: dict[str, Feature], name: str, value: float, at: tuple[Field, int, int] | None) -> None:
    found[name] = Feature(value, *at) if at else Feature(value)


def _zone_features(found: dict[str, Feature], name: str, zone: Zone) -> None:
    """The signals of a zone, capped, and the pairs that tell an event in Iraq from other news."""
    count, first = zone.count, zone.first
    for signal, times in count.items():
        if signal.startswith("act.") and not signal.endswith("in Iraq"):
            continue
        if name == "body" and (signal.startswith("act.") or signal == "sentence in Iraq"):
            continue
        _put(found, f"{name}.{signal}", min(times, 3) ** 0.5, first[signal])
    iraq = next((s for s in _IRAQ if s in count), None)
    if iraq is None:
        return
    for partner in (
        "weapon",
        "effect.killed",
        "effect.wounded",
        "effect.damage",
        "armed group",
        "foreign force",
        "force",
        "target",
    ):
        if partner in count:
            _put(found, f"{name}.{partner} and Iraq", 1.0, first[partner])


def _whole(found: dict[str, Feature], zones: tuple[Zone, Zone, Zone], countries: dict[str, int]) -> None:
    """Features of the article as a whole: whether Iraq is its place, and whether it is about violence at all."""
    named = [any(s in zone.count for s in _IRAQ) for zone in zones]
    if not any(named):
        _put(found, "Iraq is nowhere", 1.0, None)
        if any("masked Iraq" in zone.count for zone in zones):
            _put(found, "Iraq only in a name", 1.0, None)
        return
    if not named[0]:
        _put(found, "Iraq is not in the head", 1.0, None)
    if not (named[0] or named[1]):
        _put(found, "Iraq only in the body", 1.0, None)
    _competition(found, countries)
    _violence(found, zones[0], zones[1], named[0])


def _competition(found: dict[str, Feature], countries: dict[str, int]) -> None:
    """How Iraq stands among the countries named."""
    iraqi, total = countries.get("IQ", 0), sum(countries.values())
    others = {c: n for c, n in countries.items() if c != "IQ"}
    theatre = {c: n for c, n in others.items() if c not in ACTING}
    _put(found, "share of Iraq among places", iraqi / total if total else 0.0, None)
    if others and max(others.values()) > iraqi:
        _put(found, "another country is named more", 1.0, None)
    if theatre and max(theatre.values()) >= iraqi:
        _put(found, "another theatre is named as much", 1.0, None)
    if len(others) >= 4:
        _put(found, "many countries", min(len(others) - 3, 4) / 2, None)


def _violence(found: dict[str, Feature], head: Zone, lead: Zone, iraq: bool) -> None:
    """Whether the head speaks of violence or of posture, and of Iraq with it."""
    hard = _hard(head.count)
    if not hard:
        everywhere = "no violence in the head" if _hard(lead.count) else "no violence in head or lead"
        _put(found, everywhere, 1.0, None)
        if "effect.killed" in head.count:
            _put(found, "deaths without an attack in the head", 1.0, head.first["effect.killed"])
    if (
        iraq
        and "act.condemn in Iraq" in head.count
        and {"another theatre", "Iraqi place"} & head.count.keys() == {"another theatre"}
    ):
        _put(found, "Iraq condemns what happened elsewhere", 1.0, head.first["another theatre"])
    posture = next((s for s in head.count if s.startswith("posture act in")), "")
    if posture and iraq and {"foreign force", "force", "target"} & head.count.keys():
        _put(found, "troops or hostages, posture and Iraq in the head", 1.0, head.first[posture])
    if hard and iraq:
        _put(found, "violence and Iraq in the head", 1.0, head.first[hard])
        if {"effect.killed", "effect.wounded", "weapon"} & head.count.keys():
            _put(found, "violence, Iraq and its means or toll in the head", 1.0, head.first[hard])


def _hard(count: dict[str, int]) -> str:
    """The first violent or military signal of a zone, or "": deaths alone may be an accident."""
    return next((s for s in count if s.startswith(("violent act", "military act")) or s == "weapon"), "")
