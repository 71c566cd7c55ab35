"""Whom else to tell when nobody acknowledges: when, to whom, and never twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.alerts import AT, alert, event
from tocsin.alerts.escalation import Unanswered, due
from tocsin.config import Alerts, Escalate
from tocsin.model import AlertReason, DeliveryState, Severity, Silence

CRITICAL, HIGH = Severity.CRITICAL, Severity.HIGH
PEOPLE = {"phone": ("",), "chief": ("c@x.example", "d@x.example")}
GRAVE = event(severity=CRITICAL)
PHONE, CHIEF = Escalate(after_minutes=10, to=("phone",)), Escalate(after_minutes=30, to=("chief", "off"))


def unanswered(**more) -> Unanswered:
    base = Unanswered(GRAVE, alert(event=GRAVE), ((AT, CRITICAL.rank),), frozenset())
    return replace(base, **more)


def targets(it: Unanswered, minutes: float, *steps: Escalate, silences: tuple[Silence, ...] = ()) -> list[str]:
    config = Alerts(escalate=steps or (PHONE, CHIEF))
    made = due([it], config, PEOPLE, silences=silences, now=AT + timedelta(minutes=minutes))
    return [each.channel for _, planned in made for each in planned]


def hush(severity: Severity) -> Silence:
    return Silence(1, "amal", "known", AT, AT + timedelta(hours=9), max_severity=severity)


@pytest.mark.parametrize(
    ("it", "minutes", "told"),
    [
        pytest.param(unanswered(), 9.9, [], id="not yet"),
        pytest.param(unanswered(), 10, ["phone"], id="after ten minutes"),
        pytest.param(unanswered(), 30, ["phone", "chief", "chief"], id="after thirty: each recipient of the next, too"),
        pytest.param(unanswered(escalated=frozenset({("phone", "")})), 12, [], id="once"),
        pytest.param(
            unanswered(escalated=frozenset({("phone", "")})), 30, ["chief", "chief"], id="the next step goes on"
        ),
        pytest.param(unanswered(event=replace(GRAVE, state="withdrawn")), 10, [], id="withdrawn"),
        pytest.param(unanswered(event=replace(GRAVE, severity=HIGH)), 10, [], id="less grave by now"),
        pytest.param(unanswered(rang=((AT, HIGH.rank),)), 10, [], id="it rang, but not as gravely"),
        pytest.param(
            unanswered(rang=((AT, HIGH.rank), (AT + timedelta(minutes=5), CRITICAL.rank))),
            14,
            [],
            id="the minutes count from when it became critical",
        ),
        pytest.param(unanswered(rang=()), 10, [], id="it never rang"),
        pytest.param(unanswered(), 6 * 60 + 10, ["phone", "chief", "chief"], id="at the age limit"),
        pytest.param(unanswered(), 6 * 60 + 31, [], id="too old: after an outage nobody is called for it"),
    ],
)
def test_who_is_told(it, minutes, told):
    """Both sides of each limit."""
    assert targets(it, minutes) == told


def test_a_step_has_its_own_severity_and_watch():
    """High events may escalate, too; those of one watch only."""
    it = unanswered(event=event(severity=HIGH), rang=((AT, HIGH.rank),))
    high = PHONE.model_copy(update={"min_severity": HIGH})
    assert targets(it, 10, high) == ["phone"]
    assert targets(it, 10, high.model_copy(update={"watch": "other"})) == []
    assert targets(it, 10, high.model_copy(update={"watch": it.event.watch})) == ["phone"]


@pytest.mark.parametrize(("severity", "told"), [(HIGH, ["phone"]), (CRITICAL, [])])
def test_a_silence_holds_here_too(severity, told):
    """If it says critical."""
    assert targets(unanswered(), 10, silences=(hush(severity),)) == told


def test_what_is_told():
    """The event as it stands, at once, with the words of its last alert."""
    now = AT + timedelta(minutes=10)
    later = replace(GRAVE, version=4)
    ((it, planned),) = due([unanswered(event=later)], Alerts(escalate=(PHONE,)), PEOPLE, now=now)
    assert (it.id, it.reason, it.at) == (f"{GRAVE.id}:unacknowledged:4", AlertReason.UNACKNOWLEDGED, now)
    assert (it.event, it.changes, it.quotes) == (later, (), alert().quotes)
    assert [(each.state, each.held_until) for each in planned] == [(DeliveryState.PENDING, None)]
