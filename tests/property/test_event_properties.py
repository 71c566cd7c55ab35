"""What must hold for any two reports and any hand: symmetry, background, areas, corrections that stick."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.fakes.reports import AT, CLASH, IED, NEW, ROCKETS, STRIKE, article, assessment, facts, said, take
from tocsin.events import attach
from tocsin.events.areas import ANYWHERE, areas_near, areas_of
from tocsin.events.hands import Account, joined, parted
from tocsin.events.places import place_clue
from tocsin.flagging.gazetteer import entries
from tocsin.model import Count, Event, Facts, Span, Weapon

PLACES = sorted((e.place for e in entries().values() if e.place.country == "IQ"), key=lambda p: (p.name, p.precision))
KINDS = (ROCKETS, STRIKE, IED, CLASH, "Attack", "Arrests", "Abduction/forced disappearance", "Other", None)
CLOSE = [place for place in PLACES if place.governorate in {"Baghdad", "Diyala"}][::3]  # near enough to be mistaken
WEAPONS = (None, ("Katyusha rocket", 2), ("drone", 1), ("IED", None), ("rifle", None))


@st.composite
def reports(draw: st.DrawFn) -> Facts:
    """Coded facts in Iraqi places."""
    places = draw(st.lists(st.sampled_from(CLOSE), min_size=0, max_size=3, unique_by=lambda p: p.name))
    toll = st.one_of(st.none(), st.integers(0, 20))
    kind, weapon = draw(st.sampled_from(KINDS)), draw(st.sampled_from(WEAPONS))
    return facts(kind, *places, weapon=weapon, killed=draw(toll), wounded=draw(toll))


@given(reports(), reports(), st.floats(0.1, 60))
@settings(max_examples=60, deadline=None)
def test_joining_is_symmetric(a: Facts, b: Facts, hours: float) -> None:
    """Two reports are one event in either order of arrival or in none: a toll grows by when it was told."""
    counts = []
    for order in (((0.0, a), (hours, b)), ((hours, b), (0.0, a))):
        events: list[Event] = []
        for n, (at, coded) in enumerate(order, 1):
            seen = AT + timedelta(hours=hours, minutes=n)
            one = replace(article(n, at, f"Bericht {n}", language="de" if n % 2 else "nl"), seen=seen)
            take(events, n, one, assessment(coded))
        counts.append(len(events))
    assert counts[0] == counts[1]


def test_what_fits_in_place_has_an_area_in_common() -> None:
    """The archive never leaves out an event that the matcher would have joined by its place."""
    areas = {place: areas_of(facts(IED, place)) for place in PLACES}
    for one in PLACES[::4]:
        near = areas_near(facts(IED, one))
        for other in PLACES:
            clue = place_clue(one, other)
            assert clue is None or near is None or near & areas[other], (one.name, other.name, clue)


@given(reports())
@settings(max_examples=20, deadline=None)
def test_no_place_may_be_anywhere(coded: Facts) -> None:
    """A report without a place is compared with all events, and all are compared with an event without one."""
    nowhere = replace(coded, places=())
    assert areas_near(nowhere) is None
    assert areas_of(nowhere) == {ANYWHERE}


@given(reports(), reports(), st.integers(2, 20))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
def test_background_at_the_end_of_a_text_joins_nothing(own: Facts, other: Facts, dead: int) -> None:
    """The weapon and the toll of another attack, recalled in the last lines, never bring a report to that attack."""
    assume(own.places and other.places and own.event_type is not None)
    bare = replace(own, weapons=(), killed=None, wounded=None)
    text, late = "x" * 900, Span("text", 850, 855, "xxxxx")
    recalled = replace(
        bare,
        weapons=(replace(said(Weapon("IED", 1)), span=late),),
        killed=replace(said(Count(dead, dead)), span=late),
    )
    told = replace(other, weapons=(said(Weapon("IED", 1)),), killed=said(Count(dead, dead)), wounded=None)
    events: list[Event] = []
    take(events, 1, article(1, 0, "Ein Anschlag", language="de"), assessment(told))
    second = article(2, 3, "Twee doden", language="nl", text=text)

    def joins(coded: Facts) -> bool:
        update = attach(2, second, assessment(coded), NEW, tuple(events), now=second.seen or AT)
        return update is not None and not update.is_new

    assert joins(recalled) == joins(bare)


@given(st.lists(reports(), min_size=2, max_size=5), st.data())
@settings(max_examples=40, deadline=None)
def test_a_split_takes_a_merge_back(tellings: list[Facts], data: st.DataObject) -> None:
    """Two events made one and parted again know what they knew, whatever their articles tell."""
    at = data.draw(st.integers(1, len(tellings) - 1))
    sides = (list(enumerate(tellings[:at], 1)), list(enumerate(tellings[at:], at + 1)))
    accounts = [[_account(n, coded) for n, coded in side] for side in sides]
    before = [joined(_bare(f"ev-{n}", one), _bare("ev-x", one), one) for n, one in enumerate(accounts)]
    one = joined(before[0], before[1], [*accounts[0], *accounts[1]])
    numbers = {account.source.article for account in accounts[1]}
    rest, again = parted(one, [*accounts[0], *accounts[1]], numbers, before[1].id, before[1].version)
    for was, now in zip(before, (rest, again), strict=True):
        assert (now.id, now.facts, now.sources, now.severity) == (was.id, was.facts, was.sources, was.severity)
        assert now.version > was.version


def _account(n: int, coded: Facts) -> Account:
    events: list[Event] = []
    thought = assessment(coded)
    update = take(events, n, article(n, n / 10), thought)
    assert update is not None
    return Account(update.event.sources[0], thought, 1000)


def _bare(name: str, accounts: list[Account]) -> Event:
    events: list[Event] = []
    update = take(events, 1, article(1), accounts[0].assessment)
    assert update is not None
    return replace(update.event, id=name)
