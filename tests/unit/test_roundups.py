"""Round-ups: they begin no event that others join, and tell again what is known in silence."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.fakes.reports import (
    AT,
    BAGHDAD,
    ERBIL,
    HAWIJA,
    IED,
    IRAQ,
    KIRKUK,
    MOSUL,
    ROCKETS,
    article,
    assessment,
    facts,
    take,
)
from tocsin.events.roundups import is_roundup
from tocsin.model import Event, Place

HILLA = Place("Hilla", 32.48, 44.43, "town", "IQ", "Babil")
BASRA = Place("Basra", 30.51, 47.78, "town", "IQ", "Basra")
MANY = facts("Attack", HILLA, MOSUL, BAGHDAD, KIRKUK)


@pytest.mark.parametrize(
    ("title", "coded", "is_one"),
    [
        ("Attacks across Iraq", MANY, True),
        ("Security round-up, 16 April", facts("Attack", HILLA, MOSUL), True),
        ("حصاد اليوم الأمني", facts("Attack", HILLA, MOSUL), True),
        ("Missiles hit Erbil, Mosul and Baghdad", facts(ROCKETS, ERBIL, MOSUL, BAGHDAD), False),
        ("Security round-up", facts("Attack", HILLA), False),
        ("Bomb in Hawija", facts(IED, HAWIJA, KIRKUK, IRAQ), False),
    ],
    ids=["four cities", "says so", "says so in Arabic", "three cities struck", "one place", "a town and its province"],
)
def test_what_is_a_roundup(title, coded, is_one):
    """By places that exclude each other, fewer where the headline says so."""
    assert is_roundup(article(1, title=title), coded) is is_one


def events_of(*reports: tuple) -> list[Event]:
    events: list[Event] = []
    for n, (hours, title, coded) in enumerate(reports, 1):
        take(events, n, article(n, hours, title), assessment(coded))
    return events


def test_a_roundup_that_comes_first_swallows_nothing():
    """Both attacks of which it tells still ring."""
    hilla, mosul = facts(IED, HILLA, killed=1), facts(IED, MOSUL, killed=1)
    events = events_of((0, "The day", MANY), (0.5, "Bomb in Hilla", hilla), (0.7, "Bomb in Mosul", mosul))
    assert len(events) == 3
    assert [len(event.sources) for event in events] == [1, 1, 1]


def test_a_roundup_of_what_is_known_is_silent():
    """It opens no event and joins none."""
    events = events_of((0, "Bomb in Hilla", facts(IED, HILLA, killed=1)), (3, "The day", MANY))
    assert [s.title for event in events for s in event.sources] == ["Bomb in Hilla"]


def test_a_roundup_of_what_nobody_told_is_an_event():
    """No story is lost; another one of the same day joins it."""
    events = events_of((0, "Bomb in Basra", facts(IED, BASRA)), (3, "The day", MANY), (3.5, "The day, again", MANY))
    assert len(events) == 2
    assert len(events[-1].sources) == 2


def test_after_three_days_it_recalls_nothing():
    """What is closed is no longer known."""
    events: list[Event] = []
    take(events, 1, article(1, 0, "Bomb in Hilla"), assessment(facts(IED, HILLA)))
    late = article(2, 80, "The week")
    assert late.seen is not None
    assert late.seen - AT > timedelta(hours=72)
    update = take(events, 2, late, assessment(MANY))
    assert update is not None
    assert update.is_new
