"""A world for the outbox: a clock that leaps, a server that errs and lags, processes that die, stop and overlap.
All from one seed: the seed is the history.

Truth is what the server holds, never our own table.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from pydantic import PrivateAttr

from tests.fakes import alerts
from tocsin.alerts.channels.base import Channel, Receipt
from tocsin.alerts.dispatch import DispatchReport, dispatch
from tocsin.archive import Archive
from tocsin.archive.outbox import Outbox
from tocsin.errors import ArchiveError, DeliveryError
from tocsin.model import Alert, AlertReason, Delivery, Planned, Severity, Thread

RECIPIENTS = ("#desk", "#night")
CLIENT_TIMEOUT = 10.0


class Killed(BaseException):
    """The process ends here; nothing after this line runs."""


@dataclass
class World:
    """The clock, the dice and what happens to go wrong."""

    seed: int
    faults: float = 0.25  # of requests
    kills: float = 0.04  # of the points at which a process may die
    lag: float = 4.0  # seconds until a message can be found, at most
    busy: float = 0.0  # of writes after an answer: the archive is locked by another
    held: float = 0.0  # of alerts: they wait for a summary
    leaps: float = 0.002  # of looks at the clock: it was set two hours ahead, or back
    stops: float = 0.03  # of messages: the process is stopped in the middle, and another one starts
    calm: bool = False  # nothing goes wrong any more
    true: datetime = datetime(2026, 11, 22, 18, tzinfo=UTC)  # what the server goes by
    ahead: timedelta = timedelta(0)  # of our clock
    crashes: int = 0
    leapt: int = 0
    stopped: int = 0
    another: Callable[[], None] = lambda: None
    messages: list[tuple[datetime, tuple[str, ...], str | None]] = field(
        default_factory=list
    )  # found from, keys, thread
    waited: set[str] = field(default_factory=set)  # what was held

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)

    def now(self) -> datetime:
        """The time by our clock; a little passes with each look."""
        self.true += timedelta(milliseconds=self.dice.randint(1, 40))
        self.may_leap(self.leaps)
        return self.true + self.ahead

    def may_leap(self, chance: float) -> None:
        """A point at which somebody may set the clock."""
        if not self.calm and self.dice.random() < chance:
            self.leapt += 1
            self.ahead += timedelta(hours=self.dice.choice((-2, 2)))

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.true += timedelta(seconds=max(seconds, 0.001))

    def may_stop(self) -> None:
        """A point at which the process may be stopped for a while, as by SIGSTOP, while another one is started."""
        if not self.calm and self.dice.random() < self.stops:
            self.stopped += 1
            self.another()
            self.sleep(self.dice.uniform(1, 120))
            self.another()

    def may_die(self) -> None:
        """A point at which the process may be killed."""
        if not self.calm and self.dice.random() < self.kills:
            self.crashes += 1
            raise Killed

    def take(self, keys: tuple[str, ...], thread: str | None) -> str:
        """The server accepts a message."""
        found_from = self.true + timedelta(seconds=self.dice.uniform(0, self.lag))
        self.messages.append((found_from, keys, thread))
        return str(len(self.messages))

    def seen(self) -> Counter[str]:
        """How often each delivery arrived."""
        return Counter(key for _, keys, _ in self.messages for key in keys)


class Desk(Channel):
    """A channel to the world's server, with the guarantees of Slack."""

    kind: ClassVar[str] = "desk"
    can_look_up: ClassVar[bool] = True
    can_thread: ClassVar[bool] = True
    digest_limit: ClassVar[int] = 5
    settle_seconds: float = 20.0
    pace_seconds: float = 1.0
    _world: World = PrivateAttr()

    @classmethod
    def of(cls, world: World, **settings: Any) -> Desk:
        """A channel that reaches a world."""
        channel = cls(**settings)
        channel._world = world
        return channel

    def send(self, delivery: Delivery, *, committing: Callable[[], None]) -> Receipt:
        """Post one."""
        remote = self._post((delivery.idem,), delivery.thread.root if delivery.thread else None, committing)
        return Receipt(remote, delivery.thread or Thread(remote))

    def send_digest(self, deliveries: tuple[Delivery, ...], *, committing: Callable[[], None]) -> Receipt:
        """Post a list."""
        assert len({d.recipient for d in deliveries}) == 1
        return Receipt(self._post(tuple(d.idem for d in deliveries), None, committing), None)

    def preview(self, alert: Alert) -> str:
        """Its gist."""
        return alert.event.gist

    def find(self, delivery: Delivery) -> Receipt | None:
        """Look for a key among what can be found by now."""
        world = self._world
        world.may_die()
        if not world.calm and world.dice.random() < world.faults / 2:
            raise DeliveryError("desk", "503", retryable=True)
        for n, (found_from, keys, thread) in enumerate(world.messages, 1):
            if delivery.idem in keys and found_from <= world.true:
                return Receipt(str(n), Thread(thread or str(n)) if len(keys) == 1 else None)
        return None

    def _post(self, keys: tuple[str, ...], thread: str | None, committing: Callable[[], None]) -> str:
        world = self._world
        world.may_die()
        committing()
        world.may_die()
        world.may_stop()
        fault = world.dice.random() if not world.calm else 1.0
        kind = world.dice.choice(("429", "refused", "before", "after", "hang"))
        if fault < world.faults:
            if kind in {"429", "refused"}:
                pause = world.dice.choice((1.0, 3.0, 30.0)) if kind == "429" else None
                raise DeliveryError("desk", kind, retryable=True, retry_after=pause)
            if kind != "before":
                world.take(keys, thread)
            if kind == "hang":
                world.sleep(CLIENT_TIMEOUT)
            world.may_die()
            world.may_leap(50 * world.leaps)  # the worst moment
            raise DeliveryError("desk", kind, retryable=True, sure=False)
        remote = world.take(keys, thread)
        world.sleep(world.dice.uniform(0.02, 0.4))
        world.may_die()
        return remote


