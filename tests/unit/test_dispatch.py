"""Emptying the outbox: threads, pauses, storms, refusals, and what the report tells."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest
from pydantic import PrivateAttr

from tests.fakes.alerts import AT, alert, event, update
from tocsin.alerts.channels.base import Channel, Receipt
from tocsin.alerts.dispatch import DispatchReport, dispatch
from tocsin.archive import Archive
from tocsin.archive.outbox import Outbox
from tocsin.errors import ArchiveError, DeliveryError
from tocsin.model import Alert, Delivery, DeliveryState, Severity, Thread

Answer = Exception | None


class Script(Channel):
    """Answers as told, one answer per message; then it takes everything."""

    kind: ClassVar[str] = "script"
    digest_limit: ClassVar[int] = 50
    _answers: list[Answer] = PrivateAttr(default_factory=list)
    _sent: list[tuple[Delivery, ...]] = PrivateAttr(default_factory=list)
    _times: list[datetime] = PrivateAttr(default_factory=list)
    _now: Callable[[], datetime] | None = PrivateAttr(default=None)

    @classmethod
    def of(cls, *answers: Answer, now: Callable[[], datetime] | None = None, **settings: Any) -> Script:
        channel = cls(**settings)
        channel._answers = list(answers)
        channel._now = now
        return channel

    def preview(self, alert: Alert) -> str:
        return alert.event.gist

    def send(self, delivery: Delivery, *, committing: Callable[[], None]) -> Receipt:
        return self.send_digest((delivery,), committing=committing)

    def send_digest(self, deliveries: tuple[Delivery, ...], *, committing: Callable[[], None]) -> Receipt:
        committing()
        answer = self._answers.pop(0) if self._answers else None
        if answer is not None:
            raise answer
        self._sent.append(deliveries)
        self._times += [self._now()] if self._now else []
        return Receipt("r", Thread(f"root-{deliveries[0].id}") if len(deliveries) == 1 else None)


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.at = AT
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def outbox():
    with Archive.memory() as archive:
        yield Outbox(archive)


def fill(outbox: Outbox, n: int, to: str = "desk", recipient: str = "") -> None:
    for i in range(n):
        severity = Severity.CRITICAL if i == n - 1 else Severity.MEDIUM
        outbox.enqueue(alert(event=event(id=f"ev-{i}", severity=severity)), [(to, recipient)], now=AT)


def go(outbox: Outbox, clock: Clock, *, seconds: float = 50, storm: int = 30, **channels: Channel) -> DispatchReport:
    return dispatch(outbox, channels, now=clock.now, deadline_seconds=seconds, storm=storm, sleep=clock.sleep)


def no(pause: float | None = None, *, sure: bool = True, retryable: bool = True) -> DeliveryError:
    return DeliveryError("desk", "no", retryable, sure, pause)


def test_all_is_sent_gravest_first(outbox, clock):
    """And the report counts deliveries."""
    fill(outbox, 3)
    desk = Script.of()
    assert go(outbox, clock, desk=desk) == DispatchReport(3, 0, 0, 0, ())
    assert [b[0].alert.event.id for b in desk._sent] == ["ev-2", "ev-0", "ev-1"]
    assert go(outbox, clock, desk=desk) == DispatchReport(0, 0, 0, 0, ())


@pytest.mark.parametrize(
    ("answers", "report", "slept"),
    [
        pytest.param([no()], DispatchReport(1, 0, 0, 0, ()), 2, id="a plain no: again in two seconds"),
        pytest.param([no(), no()], DispatchReport(1, 0, 0, 0, ()), 6, id="twice: then in four"),
        pytest.param([no(7.0)], DispatchReport(1, 0, 0, 0, ()), 7, id="as long as asked"),
        pytest.param([no(60.0)], DispatchReport(0, 0, 1, 0, ()), 0, id="longer than the deadline: next time"),
        pytest.param([no(900.0)], DispatchReport(0, 0, 1, 0, ("desk: no",)), 0, id="to be mended: said, and kept"),
        pytest.param([no(retryable=False)], DispatchReport(0, 0, 0, 1, ("desk: no",)), 0, id="refused for good"),
        pytest.param([no(sure=False)], DispatchReport(1, 0, 0, 0, ()), 2, id="doubtful, nothing to look up: again"),
        pytest.param(
            [ValueError("layout")],
            DispatchReport(0, 0, 1, 0, ("desk: ValueError in the channel: layout",)),
            0,
            id="a bug",
        ),
    ],
)
def test_one_message(outbox, clock, answers, report, slept):
    """The report, and the seconds waited."""
    fill(outbox, 1)
    assert go(outbox, clock, desk=Script.of(*answers)) == report
    assert sum(clock.slept) == slept


class Forgetful(Script):
    """Looks doubtful messages up, with a bug."""

    kind: ClassVar[str] = "forgetful"
    can_look_up: ClassVar[bool] = True

    def find(self, delivery: Delivery) -> Receipt | None:
        raise KeyError("metadata")


def test_a_bug_in_a_look_up_does_not_hold_up_the_others(outbox, clock):
    """The doubtful message is asked for again in a quarter of an hour; the next one goes out."""
    fill(outbox, 1)
    desk = Forgetful.of(no(sure=False))
    bug = "desk: the look-up failed: KeyError in the channel: 'metadata'"
    assert go(outbox, clock, desk=desk) == DispatchReport(0, 0, 1, 0, (bug,))
    outbox.enqueue(alert(event=event(id="ev-next")), [("desk", "")], now=AT)
    assert go(outbox, clock, desk=desk).sent == 1
    assert [b[0].alert.event.id for b in desk._sent] == ["ev-next"]
    (doubtful,) = outbox.waiting("desk", now=clock.at)
    assert (doubtful.state, doubtful.not_before) == (DeliveryState.UNKNOWN, AT + timedelta(seconds=902))


def test_a_message_that_cannot_be_laid_out_does_not_hold_up_the_others(outbox, clock):
    """It comes back in a quarter of an hour; another recipient's goes out at once."""
    fill(outbox, 1, recipient="a")
    fill(outbox, 2, recipient="b")
    report = go(outbox, clock, desk=Script.of(TypeError("odd")))
    assert (report.sent, report.failed) == (2, 1)


