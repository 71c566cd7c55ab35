"""Which reports tell of many happenings at once, and so are the beginning of none.

An event that a round-up began would swallow every attack in it: each would fit one of its places, and ring no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import yaml

from tocsin.events.places import place_clue
from tocsin.model import Article, Event, Facts, Place
from tocsin.signals import WORDS
from tocsin.text import fold, fold_term

ROUND_UP = "round-up"  # the relation of a source
_APART = 4  # places that exclude each other; fewer are one attack on several towns
_APART_TITLED = 2  # where the headline says that it is a round-up
_FITS = 0.5  # points of a place


def is_roundup(article: Article, facts: Facts) -> bool:
    """Whether a report tells of happenings in several places that no single one could have struck."""
    apart = _apart([said.value for said in facts.places])
    if apart >= _APART:
        return True
    title = fold(article.title).text
    return apart >= _APART_TITLED and any(word in title for word in _words())


def began(event: Event) -> bool:
    """Whether round-ups are all that an event has."""
    return all(source.relation == ROUND_UP for source in event.sources)


def recalls(facts: Facts, events: Sequence[Event]) -> bool:
    """Whether one of the places of a round-up is that of an event which is known."""
    known = [event.facts.places[0].value for event in events if event.facts.places and not began(event)]
    return any(
        clue is not None and clue[0] >= _FITS
        for said in facts.places
        for place in known
        if (clue := place_clue(said.value, place))
    )


def _apart(places: Sequence[Place]) -> int:
    """How many places exclude each other, each all the others."""
    kept: list[Place] = []
    for place in places:
        if place.precision != "country" and all(place_clue(place, other) is None for other in kept):
            kept.append(place)
    return len(kept)


@lru_cache(maxsize=1)
def _words() -> tuple[str, ...]:
    data = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    return tuple(fold_term(word) for word in data["roundup"]["title"])
