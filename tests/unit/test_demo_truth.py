"""The score against the truth, on days told well and badly."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from demo.stories import Story, TrueEvent, Truth, WireDayData
from demo.truth import Received, Rung, SeenEvent, received_by_mail, received_by_slack, score

CHANNELS = ("terminal", "desk-slack")


def story(name: str, event: str | None = None, relation: str = "report", *, phase: int = 1, killed: int | None = None):
    truth = Truth(event is not None, event, relation, killed=killed, neg_kind=None if event else "other")
    return Story(name, "tigris-wire", "en", phase, 60, name, "", "", "", ("Text.",), truth)


def rung(*reasons: str, state: str = "sent") -> tuple[Rung, ...]:
    return tuple(Rung(reason, channel, state=state) for reason in reasons for channel in CHANNELS)


DAY = WireDayData(
    stories=(
        story("rockets", "base", killed=0),
        story("roquettes", "base", "translation", killed=0),
        story("rockets-toll", "base", "update", phase=2, killed=2),
        story("false-alarm", "barracks", killed=3),
        story("annulled", "barracks", "kill", phase=2),
        story("football"),
    ),
    events=(
        TrueEvent("base", "rockets at a base", "high", killed=2),
        TrueEvent("barracks", "a false alarm", "high", withdrawn=True),
    ),
)
ADDRESSES = {s.id: (f"http://127.0.1.14:8000/en/{s.id}?x=1", f"http://127.0.1.14:8000/go/{s.id}") for s in DAY.stories}
BASE = SeenEvent(
    "ev-1",
    (ADDRESSES["rockets"][0], ADDRESSES["roquettes"][1], ADDRESSES["rockets-toll"][0]),
    gist="Rockets",
    severity="high",
    killed=(2, 2),
    alerts=rung("first", "casualties"),
)
BARRACKS = SeenEvent(
    "ev-2",
    (ADDRESSES["false-alarm"][0], ADDRESSES["annulled"][0]),
    gist="Blast",
    severity="high",
    state="withdrawn",
    alerts=rung("first", "withdrawn"),
)
GOT = (
    Received("slack", "ev-1", "1", True),
    Received("slack", "ev-1", "2", False),
    Received("slack", "ev-2", "3", True),
)


def judged(*seen: SeenEvent, received: Iterable[Received] = GOT):
    return score(DAY, ADDRESSES, seen, received, channels=CHANNELS)


def test_a_day_told_well_has_no_miss():
    """Every count is full, the report says so."""
    report = judged(BASE, BARRACKS)
    assert (report.misses, report.notes, report.met) == ((), (), True)
    assert [str(t) for t in (report.events, report.joined, report.silent, report.followed, report.tolls)] == [
        "2 of 2", "5 of 5", "1 of 1", "3 of 3", "1 of 1",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        pytest.param([BASE], "barracks: never told", id="an event nobody heard of"),
        pytest.param(
            [replace(BASE, urls=BASE.urls[:2]), BARRACKS, replace(BASE, id="ev-3", urls=BASE.urls[2:])],
            "base: told as 2 events",
            id="one event told as two",
        ),
        pytest.param(
            [replace(BASE, urls=BASE.urls + BARRACKS.urls)],
            "told as one event: barracks (false-alarm, annulled); base (rockets,",
            id="two told as one",
        ),
        pytest.param(
            [replace(BASE, urls=BASE.urls[:1]), BARRACKS], "roquettes (en, translation): with no", id="a story left out"
        ),
        pytest.param(
            [BASE, BARRACKS, SeenEvent("ev-9", ADDRESSES["football"], "Attack", alerts=rung("first"))],
            "football (en, other): alerted as 'Attack'",
            id="football rang",
        ),
        pytest.param(
            [replace(BASE, alerts=rung("first")), BARRACKS], "update rockets-toll was told as", id="new toll not told"
        ),
        pytest.param(
            [BASE, replace(BARRACKS, alerts=rung("first"))],
            "kill annulled was told as ['first']",
            id="withdrawal not told",
        ),
        pytest.param([BASE, replace(BARRACKS, state="open")], "still open after its withdrawal", id="still open"),
        pytest.param(
            [replace(BASE, alerts=rung("first", "first", "casualties")), BARRACKS], "2 first alerts", id="told twice"
        ),
        pytest.param(
            [replace(BASE, alerts=rung("first", state="dead") + rung("casualties")), BARRACKS],
            "0 first alerts sent to terminal",
            id="told to nobody",
        ),
        pytest.param(
            [BASE, BARRACKS, SeenEvent("ev-9", ("http://x.example/1",), "Odd")], "no story of this day: Odd", id="odd"
        ),
    ],
)
def test_each_mistake_is_a_miss_in_words(seen: list[SeenEvent], said: str):
    """The list says which event or story, and what happened to it."""
    report = judged(*seen)
    assert not report.met
    assert any(said in miss for miss in report.misses), report.misses


@pytest.mark.parametrize(
    ("received", "said"),
    [
        pytest.param((*GOT, GOT[1]), "slack received 2 more than once", id="the same message twice"),
        pytest.param((*GOT, replace(GOT[0], key="4")), "slack received 2 first messages", id="two threads"),
        pytest.param(GOT[:2], "barracks: slack received 0 first messages", id="lost on the way"),
    ],
)
def test_the_desks_have_the_last_word(received: tuple[Received, ...], said: str):
    """What the archive believes was sent is compared with what arrived."""
    report = judged(BASE, BARRACKS, received=received)
    assert any(said in miss for miss in report.misses), report.misses


def test_facts_that_differ_are_notes_not_misses():
    """Severity and tolls are reported, and do not make the day a failure."""
    report = judged(replace(BASE, severity="medium", killed=(5, 5)), BARRACKS)
    assert report.met
    assert len(report.notes) == 2
    assert any("killed (5, 5), stated 2" in line for line in report.lines())


def test_slack_messages_are_counted_per_event_they_name():
    """A list of a storm counts for each of its events; a reply does not open a thread."""
    rows = [
        {"ts": "1.0", "metadata": {"event_payload": {"event": "ev-1 ev-2", "idem": "a b"}}},
        {"ts": "2.0", "thread_ts": "1.0", "metadata": {"event_payload": {"event": "ev-1", "idem": "c"}}},
        {"ts": "3.0", "text": "by a person"},
    ]
    assert [(r.event, r.first) for r in received_by_slack(rows)] == [("ev-1", True), ("ev-2", True), ("ev-1", False)]
    posted_twice = [rows[1], {**rows[1], "ts": "9.0"}]
    assert len(received_by_slack(posted_twice)) == 2


def test_a_mail_that_comes_twice_under_one_message_id_counts_once():
    """The reader's mailbox shows it once; one per reader still counts."""
    first = {"message_id": "<1@x>", "recipients": ["a@x"], "headers": [["X-Tocsin-Event", "ev-1"]]}
    other = {**first, "recipients": ["b@x"]}
    reply = {
        "message_id": "<2@x>",
        "recipients": ["a@x"],
        "headers": [["X-Tocsin-Event", "ev-1"], ["References", "<1@x>"]],
    }
    got = received_by_mail([first, first, other, reply])
    assert [r.first for r in got] == [True, True, False]