def test_a_pause_holds_the_recipient_not_the_others(outbox, clock):
    """A full mailbox is one person's matter."""
    fill(outbox, 2, recipient="full@x")
    fill(outbox, 2, recipient="well@x")
    desk = Script.of(no(300.0))
    report = go(outbox, clock, desk=desk)
    assert {b[0].recipient for b in desk._sent} == {"well@x"}
    assert (report.sent, report.failed, report.waiting) == (2, 1, 1)


class Full(Script):
    """Takes messages for everybody but one, whose mailbox is full."""

    kind: ClassVar[str] = "full"

    def send_digest(self, deliveries: tuple[Delivery, ...], *, committing: Callable[[], None]) -> Receipt:
        if deliveries[0].recipient == "full@x":
            raise DeliveryError("desk", "450 mailbox full", True, retry_after=300.0)
        return super().send_digest(deliveries, committing=committing)


def test_a_full_mailbox_starves_nobody(outbox, clock):
    """However much waits for it, and however grave: the others' alerts go out in the same run."""
    with outbox._archive.transaction():
        for n in range(210):
            it = event(id=f"ev-{n}", severity=Severity.HIGH)
            outbox.enqueue(alert(event=it), [("desk", "full@x")], now=AT)
        for n in range(3):
            it = event(id=f"ev-low-{n}", severity=Severity.MEDIUM)
            outbox.enqueue(alert(event=it), [("desk", "well@x")], now=AT)
    desk = Full()
    report = go(outbox, clock, desk=desk)
    assert ({b[0].recipient for b in desk._sent}, report.sent, report.waiting + report.failed) == ({"well@x"}, 3, 210)
    assert clock.slept == []


def test_pace(outbox, clock):
    """Slack takes one message a second."""
    fill(outbox, 4)
    desk = Script.of(now=clock.now, pace_seconds=1.1)
    go(outbox, clock, desk=desk)
    gaps = [(b - a).total_seconds() for a, b in zip(desk._times, desk._times[1:], strict=False)]
    assert gaps == pytest.approx([1.1] * 3)


def test_the_deadline(outbox, clock):
    """What is left waits for the next run."""
    fill(outbox, 10)
    report = go(outbox, clock, seconds=3, desk=Script.of(pace_seconds=1.0))
    assert (report.sent, report.waiting) == (3, 7)


def test_updates_go_into_the_thread_of_the_first_message(outbox, clock):
    """And after it, in the same run."""
    outbox.enqueue(alert(), [("desk", "")], now=AT)
    outbox.enqueue(update(), [("desk", "")], now=AT)
    desk = Script.of(no())
    go(outbox, clock, desk=desk)
    assert [(b[0].alert.reason.value, b[0].thread) for b in desk._sent] == [
        ("first", None),
        ("casualties", Thread("root-1")),
    ]


