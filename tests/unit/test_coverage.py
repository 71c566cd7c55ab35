"""What an alert keeps of an event that hundreds of articles report: all that any message says, and no more."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.alerts import AT, alert, event
from tocsin.alerts import render_json
from tocsin.alerts.escalation import Unanswered, due
from tocsin.alerts.render import view
from tocsin.archive import Archive
from tocsin.archive.outbox import Outbox
from tocsin.config import Alerts
from tocsin.events.coverage import SOURCES, coverage_of, frozen
from tocsin.model import Alert, Count, Severity, Source

MARKS = tuple(f"mark{n}" for n in range(30))


def reported(n: int, *, seed: int = 1, **more: object) -> Alert:
    """An alert about an event of many articles, whose origins give various tolls."""
    dice = random.Random(seed)

    def source(i: int) -> Source:
        at = AT + timedelta(minutes=i)
        told = Count(dice.randint(0, 5), 5 + dice.randint(0, 3)) if dice.random() < 0.3 else None
        relation = dice.choice(("report", "copy", "update", "kill"))
        origin = f"Agency {dice.randint(0, 40)}"
        return Source(
            i, f"https://n{i}.example/{i}", f"Rockets near Taji, report {i}", f"Outlet {i}", "en",
            (origin,) if dice.random() < 0.8 else (), at, at, relation, killed=told, marks=MARKS,
        )  # fmt: skip

    return alert(event=event(sources=tuple(source(i) for i in range(n)), **more))


def kept(made: Alert) -> tuple[Alert, int]:
    """The alert as the outbox gives it back, and the characters that it takes there."""
    with Archive.memory() as archive:
        outbox = Outbox(archive)
        outbox.enqueue(made, [("desk", "")], now=AT)
        (delivery,) = outbox.waiting("desk", now=AT)
        return delivery.alert, int(archive.value("SELECT length(payload) FROM alert"))


@pytest.mark.parametrize("n", [1, SOURCES - 1, SOURCES, SOURCES + 1, 500])
@pytest.mark.parametrize("seed", range(3))
def test_a_message_says_the_same_of_the_alert_that_was_kept(n: int, seed: int) -> None:
    """Articles, origins, figures that differ, the latest sources: in both shapes and in a right-to-left language."""
    made = reported(n, seed=seed)
    back, _ = kept(made)
    for language in ("en", "ar"):
        assert view(back, language=language) == view(made, language=language)
    assert render_json.payload(back) == render_json.payload(made)
    assert len(back.event.sources) == min(n, SOURCES)


def test_an_alert_does_not_grow_with_its_event() -> None:
    """Five hundred articles take as much as fifty, but for a count and the names of the origins."""
    sizes = [kept(reported(n))[1] for n in (SOURCES, 500)]
    assert sizes[1] < sizes[0] + 4000 < 30_000


def test_freezing_twice_changes_nothing() -> None:
    """An alert that is sent through another channel was frozen before: its counts stay."""
    once = frozen(reported(120))
    assert frozen(once) == once
    assert once.coverage is not None
    assert once.coverage.articles == 120
    assert frozen(reported(SOURCES)).coverage is None


def test_an_escalation_counts_the_event_as_it_is_by_then() -> None:
    """Not as the alert had it that nobody answered."""
    last = frozen(reported(120, severity=Severity.CRITICAL))
    now = reported(200, severity=Severity.CRITICAL).event
    waiting = Unanswered(now, last, ((AT, Severity.CRITICAL.rank),), frozenset())
    config = Alerts.model_validate({"escalate": [{"after_minutes": 10, "to": ["phone"]}]})
    ((made, _),) = due([waiting], config, {"phone": ("",)}, now=AT + timedelta(minutes=11))
    assert (made.coverage or coverage_of(made.event)).articles == 200


def test_what_differs_is_found_among_sources_that_are_not_kept() -> None:
    """The figure of an origin whose last word came long before the latest fifty articles."""
    plain = [replace(s, killed=None, origins=("AFP",), relation="report") for s in reported(100).event.sources]
    plain[3] = replace(plain[3], origins=("INA",), killed=Count(2, 2))
    plain[99] = replace(plain[99], killed=Count(3, 3))
    back, _ = kept(alert(event=event(sources=tuple(plain))))
    assert "2 (INA), 3 (AFP): figures differ" in [fact.value for fact in view(back).facts]
