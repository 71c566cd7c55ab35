"""How places go together: the same, near, one inside the other, or excluding each other."""

from __future__ import annotations

import math
from collections.abc import Iterable

from tocsin.events.words import Clue
from tocsin.model import Facts, Place

MOST = 4  # places of a report that are looked at
_FINE = frozenset({"site", "town"})
_BY_KM = 16  # a site of a town, a suburb; farther is only near
_REGION_KM = 250  # from the middle of northern Iraq to its ends
_BUSY = frozenset({"Baghdad", "Mosul", "Kirkuk", "Basra", "Erbil"})  # two attacks in an hour may be two


def kilometres(a: Place, b: Place) -> float:
    """Great-circle distance.

    >>> baghdad, erbil = Place("Baghdad", 33.34, 44.4, "town", "IQ"), Place("Erbil", 36.19, 44.01, "town", "IQ")
    >>> round(kilometres(baghdad, erbil))
    319
    """
    la, lb = math.radians(a.lat), math.radians(b.lat)
    half = math.sin((lb - la) / 2) ** 2
    half += math.cos(la) * math.cos(lb) * math.sin(math.radians(b.lon - a.lon) / 2) ** 2
    return 12_742 * math.asin(math.sqrt(half))


def place_clue(a: Place, b: Place) -> Clue | None:
    """How two places go together; None when something cannot happen at both."""
    if a.country != b.country:
        return None
    if "country" in {a.precision, b.precision}:
        return -0.3, "same country"
    if a.name == b.name:
        points = {"site": 3.0, "town": 3.2, "district": 2.0, "governorate": 1.2}[a.precision]
        points -= 0.7 if a.name in _BUSY and a.precision == "town" else 0
        return points if a.precision == b.precision else 1.6, f"same place ({a.name})"
    if is_region(a) or is_region(b):
        km = kilometres(a, b)
        return (0.3, "same region") if km <= _REGION_KM else None
    fine = a.precision in _FINE, b.precision in _FINE
    if all(fine):
        return _two_points(a, b)
    if province(a) != province(b):
        return None
    if "governorate" in {a.precision, b.precision}:
        return 1.0, f"both in {province(a)}"
    km = kilometres(a, b)
    return (0.8, f"{km:.0f} km apart") if km <= 40 else (-1.0, f"{km:.0f} km apart")


def is_region(place: Place) -> bool:
    """ "Northern Iraq": of no governorate."""
    return place.precision == "governorate" and not place.governorate


def _two_points(a: Place, b: Place) -> Clue | None:
    km = kilometres(a, b)
    if a.precision == b.precision == "site":
        if km > 25:
            return None
        return (2.5, f"{a.name} is {b.name}") if km <= 1 else (0.5, f"{km:.0f} km apart")
    inside = a.precision != b.precision  # a site of a town, or by it
    if km <= (25 if inside else 15):
        return (2.2 if inside else 1.5) - (0.0 if km <= _BY_KM else 0.8), f"{a.name} by {b.name}"
    return (-1.0, f"{km:.0f} km apart") if km <= 45 and province(a) == province(b) else None


def province(place: Place) -> str:
    """The governorate that a place lies in or is."""
    return place.governorate or place.name


def where(new: Facts, old: Facts) -> Clue | None:
    """How the places of two reports go together; None when they exclude each other.

    The main places count in full. Where they differ, an attack on two towns may be told from either end: then
    each names the other's main place. A main place that the other only mentions is weak evidence.
    """
    if not new.places or not old.places:
        return -0.5, "place not stated"
    mine, theirs = [p.value for p in new.places[:MOST]], [p.value for p in old.places[:MOST]]
    main = place_clue(mine[0], theirs[0])
    if main is not None and main[0] > 0:
        return main
    there = _positive(_best(place_clue(mine[0], p) for p in theirs[1:]))
    here = _positive(_best(place_clue(p, theirs[0]) for p in mine[1:]))
    if there is not None and here is not None:
        side: Clue | None = (0.75 * min(there[0], here[0]), f"{there[1]}, {here[1]}")
    else:
        side = there or here
        side = (0.3 * side[0], side[1]) if side is not None else None
    return _best((main, side))


def same_site(new: Facts, old: Facts) -> bool:
    """Whether both reports have one site as their main place."""
    mine, theirs = ({said.value for said in facts.places[:1] if said.value.precision == "site"} for facts in (new, old))
    return bool(mine & theirs)


def _best(clues: Iterable[Clue | None]) -> Clue | None:
    return max((clue for clue in clues if clue is not None), default=None)


def _positive(clue: Clue | None) -> Clue | None:
    """A mention that fits; being somewhere in a wide region is no mention."""
    return clue if clue is not None and clue[0] > 0 else None
