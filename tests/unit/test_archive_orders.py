"""Silences, acknowledgements, held and kept-back deliveries on a real SQLite file."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlite_utils import Database

from tests.fakes.alerts import AT, alert, event, update
from tocsin.archive import Archive
from tocsin.archive.backlog import Backlog, Rerouted
from tocsin.archive.migrate import steps
from tocsin.archive.orders import Orders
from tocsin.archive.outbox import Outbox
from tocsin.errors import ArchiveError
from tocsin.model import Ack, AlertReason, DeliveryState, EventUpdate, Planned, Severity, Silence, Thread

DESK = ("slack", "#desk")
HOUR = timedelta(hours=1)
FIRST, LATER = alert(), update()
EV = FIRST.event.id
WITHDRAWN = alert(AlertReason.WITHDRAWN, event=event(version=3, state="withdrawn"))


@pytest.fixture
def archive(tmp_path):
    with Archive.open(tmp_path / "tocsin.db") as opened:
        yield opened


@pytest.fixture
def outbox(archive) -> Outbox:
    return Outbox(archive)


@pytest.fixture
def backlog(archive) -> Backlog:
    return Backlog(archive)


@pytest.fixture
def orders(archive) -> Orders:
    return Orders(archive)


def held(until=AT + HOUR, to=DESK) -> list[Planned]:
    return [Planned(*to, held_until=until, why="digest")]


def kept(state: DeliveryState, why: str = "why") -> list[Planned]:
    return [Planned(*DESK, state, why=why)]


def store_event(archive, it=None) -> None:
    archive.execute(
        """INSERT INTO article (url, title, text, language, authors, publisher, section, origins, canonical_url, feed,
            identity, status, rung, text_hash, version_hash, prints, at, relation, overlap, why, first_seen, last_seen)
        VALUES ('u', 't', 'x', 'en', '[]', 'p', '', '[]', 'u', 'f', 'i', 'full', 'r', 'h', 'v', x'', ?, '', 0, '',
            ?, ?)""",
        [AT.isoformat()] * 3,
    )
    number = archive.value("SELECT max(id) FROM article")
    archive.save_event(EventUpdate(it or FIRST.event, True, (), "new"), number, now=AT)


def states(outbox) -> list[tuple[str, str]]:
    return [(row["reason"], row["state"]) for row in reversed(outbox.list_alerts())]


def sent(outbox, now=AT, thread=None) -> None:
    for it in outbox.waiting("slack", now=now):
        outbox.claim([it.id], now=now)
        outbox.mark_sent([it.id], remote_id=f"C1/{it.id}", thread=thread, now=now)


def test_what_is_held_waits_and_is_told_so(outbox):
    """Until its time, not for a failure."""
    outbox.enqueue(FIRST, held(), now=AT)
    (it,) = outbox.waiting("slack", now=AT)
    assert (it.held_until, it.not_before) == (AT + HOUR, AT + HOUR)
    assert (outbox.count_held(AT), outbox.count_held(AT + HOUR)) == (1, 0)
    (row,) = outbox.list_alerts(state="held")
    assert (row["state"], row["why"]) == ("pending", "digest")


def test_a_later_alert_takes_the_place_of_what_is_held_and_its_turn(outbox):
    """One line per event in a summary, and never later than the first was due."""
    outbox.enqueue(FIRST, held(), now=AT)
    outbox.enqueue(LATER, held(AT + 3 * HOUR), now=AT)
    outbox.enqueue(LATER, held(AT + 3 * HOUR), now=AT)
    assert states(outbox) == [("first", "merged"), ("casualties", "pending")]
    (it,) = outbox.waiting("slack", now=AT)
    assert (it.held_until, it.not_before) == (AT + HOUR, AT + HOUR)


def test_what_cannot_wait_overtakes_what_is_held(outbox):
    """A critical update leaves at once; the summary does not repeat the event."""
    outbox.enqueue(FIRST, held(), now=AT)
    outbox.enqueue(LATER, [DESK], now=AT)
    assert [it.alert.reason for it in outbox.waiting("slack", now=AT)] == ["casualties"]
    assert states(outbox) == [("first", "merged"), ("casualties", "pending")]


def test_what_was_tried_is_not_overtaken(outbox):
    """It may have arrived: the update comes after it."""
    outbox.enqueue(FIRST, held(AT), now=AT)
    outbox.claim([1], now=AT)
    outbox.mark([1], DeliveryState.UNKNOWN, error="reset", not_before=AT + HOUR)
    outbox.enqueue(LATER, [DESK], now=AT)
    assert states(outbox) == [("first", "unknown"), ("casualties", "pending")]
    assert [it.alert.reason for it in outbox.waiting("slack", now=AT)] == ["first"]


def test_a_silenced_update_leaves_what_is_held(outbox):
    """Nothing is told in its place."""
    outbox.enqueue(FIRST, held(), now=AT)
    outbox.enqueue(LATER, kept(DeliveryState.SILENCED), now=AT)
    assert states(outbox) == [("first", "pending"), ("casualties", "silenced")]


def test_a_withdrawal_of_what_is_held_tells_nobody(outbox):
    """They never heard of it."""
    outbox.enqueue(FIRST, held(), now=AT)
    assert outbox.enqueue(WITHDRAWN, [DESK], now=AT) == 0
    assert states(outbox) == [("first", "dead")]


@pytest.mark.parametrize("state", [DeliveryState.SILENCED, DeliveryState.INHIBITED])
def test_who_was_kept_from_hearing_was_not_told(outbox, state):
    """A withdrawal does not go to them; the alert counts as made."""
    outbox.enqueue(FIRST, kept(state), now=AT)
    assert (outbox.told(EV), outbox.reached(EV), outbox.rang(EV)) == ([], frozenset(), True)
    assert outbox.enqueue(WITHDRAWN, [DESK], now=AT) == 0
    assert outbox.open_channels() == ()


def test_told_and_reached(outbox):
    """About to be told is not told yet."""
    outbox.enqueue(FIRST, [DESK], now=AT)
    assert (outbox.told(EV), outbox.reached(EV)) == ([DESK], frozenset())
    sent(outbox)
    assert outbox.reached(EV) == {DESK}


NEW = Silence(0, "amal", "known sweep", AT, AT + HOUR, governorate="Diyala", max_severity=Severity.MEDIUM)


def test_a_silence_comes_back_as_it_was_made(orders):
    """With its number; in any script."""
    made = orders.add_silence(replace(NEW, why="معروف"))
    assert orders.silences(AT) == (made,)
    assert made == replace(NEW, id=1, why="معروف")


def test_silences_that_hold(orders):
    """Over, ended and not yet begun do not; all are remembered."""
    over = orders.add_silence(replace(NEW, until=AT + timedelta(minutes=1)))
    ended = orders.add_silence(NEW)
    later = orders.add_silence(replace(NEW, at=AT + timedelta(minutes=50)))
    holds = orders.add_silence(NEW)
    assert orders.end_silence(ended.id, by="omar", now=AT)
    assert not orders.end_silence(ended.id, by="omar", now=AT)
    assert not orders.end_silence(99, by="omar", now=AT)
    assert [each.id for each in orders.silences(AT + timedelta(minutes=2))] == [holds.id]
    assert [each.id for each in orders.silences()] == [holds.id, later.id, ended.id, over.id]
    assert [each.ended_by for each in orders.silences() if each.id == ended.id] == ["omar"]


def test_what_waits_is_silenced_too_but_never_what_was_tried(orders, outbox):
    """Nor a withdrawal."""
    for n in range(3):
        outbox.enqueue(alert(event=event(id=f"ev-{n}")), [DESK], now=AT)
    outbox.claim([1], now=AT)
    waiting = orders.untried()
    assert [(number, channel, it.event.id) for number, channel, it in waiting] == [
        (2, "slack", "ev-1"),
        (3, "slack", "ev-2"),
    ]
    assert orders.silence_waiting([(1, "s"), (2, "silence 1")]) == 1
    assert outbox.pending_counts() == {"sending": 1, "silenced": 1, "pending": 1}
    outbox.mark([1], DeliveryState.PENDING, error="429", not_before=AT)
    assert orders.silence_waiting([(1, "s")]) == 0


def test_the_first_word_counts(orders, outbox):
    """And deliveries carry it."""
    outbox.enqueue(FIRST, [DESK], now=AT)
    ack = Ack(EV, "amal", AT, note="on it")
    assert orders.acknowledge(ack)
    assert not orders.acknowledge(Ack(EV, "omar", AT + HOUR, "slack"))
    assert orders.ack(EV) == ack
    assert outbox.waiting("slack", now=AT)[0].acked == ack
    assert outbox.list_alerts()[0]["acknowledged_by"] == "amal"
    assert orders.take_back(EV)
    assert not orders.take_back(EV)
    assert orders.ack(EV) is None


def test_messages_at_which_somebody_may_react(archive, orders, outbox):
    """Sent, of open events that nobody looks after; a list stands for all of its events; replies are not asked for."""
    for n in range(4):
        it = event(id=f"ev-{n}", state="withdrawn" if n == 3 else "open")
        store_event(archive, it)
        outbox.enqueue(alert(event=it), [DESK], now=AT)
    outbox.claim([1, 2, 3, 4], now=AT)
    outbox.mark_sent([1, 2, 4], remote_id="C1/1.0", thread=None, now=AT)
    outbox.mark_sent([3], remote_id="C1/2.0", thread=Thread("C1/2.0"), now=AT)
    outbox.enqueue(alert(AlertReason.CASUALTIES, event=event(id="ev-2", version=2)), [DESK], now=AT)
    outbox.claim([5], now=AT)
    outbox.mark_sent([5], remote_id="C1/3.0", thread=Thread("C1/2.0"), now=AT)
    orders.acknowledge(Ack("ev-0", "amal", AT))
    assert orders.messages_to_watch(AT - HOUR) == {"slack": {"C1/2.0": ("ev-2",), "C1/1.0": ("ev-1",)}}
    assert orders.messages_to_watch(AT + HOUR) == {}


def test_what_waits_for_an_answer(archive, orders, outbox):
    """Only what rang as gravely as asked; silenced and muted alerts rang for nobody."""
    grave = event(severity=Severity.CRITICAL)
    store_event(archive, grave)
    outbox.enqueue(alert(event=grave), [DESK], now=AT)
    store_event(archive, event(id="ev-mild"))
    outbox.enqueue(alert(event=event(id="ev-mild")), [DESK], now=AT)
    store_event(archive, event(id="ev-hushed", severity=Severity.CRITICAL))
    hushed = alert(event=event(id="ev-hushed", severity=Severity.CRITICAL))
    outbox.enqueue(hushed, kept(DeliveryState.SILENCED), now=AT)
    ((it, last, told),) = orders.unanswered(AT - HOUR, Severity.CRITICAL)
    assert (it.id, last.id, [row["at"] for row in told]) == (grave.id, f"{grave.id}:first:1", [AT])
    assert orders.unanswered(AT + HOUR, Severity.CRITICAL) == []
    orders.acknowledge(Ack(grave.id, "amal", AT))
    assert orders.unanswered(AT - HOUR, Severity.CRITICAL) == []


def test_what_was_merged_is_answered_with_the_event_it_became(archive, orders, outbox):
    """Who looks after the one looks after the other; what is no event of its own any more calls nobody."""
    kept, gone = event(id="ev-kept", severity=Severity.CRITICAL), event(id="ev-gone", severity=Severity.CRITICAL)
    for it in (kept, gone):
        store_event(archive, it)
        outbox.enqueue(alert(event=it), [DESK], now=AT)
    archive.join_events(kept, gone, by="omar", note="", now=AT)
    assert [it.id for it, _, _ in orders.unanswered(AT - HOUR, Severity.CRITICAL)] == ["ev-kept"]
    orders.acknowledge(Ack("ev-gone", "amal", AT))
    assert orders.unanswered(AT - HOUR, Severity.CRITICAL) == []
    assert orders.ack("ev-kept") == Ack("ev-kept", "amal", AT)


def test_an_operator_is_told_once_of_a_channel_that_is_gone(backlog):
    """And again when it comes back and goes again."""
    assert backlog.newly_gone(["old"], now=AT) == ["old"]
    assert backlog.newly_gone(["old", "older"], now=AT) == ["older"]
    assert backlog.newly_gone([], now=AT) == []
    assert backlog.newly_gone(["old"], now=AT) == ["old"]


def test_what_waits_for_a_channel_can_be_given_up(outbox, backlog):
    """Sent ones stay sent; who did it is on record."""
    outbox.enqueue(FIRST, [DESK, ("mail", "a@x")], now=AT)
    sent(outbox)
    outbox.enqueue(LATER, [DESK], now=AT)
    assert backlog.by_channel() == {"mail": 1, "slack": 1}
    assert backlog.drop("slack", by="amal", now=AT) == 1
    assert [row["error"] for row in outbox.list_alerts(state="dead")] == ["dropped by amal"]
    assert outbox.pending_counts() == {"sent": 1, "dead": 1, "pending": 1}
    assert [it.id for it in backlog.waiting_for("mail")] == [FIRST.id]


MAIL = ("mail", "a@x")


def rows_of(outbox: Outbox, channel: str) -> list[tuple[str, str, str]]:
    found = outbox.list_alerts()[::-1]
    return [(row["reason"], row["state"], row["error"]) for row in found if row["channel"] == channel]


def test_a_rerouted_withdrawal_is_told_by_the_channel_that_never_told_the_alert(outbox, backlog):
    """Readers of the channel that is gone act on what was withdrawn: somebody must hear of it."""
    outbox.enqueue(FIRST, [DESK], now=AT)
    sent(outbox)
    outbox.enqueue(WITHDRAWN, [DESK], now=AT)
    assert backlog.reroute("slack", "mail", ["a@x"], by="amal", now=AT) == Rerouted(new=1, gone=1, left=0)
    assert rows_of(outbox, "mail") == [("withdrawn", "pending", "")]
    assert rows_of(outbox, "slack")[1] == ("withdrawn", "dead", "sent to mail instead, by amal")
    assert [it.alert.id for it in outbox.waiting("mail", now=AT)] == [WITHDRAWN.id]


def test_a_withdrawal_that_may_have_overtaken_its_alert_is_rerouted_alone(outbox, backlog):
    """The alert that may have arrived at the old channel is not told anew to say that it is withdrawn."""
    outbox.enqueue(FIRST, [DESK], now=AT)
    outbox.claim([1], now=AT)
    outbox.mark([1], DeliveryState.UNKNOWN, error="no answer", not_before=AT)
    outbox.enqueue(WITHDRAWN, [DESK], now=AT)
    assert backlog.reroute("slack", "mail", ["a@x"], by="amal", now=AT).left == 0
    assert [it.alert.id for it in outbox.waiting("mail", now=AT)] == [WITHDRAWN.id]


def test_rerouting_leaves_what_the_other_channel_does_not_take(outbox, backlog):
    """Refused there for good: it keeps waiting, and nothing says that it was sent."""
    outbox.enqueue(FIRST, [DESK, MAIL], now=AT)
    outbox.mark([2], DeliveryState.DEAD, error="550", not_before=AT)
    assert backlog.reroute("slack", "mail", ["a@x"], by="amal", now=AT) == Rerouted(new=0, gone=0, left=1)
    assert rows_of(outbox, "slack") == [("first", "pending", "")]


@pytest.mark.parametrize("made", [True, False], ids=["made by the other channel, too", "on its way there already"])
def test_rerouting_twice_tells_once(outbox, backlog, made):
    """Where the other channel has the alert, the first one's is given up and no second is made."""
    outbox.enqueue(FIRST, [DESK, MAIL] if made else [DESK], now=AT)
    assert backlog.reroute("slack", "mail", ["a@x"], by="amal", now=AT).gone == 1
    assert backlog.reroute("slack", "mail", ["a@x"], by="amal", now=AT).gone == 0
    assert rows_of(outbox, "mail") == [("first", "pending", "")]


