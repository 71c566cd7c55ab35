"""The gazetteer: places with coordinates, precision and their names in every language, from places.tsv.

Columns: id, name (English), kind, lat, lon, precision, country, governorate, names. ``names`` holds
more spellings as ``lang:spelling`` separated by ``|``; "x" is any Latin language, "a" any in Arabic script.
A leading ``=`` says that the English name itself is too common a word to look for ("Hit", "Nice"): a town or
quarter of Iraq is then still found beside a word for such a place, as the language file writes it ("Hit district",
"ناحية الإصلاح"; ``designators``), and as what another thing is near to ("road to Zubair"; ``nearby``).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, cast

from tocsin.flagging.gazetteer.spelling import SHORT, borrowed, designated, neighbouring, rewritten
from tocsin.model import Place
from tocsin.text import fold_term

PLACES = Path(__file__).parent / "places.tsv"
OWN = "own-"  # how the id of a watch's own place begins
ARABIC_SCRIPT = frozenset({"ar", "fa", "ckb"})
HOME = "IQ"
_TINY = 3  # letters: "Ur bölgesi" is not of the town
_INHABITED = frozenset({"town", "district", "quarter"})
_SEATS = frozenset({"ناحية", "قضاء", "مدينة", "بلدة", "منطقة", "قرية", "حي"})  # Arabic: subdistrict, district, town ...


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the gazetteer."""

    id: str
    place: Place
    kind: str  # country, governorate, district, town, base, site, quarter, camp, mountain, road, region
    names: tuple[tuple[str, str], ...]  # (language, spelling)
    common: tuple[tuple[str, str], ...] = ()  # (script, spelling): names only beside a word for a place


@lru_cache(maxsize=1)
def entries() -> dict[str, Entry]:
    """All places, by id."""
    with PLACES.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row["id"]: _entry(row) for row in rows if row["id"] and not row["id"].startswith("#")}


def shipped() -> list[Entry]:
    """The places of places.tsv, without those that watches added."""
    return [entry for entry in list(entries().values()) if not entry.id.startswith(OWN)]


def add(entry: Entry) -> None:
    """Make a watch's own place, whose id begins with OWN, known by it; its names are found by that watch only."""
    entries().setdefault(entry.id, entry)


def _entry(row: dict[str, str]) -> Entry:
    only_names = row["names"].startswith("=")
    names = [] if only_names else [("x", row["name"])]
    for name in filter(None, row["names"].removeprefix("=").split("|")):
        language, _, spelling = name.partition(":")
        names.append((language, spelling))
    precision = cast('Literal["site", "town", "district", "governorate", "country"]', row["precision"])
    place = Place(row["name"], float(row["lat"]), float(row["lon"]), precision, row["country"], row["governorate"])
    common = _common(row, names) if only_names else []
    return Entry(row["id"], place, row["kind"], tuple(names), tuple(common))


def _common(row: dict[str, str], names: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The names of a town or quarter that are words of every day: its English name, and the Arabic one."""
    if row["country"] != HOME or row["kind"] not in _INHABITED:
        return []
    plain = row["name"].partition(" (")[0]
    found = [("x", plain)] if len(plain) > _TINY else []
    for code, spelling in names:
        word, _, rest = spelling.partition(" ")
        if code == "ar" and word in _SEATS and rest:
            found.append(("a", rest))
    return found


def names_for(language: str, rules: Mapping[str, Any] = MappingProxyType({})) -> Iterator[tuple[str, str]]:
    """Every (spelling, place id) that a text in this language may use.

    Args:
        rules: The language file, for its ``designators``, ``nearby``, ``spellings`` and ``borrows`` (see ``spelling``).
    """
    script = "a" if language in ARABIC_SCRIPT else "x"
    named = [(s, entry.id) for entry in shipped() for code, s in entry.names if code in {language, script}]
    yield from named
    alone = {fold_term(s) for entry in shipped() for _, s in entry.names}
    words = {fold_term(s) for entry in shipped() for _, s in entry.common}  # of every day
    taken = words | {fold_term(s) for s, _ in named}
    forms: list[str] = rules.get("designators", [])
    nearby: list[str] = rules.get("nearby", [])
    spellings: list[list[str]] = rules.get("spellings", [])
    borrows: dict[str, str] = rules.get("borrows", {})
    for entry in shipped():
        if entry.place.country != HOME:
            continue
        common = [s for code, s in entry.common if code == script and fold_term(s) not in alone]
        for code, name in entry.names if borrows else ():
            if code == borrows["from"]:
                bare, plain = borrowed(name, borrows)
                yield name, entry.id
                if plain:
                    yield bare, entry.id
                else:
                    common.append(bare)
        yield from ((other, entry.id) for name in common for other in designated(name, forms, script))
        yield from ((other, entry.id) for name in common for other in neighbouring(name, nearby, spellings))
        for code, name in entry.names if spellings else ():
            folded = fold_term(name)
            if code == "x" and len(folded) >= SHORT:
                yield from ((other, entry.id) for other in rewritten(folded, spellings) if other not in taken)
