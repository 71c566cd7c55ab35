"""The stored days again, under two configs: which alerts another config or other weights would have won and lost.

Each side is the real pipeline against an archive in memory; every article goes in as if it came fresh,
so an outage or a first poll hides nothing. What the archive joined as copies is joined again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flows.assessing import assess
from flows.pipeline import STATED, Desk
from tocsin.archive import Archive
from tocsin.config import Config
from tocsin.model import Article, Assessment

Stored = tuple[int, Article, datetime]  # the article's number in the archive, the article, when it was first seen


@dataclass
class Side:
    """What one config made of the articles so far."""

    desk: Desk
    config: Config
    members: dict[str, list[int]] = field(default_factory=dict)  # event -> articles, by their numbers in the archive
    rang: dict[str, Assessment] = field(default_factory=dict)  # event -> what was thought of the article that rang
    event_of: dict[tuple[int, str], str] = field(default_factory=dict)  # (article, watch) -> event
    thought: dict[tuple[int, str], Assessment] = field(default_factory=dict)
    counts: dict[str, dict[str, int]] = field(default_factory=dict)  # watch -> flagged, review, events, alerts


def side(config: Config) -> Side:
    """A side that has seen nothing yet."""
    desk = Desk(Archive.memory(), config, {"replay": ("",)})
    zero = {"flagged": 0, "review": 0, "events": 0, "alerts": 0}
    return Side(desk, config, counts={watch.id: dict(zero) for watch in config.watches})


def take(one: Side, number: int, article: Article, now: datetime) -> None:
    """Put one article through a side."""
    assessments = assess(article, one.config)
    with one.desk.archive.transaction():
        decision, _, touched = one.desk.take(article, assessments, age=timedelta(0), now=now)
    thought = {each.watch: each for each in assessments}
    for watch, each in thought.items():
        one.thought[number, watch] = each
        if decision.outcome in STATED:
            one.counts[watch]["flagged"] += each.flagged
            one.counts[watch]["review"] += each.review
    for flagged in touched:
        event = flagged.event
        one.members.setdefault(event.id, []).append(number)
        one.event_of[number, event.watch] = event.id
        one.counts[event.watch]["events"] += flagged.is_new
        one.counts[event.watch]["alerts"] += len(flagged.reasons)
        if flagged.reasons:
            one.rang.setdefault(event.id, thought[event.watch])


def compare(stored: Iterable[Stored], old: Config, new: Config, say: Callable[[int], None]) -> dict[str, Any]:
    """What the new config gains and loses against the old one over the stored articles."""
    before, after = side(old), side(new)
    articles: dict[int, Article] = {}
    try:
        for number, article, first_seen in stored:
            articles[number] = article
            take(before, number, article, first_seen)
            take(after, number, article, first_seen)
            say(len(articles))
    finally:
        before.desk.archive.close()
        after.desk.archive.close()
    watches = list(dict.fromkeys([*before.counts, *after.counts]))
    return {
        "articles": len(articles),
        "watches": {w: {"before": before.counts.get(w), "after": after.counts.get(w)} for w in watches},
        "gained": _only(after, before, articles),
        "lost": _only(before, after, articles),
    }


def _only(here: Side, there: Side, articles: dict[int, Article]) -> list[dict[str, Any]]:
    """The events that rang here and have no counterpart there: none of their articles belongs to an event that rang."""
    found = []
    for event_id, assessment in here.rang.items():
        numbers, watch = here.members[event_id], assessment.watch
        theirs = {there.event_of.get((number, watch)) for number in numbers}
        if theirs & there.rang.keys():
            continue
        best = max(numbers, key=lambda number: here.thought[number, watch].score)
        other = there.thought.get((best, watch))
        found.append(
            {
                "watch": watch,
                "articles": numbers,
                "title": articles[best].title,
                "url": articles[best].url,
                "gist": assessment.gist,
                "severity": assessment.severity.value if assessment.severity else None,
                "score": round(here.thought[best, watch].score, 4),
                "score_there": round(other.score, 4) if other else None,
                "why": here.thought[best, watch].verdict,
                "why_there": other.verdict if other else "no such watch",
            }
        )
    return found