class Blind(Desk):
    """A channel that cannot look anything up, as SMTP."""

    kind: ClassVar[str] = "blind"
    can_look_up: ClassVar[bool] = False
    settle_seconds: float = 0.0


class Shaky(Outbox):
    """An outbox whose process may die before and after each durable step, and whose file may be locked."""

    def __init__(self, archive: Archive, world: World) -> None:
        super().__init__(archive)
        self.world = world

    def claim(self, ids: Any, *, now: datetime) -> tuple[Delivery, ...]:
        """Take, or die around it."""
        self.world.may_die()
        taken = super().claim(ids, now=now)
        self.world.may_die()
        return taken

    def mark_committing(self, ids: Any, *, now: datetime) -> None:
        """Mark, or die around it."""
        self.world.may_die()
        super().mark_committing(ids, now=now)
        self.world.may_die()

    def mark_sent(self, ids: Any, **what: Any) -> None:
        """Mark, or die around it, or find the file locked."""
        self.world.may_die()
        if not self.world.calm and self.world.dice.random() < self.world.busy:
            raise ArchiveError("db", "database is locked")
        super().mark_sent(ids, **what)
        self.world.may_die()

    def mark(self, ids: Any, state: Any, **what: Any) -> None:
        """Mark, or die around it."""
        self.world.may_die()
        super().mark(ids, state, **what)
        self.world.may_die()


@dataclass
class Result:
    """What a history ended in."""

    wanted: int
    lost: int
    doubled: int
    crashes: int
    order_broken: int
    differing: int  # doubles that are not the very same message
    leapt: int
    stopped: int
    calm_seconds: float
    reports: list[DispatchReport]


