"""What an alert says, whatever carries it: one view of clean lines in the reader's language.

Nothing here escapes: a channel's renderer does, for its own format. Every text from outside is one
line without controls, bidi overrides or lone surrogates, of bounded length; every address is http(s).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from babel.dates import format_datetime, format_timedelta

from tocsin.alerts.labels import Labels, load
from tocsin.config import OPERATORS
from tocsin.events.coverage import coverage_of
from tocsin.model import (
    Ack,
    Alert,
    AlertReason,
    Change,
    Count,
    Coverage,
    Event,
    Facts,
    Place,
    Said,
    Severity,
    Source,
    Span,
    Weapon,
)
from tocsin.text import script_is_rtl

MARKS = {Severity.CRITICAL: "🔴", Severity.HIGH: "🟠", Severity.MEDIUM: "🟡", Severity.LOW: "🔵"}
QUOTE = 280  # characters; a sentence
GIST = 300
SOURCES = 8  # shown; the rest are counted
QUOTES = 5
FACT_LINES = 16
_NOWHERE = Span("text", 0, 0, "")
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufff0-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)


@dataclass(frozen=True, slots=True)
class Words:
    """A stretch of text from outside, with the direction it is written in."""

    text: str
    rtl: bool = False

    def __bool__(self) -> bool:
        return bool(self.text)


@dataclass(frozen=True, slots=True)
class FactLine:
    """One coded fact: its label, its value, the original words that say it."""

    key: str
    label: str
    value: str
    quote: Words = Words("")


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """The most specific place, with its map."""

    name: str
    detail: str  # "Baghdad, town" in the order of the labels' language
    map_url: str


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """What a fact was in the last message, and what it is now."""

    field: str
    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One article of the event."""

    title: Words
    by: Words  # "Al Noor Press (AFP)"
    url: str  # "" when it is not http(s)
    note: str  # relation and time


@dataclass(frozen=True, slots=True)
class View:
    """An alert, ready to be laid out; ``labels`` has the headings."""

    labels: Labels
    event_id: str
    watch: str
    severity: Severity
    reason: AlertReason
    mark: str
    headline: str  # "CRITICAL: First report"
    gist: Words
    place: PlaceLine | None
    facts: tuple[FactLine, ...]
    changes: tuple[ChangeLine, ...]
    quotes: tuple[Words, ...]
    coverage: str  # "4 articles, 2 origins (AFP, INA)"
    sources: tuple[SourceLine, ...]  # newest first
    more_sources: int  # that are not shown
    times: tuple[tuple[str, str], ...]
    why: tuple[str, ...]  # severity reasons
    withdrawn: str  # "" unless the event is withdrawn
    acked: str = ""  # who looks after the event, and since when

    @property
    def above_sources(self) -> str:
        """The heading of the sources; a message to operators has the remedy there."""
        heading = self.labels.heading
        return heading["remedy"] if self.watch == OPERATORS else f"{heading['sources']}: {self.coverage}"

    @property
    def footer(self) -> str:
        """Which watch rang, and the event's id, for ``tocsin show``."""
        return self.labels.text["footer"].format(watch=self.watch, event=self.event_id)


def view(alert: Alert, *, language: str = "en", timezone: str = "Asia/Baghdad", acked: Ack | None = None) -> View:
    """Everything that a message about ``alert`` says.

    Args:
        language: Of the labels, one of ``labels.languages()``; quotes and the gist keep their own.
        timezone: Times are shown in it, and in UTC.
        acked: Who looks after the event by now.
    """
    labels, event = load(language), alert.event
    coverage = alert.coverage or coverage_of(event)
    facts = tuple(_facts(event.facts, coverage, labels, timezone))[:FACT_LINES]
    shown = {line.quote.text for line in facts}
    quotes = (words(span.quote, QUOTE) for span in alert.quotes)
    return View(
        labels=labels,
        event_id=line(event.id, 80),
        watch=line(event.watch, 80),
        severity=event.severity,
        reason=alert.reason,
        mark=MARKS[event.severity],
        headline=f"{labels.severity[event.severity]}: {labels.reason[alert.reason]}",
        gist=words(event.gist, GIST) or words(event.sources[-1].title if event.sources else event.id, GIST),
        place=_place(event.facts, labels),
        facts=facts,
        changes=tuple(_change(change, labels) for change in alert.changes[:12]),
        quotes=tuple(q for q in dict.fromkeys(quotes) if q and q.text not in shown)[:QUOTES],
        coverage=_coverage(coverage, labels),
        sources=tuple(_source(s, labels, timezone) for s in reversed(event.sources[-SOURCES:])),
        more_sources=max(0, coverage.articles - SOURCES),
        times=tuple(_times(alert, labels, timezone)),
        why=tuple(_why(event)),
        withdrawn=labels.text["withdrawn"] if event.state == "withdrawn" else "",
        acked=_acked(acked, labels, timezone),
    )


