"""Where an event may be told again: areas that spare the archive reading events which no report of elsewhere can join.

Whatever ``places`` lets two reports have in common, they have an area in common here.
"""

from __future__ import annotations

import math

from tocsin.events.match import said_not_done
from tocsin.events.places import MOST, is_region, province
from tocsin.model import Facts, Place

ANYWHERE = "*"
_CELL = 0.5  # degrees: wider than the farthest two towns of one happening are apart


def areas_of(facts: Facts) -> frozenset[str]:
    """The areas of an event: its governorates and the cells of its places; anywhere for a statement or no place."""
    places = [said.value for said in facts.places[:MOST]]
    if not places or said_not_done(facts) or any(_wide(place) for place in places):
        return frozenset({ANYWHERE})
    return frozenset({_province(place) for place in places} | {_cell(place, 0, 0) for place in places})


def areas_near(facts: Facts) -> frozenset[str] | None:
    """The areas of the events that a report with these facts may join; None for all."""
    places = [said.value for said in facts.places[:MOST]]
    if not places or said_not_done(facts) or any(_wide(place) for place in places):
        return None
    steps = (-1, 0, 1)
    cells = {_cell(place, north, east) for place in places for north in steps for east in steps}
    return frozenset({ANYWHERE} | {_province(place) for place in places} | cells)


def _wide(place: Place) -> bool:
    return place.precision == "country" or is_region(place)


def _province(place: Place) -> str:
    return f"{place.country} {province(place)}"


def _cell(place: Place, north: int, east: int) -> str:
    return f"{math.floor(place.lat / _CELL) + north}:{math.floor(place.lon / _CELL) + east}"