def test_a_storm_is_one_message(outbox, clock):
    """At the limit single messages, above it a list with the gravest first."""
    fill(outbox, 4)
    calm, desk = Script.of(), Script.of()
    go(outbox, clock, storm=4, desk=calm)
    assert [len(b) for b in calm._sent] == [1, 1, 1, 1]
    with Archive.memory() as archive:
        stormy = Outbox(archive)
        fill(stormy, 5)
        assert go(stormy, clock, storm=4, desk=desk).sent == 5
    assert [len(b) for b in desk._sent] == [5]
    assert desk._sent[0][0].alert.event.severity is Severity.CRITICAL


def test_a_list_refused_for_good_is_sent_one_by_one(outbox, clock):
    """One bad alert among five kills itself, not the other four."""
    fill(outbox, 5)
    desk = Script.of(no(retryable=False), None, no(retryable=False))
    report = go(outbox, clock, storm=4, desk=desk)
    assert (report.sent, report.dead) == (4, 1)


@pytest.mark.parametrize("pause", [600.0, 900.0], ids=["asked to wait", "a token to be mended"])
def test_a_list_waits_as_long_as_asked(outbox, clock, pause):
    """One request, then none until the time is over, run after run; then the same list, and no single alert."""
    fill(outbox, 40)
    desk = Script.of(*[no(pause)] * 3, now=clock.now)
    asked = []
    for _ in range(int(pause / 60)):
        waiting = len(desk._answers)
        go(outbox, clock, seconds=50, desk=desk)
        asked.append(waiting - len(desk._answers))
        clock.at += timedelta(seconds=60)
    assert asked == [1] + [0] * (len(asked) - 1)
    desk._answers.clear()
    assert go(outbox, clock, desk=desk).sent == 40
    assert [len(batch) for batch in desk._sent] == [40]


def test_a_channel_that_is_off_keeps_its_alerts_and_says_so(outbox, clock):
    """A secret that is not set yet loses nothing."""
    fill(outbox, 2, to="slack")
    report = go(outbox, clock, desk=Script.of())
    assert report == DispatchReport(0, 2, 0, 0, ("slack: alerts wait for this channel, which is off",))


def test_an_answer_is_written_down_however_long_the_archive_is_locked(outbox, clock, monkeypatch):
    """An answer forgotten is a message doubled."""
    fill(outbox, 1)
    tries, mark = [], outbox.mark_sent

    def locked(*args: Any, **kwargs: Any) -> None:
        tries.append(1)
        if len(tries) < 4:
            raise ArchiveError("db", "database is locked")
        mark(*args, **kwargs)

    monkeypatch.setattr(outbox, "mark_sent", locked)
    desk = Script.of()
    assert go(outbox, clock, desk=desk).sent == 1
    assert len(desk._sent) == 1


class Frozen(Script):
    """Answers nothing until it is let go."""

    kind: ClassVar[str] = "frozen"
    _free: threading.Event = PrivateAttr(default_factory=threading.Event)

    def send_digest(self, deliveries: tuple[Delivery, ...], *, committing: Callable[[], None]) -> Receipt:
        committing()
        self._free.wait(10)
        return Receipt("r", None)


def test_a_frozen_channel_does_not_hold_up_the_others(tmp_path):
    """One thread each, on one file."""
    with Archive.open(tmp_path / "tocsin.db") as archive:
        outbox, slack, mail = Outbox(archive), Frozen(), Script.of()
        for n in range(5):
            outbox.enqueue(alert(event=event(id=f"ev-{n}")), [("slack", ""), ("mail", "")], now=AT)
        done: list[DispatchReport] = []
        run = threading.Thread(
            target=lambda: done.append(
                dispatch(outbox, {"slack": slack, "mail": mail}, now=lambda: datetime.now(UTC), deadline_seconds=20)
            )
        )
        run.start()
        until = time.monotonic() + 5
        while len(mail._sent) < 5 and time.monotonic() < until:
            time.sleep(0.01)
        assert len(mail._sent) == 5
        slack._free.set()
        run.join(10)
        assert done[0].sent == 10


def test_an_archive_that_fails_ends_one_channels_turn_not_the_process(outbox, clock, monkeypatch):
    """The problem is told; the other channel goes on."""
    fill(outbox, 1, to="desk")
    fill(outbox, 1, to="mail")
    claim = outbox.claim

    def broken(ids: Any, *, now: datetime) -> tuple[Delivery, ...]:
        if ids == [1]:
            raise ArchiveError("db", "disk is full")
        return claim(ids, now=now)

    monkeypatch.setattr(outbox, "claim", broken)
    report = go(outbox, clock, desk=Script.of(), mail=Script.of())
    assert (report.sent, report.waiting) == (1, 1)
    assert report.problems == ("desk: db: disk is full",)