def views(alerts: Iterable[Alert], *, language: str = "en", timezone: str = "Asia/Baghdad") -> tuple[View, ...]:
    """The views of several alerts, the gravest first, then the oldest."""
    ranked = sorted(alerts, key=lambda alert: (-alert.event.severity.rank, alert.at))
    return tuple(view(alert, language=language, timezone=timezone) for alert in ranked)


def line(text: str, limit: int) -> str:
    """Text from outside as one safe line of at most ``limit`` characters; the words stay as they are.

    >>> line("Two\\r\\nBcc: x\\u202e rockets", 100)
    'Two Bcc: x rockets'
    """
    # far longer than any limit: normalising a megabyte of title to keep a line of it is waste
    safe = unicodedata.normalize("NFC", _UNSAFE.sub(" ", text[: 20 * limit]))
    safe = " ".join(safe.split())
    return safe if len(safe) <= limit else safe[: limit - 1].rstrip() + "…"


def words(text: str, limit: int) -> Words:
    """``line`` with its direction."""
    safe = line(text, limit)
    return Words(safe, script_is_rtl(safe))


def web_address(url: str) -> str:
    """The address when it is plain http(s) with a host, else "": never ``javascript:``, never a login.

    >>> web_address("javascript:alert(1)"), web_address("https://example.org/a?b=1")
    ('', 'https://example.org/a?b=1')
    """
    if len(url) > 2000 or _UNSAFE.search(url) or any(c in url for c in " <>\"'`\\|^{}"):
        return ""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.username is None
    except ValueError:
        return ""
    return url if usable else ""


def moment(at: datetime, labels: Labels, timezone: str) -> str:
    """A time for people: "22 Nov 2026, 14:05 Baghdad (11:05 UTC)"."""
    local = at.astimezone(ZoneInfo(timezone))
    zone = labels.zone.get(timezone) or timezone.rsplit("/", 1)[-1].replace("_", " ")
    shown = format_datetime(local, "d MMM y, HH:mm", tzinfo=local.tzinfo, locale=labels.locale)
    return f"{shown} {zone} ({at.astimezone(UTC):%H:%M} UTC)"


def map_link(place: Place) -> str:
    """OpenStreetMap at a place, as near as the place is precise."""
    zoom = {"site": 15, "town": 12, "district": 10, "governorate": 8, "country": 6}[place.precision]
    at = f"{place.lat:.5f}", f"{place.lon:.5f}"
    return f"https://www.openstreetmap.org/?mlat={at[0]}&mlon={at[1]}#map={zoom}/{at[0]}/{at[1]}"


def _facts(facts: Facts, coverage: Coverage, labels: Labels, timezone: str) -> Iterator[FactLine]:
    values: list[tuple[str, str, Span]] = []
    if facts.event_type:
        name = facts.event_type.value
        values.append(("event_type", labels.event_types.get(name, name), facts.event_type.span))
    values += [("place", place.value.name, place.span) for place in facts.places[:3]]
    values += [("weapons", _weapon(weapon.value), weapon.span) for weapon in facts.weapons[:3]]
    if facts.intercepted:
        values.append(("intercepted", str(facts.intercepted.value), facts.intercepted.span))
    if facts.target:
        values.append(("target", facts.target.value, facts.target.span))
    for key, said in (("killed", facts.killed), ("wounded", facts.wounded)):
        figures = _conflict(coverage.killed if key == "killed" else coverage.wounded, labels)
        if said or figures:
            values.append((key, figures or _count(said, labels), said.span if said else _NOWHERE))
    if facts.damage:
        values.append(("damage", facts.damage.value, facts.damage.span))
    values += [("actors", actor.value, actor.span) for actor in facts.actors[:4]]
    if facts.claim:
        values.append(("claim", labels.claim.get(facts.claim.value, facts.claim.value), facts.claim.span))
    if facts.when:
        values.append(("when", moment(facts.when.value, labels, timezone), facts.when.span))
    for key, value, span in values:
        # figures are composed of clean parts, and their isolates must stay
        clean = value if key in {"killed", "wounded"} else line(value, 200)
        yield FactLine(key, labels.field[key], clean, words(span.quote, 160))


def _name(text: str, labels: Labels) -> str:
    """A name for use inside a line of labels; fenced off where it runs the other way."""
    name = words(text, 40)
    return f"\u2068{name.text}\u2069" if name and name.rtl is not (labels.direction == "rtl") else name.text