@pytest.mark.parametrize(
    ("true", "said", "right"),
    [
        pytest.param(2, (2, 2), True, id="exact"),
        pytest.param(2, (1, 3), True, id="within the range"),
        pytest.param(2, (0, 1), False, id="range too low"),
        pytest.param(2, (3, 3), False, id="too high"),
        pytest.param(2, None, False, id="not coded"),
        pytest.param(0, None, True, id="nobody, and left unsaid"),
        pytest.param(0, (1, 1), False, id="somebody where there was nobody"),
    ],
)
def test_a_toll_is_right_within_its_range(true: int, said: tuple[int, int] | None, right: bool):
    """Nobody hurt may be said with 0 or not at all; everything else must be said."""
    day = replace(DAY, events=(replace(DAY.events[0], killed=true), DAY.events[1]))
    report = score(day, ADDRESSES, [replace(BASE, killed=said), BARRACKS], GOT, channels=CHANNELS)
    assert (report.tolls.right == 1) == right


@pytest.mark.parametrize(
    ("kind", "place", "right"),
    [
        pytest.param("Attack", "Hilla", (1, 1), id="both among those accepted"),
        pytest.param("Arrests", "Babil", (0, 1), id="another kind"),
        pytest.param("Attack", "Iraq", (1, 0), id="too vague a place"),
        pytest.param("", "", (0, 0), id="neither coded"),
    ],
)
def test_kind_and_place_are_judged_where_the_truth_names_them(kind: str, place: str, right: tuple[int, int]):
    """One event of the two names what it accepts; the other is not counted."""
    event = replace(DAY.events[0], types=("Attack", "Armed clash"), places=("Hilla", "Babil"))
    day = replace(DAY, events=(event, DAY.events[1]))
    report = score(day, ADDRESSES, [replace(BASE, kind=kind, place=place), BARRACKS], GOT, channels=CHANNELS)
    assert (report.kinds.right, report.places.right) == right
    assert (report.kinds.of, report.places.of, report.met) == (1, 1, True)
