"""What becomes of an alert for each recipient: told, held, silenced or muted; every rule, and who wins over whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from tests.fakes.alerts import alert
from tests.fakes.reports import AT, CLASH, HAWIJA, IED, KIRKUK, KIRKUK_GOVERNORATE, MOSUL, WATCH, facts
from tocsin.alerts.inhibition import operation_over
from tocsin.alerts.plan import Scene, plan
from tocsin.alerts.routing import taken
from tocsin.alerts.silences import covers, silence_over
from tocsin.config import Alerts, ChannelSpec, Digest, Inhibit, Quiet, Route
from tocsin.model import Alert, AlertReason, DeliveryState, Event, Facts, Severity, Silence, Source

LOW, MEDIUM, HIGH, CRITICAL = Severity
FIRST, CASUALTIES, ESCALATED, CORRECTED, WITHDRAWN = (
    AlertReason.FIRST,
    AlertReason.CASUALTIES,
    AlertReason.ESCALATED,
    AlertReason.CORRECTED,
    AlertReason.WITHDRAWN,
)
NIGHT = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)  # 23:00 in Baghdad
MORNING = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
QUIET = Quiet(from_=time(22), to=time(6))
PEOPLE = {"desk": ("#desk",), "mail": ("a@x.example", "b@x.example"), "phone": ("",)}
DESK = ("desk", "#desk")
SPECS = {
    "desk": ChannelSpec(kind="slack", quiet=QUIET),
    "mail": ChannelSpec(kind="email", digest=Digest(every_minutes=15)),
    "phone": ChannelSpec(kind="webhook"),
}


def at_desk(*routes: Route) -> Alerts:
    return Alerts(channels=SPECS, routes=routes or (Route(to=("desk",)),))


def happened(severity: Severity = HIGH, coded: Facts | None = None, **more) -> Event:
    report = Source(1, "https://x.example/1", "t", "INA", "ar", ("INA",), AT, AT)
    base = Event("ev-1", WATCH, 1, severity, "gist", coded or facts(IED, KIRKUK), (report,), AT, AT, happened=AT)
    return replace(base, **more)


def ring(reason: AlertReason = FIRST, severity: Severity = HIGH, **more) -> Alert:
    return alert(reason, event=happened(severity, **more))


def silence(**more) -> Silence:
    return Silence(7, "amal", "known", AT - timedelta(hours=1), NIGHT + timedelta(hours=1), **more)


def outcome(it: Alert, config: Alerts, scene: Scene, now: datetime = NIGHT) -> list[tuple[str, str]]:
    """Per recipient: "now", "held", "silenced" or "inhibited"."""
    return [
        (each.channel, each.state if each.state is not DeliveryState.PENDING else "held" if each.held_until else "now")
        for each in plan(it, config, scene, now=now)
    ]


EVERYONE = Scene(PEOPLE)
TOLD = Scene(PEOPLE, told=(DESK,), reached=frozenset({DESK}))
HELD = Scene(PEOPLE, told=(DESK,))  # a message about it waits, none has left
OPERATION = happened(HIGH, facts(CLASH, KIRKUK_GOVERNORATE), id="ev-op")
BRIEFED = Scene(PEOPLE, operation=OPERATION, briefed=frozenset({DESK}))
SILENT = Scene(PEOPLE, silences=(silence(),))


@pytest.mark.parametrize(
    ("it", "config", "scene", "outcomes"),
    [
        pytest.param(ring(), at_desk(), EVERYONE, [("desk", "held")], id="quiet hours hold it"),
        pytest.param(ring(severity=CRITICAL), at_desk(), EVERYONE, [("desk", "now")], id="critical passes quiet hours"),
        pytest.param(ring(CASUALTIES), at_desk(), TOLD, [("desk", "held")], id="an update waits, too"),
        pytest.param(ring(CORRECTED), at_desk(), TOLD, [("desk", "now")], id="a correction of what was told passes"),
        pytest.param(ring(CORRECTED), at_desk(), HELD, [("desk", "held")], id="of what is still held it waits with it"),
        pytest.param(ring(WITHDRAWN), at_desk(), TOLD, [("desk", "now")], id="a withdrawal passes quiet hours"),
        pytest.param(
            ring(), at_desk(Route(to=("desk",), immediate=True)), EVERYONE, [("desk", "now")], id="an immediate route"
        ),
        pytest.param(
            ring(),
            at_desk(Route(to=("desk", "mail", "phone"))),
            EVERYONE,
            [("desk", "held"), ("mail", "held"), ("mail", "held"), ("phone", "now")],
            id="each channel in its own way",
        ),
        pytest.param(
            ring(),
            at_desk(Route(to=("phone",), digest=Digest(every_minutes=30))),
            EVERYONE,
            [("phone", "held")],
            id="a route's digest, where the channel has none",
        ),
        pytest.param(
            ring(),
            at_desk(Route(to=("desk",)), Route(min_severity=HIGH, to=("desk",), immediate=True)),
            EVERYONE,
            [("desk", "now")],
            id="of two routes to one channel the sooner counts",
        ),
        pytest.param(ring(), at_desk(), SILENT, [("desk", "silenced")], id="silenced"),
        pytest.param(ring(severity=CRITICAL), at_desk(), SILENT, [("desk", "now")], id="critical is not silenced"),
        pytest.param(
            ring(severity=CRITICAL),
            at_desk(),
            replace(SILENT, silences=(silence(max_severity=CRITICAL),)),
            [("desk", "silenced")],
            id="unless it is said",
        ),
        pytest.param(
            ring(WITHDRAWN), at_desk(), replace(TOLD, silences=(silence(),)), [("desk", "now")], id="nor a withdrawal"
        ),
        pytest.param(
            ring(CORRECTED),
            at_desk(),
            replace(TOLD, silences=(silence(),)),
            [("desk", "silenced")],
            id="a correction is: who silenced it knows of it",
        ),
        pytest.param(ring(severity=LOW), at_desk(), BRIEFED, [("desk", "inhibited")], id="a part of an operation"),
        pytest.param(
            ring(severity=LOW),
            at_desk(Route(to=("desk", "phone"))),
            BRIEFED,
            [("desk", "inhibited"), ("phone", "now")],
            id="is news to whoever was not told of the whole",
        ),
        pytest.param(
            ring(CASUALTIES, LOW),
            at_desk(),
            replace(BRIEFED, told=(DESK,), reached=frozenset({DESK})),
            [("desk", "held")],
            id="who was told of the part hears more of it",
        ),
        pytest.param(ring(ESCALATED, LOW), at_desk(), BRIEFED, [("desk", "held")], id="what grew graver is no part"),
        pytest.param(
            ring(WITHDRAWN, LOW), at_desk(), replace(BRIEFED, told=(DESK,)), [("desk", "now")], id="withdrawn"
        ),
        pytest.param(
            ring(severity=LOW),
            at_desk(),
            replace(BRIEFED, silences=(silence(),)),
            [("desk", "silenced")],
            id="silenced before muted: a person said so",
        ),
        pytest.param(ring(), at_desk(Route(min_severity=CRITICAL, to=("desk",))), EVERYONE, [], id="no route"),
    ],
)
def test_plan(it, config, scene, outcomes):
    """One outcome for each recipient of a matching route."""
    assert outcome(it, config, scene) == outcomes


def test_what_is_held_says_until_when_and_why():
    """For ``tocsin alerts``."""
    (held,) = plan(ring(), at_desk(), EVERYONE, now=NIGHT)
    assert (held.held_until, held.why) == (MORNING, "quiet hours")
    (hushed,) = plan(ring(), at_desk(), SILENT, now=NIGHT)
    assert hushed.why == "silence 7 by amal until 22 Nov 21:00 UTC: known"
    (muted,) = plan(ring(severity=LOW), at_desk(), BRIEFED, now=NIGHT)
    assert muted.why == "part of ev-op: gist"


# --------------------------------------------------------------------------- routes in order

A, B, C = Route(to=("a",)), Route(to=("b",)), Route(to=("c",))
HERE = happened(HIGH)


@pytest.mark.parametrize(
    ("routes", "names"),
    [
        pytest.param([A, B], ["a", "b"], id="every route that fits, as ever"),
        pytest.param([A.model_copy(update={"continue_": False}), B], ["a"], id="continue false ends it"),
        pytest.param(
            [Route(min_severity=CRITICAL, to=("a",), continue_=False), B],
            ["b"],
            id="a route that does not fit ends nothing",
        ),
        pytest.param([A, B.model_copy(update={"continue_": False}), C], ["a", "b"], id="what came before stays"),
        pytest.param([Route(countries=("iq",), to=("a",))], ["a"], id="the country"),
        pytest.param([Route(countries=("SY",), to=("a",))], [], id="another country"),
        pytest.param([Route(languages=("ar",), to=("a",))], ["a"], id="the language of a report"),
        pytest.param([Route(languages=("en",), to=("a",))], [], id="another language"),
        pytest.param([Route(origins=("ina",), to=("a",))], ["a"], id="the origin"),
        pytest.param([Route(origins=("AFP", "Reuters"), to=("a",))], [], id="another origin"),
        pytest.param([Route(governorates=("Kirkuk",), languages=("en",), to=("a",))], [], id="all must fit"),
    ],
)
def test_routes_in_order(routes, names):
    """Which routes take an event."""
    assert [route.to[0] for route in taken(routes, HERE)] == names


# --------------------------------------------------------------------------- silences


@pytest.mark.parametrize(
    ("it", "fits"),
    [
        pytest.param(silence(), True, id="all of it"),
        pytest.param(silence(event="ev-1"), True, id="the event"),
        pytest.param(silence(event="ev-2"), False, id="another event"),
        pytest.param(silence(governorate="kirkuk"), True, id="the governorate"),
        pytest.param(silence(governorate="Erbil"), False, id="another governorate"),
        pytest.param(silence(event_type=IED), True, id="the type"),
        pytest.param(silence(event_type="Arrests"), False, id="another type"),
        pytest.param(silence(watch=WATCH), True, id="the watch"),
        pytest.param(silence(watch="other"), False, id="another watch"),
        pytest.param(silence(channel="desk"), True, id="the channel"),
        pytest.param(silence(channel="mail"), False, id="another channel"),
        pytest.param(silence(max_severity=HIGH), True, id="just grave enough to be silenced"),
        pytest.param(silence(max_severity=MEDIUM), False, id="too grave"),
        pytest.param(silence(governorate="Kirkuk", event_type="Arrests"), False, id="one field of two fits"),
    ],
)
def test_what_a_silence_covers(it, fits):
    """Every field that is set must fit."""
    assert covers(it, happened(HIGH), "desk") is fits


@pytest.mark.parametrize(
    ("now", "it", "holds"),
    [
        pytest.param(AT - timedelta(hours=1), silence(), True, id="from its first moment"),
        pytest.param(AT - timedelta(hours=1, seconds=1), silence(), False, id="not before"),
        pytest.param(NIGHT + timedelta(hours=1), silence(), False, id="not at its end"),
        pytest.param(NIGHT, silence(ended_at=NIGHT), False, id="not when somebody ended it"),
    ],
)
def test_when_a_silence_holds(now, it, holds):
    """Both ends."""
    assert (silence_over([it], happened(), "desk", now=now) is it) is holds


# --------------------------------------------------------------------------- inhibition

PART = happened(LOW, facts(CLASH, HAWIJA))
WHOLE = replace(OPERATION, first_seen=AT, last_seen=AT + timedelta(hours=1))
SOON = AT + timedelta(hours=2)


@pytest.mark.parametrize(
    ("part", "whole", "rule", "now", "muted"),
    [
        pytest.param(PART, WHOLE, Inhibit(), SOON, True, id="a clash in Hawija inside an operation over Kirkuk"),
        pytest.param(PART, WHOLE, None, SOON, False, id="no rule"),
        pytest.param(replace(PART, severity=MEDIUM), WHOLE, Inhibit(), SOON, False, id="graver than the rule mutes"),
        pytest.param(
            replace(PART, severity=MEDIUM), WHOLE, Inhibit(max_severity="medium"), SOON, True, id="as the rule allows"
        ),
        pytest.param(replace(PART, severity=HIGH), WHOLE, Inhibit(max_severity="medium"), SOON, False, id="high never"),
        pytest.param(PART, replace(WHOLE, severity=LOW), Inhibit(), SOON, True, id="as grave as the operation"),
        pytest.param(
            replace(PART, severity=MEDIUM),
            replace(WHOLE, severity=LOW),
            Inhibit(max_severity="medium"),
            SOON,
            False,
            id="graver than the operation",
        ),
        pytest.param(
            replace(PART, facts=facts(CLASH, MOSUL)), WHOLE, Inhibit(), SOON, False, id="in another governorate"
        ),
        pytest.param(replace(PART, facts=facts(IED, HAWIJA)), WHOLE, Inhibit(), SOON, False, id="of another kind"),
        pytest.param(
            replace(PART, facts=facts(CLASH, KIRKUK_GOVERNORATE)), WHOLE, Inhibit(), SOON, False, id="as large itself"
        ),
        pytest.param(replace(PART, facts=facts(CLASH)), WHOLE, Inhibit(), SOON, False, id="without a place"),
        pytest.param(
            PART, replace(WHOLE, facts=facts(CLASH, KIRKUK)), Inhibit(), SOON, False, id="an operation in one town"
        ),
        pytest.param(PART, replace(WHOLE, state="withdrawn"), Inhibit(), SOON, False, id="a withdrawn operation"),
        pytest.param(PART, replace(WHOLE, watch="other"), Inhibit(), SOON, False, id="of another watch"),
        pytest.param(replace(PART, id="ev-op"), WHOLE, Inhibit(), SOON, False, id="itself"),
        pytest.param(PART, WHOLE, Inhibit(), AT + timedelta(hours=13), True, id="the last hour of its time"),
        pytest.param(PART, WHOLE, Inhibit(), AT + timedelta(hours=13, seconds=1), False, id="over"),
        pytest.param(
            replace(PART, happened=AT - timedelta(hours=2, seconds=1)), WHOLE, Inhibit(), SOON, False, id="before it"
        ),
    ],
)
def test_what_an_operation_mutes(part, whole, rule, now, muted):
    """Only small parts of it, of its own kind, in its governorate and time."""
    assert (operation_over(part, [whole], rule, now=now) is whole) is muted
