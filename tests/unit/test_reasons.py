"""Why an event deserves a message: every reason, and both sides of every limit."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.fakes.reports import AT, GREEN_ZONE, KIRKUK, ROCKETS, article, assessment, facts, said, take
from tocsin.alerts.reasons import alert_for, why_send
from tocsin.model import (
    AlertReason,
    Article,
    Assessment,
    Change,
    Event,
    EventUpdate,
    Reason,
    Said,
    Severity,
    Signal,
    Source,
    Span,
    Weapon,
)

FRESH, LIMIT = timedelta(minutes=5), timedelta(hours=6)
LOW, HIGH = Severity.LOW, Severity.HIGH


def source(n: int, origin: str, *, age: timedelta = FRESH) -> Source:
    return Source(n, f"https://x.example/{n}", "t", origin, "en", (origin,) if origin else (), AT - age, AT)


def update(
    *origins: str,
    changes: tuple[Change, ...] = (),
    is_new: bool = False,
    signal: Signal = Signal.NEW,
    before: Severity = HIGH,
    severity: Severity = HIGH,
    state: str = "open",
) -> EventUpdate:
    """An event whose last source is the one that did it."""
    sources = tuple(source(n, o) for n, o in enumerate(origins or ("AFP",)))
    event = Event("ev-1", "w", 1, severity, "gist", facts(), sources, AT, AT, state=state)
    earlier = tuple(dict.fromkeys(s.origin for s in sources[:-1]))
    return EventUpdate(event, is_new, changes, "why", signal, before, earlier, article=sources[-1].article)


KILLED, WOUNDED = Change("killed", "2", "3"), Change("wounded", "", "4")
CLAIMED, DENIED = Change("claim", "", "claimed"), Change("claim", "", "denied")
MOVED, INTERCEPTED, GONE = (
    Change("place", "Kirkuk", "Erbil"),
    Change("intercepted", "", "2"),
    Change("state", "open", "withdrawn"),
)

CASES = [
    ("a new event", update(is_new=True), AlertReason.FIRST),
    ("repeat coverage by the same origin", update("AFP", "AFP"), None),
    ("a second origin", update("AFP", "INA"), AlertReason.CONFIRMED),
    ("a third origin", update("AFP", "INA", "Reuters"), None),
    ("the second origin again", update("AFP", "INA", "INA"), None),
    ("the same origin in other letters", update("Reuters", "REUTERS"), None),
    ("a source without a name", update("AFP", ""), None),
    ("graver", update("AFP", "AFP", before=LOW), AlertReason.ESCALATED),
    ("lighter", update("AFP", "AFP", before=Severity.CRITICAL), None),
    (
        "graver and more dead: graver says both",
        update("AFP", "AFP", before=LOW, changes=(KILLED,)),
        AlertReason.ESCALATED,
    ),
    ("more dead", update("AFP", "AFP", changes=(KILLED,)), AlertReason.CASUALTIES),
    ("wounded", update("AFP", "AFP", changes=(WOUNDED,)), AlertReason.CASUALTIES),
    ("more dead and a second origin", update("AFP", "INA", changes=(KILLED,)), AlertReason.CASUALTIES),
    ("claimed", update("AFP", "AFP", changes=(CLAIMED,)), AlertReason.CLAIMED),
    ("denied", update("AFP", "AFP", changes=(DENIED,)), None),
    ("intercepted", update("AFP", "AFP", changes=(INTERCEPTED,)), None),
    ("corrected", update("AFP", "AFP", signal=Signal.CORRECTION), AlertReason.CORRECTED),
    (
        "a correction is told before its figures",
        update("AFP", "AFP", signal=Signal.CORRECTION, changes=(KILLED,)),
        AlertReason.CORRECTED,
    ),
    ("a place that moved", update("AFP", "AFP", changes=(MOVED,)), AlertReason.CORRECTED),
    ("a correction of what we never had", update(is_new=True, signal=Signal.CORRECTION), AlertReason.FIRST),
    ("sent again", update("AFP", "AFP", signal=Signal.REPEAT), None),
    ("withdrawn", update("AFP", "AFP", signal=Signal.KILL, changes=(GONE,), state="withdrawn"), AlertReason.WITHDRAWN),
    ("withdrawn again", update("AFP", "AFP", signal=Signal.KILL, state="withdrawn"), None),
    ("a late copy of something withdrawn", update("AFP", "INA", changes=(KILLED,), state="withdrawn"), None),
]


@pytest.mark.parametrize(("it", "reason"), [pytest.param(u, r, id=name) for name, u, r in CASES])
def test_why_send(it, reason):
    """One reason, the one that says most."""
    assert why_send(it, article_age=FRESH, max_age=LIMIT, told=not it.is_new) is reason


@pytest.mark.parametrize(("it", "reason"), [pytest.param(u, r, id=name) for name, u, r in CASES])
def test_too_old_never_rings_but_a_withdrawal_does(it, reason):
    """Exactly at the limit it rings, a second later it does not."""
    late = reason if reason is AlertReason.WITHDRAWN else None
    told = not it.is_new
    assert why_send(it, article_age=LIMIT, max_age=LIMIT, told=told) is reason
    assert why_send(it, article_age=LIMIT + timedelta(seconds=1), max_age=LIMIT, told=told) is late


def test_an_event_that_was_never_told_is_told_with_its_first_fresh_report():
    """After an outage the follow-up is the first that the desk hears of it, whatever the ages of its sources."""
    other, same = update("AFP", "INA"), update("AFP", "AFP")
    assert why_send(other, article_age=FRESH, max_age=LIMIT, told=False) is AlertReason.FIRST
    assert why_send(other, article_age=FRESH, max_age=LIMIT, told=True) is AlertReason.CONFIRMED
    assert why_send(same, article_age=FRESH, max_age=LIMIT, told=False) is AlertReason.FIRST
    assert why_send(same, article_age=FRESH, max_age=LIMIT, told=True) is None


def test_a_story_rings_once_per_reason_over_its_life():
    """Flash, copy, other agency, toll, toll again, claim, kill of one, kill of the other."""
    events: list[Event] = []
    rang: list[str] = []
    story = [
        ("AFP", Severity.MEDIUM, {}, ""),
        ("AFP", Severity.MEDIUM, {}, ""),
        ("INA", Severity.MEDIUM, {}, ""),
        ("INA", Severity.HIGH, {"killed": 2}, ""),
        ("Reuters", Severity.HIGH, {"killed": 3}, ""),
        ("Rudaw", Severity.HIGH, {"killed": 3}, ""),
        ("AP", Severity.HIGH, {"killed": 3, "claim": "claimed"}, ""),
        ("AP", Severity.HIGH, {"killed": 3}, "CORRECTION: "),
    ]
    for n, (origin, severity, more, head) in enumerate(story, 1):
        coded = facts(ROCKETS, GREEN_ZONE, weapon=("rocket", 2), **more)
        one = article(n, n / 10, f"{head}Rockets hit Green Zone", origin=origin)
        it = take(events, n, one, assessment(coded, severity))
        assert it is not None
        reason = why_send(it, article_age=FRESH, max_age=LIMIT, told=bool(rang))
        rang += [reason.value] if reason else []
    assert len(events) == 1
    assert rang == ["first", "confirmed", "escalated", "casualties", "claimed", "corrected"]


TEXT = (
    "Two rockets fell on Kirkuk on Sunday. Nobody was hurt. A second attack was foiled, the police said. "
    "In Syria, a truce held. " + "The market opened as usual. " * 9
)


def wire(text: str = TEXT, title: str = "Rockets on Kirkuk") -> Article:
    return Article("https://w.example/1", title, text, language="en")


def words(text: str) -> Span:
    at = TEXT.index(text)
    return Span("text", at, at + len(text), text)


def assessed(*reasons: Reason) -> Assessment:
    rockets = Said(Weapon("rocket", 2), words("Two rockets"))
    place = Said(KIRKUK, words("Kirkuk"))
    return Assessment(
        "w",
        0.9,
        True,
        severity=HIGH,
        reasons=reasons,
        facts=facts(ROCKETS).__class__(places=(place,), weapons=(rockets,)),
    )


def test_quotes_are_the_sentences_that_say_the_facts():
    """Whole sentences in reading order; what speaks against, and what says nothing, is not quoted."""
    more = Reason("headline.attack", words("second attack"), 1.0)
    against = Reason("refuse.elsewhere", words("Syria"), -1.0)
    alert = alert_for(update(is_new=True), AlertReason.FIRST, wire(), assessed(more, against), now=AT)
    assert [q.quote for q in alert.quotes] == [
        "Two rockets fell on Kirkuk on Sunday.",
        "A second attack was foiled, the police said.",
    ]
    assert all(TEXT[q.start : q.end] == q.quote for q in alert.quotes)


def test_at_most_four_quotes_and_none_endless():
    """An alert is no article."""
    text = "A rocket fell. " * 20 + "rocket " * 200
    many = [Reason(f"r{n}", Span("text", 15 * n + 2, 15 * n + 8, "rocket"), 1.0) for n in range(20)]
    many.append(Reason("long", Span("text", 300, 306, "rocket"), 9.0))
    bare = Assessment("w", 0.9, True, severity=HIGH, reasons=tuple(many))
    alert = alert_for(update(is_new=True), AlertReason.FIRST, wire(text), bare, now=AT)
    assert len(alert.quotes) == 4
    assert max(len(q.quote) for q in alert.quotes) <= 400


@pytest.mark.parametrize(
    ("text", "end"),
    [
        pytest.param("rocket" * 100, 400, id="no space at all"),
        pytest.param("A rocket fell. " + "rocket" * 100, 415, id="no space after an earlier sentence"),
        pytest.param("rocket" * 65 + " fell " + "here" * 50, 395, id="at the last space before the limit"),
        pytest.param("a" * 400 + " fell", 400, id="a word as long as the limit, whole"),
    ],
)
def test_a_long_sentence_is_cut_where_it_may_be(text, end):
    """Never from the end of the text: a quote is short whatever it is made of."""
    start = 15 if text.startswith("A rocket") else 0
    bare = Assessment("w", 0.9, True, severity=HIGH, reasons=(Reason("r", Span("text", start, start + 6, ""), 1.0),))
    (quote,) = alert_for(update(is_new=True), AlertReason.FIRST, wire(text), bare, now=AT).quotes
    assert (quote.start, quote.end) == (start, end)
    assert quote.quote == text[start:end]


def test_a_kill_is_quoted_by_its_title():
    """No alert without words, even where nothing is coded."""
    nothing = Assessment("w", 0.0, False)
    killed = wire("", title="KILL: rockets on Kirkuk")
    alert = alert_for(update(signal=Signal.KILL), AlertReason.WITHDRAWN, killed, nothing, now=AT)
    assert [q.quote for q in alert.quotes] == ["KILL: rockets on Kirkuk"]


def test_the_id_is_the_same_after_a_restart():
    """Event, reason and version make it."""
    one, two = (alert_for(update(), AlertReason.FIRST, wire(), assessed(), now=AT + timedelta(n)) for n in range(2))
    assert one.id == two.id == "ev-1:first:1"
    assert said("x").span.quote == "words"
