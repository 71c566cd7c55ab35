"""Empties the outbox: sends what is due in order of gravity, and stores each step before and after it.

One dispatcher runs at a time; the caller holds the archive's lock "deliver". Each channel has a thread of its
own, so that a frozen Slack never delays the mail. ``alerts/outbox.py`` decides what an answer means.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from tocsin.alerts import outbox
from tocsin.alerts.channels.base import Channel, Receipt
from tocsin.errors import ArchiveError, DeliveryError
from tocsin.model import Delivery, DeliveryState, Thread

T = TypeVar("T")

ROUND = 10  # messages sent before the outbox is read again
MARK_PAUSES = (0.1, 0.5, 2.0, 5.0, 10.0)  # seconds between tries to store an answer that was received
BUG_PAUSE = 900.0  # seconds
# What a bug in a channel may raise: it delays its own message only, not the others and not the escalations.
_BUGS = (ArithmeticError, AttributeError, LookupError, OSError, RuntimeError, TypeError, ValueError)


class OutboxStore(Protocol):
    """The outbox's rows, as the dispatcher needs them; every call is durable when it returns."""

    def open_channels(self) -> tuple[str, ...]:
        """The channels for which something is not final."""

    def count_open(self) -> int:
        """How many deliveries are not final."""

    def count_held(self, now: datetime) -> int:
        """How many wait for a digest or for the end of quiet hours."""

    def recover(self, channel: str, *, settle: timedelta, now: datetime) -> int:
        """Set back what a process that died had claimed: to unknown if it may have left, else to pending."""

    def waiting(self, channel: str, *, now: datetime, paused: Collection[str] = ()) -> list[Delivery]:
        """What is not final and not held back by an earlier message about its event, but for paused recipients."""

    def claim(self, ids: Sequence[int], *, now: datetime) -> tuple[Delivery, ...]:
        """Take deliveries for sending; those that are no longer pending are left out."""

    def mark_committing(self, ids: Sequence[int], *, now: datetime) -> None:
        """From now on the message may have arrived."""

    def mark_sent(self, ids: Sequence[int], *, remote_id: str | None, thread: Thread | None, now: datetime) -> None:
        """The message arrived."""

    def mark(
        self, ids: Sequence[int], state: DeliveryState, *, error: str, not_before: datetime, absent: bool = False
    ) -> None:
        """Where deliveries that were not sent stand now; ``absent``: a look-up did not find them."""


def guarded(name: str, call: Callable[[], T], *, sure: Callable[[], bool] = lambda: False) -> T:
    """What a call of a channel gives.

    Args:
        sure: Whether nothing can have left by now; asked when the channel has a bug.

    Raises:
        DeliveryError: The channel's own, or one that tells of a bug in the channel.
    """
    try:
        return call()
    except _BUGS as bug:
        said = f"{type(bug).__name__} in the channel: {bug}"
        raise DeliveryError(name, said, retryable=True, sure=sure(), retry_after=BUG_PAUSE) from bug


@dataclass(frozen=True, slots=True)
class DispatchReport:
    """What one emptying of the outbox did, in deliveries."""

    sent: int
    waiting: int  # not sent yet, or their channel is off
    failed: int  # refused or doubtful in this run; tried again later
    dead: int  # refused for good in this run
    problems: tuple[str, ...]  # what operators must fix, one line each
    held: int = 0  # of those that wait: held until a digest or the end of quiet hours