def _composed(text: str, labels: Labels) -> str:
    """A text that we made of names and labels, held in the labels' direction whatever its first letter is."""
    return f"\u200f{text}" if labels.direction == "rtl" else text


def _weapon(weapon: Weapon) -> str:
    return f"{weapon.count} × {weapon.name}" if weapon.count is not None else weapon.name


def _count(said: Said[Count] | None, labels: Labels) -> str:
    return _figure(said.value, labels) if said else ""


def _figure(count: Count, labels: Labels) -> str:
    return labels.text["none"] if count.max == 0 else str(count)


def _conflict(told: tuple[tuple[str, Count], ...], labels: Labels) -> str:
    """ "2 (AFP), 3 (INA): figures differ" where the latest word of each origin is not the same, else ""."""
    by: dict[str, list[str]] = {}
    for origin, count in told:
        by.setdefault(_figure(count, labels), []).append(_name(origin, labels))
    if len(by) < 2:
        return ""
    comma = labels.text["comma"]
    shown = comma.join(f"{count} ({comma.join(origins)})" for count, origins in by.items())
    return _composed(f"{shown}: {labels.text['differ']}", labels)


def _place(facts: Facts, labels: Labels) -> PlaceLine | None:
    if not facts.places:
        return None
    place = facts.places[0].value
    within = place.governorate if place.governorate and place.governorate != place.name else ""
    parts = (line(within, 60), labels.precision[place.precision])
    detail = _composed(labels.text["comma"].join(part for part in parts if part), labels)
    return PlaceLine(line(place.name, 80), detail, map_link(place))


def _change(change: Change, labels: Labels) -> ChangeLine:
    def shown(value: str) -> str:
        if not value:
            return labels.text["unknown"]
        known = {"severity": labels.severity, "claim": labels.claim, "state": labels.state}.get(change.field, {})
        return known.get(value) or labels.event_types.get(value) or line(value, 160)

    label = labels.field.get(change.field) or line(change.field.replace("_", " "), 40).capitalize()
    return ChangeLine(change.field, label, shown(change.old), shown(change.new))


def _coverage(coverage: Coverage, labels: Labels) -> str:
    origins = [_name(origin, labels) or labels.text["unknown"] for origin in coverage.origins]
    names = labels.text["comma"].join(origins[:6]) + ("…" if len(origins) > 6 else "")
    return labels.text["coverage"].format(
        articles=labels.plural(labels.articles, coverage.articles),
        origins=labels.plural(labels.origins, len(origins)),
        names=names,
    )


def _source(source: Source, labels: Labels, timezone: str) -> SourceLine:
    publisher, origin = line(source.publisher, 60), line(source.origin, 60)
    by = publisher if origin in {publisher, ""} else f"{publisher} ({origin})" if publisher else origin
    notes = [moment(source.published or source.seen, labels, timezone)]
    if source.relation != "report":
        notes.insert(0, labels.relation.get(source.relation, line(source.relation, 30)))
    title = words(source.title, 180) or words(source.url, 180)
    note = labels.text["comma"].join(notes)
    return SourceLine(title, words(by or labels.text["unknown"], 130), web_address(source.url), note)


def _times(alert: Alert, labels: Labels, timezone: str) -> Iterator[tuple[str, str]]:
    event = alert.event
    article = alert.article or (event.sources[-1] if event.sources else None)
    times = (
        ("happened", event.happened),
        ("published", article.published if article else None),
        ("seen", article.seen if article else event.first_seen),
        ("sent", alert.at),
    )
    for key, at in times:
        if at is not None:
            yield labels.time[key], moment(at, labels, timezone)
    late = [
        labels.text[key].format(time=_span(alert.at - at, labels))
        for key, at in (("after_published", times[1][1]), ("after_seen", times[2][1]))
        if at is not None and at <= alert.at
    ]
    if late:
        yield labels.time["latency"], labels.text["comma"].join(late)


def _span(delta: timedelta, labels: Labels) -> str:
    """A stretch of time as people say it: "8 minutes"."""
    return str(format_timedelta(delta, granularity="second", threshold=1.5, locale=labels.locale))


def _acked(ack: Ack | None, labels: Labels, timezone: str) -> str:
    if ack is None:
        return ""
    return labels.text["acked"].format(by=_name(ack.by, labels), at=moment(ack.at, labels, timezone))


def _why(event: Event) -> Iterator[str]:
    """The severity terms in words; English, as the rubric is."""
    for reason in event.reasons[:8]:
        said = line(reason.note or reason.rule.removeprefix("severity.").replace("_", " "), 120)
        if said:
            yield said
