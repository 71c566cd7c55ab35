"""No alert is lost: whatever routes, hours, silences and operations say, each ends as one thing per recipient."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any, ClassVar

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import PrivateAttr

from tests.fakes.alerts import alert, event
from tests.fakes.reports import CLASH, ERBIL, HAWIJA, IED, KIRKUK_GOVERNORATE, facts
from tocsin.alerts.channels.base import Channel, Receipt
from tocsin.alerts.dispatch import dispatch
from tocsin.alerts.plan import Scene, plan
from tocsin.alerts.routing import ways_for
from tocsin.alerts.timing import hold, is_quiet, next_digest
from tocsin.archive import Archive
from tocsin.archive.outbox import Outbox
from tocsin.config import Alerts, ChannelSpec, Digest, Quiet, Route
from tocsin.model import Alert, AlertReason, Delivery, DeliveryState, Severity, Silence, Thread

START = datetime(2026, 10, 24, 12, 0, tzinfo=UTC)  # the night after, Brussels goes back to winter time
PEOPLE = {"a": ("#desk",), "b": ("x@b.example", "y@b.example"), "c": ("",)}
PENDING, SILENCED, INHIBITED, MERGED = (
    DeliveryState.PENDING,
    DeliveryState.SILENCED,
    DeliveryState.INHIBITED,
    DeliveryState.MERGED,
)

severities = st.sampled_from(list(Severity))
passing = st.sampled_from(["low", "medium", "high", "critical", "none"])
zones = st.sampled_from(["Asia/Baghdad", "Europe/Brussels", "UTC"])
clocks = st.times(max_value=time(23, 59)).map(lambda t: t.replace(second=0, microsecond=0))
digests = st.one_of(
    st.none(),
    st.builds(Digest, every_minutes=st.integers(1, 1440), except_=passing),
    st.builds(Digest, at=st.lists(clocks, min_size=1, max_size=3).map(tuple), timezone=zones, except_=passing),
)
quiets = st.one_of(
    st.none(),
    st.tuples(clocks, clocks, zones, passing)
    .filter(lambda q: q[0] != q[1])
    .map(lambda q: Quiet(from_=q[0], to=q[1], timezone=q[2], except_=q[3])),
)
specs = st.builds(ChannelSpec, kind=st.just("script"), digest=digests, quiet=quiets)
routes = st.builds(
    Route,
    to=st.lists(st.sampled_from(["a", "b", "c", "gone"]), min_size=1, max_size=3).map(tuple),
    min_severity=severities,
    governorates=st.sampled_from([(), ("Kirkuk",), ("Erbil",)]),
    continue_=st.booleans(),
    immediate=st.booleans(),
    digest=digests,
    quiet=quiets,
)
configs = st.builds(
    Alerts,
    channels=st.fixed_dictionaries({"a": specs, "b": specs, "c": specs}),
    routes=st.lists(routes, max_size=4).map(tuple),
)
moments = st.integers(0, 60 * 48).map(lambda n: START + timedelta(minutes=n))
coded = st.sampled_from([facts(IED, HAWIJA), facts(CLASH, ERBIL), facts(CLASH, KIRKUK_GOVERNORATE)])
TELLING = [reason for reason in AlertReason if reason in {"first", "escalated", "casualties", "confirmed", "corrected"}]
silences = st.lists(
    st.builds(
        Silence,
        id=st.just(1),
        by=st.just("amal"),
        why=st.just("known"),
        at=moments,
        until=moments,
        governorate=st.sampled_from(["", "Kirkuk"]),
        channel=st.sampled_from(["", "a", "b"]),
        max_severity=severities,
    ),
    max_size=2,
).map(tuple)


@st.composite
def scenes(draw: Any) -> Scene:
    """Who was told what, by now."""
    all_targets = [(name, who) for name, people in PEOPLE.items() for who in people]
    told = tuple(draw(st.lists(st.sampled_from(all_targets), unique=True)))
    reached = frozenset(target for target in told if draw(st.booleans()))
    operation = event(id="ev-op") if draw(st.booleans()) else None
    briefed = frozenset(draw(st.lists(st.sampled_from(all_targets)))) if operation else frozenset()
    return Scene(PEOPLE, told, reached, draw(silences), operation, briefed)


@settings(max_examples=120, deadline=None)
@given(configs, scenes(), st.sampled_from([*TELLING, AlertReason.WITHDRAWN]), severities, coded, moments)
def test_each_recipient_of_each_route_gets_one_outcome(config, scene, reason, severity, what, now) -> None:
    """And what must not wait does not."""
    it = alert(reason, event=event(severity=severity, facts=what))
    planned = plan(it, config, scene, now=now)
    wanted = ways_for(it, config, PEOPLE, told=scene.told)
    assert [(each.channel, each.recipient) for each in planned] == list(wanted)
    for each in planned:
        assert each.state in {PENDING, SILENCED, INHIBITED}
        assert each.held_until is None or (each.state is PENDING and each.held_until > now)
        assert bool(each.why) is (each.state is not PENDING or each.held_until is not None)
        if reason is AlertReason.WITHDRAWN:
            assert (each.state, each.held_until) == (PENDING, None)
        if each.state is SILENCED:
            assert any(s.active(now) and severity.rank <= s.max_severity.rank for s in scene.silences)
        if each.state is INHIBITED:
            assert (each.channel, each.recipient) in scene.briefed - scene.reached


@settings(max_examples=120, deadline=None)
@given(st.builds(lambda d, q: (d, q), digests, quiets), severities, moments)
def test_a_hold_ends_and_never_in_quiet_hours(way, severity, now) -> None:
    """Within two days, and later than now."""
    from tocsin.alerts.timing import Timing, passes

    held = hold(Timing(*way), severity, now=now)
    digest, quiet = way
    if held is None:
        return
    assert now < held.until <= now + timedelta(days=3)
    if quiet is not None and not passes(quiet.except_, severity):
        assert not is_quiet(quiet, held.until)
    if digest is not None and not passes(digest.except_, severity):
        assert held.until >= next_digest(digest, now)


class Sink(Channel):
    """Takes everything and remembers it."""

    kind: ClassVar[str] = "sink"
    _messages: list[tuple[Delivery, ...]] = PrivateAttr(default_factory=list)

    def preview(self, alert: Alert) -> str:
        return alert.event.gist

    def send(self, delivery: Delivery, *, committing: Callable[[], None]) -> Receipt:
        return self.send_digest((delivery,), committing=committing)

    def send_digest(self, deliveries: tuple[Delivery, ...], *, committing: Callable[[], None]) -> Receipt:
        committing()
        self._messages.append(deliveries)
        return Receipt("r", Thread("root") if len(deliveries) == 1 else None)


steps = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from(TELLING), severities, coded, st.integers(0, 400), st.booleans()),
    min_size=1,
    max_size=8,
)


@settings(max_examples=25, deadline=None)
@given(configs, steps, silences)
def test_at_the_end_every_alert_is_told_once_or_its_reason_is_on_record(config, story, hushed) -> None:
    """A story of alerts and deliveries; a day later nothing waits, and each row says what became of it."""
    sinks = {name: Sink() for name in PEOPLE}
    now, wanted, versions = START, 0, Counter[int]()
    with Archive.memory() as archive:
        outbox = Outbox(archive)

        def deliver() -> None:
            dispatch(outbox, sinks, now=lambda: now, deadline_seconds=1, sleep=lambda _: None)

        for number, reason, severity, what, minutes, sending in story:
            now += timedelta(minutes=minutes)
            versions[number] += 1
            name = f"ev-{number}"
            it = alert(reason, event=event(id=name, version=versions[number], severity=severity, facts=what))
            scene = Scene(PEOPLE, tuple(outbox.told(name)), outbox.reached(name), hushed)
            planned = plan(it, config, scene, now=now)
            wanted += len(planned)
            assert outbox.enqueue(it, planned, now=now) == len(planned)
            assert outbox.enqueue(it, planned, now=now) == 0
            if sending:
                deliver()
        now += timedelta(days=4)
        deliver()
        deliver()
        rows = outbox.list_alerts(limit=10_000)
        assert len(rows) == wanted
        assert {row["state"] for row in rows} <= {"sent", "silenced", "inhibited", "merged"}
        told = Counter(d.idem for sink in sinks.values() for message in sink._messages for d in message)
        assert set(told.values()) <= {1}
        assert sum(told.values()) == sum(row["state"] == "sent" for row in rows)
        for row in (row for row in rows if row["state"] == "merged"):
            later = [
                r
                for r in rows
                if (r["event"], r["channel"], r["recipient"]) == (row["event"], row["channel"], row["recipient"])
                and r["version"] > row["version"]
                and r["state"] == "sent"
            ]
            assert later, "merged into nothing"
        for sink in sinks.values():
            for message in sink._messages:
                assert len({d.alert.event.id for d in message}) == len(message)
