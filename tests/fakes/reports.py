"""Reports as the coder would leave them, for tests of events: invented attacks in real places."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tocsin.events import attach
from tocsin.model import (
    Article,
    Assessment,
    Count,
    Decision,
    Event,
    EventUpdate,
    Facts,
    Outcome,
    Place,
    Said,
    Severity,
    Span,
    Weapon,
)

AT = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)  # 21:00 in Baghdad
WATCH = "iraq-security"

BAGHDAD = Place("Baghdad", 33.3406, 44.4009, "town", "IQ", "Baghdad")
GREEN_ZONE = Place("Green Zone", 33.3058, 44.3931, "site", "IQ", "Baghdad")
AIRPORT = Place("Baghdad International Airport", 33.2625, 44.2346, "site", "IQ", "Baghdad")
ERBIL = Place("Erbil", 36.1911, 44.0094, "town", "IQ", "Erbil")
ERBIL_AIRPORT = Place("Erbil International Airport", 36.2376, 43.9632, "site", "IQ", "Erbil")
ERBIL_GOVERNORATE = Place("Erbil Governorate", 36.2, 44.1, "governorate", "IQ", "Erbil")
KIRKUK = Place("Kirkuk", 35.4667, 44.3833, "town", "IQ", "Kirkuk")
KIRKUK_GOVERNORATE = Place("Kirkuk Governorate", 35.4, 44.2, "governorate", "IQ", "Kirkuk")
HAWIJA = Place("Hawija", 35.325, 43.774, "town", "IQ", "Kirkuk")
MOSUL = Place("Mosul", 36.34, 43.13, "town", "IQ", "Nineveh")
IRAQ = Place("Iraq", 33.2, 43.7, "country", "IQ", "")

ROCKETS, STRIKE, IED, CLASH = (
    "Shelling/artillery/missile attack",
    "Air/drone strike",
    "Remote explosive/landmine/IED",
    "Armed clash",
)


def said(value: Any, quote: str = "words") -> Said[Any]:
    """A value with some words that say it."""
    return Said(value, Span("text", 0, len(quote), quote))


def facts(kind: str | None = None, *places: Place, **more: Any) -> Facts:
    """Facts from bare values: ``weapon=("drone", 2)``, ``killed=3``, ``target="US embassy"``, ``actors=[...]``."""
    weapon, actors = more.pop("weapon", None), more.pop("actors", ())
    for name in ("killed", "wounded"):
        if more.get(name) is not None:
            more[name] = Count(more[name], more[name])
    return Facts(
        event_type=said(kind) if kind else None,
        places=tuple(said(place) for place in places),
        weapons=(said(Weapon(*weapon)),) if weapon else (),
        actors=tuple(said(actor) for actor in actors),
        **{name: said(value) for name, value in more.items() if value is not None},
    )


def article(
    n: int, hours: float = 0, title: str = "", *, origin: str = "AFP", language: str = "en", text: str = "", **more: Any
) -> Article:
    """Article number ``n``, published so many hours after ``AT`` and seen a minute later."""
    at = AT + timedelta(hours=hours)
    return Article(
        url=f"https://news.example.org/{n}",
        title=title or f"report {n}",
        text=text,
        language=language,
        published=at,
        publisher=origin,
        origins=(origin,) if origin else (),
        seen=at + timedelta(minutes=1),
        **more,
    )


def assessment(
    coded: Facts, severity: Severity = Severity.MEDIUM, *, flagged: bool = True, gist: str = ""
) -> Assessment:
    """What the watch thinks of it."""
    return Assessment(
        WATCH, 0.9 if flagged else 0.1, flagged, severity=severity if flagged else None, facts=coded, gist=gist
    )


NEW = Decision(Outcome.NEW)


def take(
    events: list[Event],
    n: int,
    one: Article,
    what: Assessment,
    decision: Decision = NEW,
    *,
    original: str | None = None,
) -> EventUpdate | None:
    """Attach an article to events and put the changed event in its place, as the archive would."""
    now = one.seen or AT
    update = attach(n, one, what, decision, tuple(events), now=now, event_of_original=original)
    if update is not None:
        events[:] = [e for e in events if e.id != update.event.id] + [update.event]
    return update
