"""Where a watch looks: its home, the countries and places that the scorer's features are about.

The features speak of "Iraq" because the shipped watch does; for another watch the same features, with the
same weights, are about its own countries and places, and the names that people read are exchanged.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from tocsin.config import Watch, Where
from tocsin.flagging.gazetteer import OWN, Entry, add, entries, shipped
from tocsin.flagging.matcher import Hit, load_concepts, matcher, words
from tocsin.model import Place
from tocsin.text import fold_term

NEAR = 25  # kilometres
_SITES = frozenset({"quarter", "site", "base", "camp"})
THEMES = Path(__file__).parent / "themes.yaml"


@dataclass(frozen=True, slots=True, eq=False)
class Home:
    """What counts as "here"; made once for a watch, compared by identity."""

    countries: frozenset[str] = frozenset({"IQ"})
    places: frozenset[str] = frozenset()  # ids of the gazetteer that count besides
    around: frozenset[str] = frozenset()  # countries that hold such a place: their names say nothing either way
    concepts: frozenset[str] = (
        frozenset()
    )  # what the watch's themes name: acts, although the shipped watch may not care
    own: tuple[tuple[str, str], ...] = ()  # spelling, place id: places that the gazetteer does not have
    name: str = "Iraq"
    people: str = "Iraqi"

    def named(self, words: str) -> str:
        """A note about Iraq as one about this home."""
        return words if self is IRAQ else _exchanged(words, self.name, self.people)

    def holds(self, entry: Entry) -> bool:
        """True for a place of this home."""
        return entry.place.country in self.countries or entry.id in self.places


IRAQ = Home()


@lru_cache(maxsize=8192)  # the names of features are few, and each article asks for dozens
def _exchanged(words: str, name: str, people: str) -> str:
    return re.sub("Iraqi?", lambda found: people if found.group() == "Iraqi" else name, words)


def home_of(watch: Watch) -> Home:
    """The home of a watch, made once: Iraq where it names neither countries nor places.

    Raises:
        KeyError: A country, place or theme that is not known; ``tocsin.config.mistakes`` tells so first.
    """
    if not (watch.countries or watch.places or watch.themes):
        return IRAQ
    return _home(watch.countries, watch.places, watch.themes)


@lru_cache(maxsize=256)
def _home(countries: tuple[str, ...], places: tuple[Where, ...], themes: tuple[str, ...]) -> Home:
    codes = [country(name) for name in countries] or ([] if places else ["IQ"])
    known, own = [], []
    for each in places:
        if each.lat is None or each.lon is None:
            known.append(place(each.name))
        else:
            own.append(_own(each.name, (each.lat, each.lon), each.country, codes))
    inside = {each.id for found in known for each in within(found)} | {entry.id for entry in own}
    around = {entry.place.country for entry in (*known, *own)} - {*codes, ""}
    labels = {entry.place.country: entry.place.name for entry in shipped() if entry.kind == "country"}
    named = [labels.get(code, code) for code in codes] + [entry.place.name for entry in (*known, *own)]
    people = [_people(code, labels.get(code, code)) for code in codes]
    return Home(
        countries=frozenset(codes),
        places=frozenset(inside),
        around=frozenset(around),
        concepts=frozenset(concept for name in themes for concept in theme(name)),
        own=tuple((entry.place.name, entry.id) for entry in own),
        name=_or(named),
        people=_or(people or named),
    )


def _people(code: str, name: str) -> str:
    """What is of a country: "Syrian"; the name itself where no word for it is known."""
    known = IRAQ.people if code == "IQ" else load_concepts().get(f"dem.{code.lower()}", {}).get("label")
    return str(known or name)


def _or(names: list[str]) -> str:
    return " or ".join(names) if len(names) <= 3 else f"{' or '.join(names[:2])} or {len(names) - 2} more"


# --------------------------------------------------------------------------- names that a config may use


def country(name: str) -> str:
    """The ISO code of a country given by code or by a name that the gazetteer knows; raises KeyError."""
    found = {entry.place.country for entry in shipped()}
    return name.upper() if name.upper() in found else _by_name(name, ("country",)).place.country


def country_names() -> list[str]:
    """The countries that the gazetteer has, in English."""
    return [entry.place.name for entry in shipped() if entry.kind == "country"]


def place_names() -> list[str]:
    """The places that the gazetteer has, in English."""
    return [entry.place.name for entry in shipped()]


def place(name: str) -> Entry:
    """A gazetteer's place by its id or any of its names; raises KeyError."""
    known = entries().get(name.lower())
    return known or _by_name(name, ())


def _by_name(name: str, kinds: tuple[str, ...]) -> Entry:
    wanted = fold_term(name)
    for entry in shipped():
        spellings = (("x", entry.place.name), *entry.names) if not kinds or entry.kind in kinds else ()
        if any(fold_term(spelling) == wanted for _, spelling in spellings):
            return entry
    raise KeyError(name)


def within(entry: Entry) -> Iterable[Entry]:
    """A place, and what lies in it: of a town, the sites within NEAR of its middle."""
    if entry.kind == "country":
        return [each for each in shipped() if each.place.country == entry.place.country]
    if entry.kind == "governorate":
        return [each for each in shipped() if each.place.governorate == entry.place.governorate]
    if entry.kind == "town":
        return [entry, *(each for each in shipped() if each.kind in _SITES and _near(each.place, entry.place))]
    return [entry]


def _near(one: Place, two: Place) -> bool:
    north, east = one.lat - two.lat, (one.lon - two.lon) * math.cos(math.radians(two.lat))
    return one.country == two.country and math.hypot(north, east) * 111 <= NEAR


def _own(name: str, at: tuple[float, float], code: str, codes: list[str]) -> Entry:
    """A place of the watch's own, known to the gazetteer from now on."""
    code = code.upper() or (codes[0] if codes else "")
    key = hashlib.sha1(f"{name}|{at}|{code}".encode(), usedforsecurity=False).hexdigest()[:10]
    entry = Entry(f"{OWN}{key}", Place(name, *at, "site", code), "site", (("x", name),))
    add(entry)
    return entry


@lru_cache(maxsize=1)
def themes() -> dict[str, tuple[str, ...]]:
    """The concepts of each theme, from themes.yaml."""
    data = yaml.safe_load(THEMES.read_text(encoding="utf-8"))
    return {name: tuple(concepts) for name, concepts in data.items()}


def theme(name: str) -> tuple[str, ...]:
    """The concepts of a theme, or the one concept that is named itself ("act.arrest"); raises KeyError."""
    if name in load_concepts():
        return (name,)
    return themes()[name]


# --------------------------------------------------------------------------- finding them


@lru_cache(maxsize=64)
def finder(language: str, here: Home) -> Callable[[str], list[Hit]]:
    """What finds the words of a language, and the own places of a home."""
    shipped = matcher(language).find
    if not here.own:
        return shipped
    more = words(language, tuple((spelling, f"place:{key}") for spelling, key in here.own)).find

    def find(text: str) -> list[Hit]:
        return sorted([*shipped(text), *more(text)], key=lambda hit: (hit.start, -hit.end))

    return find
