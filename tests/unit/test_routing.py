"""Who gets which alert."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.fakes.alerts import alert
from tests.fakes.reports import BAGHDAD, IRAQ, said
from tocsin.alerts.routing import ways_for
from tocsin.config import Alerts, Route
from tocsin.model import AlertReason, Facts, Severity

PEOPLE = {"slack": ("#desk",), "mail": ("a@x.example", "b@x.example"), "terminal": ("",)}
ROCKETS = alert()  # high, Shelling/artillery/missile attack, at Camp Taji in Baghdad governorate
NOWHERE = replace(ROCKETS, event=replace(ROCKETS.event, facts=Facts()))


@pytest.mark.parametrize(
    ("routes", "it", "to"),
    [
        pytest.param([Route(to=("slack",))], ROCKETS, [("slack", "#desk")], id="everything"),
        pytest.param(
            [Route(to=("mail",))],
            ROCKETS,
            [("mail", "a@x.example"), ("mail", "b@x.example")],
            id="each recipient its own",
        ),
        pytest.param(
            [Route(to=("slack",)), Route(to=("slack", "terminal"))],
            ROCKETS,
            [("slack", "#desk"), ("terminal", "")],
            id="two routes, once",
        ),
        pytest.param([Route(to=("off",))], ROCKETS, [], id="a channel that is off"),
        pytest.param([Route(watch="other", to=("slack",))], ROCKETS, [], id="another watch"),
        pytest.param(
            [Route(min_severity=Severity.HIGH, to=("slack",))], ROCKETS, [("slack", "#desk")], id="just grave enough"
        ),
        pytest.param([Route(min_severity=Severity.CRITICAL, to=("slack",))], ROCKETS, [], id="not grave enough"),
        pytest.param(
            [Route(event_types=("Shelling/artillery/missile attack",), to=("slack",))],
            ROCKETS,
            [("slack", "#desk")],
            id="the type",
        ),
        pytest.param([Route(event_types=("Arrests",), to=("slack",))], ROCKETS, [], id="another type"),
        pytest.param([Route(event_types=("Arrests",), to=("slack",))], NOWHERE, [], id="no type"),
        pytest.param(
            [Route(governorates=("baghdad",), to=("slack",))], ROCKETS, [("slack", "#desk")], id="the governorate"
        ),
        pytest.param([Route(governorates=("Nineveh",), to=("slack",))], ROCKETS, [], id="another governorate"),
        pytest.param([Route(governorates=("Nineveh",), to=("slack",))], NOWHERE, [], id="no place"),
        pytest.param([], ROCKETS, [], id="no route"),
    ],
)
def test_routes(routes, it, to):
    """Every route that matches, each target once."""
    assert list(ways_for(it, Alerts(routes=tuple(routes)), PEOPLE)) == to


TOLD = [("mail", "a@x.example"), ("mail", "left@x.example"), ("off", "")]


@pytest.mark.parametrize(
    ("reason", "to"),
    [
        pytest.param(AlertReason.CASUALTIES, [("slack", "#desk")], id="an update follows the routes"),
        pytest.param(
            AlertReason.CORRECTED,
            [("slack", "#desk"), ("mail", "a@x.example"), ("off", "")],
            id="a correction also who was told",
        ),
        pytest.param(
            AlertReason.WITHDRAWN, [("mail", "a@x.example"), ("off", "")], id="a withdrawal only who was told"
        ),
    ],
)
def test_those_who_were_told(reason, to):
    """Whoever got the earlier text and did not leave the channel; for a channel that is off or gone it waits."""
    config = Alerts(routes=(Route(to=("slack",)),))
    assert list(ways_for(alert(reason), config, PEOPLE, told=TOLD)) == to


def test_any_place_of_the_event_counts():
    """An attack on two governorates is news to both desks."""
    two = replace(ROCKETS.event, facts=Facts(places=(said(IRAQ), said(BAGHDAD))))
    config = Alerts(routes=(Route(governorates=("Baghdad",), to=("terminal",)),))
    assert list(ways_for(replace(ROCKETS, event=two), config, PEOPLE)) == [("terminal", "")]
