"""The gazetteer: places with coordinates, precision and their names in every language, from places.tsv.

Columns: id, name (English), kind, lat, lon, precision, country, governorate, names. ``names`` holds
more spellings as ``lang:spelling`` separated by ``|``; "x" is any Latin language, "a" any in Arabic script.
A leading ``=`` says that the English name itself is too common a word to look for ("Hit", "Nice").
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, cast

from tocsin.model import Place

PLACES = Path(__file__).parent / "places.tsv"
OWN = "own-"  # how the id of a watch's own place begins
ARABIC_SCRIPT = frozenset({"ar", "fa", "ckb"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the gazetteer."""

    id: str
    place: Place
    kind: str  # country, governorate, district, town, base, site, quarter, camp, mountain, road, region
    names: tuple[tuple[str, str], ...]  # (language, spelling)


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
    return Entry(row["id"], place, row["kind"], tuple(names))


def names_for(language: str) -> Iterator[tuple[str, str]]:
    """Every (spelling, place id) that a text in this language may use."""
    script = "a" if language in ARABIC_SCRIPT else "x"
    for entry in shipped():
        for code, spelling in entry.names:
            if code in {language, script}:
                yield spelling, entry.id
