"""What the demo prints: the opening, a line per poll, every event with its alerts and evidence, the score."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from demo.server import WireDay
from demo.sites import OUTLETS
from demo.truth import TruthReport, deliveries
from tocsin.archive import Archive
from tocsin.english import counted
from tocsin.model import Event, RunReport, Span

_QUOTE = 90  # characters of evidence a line
_FACTS = ("event_type", "places", "weapons", "killed", "wounded", "claim")


def opening(wires: WireDay, folder: Path, phases: int, *, resumed_after: int | None) -> str:
    """What is about to be played."""
    stories, languages = wires.data.stories, sorted({s.language for s in wires.data.stories})
    what = f"{len(stories)} stories in {len(languages)} languages on {len(OUTLETS)} sites, {phases} polls"
    if resumed_after is None:
        return f"A sample wire day: {what}. All of it is invented and served from this machine. Folder: {folder}"
    return (
        f"Going on with the sample day of {wires.base_time:%H:%M} UTC after poll {resumed_after} of {phases} ({what})."
    )


def progress(report: RunReport, phase: int, phases: int, wires: WireDay, *, now: datetime) -> Iterator[str]:
    """What one poll brought."""
    listed = sum(len(wires.data.listed(o.id, phase)) for o in OUTLETS)
    head = f"{now:%H:%M} UTC  phase {phase} of {phases}: {listed} stories on {len(OUTLETS)} sites"
    outcomes = ", ".join(f"{n} {name}" for name, n in sorted(report.outcomes.items()))
    new = sum(each.is_new for each in report.events)
    yield f"{head}; {outcomes}"
    told = f"{report.sent} messages sent, {report.waiting} waiting, {report.failed} failed"
    yield f"       {counted(new, 'new event')}, {len(report.events) - new} followed up; {told}"
    for run in report.feeds:
        if run.status not in {"ok", "unchanged"}:
            yield f"       {run.feed}: {run.status}, {run.detail}".rstrip(", ")


def events(archive: Archive) -> Iterator[str]:
    """Every event, oldest first, with its alerts and the words that they rest on."""
    alerts: dict[str, list[dict[str, Any]]] = {}
    for row in reversed(deliveries(archive)):
        alerts.setdefault(row["event"], []).append(row)
    for row in sorted(archive.list_events(limit=100_000), key=lambda r: (r["first_seen"], r["id"])):
        event = archive.event(row["id"])
        if event is not None:
            yield from _event(event, alerts.get(event.id, []))


def _event(event: Event, rows: list[dict[str, Any]]) -> Iterator[str]:
    yield ""
    yield f"{event.severity.value.upper():8}  {event.gist}  [{event.id}{', withdrawn' * (event.state == 'withdrawn')}]"
    languages = ", ".join(sorted({s.language for s in event.sources}))
    articles = "1 article" if len(event.sources) == 1 else f"{len(event.sources)} articles"
    yield f"          {articles} ({languages}) by {', '.join(event.origins)}"
    told = Counter((row["version"], row["reason"], row["state"]) for row in rows)
    for (_, reason, state), n in told.items():
        channels = ", ".join(dict.fromkeys(r["channel"] for r in rows if (r["reason"], r["state"]) == (reason, state)))
        yield f"          {reason}: {n} {state} ({channels})"
    for name, value, span in evidence(event):
        yield f"          {name} {value}: “{_short(span.quote)}”"


def evidence(event: Event) -> Iterator[tuple[str, str, Span]]:
    """The main facts of an event: name, value, the words that say it."""
    for name in _FACTS:
        said = getattr(event.facts, name)
        for one in (said if isinstance(said, tuple) else (said,))[:2]:
            if one is not None:
                yield name, str(getattr(one.value, "name", one.value)), one.span


def _short(quote: str) -> str:
    quote = " ".join(quote.split())
    return quote if len(quote) <= _QUOTE else quote[: _QUOTE - 1] + "…"


def closing(report: TruthReport, folder: Path) -> Iterator[str]:
    """The score against the truth, and where to look next."""
    yield "Compared with what those who wrote the day know of it:"
    for line in report.lines():
        yield f"  {line}"
    yield "The day was told as it should be." if report.met else f"{len(report.misses)} mistakes, listed above."
    yield f"What stands in the Slack channel: {folder / 'slack.html'}; what was mailed: {folder / 'mail.jsonl'}"
    yield f"Look around: tocsin events --config {folder / 'config.yaml'} (also alerts, search, show ID)"