def dispatch(
    store: OutboxStore,
    channels: Mapping[str, Channel],
    *,
    now: Callable[[], datetime],
    deadline_seconds: float,
    storm: int = 30,
    max_age: timedelta | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> DispatchReport:
    """Send what is due until nothing is, or until the deadline.

    Args:
        storm: More than this waiting for one recipient become a list.
        max_age: What could not be sent for so long goes out as a list.

    Raises:
        ArchiveError: The outbox cannot be read at all.
    """
    end = now() + timedelta(seconds=deadline_seconds)
    waiting = store.open_channels()
    senders = [
        _Sender(name, channels[name], store, now=now, end=end, storm=storm, max_age=max_age, sleep=sleep)
        for name in waiting
        if name in channels
    ]
    problems = [f"{name}: alerts wait for this channel, which is off" for name in waiting if name not in channels]
    if len(senders) == 1:
        senders[0].run()
    elif senders:
        with ThreadPoolExecutor(len(senders), thread_name_prefix="channel") as pool:
            for job in [pool.submit(sender.run) for sender in senders]:
                job.result()
    return _report(senders, problems, open_now=store.count_open(), held=store.count_held(now()))


def _report(senders: Sequence[_Sender], problems: Sequence[str], *, open_now: int, held: int) -> DispatchReport:
    """What the channels did, as one; what was refused for good is told first."""
    failed = sum(len(sender.failed) for sender in senders)
    said = [line for sender in sorted(senders, key=lambda sender: -sender.dead) for line in sender.problems]
    return DispatchReport(
        sent=sum(sender.sent for sender in senders),
        waiting=max(0, open_now - failed),
        failed=failed,
        dead=sum(sender.dead for sender in senders),
        problems=tuple(dict.fromkeys([*problems, *said])),
        held=held,
    )


@dataclass(slots=True)
class _Sender:
    """Sends what waits for one channel; keeps its pauses and counts what it did."""

    name: str
    channel: Channel
    store: OutboxStore
    now: Callable[[], datetime] = field(kw_only=True)
    end: datetime = field(kw_only=True)
    storm: int = field(kw_only=True)
    max_age: timedelta | None = field(kw_only=True)
    sleep: Callable[[float], None] = field(kw_only=True)
    sent: int = 0
    dead: int = 0
    failed: set[int] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)
    _free: dict[str, datetime] = field(default_factory=dict)  # recipient -> when it may be written to again
    _doubts: dict[str, int] = field(default_factory=dict)  # recipient -> its doubtful answers in a row
    _asked: set[int] = field(default_factory=set)  # deliveries whose times were already checked against the clock
    _latest: datetime | None = None  # when the clock was last read
    _alone: set[int] = field(default_factory=set)  # deliveries of a list that was refused for good: sent one by one

    @property
    def _settle(self) -> timedelta | None:
        """How long a doubtful message settles before it is looked up; None where the channel has no look-up."""
        return timedelta(seconds=self.channel.settle_seconds) if self.channel.looks_up else None

    def run(self) -> None:
        """Send until nothing is due before the deadline; a failing archive stops only this channel."""
        try:
            self.store.recover(self.name, settle=self._settle or timedelta(0), now=self.now())
            while self._round():
                pass
        except ArchiveError as error:
            self.problems.append(f"{self.name}: {error}")

    def _round(self) -> bool:
        """Read what is waiting and send some of it, or sleep until something is due; False when there is no more."""
        now = self._look()
        waiting = self._waiting(now)
        if now >= self.end or not waiting:
            return False
        if self._set_clock_right(waiting, now):
            return True
        due = [d for d in waiting if self._when(d) <= now]
        if not due:
            soonest = min(map(self._when, waiting))
            if soonest > self.end:
                return False
            self.sleep((soonest - now).total_seconds())
            return True
        doubtful = [d for d in due if d.state is DeliveryState.UNKNOWN]
        for message in outbox.messages(doubtful)[:ROUND]:
            self._settle_doubt(message)
        if doubtful:
            return True
        ready = [d for d in due if d.state is DeliveryState.PENDING]
        for batch in self._batches(ready)[:ROUND]:
            if self._when(batch[0]) <= self.now() < self.end:
                self._send(batch)
        return bool(ready)

    def _waiting(self, now: datetime) -> list[Delivery]:
        """What is not final; the store gives so many at once, and one recipient who must wait may fill them all."""
        found = self.store.waiting(self.name, now=now)
        paused = {who for who, at in self._free.items() if at > now}
        if found and paused.issuperset(delivery.recipient for delivery in found):
            found += self.store.waiting(self.name, now=now, paused=paused)
        return found

    def _look(self) -> datetime:
        """The time; a clock that was set makes all times be checked again, one that was set back ends all pauses."""
        now, before = self.now(), self._latest
        self._latest = now
        if before is not None and (before - now > outbox.JUST_MADE or now - before > outbox.SETTLED_BY):
            self._asked.clear()
        if before is not None and before - now > outbox.JUST_MADE:
            self.end -= before - now
            self._free.clear()
        return now

    def _when(self, delivery: Delivery) -> datetime:
        at = outbox.due_at(delivery, settle=self._settle, now=self._latest or delivery.not_before)
        return max(at, self._free.get(delivery.recipient, at))

    def _set_clock_right(self, waiting: list[Delivery], now: datetime) -> bool:
        wrong = False
        for delivery in waiting:
            if delivery.id in self._asked:
                continue
            self._asked.add(delivery.id)
            at = outbox.wrong_clock(delivery, settle=self._settle, now=now)
            if at is not None:
                self.store.mark([delivery.id], delivery.state, error=delivery.error, not_before=at)
                wrong = True
        return wrong

    def _batches(self, due: list[Delivery]) -> list[tuple[Delivery, ...]]:
        single = [(d,) for d in due if d.id in self._alone]
        rest = [d for d in due if d.id not in self._alone]
        late = self.now() - self.max_age if self.max_age is not None else None
        return [*outbox.batches(rest, storm=self.storm, limit=self.channel.digest_limit, late=late), *single]

    def _send(self, batch: tuple[Delivery, ...]) -> None:
        claimed = self.store.claim([d.id for d in batch], now=self.now())
        if not claimed:
            return
        ids, committed = [d.id for d in claimed], False

        def committing() -> None:
            nonlocal committed
            self.store.mark_committing(ids, now=self.now())
            committed = True

        def post() -> Receipt:
            if len(claimed) == 1:
                return self.channel.send(claimed[0], committing=committing)
            return self.channel.send_digest(claimed, committing=committing)

        try:
            receipt = guarded(self.name, post, sure=lambda: not committed)
        except DeliveryError as error:
            self._not_sent(claimed, error)
        else:
            self._arrived(claimed, receipt)

    def _arrived(self, deliveries: tuple[Delivery, ...], receipt: Receipt) -> None:
        """Store that a message arrived, however long the archive takes: an answer that is lost doubles the message."""
        ids = [d.id for d in deliveries]
        for wait in (*MARK_PAUSES, None):
            try:
                self.store.mark_sent(ids, remote_id=receipt.remote_id, thread=receipt.thread, now=self.now())
                break
            except ArchiveError:
                if wait is None:
                    raise
                self.sleep(wait)
        self.sent += len(ids)
        self.failed.difference_update(ids)
        recipient = deliveries[0].recipient
        self._doubts.pop(recipient, None)
        self._free[recipient] = self.now() + timedelta(seconds=self.channel.pace_seconds)

    def _not_sent(self, deliveries: tuple[Delivery, ...], error: DeliveryError) -> None:
        ids, first, now = [d.id for d in deliveries], deliveries[0], self.now()
        after = outbox.after_error(error, attempts=first.attempts, settle=self._settle, now=now)
        if len(ids) > 1 and after.state is DeliveryState.DEAD:  # the list was refused, not each of its alerts
            self._alone.update(ids)
            after = outbox.Next(DeliveryState.PENDING, now, after.error)
        self.store.mark(ids, after.state, error=after.error, not_before=after.not_before)
        if after.problem:
            self.problems.append(f"{self.name}: {after.error}")
        if after.state is DeliveryState.DEAD:
            self.dead += len(ids)
            self.failed.difference_update(ids)
            return
        self.failed.update(ids)
        if after.state is DeliveryState.UNKNOWN:
            doubts = self._doubts[first.recipient] = self._doubts.get(first.recipient, 0) + 1
            self._free[first.recipient] = now + outbox.pause(doubts)
        else:
            self._free[first.recipient] = after.not_before

    def _settle_doubt(self, deliveries: tuple[Delivery, ...]) -> None:
        """Look a doubtful message up and store what became of it; a channel without a look-up sends it again."""
        first, ids = deliveries[0], [d.id for d in deliveries]
        if not self.channel.looks_up:
            self.store.mark(ids, DeliveryState.PENDING, error=first.error, not_before=self.now())
            return
        try:
            receipt = guarded(self.name, lambda: self.channel.find(first))
        except DeliveryError as error:
            self._not_looked_up(deliveries, error)
            return
        if receipt is not None:
            self._arrived(deliveries, receipt)
        else:
            self.store.mark(ids, DeliveryState.PENDING, error=first.error, not_before=self.now(), absent=True)

    def _not_looked_up(self, deliveries: tuple[Delivery, ...], error: DeliveryError) -> None:
        """Look up again later; a channel that has lost patience sends the message again, which may double it."""
        first, ids, now = deliveries[0], [d.id for d in deliveries], self.now()
        wait = outbox.pause(first.attempts + 2, error.retry_after)
        said = f"the look-up failed: {error.detail or error.subject}"
        patience, since = self.channel.patience_seconds, first.claimed_at or first.created_at
        if patience is not None and now - since > timedelta(seconds=patience):
            self.problems.append(f"{self.name}: {said}; sent again without, so it may come twice")
            self.store.mark(ids, DeliveryState.PENDING, error=said, not_before=now)
            return
        self.store.mark(ids, DeliveryState.UNKNOWN, error=said, not_before=now + wait)
        self.failed.update(ids)
        if wait >= outbox.MENDABLE:
            self.problems.append(f"{self.name}: {said}")
