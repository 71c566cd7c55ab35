"""The outbox's rows on a real SQLite file."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.alerts import AT, alert, event, update
from tocsin.archive import Archive
from tocsin.archive.backlog import Backlog
from tocsin.archive.orders import Orders
from tocsin.archive.outbox import Outbox, idem_of
from tocsin.errors import ArchiveError
from tocsin.model import AlertReason, DeliveryState, Planned, Severity, Thread

DESK = [("slack", "#desk")]
FIRST, LATER = alert(), update()


@pytest.fixture
def archive(tmp_path):
    with Archive.open(tmp_path / "tocsin.db") as opened:
        yield opened


@pytest.fixture
def outbox(archive) -> Outbox:
    return Outbox(archive)


def send(outbox: Outbox, channel: str = "slack", thread: Thread | None = None) -> None:
    for it in outbox.waiting(channel, now=AT):
        outbox.claim([it.id], now=AT)
        outbox.mark_sent([it.id], remote_id=f"r{it.id}", thread=thread, now=AT)


def test_an_alert_comes_back_as_it_was_made(outbox):
    """Frozen: event, quotes, changes and all, in any script."""
    outbox.enqueue(LATER, DESK, now=AT)
    (it,) = outbox.waiting("slack", now=AT)
    assert it.alert == LATER
    assert (it.state, it.attempts, it.thread, it.idem) == ("pending", 0, None, idem_of(LATER, "slack", "#desk"))


def test_enqueueing_twice_changes_nothing(outbox):
    """A poll that was cut short comes again; a new recipient is added."""
    assert outbox.enqueue(FIRST, DESK, now=AT) == 1
    assert outbox.enqueue(replace(FIRST, at=AT + timedelta(hours=1)), [*DESK, ("mail", "a@x")], now=AT) == 1
    assert [it.alert.at for it in outbox.waiting("slack", now=AT)] == [AT]
    assert outbox.pending_counts() == {"pending": 2}


def test_enqueueing_is_part_of_the_callers_transaction(archive, outbox):
    """What is rolled back was never said."""

    def poll_that_fails() -> None:
        with archive.transaction():
            outbox.enqueue(FIRST, DESK, now=AT)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        poll_that_fails()
    assert outbox.pending_counts() == {}
    assert not outbox.rang(FIRST.event.id)


def test_an_update_waits_for_the_first_message(outbox):
    """To the same recipient; another recipient is not held back. Then it goes into the thread."""
    outbox.enqueue(FIRST, DESK, now=AT)
    outbox.enqueue(LATER, [*DESK, ("slack", "#night")], now=AT)
    ready = outbox.waiting("slack", now=AT)
    assert [(it.recipient, it.alert.reason) for it in ready] == [("#night", "casualties"), ("#desk", "first")]
    send(outbox, thread=Thread("C1/1.5", "Rockets"))
    (it,) = outbox.waiting("slack", now=AT)
    assert (it.alert.reason, it.thread) == ("casualties", Thread("C1/1.5", "Rockets"))


def test_a_dead_first_message_holds_nothing_back(outbox):
    """The update is then the first that the recipient hears."""
    outbox.enqueue(FIRST, DESK, now=AT)
    outbox.enqueue(LATER, DESK, now=AT)
    (it,) = outbox.waiting("slack", now=AT)
    outbox.mark([it.id], DeliveryState.DEAD, error="no", not_before=AT)
    assert [it.alert.reason for it in outbox.waiting("slack", now=AT)] == ["casualties"]


def test_what_is_due_comes_before_what_is_graver(outbox):
    """A pause of the gravest does not hide the others behind the limit."""
    for n in range(3):
        outbox.enqueue(alert(event=event(id=f"ev-{n}")), DESK, now=AT)
    first = outbox.waiting("slack", now=AT)[0]
    outbox.mark([first.id], DeliveryState.PENDING, error="later", not_before=AT + timedelta(hours=1))
    assert first.id not in [it.id for it in outbox.waiting("slack", now=AT, limit=2)]


def test_a_claim_is_taken_once(tmp_path):
    """Two processes ask for the same rows; each row goes to one."""
    path = tmp_path / "tocsin.db"
    with Archive.open(path) as archive:
        for n in range(40):
            Outbox(archive).enqueue(alert(event=event(id=f"ev-{n}")), DESK, now=AT)
        wanted = [it.id for it in Outbox(archive).waiting("slack", now=AT)]

    def take(_: int) -> list[int]:
        with Archive.open(path) as mine:
            return [it.id for i in wanted for it in Outbox(mine).claim([i], now=AT)]

    with ThreadPoolExecutor(3) as pool:
        taken = [i for found in pool.map(take, range(3)) for i in found]
    assert sorted(taken) == sorted(wanted)


def test_sent_is_final(archive, outbox):
    """Neither a late error nor SQL by hand takes it back."""
    outbox.enqueue(FIRST, DESK, now=AT)
    (it,) = outbox.waiting("slack", now=AT)
    send(outbox)
    outbox.mark([it.id], DeliveryState.PENDING, error="late", not_before=AT)
    outbox.mark_sent([it.id], remote_id="other", thread=None, now=AT)
    assert outbox.pending_counts() == {"sent": 1}
    assert outbox.list_alerts()[0]["remote_id"] == f"r{it.id}"
    with pytest.raises(ArchiveError, match="final"):
        archive.execute("UPDATE delivery SET state = 'pending'")
    with pytest.raises(ArchiveError, match="frozen"):
        archive.execute("UPDATE alert SET payload = '{}'")


@pytest.mark.parametrize(
    ("committing", "state", "wait"),
    [
        pytest.param(False, "pending", timedelta(0), id="only claimed: it surely did not leave"),
        pytest.param(True, "unknown", timedelta(seconds=20), id="committing: it may have arrived"),
    ],
)
def test_what_a_dead_process_left(outbox, committing, state, wait):
    """Sorted out by how far it got."""
    outbox.enqueue(FIRST, DESK, now=AT)
    (it,) = outbox.claim([it.id for it in outbox.waiting("slack", now=AT)], now=AT)
    if committing:
        outbox.mark_committing([it.id], now=AT)
    outbox.recover("mail", settle=timedelta(0), now=AT)
    assert outbox.pending_counts() == {"sending": 1}
    outbox.recover("slack", settle=timedelta(seconds=20), now=AT)
    (it,) = outbox.waiting("slack", now=AT)
    assert (it.state, it.not_before, it.attempts) == (state, AT + wait, 1)


def test_a_second_try_that_dies_before_committing_is_not_taken_for_the_first(outbox):
    """The mark belongs to one claim."""
    outbox.enqueue(FIRST, DESK, now=AT)
    (it,) = outbox.waiting("slack", now=AT)
    outbox.claim([it.id], now=AT)
    outbox.mark_committing([it.id], now=AT)
    outbox.mark([it.id], DeliveryState.PENDING, error="429", not_before=AT)
    outbox.claim([it.id], now=AT)
    outbox.recover("slack", settle=timedelta(0), now=AT)
    assert outbox.pending_counts() == {"pending": 1}


WITHDRAWN = alert(AlertReason.WITHDRAWN, event=event(version=3, state="withdrawn"))


def test_a_withdrawal_stops_what_has_not_left(outbox):
    """Who was not told yet hears nothing; who may have been is told."""
    outbox.enqueue(FIRST, [("slack", "#desk"), ("mail", "a@x"), ("mail", "b@x")], now=AT)
    send(outbox, "slack")
    doubtful = outbox.claim([outbox.waiting("mail", now=AT)[0].id], now=AT)[0]
    assert outbox.enqueue(WITHDRAWN, outbox.told(FIRST.event.id), now=AT) == 2
    assert set(outbox.told(FIRST.event.id)) == {("slack", "#desk"), ("mail", doubtful.recipient)}
    assert outbox.pending_counts() == {"sent": 1, "dead": 1, "sending": 1, "pending": 2}


@pytest.mark.parametrize("state", [DeliveryState.PENDING, DeliveryState.DEAD], ids=["sent again", "refused then"])
@pytest.mark.parametrize("absent", [False, True], ids=["in doubt", "looked up: absent"])
def test_what_may_have_arrived_once_reached_somebody(outbox, state, absent):
    """Whatever became of it since, a correction and a withdrawal go there; not where a look-up has found nothing."""
    outbox.enqueue(FIRST, DESK, now=AT)
    (it,) = outbox.waiting("slack", now=AT)
    outbox.claim([it.id], now=AT)
    outbox.mark([it.id], DeliveryState.UNKNOWN, error="no answer", not_before=AT)
    outbox.mark([it.id], state, error="no answer", not_before=AT, absent=absent)
    assert outbox.reached(FIRST.event.id) == (frozenset() if absent else frozenset(DESK))
    assert outbox.enqueue(WITHDRAWN, DESK, now=AT) == (0 if absent else 1)


def test_the_list_for_the_command(outbox):
    """One row a delivery, latest first, ready for JSON."""
    outbox.enqueue(FIRST, DESK, now=AT)
    send(outbox)
    outbox.enqueue(LATER, DESK, now=AT)
    later, first = outbox.list_alerts(limit=10)
    assert (first["reason"], first["state"], later["state"]) == ("first", "sent", "pending")
    assert first["gist"] == FIRST.event.gist
    assert first["sent_at"] is not None
    assert [row["reason"] for row in outbox.list_alerts(state="pending")] == ["casualties"]
    assert outbox.list_alerts(event="another") == []
    assert len(outbox.list_alerts(1)) == 1


def test_rang(outbox):
    """An alert that no route takes was made all the same."""
    assert not outbox.rang(FIRST.event.id)
    outbox.enqueue(FIRST, [], now=AT)
    assert outbox.rang(FIRST.event.id)
    assert outbox.told(FIRST.event.id) == []


def test_how_long_what_was_sent_took_from_the_fetch():
    """What waited on purpose does not count, nor does what is still on its way."""
    with Archive.memory() as archive:
        outbox, seen = Outbox(archive), AT - timedelta(minutes=8)
        for n, seconds in enumerate((482, 481)):
            outbox.enqueue(alert(event=event(id=f"ev-{n}")), [("desk", "")], now=AT)
            (it,) = outbox.claim([n + 1], now=AT)
            outbox.mark_sent([it.id], remote_id="r", thread=None, now=seen + timedelta(seconds=seconds))
        outbox.enqueue(alert(event=event(id="ev-9")), [Planned("desk", "", held_until=AT)], now=AT)
        outbox.claim([3], now=AT)
        outbox.mark_sent([3], remote_id="r", thread=None, now=AT + timedelta(hours=1))
        outbox.enqueue(alert(event=event(id="ev-10")), [("desk", "")], now=AT)
        assert [round(each, 1) for each in outbox.latencies(AT)] == [481.0, 482.0]
        rows = outbox.list_alerts()
        assert [row["seconds_since_seen"] for row in rows[2:]] == [481.0, 482.0]
        assert (rows[0]["seconds_since_seen"], rows[3]["seconds_since_published"]) == (None, 542.0)


def test_what_runs_every_minute_reads_no_table_whole():
    """An archive of years answers as fast as a new one: each look-up finds its rows by an index."""
    asked: list[str] = []
    with Archive.memory() as archive:
        outbox, orders = Outbox(archive), Orders(archive)
        archive.connection.set_trace_callback(asked.append)
        outbox.recover("slack", settle=timedelta(0), now=AT)
        outbox.waiting("slack", now=AT)
        outbox.open_channels()
        outbox.count_held(AT)
        outbox.count_open()
        outbox.latencies(AT)
        outbox.told("ev")
        outbox.reached("ev")
        orders.untried()
        Backlog(archive).by_channel()
        orders.messages_to_watch(AT)
        orders.unanswered(AT, Severity.HIGH)
        archive.faces("iraq-security", AT)
        archive.open_events("iraq-security", AT, areas=["IQ Nineveh"])
        archive.connection.set_trace_callback(None)
        plans = {
            sql: archive.query(f"EXPLAIN QUERY PLAN {sql}") for sql in asked if sql.split()[0] in {"SELECT", "UPDATE"}
        }
    scans = [(row["detail"], sql) for sql, plan in plans.items() for row in plan if row["detail"].startswith("SCAN")]
    small = ("USING INDEX delivery_open", "SCAN ack", "SCAN event_merged")
    assert len(plans) > 10
    assert [scan for scan in scans if not any(name in scan[0] for name in small)] == []