def test_a_rerouted_withdrawal_takes_back_nothing_that_came_after_it(outbox, backlog):
    """The event was opened again, which the other channel tells or will: its last word stays the last."""
    outbox.enqueue(FIRST, [DESK], now=AT)
    sent(outbox)
    outbox.enqueue(WITHDRAWN, [DESK], now=AT)
    again = alert(AlertReason.CORRECTED, event=event(version=4))
    outbox.enqueue(again, [MAIL], now=AT)
    assert backlog.reroute("slack", "mail", ["a@x"], by="amal", now=AT) == Rerouted(new=0, gone=1, left=0)
    assert rows_of(outbox, "mail") == [("corrected", "pending", "")]


OLD = AT + timedelta(days=90)


def test_retention_keeps_what_a_late_word_needs(archive, outbox):
    """Of an old event that the archive still has: the first message to each recipient, nothing of the rest."""
    store_event(archive)
    outbox.enqueue(FIRST, [DESK, ("mail", "a@x")], now=AT)
    sent(outbox, thread=Thread("C1/1.5"))
    outbox.claim([2], now=AT)
    outbox.mark_sent([2], remote_id="m", thread=None, now=AT)
    outbox.enqueue(LATER, [DESK], now=AT)
    sent(outbox)
    assert archive.prune_alerts(AT) == 0
    assert archive.prune_alerts(OLD) == 1
    assert states(outbox) == [("first", "sent"), ("first", "sent")]
    assert (outbox.rang(EV), outbox.reached(EV)) == (True, {DESK, ("mail", "a@x")})
    assert outbox.thread_of(EV, *DESK) == Thread("C1/1.5")
    assert archive.check() == []


