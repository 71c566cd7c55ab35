"""What is known of an event after each source, and which changes a reader must hear of."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from tests.fakes.reports import (
    BAGHDAD,
    ERBIL,
    GREEN_ZONE,
    IED,
    KIRKUK,
    NEW,
    ROCKETS,
    article,
    assessment,
    facts,
    take,
)
from tocsin.model import Change, Count, Decision, Event, EventUpdate, Outcome, Severity, Signal, Weapon, Wire

COPY = Decision(Outcome.COPY, of=1, relation="copy")
REVISION = Decision(Outcome.REVISION, of=1, relation="update")


def opened(**coded) -> list[Event]:
    events: list[Event] = []
    take(events, 1, article(1, 0, "Bomb hits Kirkuk"), assessment(facts(IED, KIRKUK, weapon=("IED", None), **coded)))
    return events


def follow(
    events: list[Event], n: int = 2, hours: float = 1, *, severity=Severity.MEDIUM, origin="INA", **coded
) -> EventUpdate:
    one = article(n, hours, "Bomb hits Kirkuk", origin=origin)
    update = take(events, n, one, assessment(facts(IED, KIRKUK, weapon=("IED", None), **coded), severity))
    assert update is not None
    assert not update.is_new
    return update


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        pytest.param({}, {}, (), id="repeat coverage"),
        pytest.param({"killed": 2}, {"killed": 2}, (), id="the same toll"),
        pytest.param({"killed": 2}, {"killed": 3}, (Change("killed", "2", "3"),), id="one more dead"),
        pytest.param({"killed": 3}, {"killed": 2}, (), id="fewer dead without a correction"),
        pytest.param({}, {"killed": 0}, (), id="nobody hurt is no news"),
        pytest.param({}, {"killed": 1}, (Change("killed", "", "1"),), id="the first death"),
        pytest.param({"killed": 0}, {"killed": 1}, (Change("killed", "0", "1"),), id="from none to one"),
        pytest.param({"wounded": 10}, {"wounded": 11}, (), id="a tenth more wounded"),
        pytest.param({"wounded": 10}, {"wounded": 12}, (Change("wounded", "10", "12"),), id="a fifth more wounded"),
        pytest.param({"wounded": 4}, {"wounded": 5}, (Change("wounded", "4", "5"),), id="one more of four wounded"),
        pytest.param({}, {"claim": "unclaimed"}, (), id="unclaimed is no news"),
        pytest.param(
            {"claim": "unclaimed"}, {"claim": "claimed"}, (Change("claim", "unclaimed", "claimed"),), id="a claim"
        ),
        pytest.param({"claim": "claimed"}, {"claim": "unclaimed"}, (), id="a claim is not taken back by silence"),
        pytest.param({}, {"intercepted": 2}, (Change("intercepted", "", "2"),), id="intercepted"),
        pytest.param({"intercepted": 2}, {"intercepted": 2}, (), id="intercepted as before"),
        pytest.param({}, {"target": "checkpoint"}, (), id="a detail"),
    ],
)
def test_material_changes(before, after, changes):
    """Each material change counts one version up; nothing else does."""
    update = follow(opened(**before), **after)
    assert update.changes == changes
    assert update.event.version == 1 + bool(changes)


def test_graver_is_material_and_lighter_is_not():
    """Severity goes up with a report, never down without a correction."""
    events = opened()
    assert follow(events, 2, severity=Severity.HIGH).changes == (Change("severity", "medium", "high"),)
    assert follow(events, 3, 2, severity=Severity.LOW).changes == ()
    assert events[0].severity is Severity.HIGH


def test_a_toll_rises_only_above_what_anyone_said():
    """Two outlets with 3 and 5 dead in turn ring once, and both figures stay in sight."""
    events = opened(killed=3)
    assert follow(events, 2, 1, killed=5).changes
    assert not follow(events, 3, 2, killed=3, origin="Rudaw").changes
    assert not follow(events, 4, 3, killed=5, origin="AP").changes
    assert [s.killed for s in events[0].sources] == [Count(3, 3), Count(5, 5), Count(3, 3), Count(5, 5)]


def test_the_newest_toll_counts_whatever_the_order_of_arrival():
    """Newest by the time of publication."""
    reports = [(2, 1, {"killed": 2}), (3, 2, {"killed": 4}), (4, 3, {"killed": 3})]
    for order in permutations(reports):
        events = opened(killed=1)
        for n, hours, coded in order:
            follow(events, n, hours, **coded)
        assert events[0].facts.killed is not None
        assert events[0].facts.killed.value == Count(3, 3)


def test_the_largest_count_of_a_weapon_stands_whatever_the_order_of_arrival():
    """Two rockets, rockets without a number and three rockets are three rockets."""
    for order in permutations([2, None, 3]):
        events: list[Event] = []
        for n, count in enumerate(order, 1):
            take(events, n, article(n, n / 4), assessment(facts(ROCKETS, GREEN_ZONE, weapon=("rocket", count))))
        (event,) = events
        assert [said.value for said in event.facts.weapons] == [Weapon("rocket", 3)]


def test_the_more_precise_place_comes_first():
    """Whichever way round they arrive."""
    for first, second in permutations((BAGHDAD, GREEN_ZONE)):
        events: list[Event] = []
        take(events, 1, article(1), assessment(facts(ROCKETS, first, weapon=("rocket", 2))))
        update = take(events, 2, article(2, 1), assessment(facts(ROCKETS, second, weapon=("rocket", 2))))
        assert update is not None
        assert [p.value.name for p in update.event.facts.places] == ["Green Zone", "Baghdad"]
        assert update.changes == ()


def test_what_was_only_heard_is_told_by_who_saw_it():
    """Explosions in the Green Zone, then rockets; never the other way."""
    for order in permutations([("heard", IED, None), ("seen", ROCKETS, ("rocket", 3))]):
        events: list[Event] = []
        for n, (_, kind, weapon) in enumerate(order, 1):
            told = facts(kind, GREEN_ZONE, weapon=weapon) if weapon else facts(kind, GREEN_ZONE)
            take(events, n, article(n, n / 4, "Bagdad, zone verte"), assessment(told))
        (event,) = events
        assert event.facts.event_type is not None
        assert event.facts.event_type.value == ROCKETS


def test_a_revision_that_moves_the_place_is_material():
    """The story itself says it was elsewhere."""
    events = opened()
    moved = assessment(facts(IED, ERBIL, weapon=("IED", None)))
    update = take(events, 1, article(1, 1), moved, REVISION, original=events[0].id)
    assert update is not None
    assert update.changes == (Change("place", "Kirkuk", "Erbil"),)
    assert update.event.facts.places[0].value == ERBIL
    assert len(update.event.sources) == 1


def test_a_copy_counts_for_its_origin():
    """Three sites with one Belga text are one source."""
    events = opened()
    copy = replace(article(2, 1, "Bom in Kirkuk", origin=""), publisher="Het Avondblad")
    take(events, 2, copy, assessment(facts(IED, KIRKUK)), COPY, original=events[0].id)
    assert events[0].origins == ("AFP",)
    assert [s.relation for s in events[0].sources] == ["report", "copy"]


def test_a_copy_that_knows_of_more_dead_is_news():
    """Dedup may take an update for a copy; the dead are not overlooked for it."""
    events = opened(killed=2)
    more = assessment(facts(IED, KIRKUK, killed=4))
    update = take(events, 2, article(2, 1), more, COPY, original=events[0].id)
    assert update is not None
    assert update.changes == (Change("killed", "2", "4"),)


def test_a_correction_lowers_toll_and_severity():
    """What was wrong is put right, with the old figure in sight."""
    events: list[Event] = []
    take(events, 1, article(1), assessment(facts(IED, KIRKUK, killed=12), Severity.CRITICAL))
    fixed = article(2, 1, "CORRECTION: Bomb kills two in Kirkuk")
    update = take(
        events, 2, fixed, assessment(facts(IED, KIRKUK, killed=2), Severity.HIGH), REVISION, original=events[0].id
    )
    assert update is not None
    assert update.signal is Signal.CORRECTION
    assert update.changes == (Change("killed", "12", "2"), Change("severity", "critical", "high"))
    assert (update.event.severity, update.event.version) == (Severity.HIGH, 2)


def kill(events: list[Event], n: int, origin: str, *, original: str | None = None) -> EventUpdate | None:
    note = article(n, 2, "ANNULATION: Irak/attentat", origin=origin, text="Prière d'annuler notre dépêche.")
    decision = REVISION if original else NEW
    return take(events, n, note, assessment(facts(IED, KIRKUK), flagged=False), decision, original=original)


def test_a_kill_by_the_only_origin_withdraws():
    """Nobody else tells it: it is gone."""
    events = opened()
    update = kill(events, 2, "AFP", original=events[0].id)
    assert update is not None
    assert (update.event.state, update.signal) == ("withdrawn", Signal.KILL)
    assert update.changes == (Change("state", "open", "withdrawn"),)


def test_a_kill_that_names_no_story_finds_its_senders_event():
    """By what it says and who says it."""
    events = opened()
    assert (note := kill(events, 2, "Reuters")) is None or note.event.state == "open"
    assert events[0].state == "open"
    take(events, 3, article(3, 0.5, origin="AFP"), assessment(facts(IED, KIRKUK, weapon=("IED", None), killed=1)))
    note = take(
        events,
        4,
        article(4, 1, "KILL: Iraq/bomb", origin="AFP"),
        assessment(facts(IED, KIRKUK, weapon=("IED", None), killed=1), flagged=False),
    )
    assert note is not None
    assert note.event.state == "withdrawn"


def test_a_kill_leaves_what_others_tell():
    """AFP takes its story back; INA stands by its own."""
    events = opened()
    follow(events, 2, 1, origin="INA")
    update = kill(events, 3, "AFP", original=events[0].id)
    assert update is not None
    assert (update.event.state, update.signal) == ("open", Signal.CORRECTION)
    assert update.changes == (Change("sources", "AFP, INA", "INA"),)
    last = kill(events, 4, "INA", original=events[0].id)
    assert last is not None
    assert last.event.state == "withdrawn"


def test_a_second_kill_changes_nothing():
    """Agencies send kills twice."""
    events = opened()
    kill(events, 2, "AFP", original=events[0].id)
    version = events[0].version
    update = kill(events, 3, "AFP", original=events[0].id)
    assert update is not None
    assert (update.changes, update.event.version) == ((), version)


def test_a_late_copy_leaves_a_withdrawn_event_dead_and_another_origin_reopens_it():
    """A late original stays dead; somebody else's own report does not."""
    events = opened()
    kill(events, 2, "AFP", original=events[0].id)
    late = take(events, 3, article(3, 3, origin=""), assessment(facts(IED, KIRKUK)), COPY, original=events[0].id)
    assert late is not None
    assert (late.event.state, late.changes) == ("withdrawn", ())
    own = follow(events, 4, 4, origin="Reuters")
    assert (own.event.state, own.changes) == ("open", (Change("state", "withdrawn", "open"),))


def test_the_format_says_kill():
    """An agency format's own mark needs no words."""
    events = opened()
    note = replace(article(2, 1), wire=Wire(provider="AFP", signal=Signal.KILL))
    update = take(events, 2, note, assessment(facts(), flagged=False), REVISION, original=events[0].id)
    assert update is not None
    assert update.event.state == "withdrawn"


def test_the_same_article_twice_is_one_source():
    """A poll that was cut short comes again."""
    events = opened(killed=2)
    again = take(events, 1, article(1), assessment(facts(IED, KIRKUK, killed=2)), REVISION, original=events[0].id)
    assert again is not None
    assert (len(again.event.sources), again.changes) == (1, ())
