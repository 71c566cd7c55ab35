"""Alerts about an invented event, for tests and the demo of any channel: two Katyusha rockets near Taji."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tocsin.model import (
    Alert,
    AlertReason,
    Change,
    Count,
    Delivery,
    DeliveryState,
    Event,
    Facts,
    Place,
    Reason,
    Said,
    Severity,
    Source,
    Span,
    Thread,
    Weapon,
)

AT = datetime(2026, 11, 22, 18, 40, tzinfo=UTC)
TITLE = "Irak : deux roquettes Katioucha tombent près de la base de Taji"
TEXT = (
    "Deux roquettes de type Katioucha sont tombées dimanche soir près de la base de Taji, au nord de Bagdad, "
    "a annoncé une source de sécurité. Deux soldats irakiens ont été blessés. L’attaque n’a pas été revendiquée."
)
ARABIC = "سقوط صاروخي كاتيوشا قرب معسكر التاجي شمالي بغداد وإصابة ثلاثة جنود"
TAJI = Place("Camp Taji", 33.5239, 44.2567, "site", "IQ", "Baghdad")


def said(value: Any, quote: str) -> Said[Any]:
    """A value with the words of TEXT that say it."""
    start = TEXT.index(quote)
    return Said(value, Span("text", start, start + len(quote), quote))


def facts() -> Facts:
    """What is coded from TEXT."""
    return Facts(
        event_type=said("Shelling/artillery/missile attack", "roquettes"),
        places=(said(TAJI, "la base de Taji"),),
        weapons=(said(Weapon("Katyusha rocket", 2), "Deux roquettes de type Katioucha"),),
        target=said("Iraqi army base", "base de Taji"),
        killed=None,
        wounded=said(Count(2, 2), "Deux soldats irakiens ont été blessés"),
        claim=said("unclaimed", "L’attaque n’a pas été revendiquée"),
    )


def sources() -> tuple[Source, ...]:
    """Four articles of two origins, whose figures differ."""

    def source(n: int, title: str, publisher: str, language: str, origin: str, **more: Any) -> Source:
        at = AT - timedelta(minutes=12 - 3 * n)
        url = f"https://news{n}.example.org/irak/{n}?lang={language}"
        return Source(n, url, title, publisher, language, (origin,), at, at + timedelta(minutes=1), **more)

    return (
        source(1, TITLE, "Dépêche du Soir", "fr", "AFP", wounded=Count(2, 2)),
        source(2, "Two rockets land near Taji base north of Baghdad", "Gulf Ledger", "en", "AFP", relation="copy"),
        source(3, ARABIC, "وكالة الأنباء العراقية", "ar", "INA", wounded=Count(3, 3)),
        source(4, "Twee raketten bij basis Taji", "Het Avondblad", "nl", "AFP", relation="copy", wounded=Count(2, 2)),
    )


def event(**more: Any) -> Event:
    """The event as known after the first article; ``more`` replaces fields."""
    base = Event(
        id="ev-taji-1",
        watch="iraq-security",
        version=1,
        severity=Severity.HIGH,
        gist="2 Katyusha rockets landed near Camp Taji, north of Baghdad; 2 wounded, unclaimed",
        facts=facts(),
        sources=sources()[:1],
        first_seen=AT - timedelta(minutes=8),
        last_seen=AT,
        happened=AT - timedelta(hours=1),
        evidence=1,
        reasons=(
            Reason("severity.base", None, 2.0, "rocket or artillery attack: 2"),
            Reason("severity.wounded", None, 1.0, "people wounded: +1"),
        ),
    )
    return replace(base, **more)


def alert(reason: AlertReason = AlertReason.FIRST, **more: Any) -> Alert:
    """The first alert about the event; ``more`` replaces fields."""
    it = more.pop("event", None) or event()
    first = TEXT.index("Deux soldats")
    base = Alert(
        id=f"{it.id}:{reason}:{it.version}",
        event=it,
        reason=reason,
        at=AT,
        quotes=(
            Span("text", 0, first - 1, TEXT[: first - 1]),
            Span("text", first, len(TEXT), TEXT[first:]),
        ),
        article=it.sources[0] if it.sources else None,
        language="fr",
    )
    return replace(base, **more)


def update() -> Alert:
    """A later alert of the same event: a third wounded, a second origin."""
    later = event(version=2, sources=sources(), severity=Severity.CRITICAL, facts=replace(facts(), killed=None))
    changes = (Change("wounded", "2", "2-3"), Change("severity", "high", "critical"), Change("claim", "", "unclaimed"))
    return alert(AlertReason.CASUALTIES, event=later, changes=changes, at=AT + timedelta(minutes=20))


def withdrawn() -> Alert:
    """The source has taken its report back."""
    return alert(
        AlertReason.WITHDRAWN,
        event=event(version=3, state="withdrawn", sources=sources()),
        changes=(Change("state", "open", "withdrawn"),),
        at=AT + timedelta(minutes=40),
    )


def hostile() -> Alert:
    """Every trick of a hostile feed at once: mentions, markup, script links, header breaks, bidi overrides, size."""
    nasty = (
        "<!channel> <@U123> <script>alert(1)</script> *bold* [x](javascript:alert(1)) :bomb: {{7*7}} &amp; "
        "\r\nBcc: victim@example.org\x1b[31m\u202edetrevni\u2066 "
    )
    bad = Source(
        9,
        "javascript:alert(document.domain)",
        nasty + "A" * 10_000,
        "<b>Evil</b>\r\nX-Header: 1",
        "en",
        ("AFP <!here>\n",),
        AT,
        AT,
    )
    data = replace(bad, article=10, url="https://user:pw@example.org/<script>")
    quote = Span("text", 0, 5, nasty * 20 + "\ud800")
    it = event(
        id="ev-hostile",
        gist=nasty + "B" * 10_000,
        sources=(bad, data) * 30,
        facts=replace(facts(), target=Said(nasty, quote), damage=Said("<img src=x onerror=alert(1)>", quote)),
        reasons=(Reason("severity.x", None, 1.0, nasty),),
    )
    return alert(event=it, quotes=(quote,) * 10, changes=(Change("<i>odd\n", nasty, nasty * 50),) * 30, article=bad)


def delivery(it: Alert | None = None, *, id: int = 1, thread: Thread | None = None, **more: Any) -> Delivery:  # noqa: A002
    """A claimed delivery of an alert."""
    it = it or alert()
    fields: dict[str, Any] = {
        "id": id,
        "alert": it,
        "channel": "desk",
        "recipient": "",
        "idem": f"00000000-0000-5000-8000-{id:012d}",
        "state": DeliveryState.SENDING,
        "attempts": 1,
        "created_at": it.at,
        "not_before": it.at,
        "claimed_at": it.at,
        "thread": thread,
    }
    return Delivery(**{**fields, **more})
