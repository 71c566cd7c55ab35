"""The run report as a person likes to read it: what rang first, then what did not work, then the counts."""

from __future__ import annotations

import re
from collections import defaultdict

from rich.console import Console
from rich.text import Text

from tocsin.cli.terminal import Cell, outside, severity, table, when
from tocsin.english import counted
from tocsin.model import FeedRun, FlaggedEvent, RunReport

UNREACHABLE = frozenset({"dns", "timeout", "unreachable"})
_QUIET = frozenset({"ok", "unchanged"})


def all_failed(report: RunReport) -> bool:
    """True when feeds were polled and not one could be read."""
    return bool(report.feeds) and all(run.down for run in report.feeds)


def show(report: RunReport, console: Console) -> None:
    """Print a run."""
    if report.skipped:
        console.print(f"Nothing polled: {report.skipped}.")
        _closing(report, console)
        return
    seconds = (report.finished - report.started).total_seconds()
    console.print(f"Poll of {when(report.started)} UTC, {seconds:.1f} s: {_feeds_line(report)}", style="bold")
    if report.outcomes:
        console.print("Items: " + ", ".join(f"{n} {name}" for name, n in _by_weight(report.outcomes)))
    console.print()
    _events(report, console)
    _failures(report, console)
    _closing(report, console)


def _feeds_line(report: RunReport) -> str:
    down = sum(run.down for run in report.feeds)
    unchanged = sum(run.status == "unchanged" for run in report.feeds)
    parts = [counted(len(report.feeds), "feed")]
    parts += [f"{unchanged} unchanged"] if unchanged else []
    parts += [f"{down} failed"] if down else []
    return ", ".join(parts)


_ORDER = ("new", "revision", "copy", "same_url", "unchanged", "old", "too_short", "blocked", "failed")


def _by_weight(outcomes: dict[str, int]) -> list[tuple[str, int]]:
    rank = {name: i for i, name in enumerate(_ORDER)}
    return sorted(outcomes.items(), key=lambda pair: rank.get(pair[0], len(rank)))


def _events(report: RunReport, console: Console) -> None:
    if not report.events:
        if not all_failed(report):
            console.print("No event was flagged in this run.")
        return
    rows = [_event_row(each) for each in report.events]
    console.print(table(("severity", "event", "place", "sources", "alert", "id"), rows))
    console.print()


def _event_row(each: FlaggedEvent) -> list[Cell]:
    event = each.event
    places = ", ".join(dict.fromkeys(said.value.name for said in event.facts.places[:2]))
    articles, origins = len(event.sources), event.origins
    sources = f"{counted(articles, 'article')}, {counted(len(origins), 'origin')}: "
    rang = ", ".join(reason.value for reason in each.reasons) or ("no alert" if each.is_new else "no change")
    gist = outside(event.gist or event.sources[-1].title)
    whose = outside(sources + ", ".join(origins))
    return [severity(event.severity.value), gist, outside(places), whose, rang, event.id]


def _failures(report: RunReport, console: Console) -> None:
    """Feeds that could not be read, those with the same fate together."""
    by_why: dict[tuple[str, str], list[FeedRun]] = defaultdict(list)
    for run in report.feeds:
        if run.down or run.status not in _QUIET:
            by_why[(run.status, _why(run))].append(run)
    if not by_why:
        return
    ordered = sorted(by_why.items(), key=lambda pair: -len(pair[1]))
    rows: list[list[Cell]] = [
        [status, str(len(runs)), outside(why, 160), outside(_names(runs), 5000)] for (status, why), runs in ordered
    ]
    console.print(table(("trouble", "feeds>", "why", "which"), rows))
    console.print()


def _why(run: FeedRun) -> str:
    """The detail without what differs from feed to feed, so that equal fates read equal."""
    detail = run.detail
    for own in (run.url, run.feed):
        whole = rf"(?<![\w-]){re.escape(own)}(?![\w-])"  # a feed called c is not the c of challenge
        detail = re.sub(whole, "", detail).strip(" :") if own else detail
    return detail


def _names(runs: list[FeedRun]) -> str:
    return ", ".join(run.feed for run in runs)


def _closing(report: RunReport, console: Console) -> None:
    """What was sent, what is off, and where to look next."""
    if report.sent or report.waiting or report.failed:
        held = f" ({report.held} for a digest or quiet hours)" if report.held else ""
        line = f"Alerts: {report.sent} sent, {report.waiting} waiting{held}, {report.failed} failed."
        if report.latency:
            line += f" Sent {report.latency[0]} s after the fetch (median; 95 of 100 within {report.latency[1]} s)."
        console.print(line + (" See: tocsin alerts" if report.failed or report.waiting else ""))
    if report.review:
        console.print(f"For review: {counted(report.review, 'article')}. See: tocsin review")
    for off in report.channels_off:
        console.print(Text(f"Channel off: {off}", style="yellow"))
    if all_failed(report):
        console.print(Text("Not one feed could be read.", style="bold red"))
        if all(run.status in UNREACHABLE for run in report.feeds):
            console.print("No network? make demo shows a sample wire day without one; tocsin check probes every feed.")
        else:
            console.print("tocsin check probes every feed and says how to mend it; make demo needs no network.")
    elif report.events:
        first = report.events[0].event.id
        console.print(f"Next: tocsin show {first} (evidence and sources), tocsin events, tocsin feeds")
