"""The alert that ``tocsin check --send-test`` sends: plainly a test, with every part that a real one has."""

from __future__ import annotations

from datetime import datetime

from tocsin.model import (
    Alert,
    AlertReason,
    Delivery,
    DeliveryState,
    Event,
    Facts,
    Place,
    Said,
    Severity,
    Source,
    Span,
)

_TITLE = "Test of the alarm bell: nothing has happened in Baghdad"


def test_delivery(channel: str, recipient: str, watch: str, now: datetime) -> Delivery:
    """A delivery that belongs to no outbox."""
    stamp = f"{now:%Y%m%d%H%M%S}"
    start = _TITLE.index("Baghdad")
    span = Span("title", start, start + len("Baghdad"), "Baghdad")
    place = Said(Place("Baghdad", 33.3152, 44.3661, "town", "IQ", "Baghdad"), span)
    source = Source(
        article=0,
        url="https://tocsin.example/test",
        title=_TITLE,
        publisher="Tocsin",
        language="en",
        origins=("Tocsin",),
        published=now,
        seen=now,
    )
    event = Event(
        id=f"ev-test-{stamp}",
        watch=watch,
        version=1,
        severity=Severity.LOW,
        gist="TEST: this is a test alert; nothing has happened",
        facts=Facts(places=(place,)),
        sources=(source,),
        first_seen=now,
        last_seen=now,
    )
    alert = Alert(f"test-{stamp}", event, AlertReason.FIRST, now, quotes=(span,), article=source, language="en")
    return Delivery(
        id=0,
        alert=alert,
        channel=channel,
        recipient=recipient,
        idem=f"tocsin-test-{stamp}",
        state=DeliveryState.SENDING,
        attempts=1,
        created_at=now,
        not_before=now,
        claimed_at=now,
    )
