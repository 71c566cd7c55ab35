"""The one-line gist from many facts and from few, and the facts as reasons."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tocsin.flagging.gist import facts_reasons, write
from tocsin.model import Count, Facts, Place, Said, Span, Weapon

SPAN = Span("text", 0, 4, "word")
BAGHDAD = Place("Baghdad", 33.3, 44.4, "town", "IQ", "Baghdad")
GREEN_ZONE = Place("Green Zone", 33.3, 44.4, "site", "IQ", "Baghdad")
ANBAR = Place("Anbar", 33.0, 42.0, "governorate", "IQ", "Anbar")
ASAD = Place("Ain al-Asad", 33.8, 42.4, "site", "IQ", "Anbar")


def _said(value: object) -> Said[object]:
    return Said(value, SPAN)


def _facts(**fields: object) -> Facts:
    made = {k: tuple(map(_said, v)) if isinstance(v, list) else _said(v) for k, v in fields.items()}
    return Facts(**made)


@pytest.mark.parametrize(
    ("facts", "line"),
    [
        pytest.param(Facts(), "Security item, Iraq", id="nothing"),
        pytest.param(_facts(places=[ANBAR]), "Security item, Anbar", id="only a place"),
        pytest.param(
            _facts(
                event_type="Shelling/artillery/missile attack", places=[GREEN_ZONE, BAGHDAD], intercepted=1,
                weapons=[Weapon("Katyusha rocket", 2)], damage="2 vehicles damaged", claim="unclaimed",
            ),
            "Rocket attack, Baghdad (Green Zone): 2 Katyusha rockets, 1 intercepted; 2 vehicles damaged; "
            "no casualties reported; unclaimed",
            id="everything, silent on casualties",
        ),
        pytest.param(
            _facts(event_type="Suicide bomb", places=[BAGHDAD], killed=Count(12, 14), wounded=Count(30, 30),
                   actors=["Islamic State"], claim="claimed"),
            "Suicide bombing, Baghdad: 12-14 killed, 30 wounded; claimed by Islamic State",
            id="tolls and claim",
        ),
        pytest.param(
            _facts(
                event_type="Air/drone strike", places=[ASAD, ANBAR], weapons=[Weapon("drone", 1)], killed=Count(0, 0),
                wounded=Count(0, 0),
            ),
            "Drone attack, Ain al-Asad (Anbar): 1 drone; no casualties reported",
            id="site in a governorate",
        ),
        pytest.param(
            _facts(event_type="Attack", places=[ANBAR]), "Attack, Anbar", id="silence that may be a missing figure"
        ),
        pytest.param(
            _facts(event_type="Air/drone strike", places=[ANBAR], killed=Count(0, 0)),
            "Air strike, Anbar: no deaths reported",
            id="no deaths, and nothing of wounded",
        ),
        pytest.param(
            _facts(event_type="Air/drone strike", places=[ANBAR], wounded=Count(0, 0)),
            "Air strike, Anbar: no wounded reported",
            id="no wounded, and nothing of dead",
        ),
        pytest.param(
            _facts(event_type="Attack", places=[BAGHDAD], killed=Count(24, 99)),
            "Attack, Baghdad: dozens killed",
            id="dozens",
        ),
        pytest.param(
            _facts(event_type="Attack", places=[BAGHDAD], actors=["US forces"], claim="claimed", killed=Count(1, 1)),
            "Attack, Baghdad: 1 killed; claimed",
            id="claimed, but not by the victims",
        ),
        pytest.param(
            _facts(event_type="Shelling/artillery/missile attack", places=[BAGHDAD], harmed="wounded"),
            "Shelling, Baghdad: people wounded, number not given",
            id="hurt, but no figure",
        ),
        pytest.param(_facts(event_type="Arrests", places=[BAGHDAD]), "Arrests, Baghdad", id="arrests have no toll"),
        pytest.param(
            _facts(
                event_type="Attack", places=[BAGHDAD], actors=["Kataib Hezbollah"], claim="denied", killed=Count(1, 1)
            ),
            "Attack, Baghdad: 1 killed; Kataib Hezbollah denies it",
            id="denied",
        ),
    ],
)  # fmt: skip
def test_write(facts: Facts, line: str) -> None:
    assert write(facts) == line


def test_origins_come_last() -> None:
    facts = _facts(event_type="Attack", places=[BAGHDAD], killed=Count(20, 20))
    assert write(facts, ("AFP",)) == "Attack, Baghdad: 20 killed (AFP)"


def test_every_fact_is_a_reason_without_weight() -> None:
    facts = _facts(
        event_type="Attack", places=[BAGHDAD], weapons=[Weapon("gun")], actors=["PKK"], killed=Count(1, 1),
        when=datetime(2024, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    reasons = facts_reasons(facts)
    assert {r.rule for r in reasons} == {
        "fact.event_type", "fact.place", "fact.weapon", "fact.actor", "fact.killed", "fact.when",
    }  # fmt: skip
    assert all(r.weight == 0 and r.span == SPAN for r in reasons)
