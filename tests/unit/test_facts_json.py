"""The coded facts have one form in JSON: of ``tocsin assess``, of ``--json`` and of alerts."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

from tests.fakes import alerts
from tocsin.alerts.render_json import payload
from tocsin.cli import shapes
from tocsin.flagging.lines import answer
from tocsin.model import Assessment, Count, Facts, Place, Said, Span, Weapon
from tocsin.model.facts_json import facts_json

WORDS = Span("text", 0, 3, "two")
FULL = Facts(
    event_type=Said("Shelling/artillery/missile attack", WORDS),
    places=(Said(Place("Taji", 33.5, 44.25, "town", "IQ"), WORDS),),
    weapons=(Said(Weapon("rocket", 2), WORDS),),
    intercepted=Said(0, WORDS),
    killed=Said(Count(2, 2), WORDS),
    actors=(Said("unknown", WORDS),),
    when=Said(datetime(2026, 3, 1, 4, 30, tzinfo=UTC), WORDS),
)
SHOWN = (
    '"event_type": "Shelling/artillery/missile attack", "places": [{"name": "Taji", "lat": 33.5, "lon": 44.25, '
    '"precision": "town", "country": "IQ"}], "weapons": [{"name": "rocket", "count": 2}], "intercepted": 0, '
    '"target": null, "killed": {"min": 2, "max": 2}, "wounded": null, "damage": null, "actors": ["unknown"], '
    '"claim": null, "when": "2026-03-01T04:30:00+00:00"'
)


def test_every_output_has_these_keys_and_values_in_this_order() -> None:
    assert json.dumps(facts_json(FULL)) == f"{{{SHOWN}}}"
    assert SHOWN in json.dumps(answer(Assessment("w", 0.9, True, facts=FULL)))
    assert SHOWN in json.dumps(shapes.event(alerts.event(facts=FULL)))
    alert = alerts.alert()
    sent = payload(replace(alert, event=replace(alert.event, facts=FULL)))
    assert sent["places"][0].pop("map").startswith("https://")  # what an alert adds to a place
    assert SHOWN in json.dumps(sent)


def test_an_alert_cleans_what_it_shows() -> None:
    hostile = replace(FULL, target=Said("camp\n\u202eevil", WORDS))
    assert facts_json(hostile, lambda text, limit: text[:4])["target"] == "camp"
    alert = alerts.alert()
    assert "\u202e" not in json.dumps(
        payload(replace(alert, event=replace(alert.event, facts=hostile))), ensure_ascii=False
    )