def test_retention_forgets_all_of_an_event_that_is_gone(archive, orders, outbox):
    """With its acknowledgement, and silences long over."""
    outbox.enqueue(FIRST, [DESK], now=AT)
    sent(outbox)
    orders.acknowledge(Ack(EV, "amal", AT))
    orders.add_silence(NEW)
    assert archive.prune_alerts(OLD) == 1
    assert (states(outbox), outbox.rang(EV), orders.ack(EV), orders.silences()) == ([], False, None, ())


def test_retention_never_takes_what_is_not_final(outbox, archive):
    """However old."""
    outbox.enqueue(FIRST, [DESK, ("mail", "a@x")], now=AT)
    sent(outbox)
    assert archive.prune_alerts(OLD) == 0


def test_retention_spares_an_event_that_is_still_reported(archive, outbox):
    """Old alerts of a long story are part of it."""
    store_event(archive, event(last_seen=OLD))
    outbox.enqueue(FIRST, [DESK], now=AT)
    sent(outbox)
    outbox.enqueue(LATER, [DESK], now=AT)
    sent(outbox)
    assert archive.prune_alerts(OLD) == 0


def test_an_older_archive_keeps_its_deliveries(tmp_path):
    """The table is made again with more states; rows, indexes and the guard of sent ones are there as before."""
    path = tmp_path / "old.db"
    db = Database(path)
    for step in steps().pending(db):
        if step.name < "m0006":
            step.fn(db)
    db.execute(
        """INSERT INTO alert (id, event, reason, version, severity, payload, created_at)
        VALUES ('a', 'ev', 'first', 1, 'low', '{}', '2026-11-22T18:00:00+00:00')"""
    )
    db.execute(
        """INSERT INTO delivery (alert, event, reason, version, channel, recipient, idem, rank, state, not_before,
            sent_at, created_at) VALUES ('a', 'ev', 'first', 1, 'slack', '#desk', 'key', 0, 'sent', 't', 't', 't')"""
    )
    before = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE tbl_name = 'delivery'")}
    applied = [(step.name, step.fn) for step in steps().pending(db)]
    for name, run in applied:
        if name >= "m0006":
            run(db)
    rows = list(db.query("SELECT idem, state, held_until, why FROM delivery"))
    assert rows == [{"idem": "key", "state": "sent", "held_until": None, "why": ""}]
    assert before <= {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE tbl_name = 'delivery'")}
    with pytest.raises(Exception, match="final"):
        db.execute("UPDATE delivery SET state = 'pending'")
    assert db.execute("PRAGMA foreign_key_check").fetchall() == []


def test_a_state_that_does_not_exist_is_refused(archive, outbox):
    """The table checks what is written."""
    outbox.enqueue(FIRST, [DESK], now=AT)
    with pytest.raises(ArchiveError, match="CHECK"):
        archive.execute("UPDATE delivery SET state = 'lost'")
