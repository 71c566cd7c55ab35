"""Coded facts as JSON: the keys and values that every output of ours shares (``tocsin assess``, ``--json``, alerts)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tocsin.model.facts import Count, Facts, Said


def facts_json(facts: Facts, clean: Callable[[str, int], str] = lambda text, _: text) -> dict[str, Any]:
    """The facts with stable keys, figures and times null when the text does not say; times ISO 8601 with zone.

    Args:
        clean: Makes a text fit to be shown, in at most so many characters.
    """
    places = [said.value for said in facts.places]
    return {
        "event_type": _value(facts.event_type),
        "places": [
            {
                "name": clean(place.name, 120),
                "lat": place.lat,
                "lon": place.lon,
                "precision": place.precision,
                "country": place.country,
            }
            for place in places
        ],
        "weapons": [{"name": clean(said.value.name, 120), "count": said.value.count} for said in facts.weapons],
        "intercepted": _value(facts.intercepted),
        "target": clean(facts.target.value, 200) if facts.target else None,
        "killed": count_json(_value(facts.killed)),
        "wounded": count_json(_value(facts.wounded)),
        "damage": clean(facts.damage.value, 200) if facts.damage else None,
        "actors": [clean(said.value, 120) for said in facts.actors],
        "claim": _value(facts.claim),
        "when": facts.when.value.isoformat() if facts.when else None,
    }


def count_json(count: Count | None) -> dict[str, int] | None:
    """A toll; None when the text does not say."""
    return {"min": count.min, "max": count.max} if count else None


def _value(said: Said[Any] | None) -> Any:
    return said.value if said else None
