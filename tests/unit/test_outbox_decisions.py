"""The state machine of a delivery: every answer, and what follows."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.fakes.alerts import AT, alert, event
from tocsin.alerts.outbox import after_error, batches, due_at, pause, wrong_clock
from tocsin.errors import DeliveryError
from tocsin.model import Delivery, DeliveryState, Severity

PENDING, UNKNOWN, DEAD = DeliveryState.PENDING, DeliveryState.UNKNOWN, DeliveryState.DEAD
SETTLE = timedelta(seconds=20)


def delivery(n: int, recipient: str = "#desk", severity: Severity = Severity.LOW, **more) -> Delivery:
    it = alert(event=event(id=f"ev-{n}", severity=severity))
    base = {"state": PENDING, "attempts": 0, "created_at": AT, "not_before": AT} | more
    return Delivery(n, it, "slack", recipient, f"key-{n}", **base)


@pytest.mark.parametrize(
    ("error", "attempts", "state", "wait", "problem"),
    [
        pytest.param(DeliveryError("s", "429", True, True, 30.0), 1, PENDING, 30, False, id="asked to wait"),
        pytest.param(DeliveryError("s", "429", True, True, 0.0), 5, PENDING, 0, False, id="asked not to wait"),
        pytest.param(DeliveryError("s", "refused", True), 1, PENDING, 2, False, id="first plain no"),
        pytest.param(DeliveryError("s", "refused", True), 4, PENDING, 16, False, id="fourth plain no"),
        pytest.param(
            DeliveryError("s", "bad token", True, True, 900.0), 1, PENDING, 900, True, id="a person must mend it"
        ),
        pytest.param(DeliveryError("s", "wait", True, True, 86400.0), 1, PENDING, 3600, True, id="an hour at most"),
        pytest.param(
            DeliveryError("s", "reset", True, False), 1, UNKNOWN, 20, False, id="no telling: look it up later"
        ),
        pytest.param(
            DeliveryError("s", "reset", True, False, 1.0),
            1,
            UNKNOWN,
            20,
            False,
            id="a pause does not cut the settle time",
        ),
        pytest.param(DeliveryError("s", "550 no such user"), 1, DEAD, 0, True, id="refused for good"),
        pytest.param(DeliveryError("s", "odd", False, False), 1, UNKNOWN, 20, False, id="in doubt it may have arrived"),
    ],
)
def test_after_error(error, attempts, state, wait, problem):
    """State, wait in seconds, and whether somebody has to mend something."""
    after = after_error(error, attempts=attempts, settle=SETTLE, now=AT)
    assert (after.state, after.not_before - AT, after.problem) == (state, timedelta(seconds=wait), problem)


def test_without_a_look_up_a_doubtful_message_waits_like_any_other():
    """A server that takes messages and then drops the line must not get one a second."""
    doubtful = DeliveryError("m", "lost after the final dot", True, False)
    waits = [after_error(doubtful, attempts=n, settle=None, now=AT).not_before - AT for n in (1, 2, 3)]
    assert [wait.seconds for wait in waits] == [2, 4, 8]


def test_pauses_double_up_to_five_minutes():
    """Two seconds, then four, and never more than five minutes; an hour at most where the channel asks."""
    assert [pause(n).total_seconds() for n in (0, 1, 2, 8, 9, 10, 10_000)] == [2, 2, 4, 256, 300, 300, 300]
    assert pause(1, 9999).total_seconds() == 3600


@pytest.mark.parametrize(
    ("ahead", "attempts", "state", "reset"),
    [
        pytest.param(timedelta(seconds=10), 0, PENDING, None, id="just made"),
        pytest.param(timedelta(seconds=11), 0, PENDING, timedelta(0), id="made by a clock that ran ahead"),
        pytest.param(timedelta(minutes=70), 3, PENDING, None, id="a long pause"),
        pytest.param(timedelta(minutes=71), 3, PENDING, timedelta(0), id="longer than any pause"),
        pytest.param(timedelta(minutes=71), 3, UNKNOWN, SETTLE, id="doubtful: it still waits the settle time"),
    ],
)
def test_a_clock_that_was_set_back(ahead, attempts, state, reset):
    """An alert is not held up for hours by a wrong clock."""
    it = delivery(1, attempts=attempts, state=state, not_before=AT + ahead)
    assert wrong_clock(it, settle=SETTLE, now=AT) == (AT + reset if reset is not None else None)


@pytest.mark.parametrize(
    ("claimed", "not_before", "more", "due"),
    [
        pytest.param(0, 20, {"state": UNKNOWN}, 20, id="as planned"),
        pytest.param(0, -7180, {"state": UNKNOWN}, 20, id="planned by a clock that was set back for a moment"),
        pytest.param(7200, -20, {"state": UNKNOWN}, -20, id="claimed by a clock that ran ahead: as planned since"),
        pytest.param(0, 5, {"state": PENDING}, 5, id="no doubt"),
    ],
)
def test_a_doubt_settles_before_it_is_looked_up(claimed, not_before, more, due):
    """Seconds from the claim, however the clock leapt between the answer and the mark."""
    it = delivery(
        1, attempts=1, claimed_at=AT + timedelta(seconds=claimed), not_before=AT + timedelta(seconds=not_before), **more
    )
    assert due_at(it, settle=SETTLE, now=AT + timedelta(seconds=1)) == AT + timedelta(seconds=due)
    assert due_at(it, settle=None, now=AT) == it.not_before


def ids(found) -> list[list[int]]:
    return [[d.id for d in batch] for batch in found]


def test_one_message_each_up_to_the_storm_limit():
    """Gravest first, then oldest."""
    due = [delivery(1), delivery(2, severity=Severity.CRITICAL), delivery(3)]
    assert ids(batches(due, storm=3, limit=50)) == [[2], [1], [3]]


def test_a_storm_is_one_list_with_the_gravest_first():
    """One more than the limit: a list; a calm recipient still gets single messages."""
    due = [delivery(n) for n in range(1, 4)] + [delivery(4, severity=Severity.HIGH), delivery(5, "#night")]
    assert ids(batches(due, storm=3, limit=50)) == [[4, 1, 2, 3], [5]]


LATE = AT - timedelta(hours=6)


@pytest.mark.parametrize(
    ("due", "messages"),
    [
        pytest.param(
            [(1, "held"), (2, "held"), (3, "")], [[1, 2], [3]], id="what was held is a list, what is new is not"
        ),
        pytest.param([(1, "held")], [[1]], id="one that was held is a message of its own"),
        pytest.param([(n, "held") for n in range(1, 6)] + [(6, "")], [[1, 2, 3, 4, 5], [6]], id="no storm of the new"),
        pytest.param([(1, "held"), *((n, "") for n in range(2, 6))], [[1, 2, 3, 4, 5]], id="a storm lists all"),
        pytest.param([(1, "late"), (2, "late"), (3, "")], [[1, 2], [3]], id="what is late is a list"),
        pytest.param([(1, "late"), (2, "held"), (3, "")], [[1, 2], [3]], id="late and held is one list"),
    ],
)
def test_lists_of_what_waited(due, messages):
    """A summary of a night, and of an outage."""
    more = {"held": {"held_until": AT}, "late": {"created_at": LATE - timedelta(seconds=1)}, "": {"created_at": LATE}}
    assert ids(batches([delivery(n, **more[how]) for n, how in due], storm=3, limit=50, late=LATE)) == messages


@pytest.mark.parametrize(
    ("held", "created", "attempts", "reset"),
    [
        pytest.param(timedelta(hours=9), timedelta(0), 0, None, id="until the morning"),
        pytest.param(timedelta(hours=9), timedelta(seconds=11), 0, timedelta(0), id="held by a clock that ran ahead"),
        pytest.param(timedelta(hours=9), timedelta(0), 1, timedelta(0), id="tried: it is held no more"),
    ],
)
def test_a_clock_and_what_is_held(held, created, attempts, reset):
    """It waits on purpose, unless a wrong clock held it."""
    it = delivery(1, attempts=attempts, created_at=AT + created, not_before=AT + held, held_until=AT + held)
    assert wrong_clock(it, settle=SETTLE, now=AT) == (AT + reset if reset is not None else None)


def test_a_storm_longer_than_a_list_is_several():
    """No list is longer than the channel can show."""
    assert ids(batches([delivery(n) for n in range(1, 8)], storm=3, limit=3)) == [[1, 2, 3], [4, 5, 6], [7]]