def history(world: World, channel: Desk, *, events: int = 8, storm: int = 30, runs: int = 40) -> Result:
    """One life of an outbox: alerts come in, deliveries run and die; at last all is calm and must drain."""
    archive = Archive.memory()
    wanted: dict[str, tuple[str, str, int]] = {}  # key -> event, recipient, version
    reports: list[DispatchReport] = []
    todo = _alerts(world, events)
    world.another = lambda: _run(archive, channel, world, storm, reports)
    try:
        for _ in range(runs):
            while todo and world.dice.random() < 0.5:
                _enqueue(archive, todo.pop(0), world, wanted)
            _run(archive, channel, world, storm, reports)
        while todo:
            _enqueue(archive, todo.pop(0), world, wanted)
        world.calm = True
        began = world.true
        while Outbox(archive).open_channels():
            _run(archive, channel, world, storm, reports)
            assert world.true - began < timedelta(hours=2), "the outbox does not drain"
    finally:
        archive.close()
    seen = world.seen()
    return Result(
        wanted=len(wanted),
        lost=_lost(world, wanted),
        doubled=sum(seen[key] - 1 for key in wanted if seen[key] > 1),
        crashes=world.crashes,
        order_broken=_order_broken(world, wanted),
        differing=_differing(world),
        leapt=world.leapt,
        stopped=world.stopped,
        calm_seconds=(world.true - began).total_seconds(),
        reports=reports,
    )


def _run(archive: Archive, channel: Desk, world: World, storm: int, reports: list[DispatchReport]) -> None:
    try:
        with archive.lock("deliver") as mine:
            if not mine:
                return
            outbox = Shaky(archive, world)
            reports.append(
                dispatch(outbox, {"desk": channel}, now=world.now, deadline_seconds=50, storm=storm, sleep=world.sleep)
            )
    except Killed:
        pass
    world.sleep(world.dice.uniform(0.5, 60))


def _alerts(world: World, events: int) -> list[Any]:
    made = []
    for n in range(events):
        first = alerts.event(id=f"ev-{n}", severity=world.dice.choice(list(Severity)))
        made.append((n, alerts.alert(event=first)))
        if world.dice.random() < 0.6:
            more = replace(first, version=2)
            made.append((n + world.dice.random() * 3, alerts.alert(AlertReason.CASUALTIES, event=more)))
    return [alert for _, alert in sorted(made, key=lambda pair: pair[0])]


def _enqueue(archive: Archive, alert: Any, world: World, wanted: dict[str, tuple[str, str, int]]) -> None:
    from tocsin.archive.outbox import idem_of

    now = world.now()
    targets = [_planned(world, recipient, now) for recipient in RECIPIENTS]
    Outbox(archive).enqueue(alert, targets, now=now)
    Outbox(archive).enqueue(alert, targets, now=world.now())  # a poll that was cut short comes again
    world.waited.update(idem_of(alert, "desk", p.recipient) for p in targets if p.held_until is not None)
    for recipient in RECIPIENTS:
        wanted[idem_of(alert, "desk", recipient)] = alert.event.id, recipient, alert.event.version


def _planned(world: World, recipient: str, now: datetime) -> Planned:
    """At once, or held for some minutes as in a digest."""
    if not world.held or world.dice.random() >= world.held:
        return Planned("desk", recipient)
    until = now + timedelta(seconds=world.dice.uniform(10, 300))
    return Planned("desk", recipient, held_until=until, why="digest")


def _lost(world: World, wanted: dict[str, tuple[str, str, int]]) -> int:
    """How many alerts never arrived; one that was held may give its place to a later one about its event."""
    seen = world.seen()
    told = {(event, who, version) for key, (event, who, version) in wanted.items() if seen[key]}
    return sum(
        1
        for key, (event, who, version) in wanted.items()
        if not seen[key] and not (key in world.waited and (event, who, version + 1) in told)
    )


def _order_broken(world: World, wanted: dict[str, tuple[str, str, int]]) -> int:
    """How often an update arrived before the first message about its event."""
    at: dict[tuple[str, str, int], int] = {}
    for n, (_, keys, _) in enumerate(world.messages):
        for key in keys:
            if key in wanted:
                at.setdefault(wanted[key], n)
    return sum(1 for (event, who, version), n in at.items() if version == 2 and at.get((event, who, 1), n) > n)


def _differing(world: World) -> int:
    """How many deliveries arrived in two messages that do not hold the same deliveries."""
    messages: dict[str, set[tuple[str, ...]]] = {}
    for _, keys, _ in world.messages:
        for key in keys:
            messages.setdefault(key, set()).add(tuple(sorted(keys)))
    return sum(1 for each in messages.values() if len(each) > 1)
