"""Compares what the pipeline made of the sample day with what is true of it.

What counts as a mistake: an event that no channel heard of, or heard of twice; one event told as two, or two as
one; an alert on a story that is no Iraq security news; an update, a correction or a withdrawal that nobody got.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from demo.stories import Story, TrueEvent, WireDayData
from tocsin.archive import Archive
from tocsin.archive.outbox import Outbox
from tocsin.urls import canonical

_NEWS = frozenset({"escalated", "casualties", "claimed", "confirmed", "corrected"})


@dataclass(frozen=True, slots=True)
class Rung:
    """One alert on its way to one recipient, as the archive remembers it."""

    reason: str
    channel: str
    recipient: str = ""
    state: str = "sent"


@dataclass(frozen=True, slots=True)
class SeenEvent:
    """One event as the pipeline sees it."""

    id: str
    urls: tuple[str, ...]  # of all its articles
    gist: str = ""
    severity: str = ""
    state: str = "open"
    killed: tuple[int, int] | None = None
    wounded: tuple[int, int] | None = None
    kind: str = ""  # an ACLED sub-event name
    place: str = ""  # the most specific one
    alerts: tuple[Rung, ...] = ()


@dataclass(frozen=True, slots=True)
class Received:
    """One message as a desk, outside our archive, received it."""

    desk: str  # "slack", "mail"
    event: str
    key: str  # names the message: the same twice is a double
    first: bool  # it opens the event's thread


@dataclass(frozen=True, slots=True)
class Tally:
    """So many right of so many."""

    right: int
    of: int

    def __str__(self) -> str:
        return f"{self.right} of {self.of}"


@dataclass(frozen=True)
class TruthReport:
    """How the day went; ``misses`` are mistakes, ``notes`` are facts that differ, both in words."""

    events: Tally  # told to every channel exactly once
    joined: Tally  # stories about an event that are with that event
    silent: Tally  # stories about anything else that are with none
    followed: Tally  # updates, corrections and withdrawals that were told as such
    severity: Tally
    tolls: Tally
    kinds: Tally
    places: Tally
    misses: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def met(self) -> bool:
        """True when nothing went wrong."""
        return not self.misses

    def lines(self) -> list[str]:
        """The report for people."""
        rows = [
            f"events alerted exactly once per channel   {self.events}",
            f"stories joined to their one event         {self.joined}",
            f"other stories kept silent                 {self.silent}",
            f"updates, corrections, withdrawals told    {self.followed}",
            f"severity as a careful reader has it       {self.severity}",
            f"killed and wounded as stated last         {self.tolls}",
            f"kind of event                             {self.kinds}",
            f"most specific place                       {self.places}",
        ]
        rows += [f"MISS  {miss}" for miss in self.misses]
        return rows + [f"note  {note}" for note in self.notes]


@dataclass
class _Ledger:
    """Counts right answers, and keeps the wrong ones in words."""

    right: Counter[str] = field(default_factory=Counter)
    of: Counter[str] = field(default_factory=Counter)
    misses: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def count(self, kind: str, wrong: str = "", *, note: bool = False) -> None:
        """Count one answer; ``wrong`` says what is wrong with it, "" that it is right."""
        self.of[kind] += 1
        if not wrong:
            self.right[kind] += 1
        elif note:
            self.notes.append(wrong)
        else:
            self.misses.append(wrong)

    def tally(self, kind: str) -> Tally:
        return Tally(self.right[kind], self.of[kind])


def score(
    data: WireDayData,
    addresses: Mapping[str, tuple[str, ...]],
    seen: Iterable[SeenEvent],
    received: Iterable[Received] = (),
    *,
    channels: Iterable[str] = (),
) -> TruthReport:
    """Score a finished day.

    Args:
        addresses: Story id -> addresses, as ``WireDay.addresses`` gives it.
        seen: The events of the archive.
        received: What arrived at the desks; empty when there were none.
        channels: Those that must have heard of every event.
    """
    seen, received, channels = tuple(seen), tuple(received), tuple(channels)
    home = _homes(data, addresses, seen)
    ledger = _Ledger()
    for story in data.stories:
        _story(story, home, ledger)
    for event in data.events:
        _event(event, data, home, received, channels, ledger)
    _mixed(data, home, seen, ledger)
    doubles = [key for key, n in Counter((r.desk, r.key) for r in received).items() if n > 1]
    ledger.misses += [f"{desk} received {key} more than once" for desk, key in doubles]
    return TruthReport(
        events=ledger.tally("event"),
        joined=ledger.tally("joined"),
        silent=ledger.tally("silent"),
        followed=ledger.tally("followed"),
        severity=ledger.tally("severity"),
        tolls=ledger.tally("toll"),
        kinds=ledger.tally("kind"),
        places=ledger.tally("place"),
        misses=tuple(ledger.misses),
        notes=tuple(ledger.notes),
    )


def _homes(
    data: WireDayData, addresses: Mapping[str, tuple[str, ...]], seen: tuple[SeenEvent, ...]
) -> dict[str, tuple[SeenEvent, ...]]:
    """Story id -> the events that have it among their articles."""
    by_url: dict[str, list[SeenEvent]] = {}
    for event in seen:
        for url in {canonical(u) for u in event.urls}:
            by_url.setdefault(url, []).append(event)
    homes = {}
    for story in data.stories:
        urls = {canonical(url) for url in addresses[story.id]}
        homes[story.id] = tuple({e.id: e for url in sorted(urls) for e in by_url.get(url, ())}.values())
    return homes


def _mixed(
    data: WireDayData, home: Mapping[str, tuple[SeenEvent, ...]], seen: tuple[SeenEvent, ...], ledger: _Ledger
) -> None:
    """Note every seen event that is several true ones, or none."""
    owners: dict[str, dict[str, list[str]]] = {}
    for story in data.stories:
        for found in home[story.id]:
            owners.setdefault(found.id, {}).setdefault(story.truth.event or "", []).append(story.id)
    for found in seen:
        parts = {key: names for key, names in owners.get(found.id, {}).items() if key}
        if len(parts) > 1:
            told = "; ".join(f"{key} ({', '.join(names)})" for key, names in sorted(parts.items()))
            ledger.misses.append(f"told as one event: {told}: {found.gist}")
        if found.id not in owners:
            ledger.misses.append(f"an event of no story of this day: {found.gist}")


def _story(story: Story, home: Mapping[str, tuple[SeenEvent, ...]], ledger: _Ledger) -> None:
    found = home[story.id]
    if story.truth.positive:
        wrong = "" if found else f"{story.id} ({story.language}, {story.truth.relation}): with no event"
        ledger.count("joined", wrong)
    else:
        gists = "; ".join(e.gist for e in found)
        ledger.count(
            "silent", f"{story.id} ({story.language}, {story.truth.neg_kind}): alerted as {gists!r}" * bool(found)
        )


def _event(
    event: TrueEvent,
    data: WireDayData,
    home: Mapping[str, tuple[SeenEvent, ...]],
    received: tuple[Received, ...],
    channels: tuple[str, ...],
    ledger: _Ledger,
) -> None:
    stories = [s for s in data.stories if s.truth.event == event.key]
    found = list({e.id: e for s in stories for e in home[s.id]}.values())
    ledger.count("event", _told_once(event, found, received, channels))
    if not found:
        return
    main = max(found, key=lambda e: len(e.urls))
    for story in stories:
        expected = _expected(story, stories)
        if expected:
            reasons = {rung.reason for e in found for rung in e.alerts}
            words = f"{event.key}: {story.truth.relation} {story.id} was told as {sorted(reasons) or 'nothing'}"
            ledger.count("followed", "" if reasons & expected else words)
    _facts(event, main, ledger)


def _told_once(
    event: TrueEvent, found: list[SeenEvent], received: tuple[Received, ...], channels: tuple[str, ...]
) -> str:
    """What is wrong with how an event was announced, or ""."""
    if not found:
        return f"{event.key}: never told ({event.what})"
    if len(found) > 1:
        return f"{event.key}: told as {len(found)} events: " + " | ".join(e.gist for e in found)
    firsts = Counter(a.channel for a in found[0].alerts if a.reason == "first" and a.state == "sent")
    for channel in channels:
        if firsts[channel] != 1:
            return f"{event.key}: {firsts[channel]} first alerts sent to {channel}"
    openings = Counter(r.desk for r in received if r.event == found[0].id and r.first)
    for desk in {r.desk for r in received}:
        if openings[desk] != 1:
            return f"{event.key}: {desk} received {openings[desk]} first messages"
    return ""


def _expected(story: Story, stories: list[Story]) -> frozenset[str]:
    """The reasons of which one must have been given for a story; empty when it need not ring."""
    if story.truth.relation == "kill":
        return frozenset({"withdrawn"})
    if story.truth.relation == "correction":
        return frozenset({"corrected"})
    earlier = [s for s in stories if s.phase < story.phase and s.truth.killed is not None]
    grown = earlier and (story.truth.killed or 0) > max(s.truth.killed or 0 for s in earlier)
    return _NEWS if story.truth.relation == "update" and grown else frozenset()


def _facts(event: TrueEvent, found: SeenEvent, ledger: _Ledger) -> None:
    if event.withdrawn:
        wrong = "" if found.state == "withdrawn" else f"{event.key}: still {found.state} after its withdrawal"
        ledger.count("followed", wrong)
        return
    wrong = f"{event.key}: severity {found.severity}, a careful reader says {event.severity}"
    ledger.count("severity", "" if found.severity == event.severity else wrong, note=True)
    for name, accepted, got in (("kind", event.types, found.kind), ("place", event.places, found.place)):
        if accepted:
            words = f"{event.key}: {name} {got or 'not coded'}, a careful reader says {' or '.join(accepted)}"
            ledger.count(name, "" if got in accepted else words, note=True)
    for name, true, said in (("killed", event.killed, found.killed), ("wounded", event.wounded, found.wounded)):
        if true is None:
            continue
        low, high = said or (None, None)
        # nobody hurt may be said with 0 or left unsaid
        right = (low is not None and high is not None and low <= true <= high) or (true == 0 and said is None)
        ledger.count("toll", "" if right else f"{event.key}: {name} {said or 'not coded'}, stated {true}", note=True)


def seen_events(archive: Archive) -> tuple[SeenEvent, ...]:
    """The events of an archive, with their alerts."""
    outbox = Outbox(archive)
    found = []
    for row in archive.list_events(limit=100_000):
        alerts = outbox.list_alerts(limit=100_000, event=row["id"])
        found.append(
            SeenEvent(
                id=row["id"],
                urls=tuple(source["url"] for source in row["sources"]),
                gist=row["gist"],
                severity=row["severity"],
                state=row["state"],
                killed=_range(row["facts"].get("killed")),
                wounded=_range(row["facts"].get("wounded")),
                kind=(row["facts"].get("event_type") or {}).get("value", ""),
                place=next((p["value"]["name"] for p in row["facts"].get("places", ())), ""),
                alerts=tuple(Rung(a["reason"], a["channel"], a["recipient"], a["state"]) for a in reversed(alerts)),
            )
        )
    return tuple(found)


def deliveries(archive: Archive) -> list[dict[str, Any]]:
    """Every delivery of an archive, latest first."""
    return Outbox(archive).list_alerts(limit=100_000)


def _range(said: Mapping[str, Any] | None) -> tuple[int, int] | None:
    return None if said is None else (said["value"]["min"], said["value"]["max"])


def received_by_slack(messages: Iterable[Mapping[str, Any]]) -> tuple[Received, ...]:
    """What the Slack desk holds; a message that lists several events counts for each."""
    found: dict[tuple[str, str], Received] = {}
    for message in messages:
        payload = message.get("metadata", {}).get("event_payload", {})
        for event in str(payload.get("event", "")).split():
            key = f"{event} {payload.get('idem')}"
            found[key, message["ts"]] = Received("slack", event, key, "thread_ts" not in message)
    return tuple(found.values())


def received_by_mail(mails: Iterable[Mapping[str, Any]]) -> tuple[Received, ...]:
    """What the mail desk holds. A mail may come twice under one Message-ID: the reader's mailbox shows it once."""
    found: dict[tuple[str, str], Received] = {}
    for mail in mails:
        headers = dict(mail["headers"])
        for event in str(headers.get("X-Tocsin-Event", "")).split():
            key = f"{event} {mail['message_id']} {' '.join(mail['recipients'])}"
            found[event, key] = Received("mail", event, key, "References" not in headers)
    return tuple(found.values())
