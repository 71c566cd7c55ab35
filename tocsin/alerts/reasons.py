"""The one reason why an event deserves an alert now, or none.

Repeat coverage makes no alert. Nor does an item that is too old: a first poll, or the end of an outage, brings
days of them. A withdrawal makes one whatever its age, because somebody may be acting on what we said.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from tocsin.model import Alert, AlertReason, Article, Assessment, EventUpdate, Severity, Signal, Span
from tocsin.text import sentences

MOST_QUOTES = 4
LONGEST_QUOTE = 400  # characters


def why_send(update: EventUpdate, *, article_age: timedelta, max_age: timedelta, told: bool) -> AlertReason | None:
    """Say why an event deserves an alert now, or None when it does not.

    Args:
        article_age: How long ago the article came out.
        max_age: Older articles make no alert.
        told: Whether an alert about the event was ever made.
    """
    if update.signal is Signal.KILL:
        return AlertReason.WITHDRAWN if not update.is_new and _changed(update, "state") else None
    if article_age > max_age or update.event.state == "withdrawn":
        return None
    if update.is_new or not told:
        return AlertReason.FIRST
    if update.signal is Signal.CORRECTION or _changed(update, "place"):
        return AlertReason.CORRECTED
    if (update.severity_before or Severity.LOW).rank < update.event.severity.rank:
        return AlertReason.ESCALATED
    if _changed(update, "killed") or _changed(update, "wounded"):
        return AlertReason.CASUALTIES
    if any(change.field == "claim" and change.new == "claimed" for change in update.changes):
        return AlertReason.CLAIMED
    if len(_named(update.origins_before)) == 1 and len(_named(update.event.origins)) == 2:
        return AlertReason.CONFIRMED
    return None


def _changed(update: EventUpdate, field: str) -> bool:
    return any(change.field == field for change in update.changes)


def _named(origins: tuple[str, ...]) -> set[str]:
    """Origins that can be told apart; a source without a name confirms nothing."""
    return {origin.casefold() for origin in origins if origin}


def alert_for(
    update: EventUpdate, reason: AlertReason, article: Article, assessment: Assessment, *, now: datetime
) -> Alert:
    """The frozen message about an event; its id is the same after a restart.

    Args:
        article: The article behind the alert, ``update.article``; its sentences are the evidence.
    """
    source = next((s for s in update.event.sources if s.article == update.article), None)
    return Alert(
        id=f"{update.event.id}:{reason.value}:{update.event.version}",
        event=update.event,
        reason=reason,
        at=now,
        changes=update.changes,
        quotes=quotes(assessment, article),
        article=source,
        language=article.language,
    )


def quotes(assessment: Assessment, article: Article) -> tuple[Span, ...]:
    """The sentences that say the facts, whole and in reading order: those that say most, at most four.

    Where nothing is coded, as in a kill, the headline or the first sentence stands for itself: no alert without words.
    """
    facts = assessment.facts
    said = [
        facts.event_type, *facts.weapons, *facts.places[:2], facts.target, facts.killed, facts.wounded,
        facts.intercepted, facts.claim, *facts.actors[:2], facts.damage, facts.when,
    ]  # fmt: skip
    spans = [value.span for value in said if value is not None]
    spans += [r.span for r in assessment.reasons if r.weight > 0 and r.span is not None]
    whole = _sentences(article)
    weight = {s: sum(s.field == x.field and s.start <= x.start < s.end for x in spans) for s in whole}
    telling = sorted((s for s in whole if weight[s]), key=lambda s: (-weight[s], s.field != "text", s.start))
    kept = telling[:MOST_QUOTES] or whole[:1]
    return tuple(sorted(kept, key=lambda s: (s.field != "title", s.start)))


def _sentences(article: Article) -> list[Span]:
    """The headline and the text's sentences, an overlong one cut at a word, or within one that is too long itself."""
    found = [Span("title", 0, len(article.title), article.title)] if article.title.strip() else []
    for start, end in sentences(article.text):
        if end - start > LONGEST_QUOTE:
            space = article.text.rfind(" ", start + 1, start + LONGEST_QUOTE + 1)
            end = space if space > 0 else start + LONGEST_QUOTE
        found.append(Span("text", start, end, article.text[start:end]))
    return found
