"""When the bell rings: the one reason why an event deserves a message now, or none.

Repeat coverage never rings. An item too old never rings: a first poll, or the end of an outage, brings
days of them. A withdrawal rings whatever its age, because somebody may be acting on what we said.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from tocsin.model import Alert, AlertReason, Assessment, EventUpdate, Severity, Signal, Source, Span

MOST_QUOTES = 8


def why_send(
    update: EventUpdate, *, article_age: timedelta, max_age: timedelta, told: bool | None = None
) -> AlertReason | None:
    """Say why an event deserves a message now, or None when it does not.

    Args:
        article_age: How long ago the article came out.
        max_age: Older articles never ring.
        told: Whether the event ever rang; worked out from the ages of its sources when None.
    """
    if update.signal is Signal.KILL:
        return AlertReason.WITHDRAWN if not update.is_new and _changed(update, "state") else None
    if article_age > max_age or update.event.state == "withdrawn":
        return None
    if update.is_new or not (_rang(update, max_age) if told is None else told):
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


def _rang(update: EventUpdate, max_age: timedelta) -> bool:
    """Whether an earlier source was fresh when we saw it: then the event rang."""
    earlier = [s for s in update.event.sources if s.article != update.article]
    return any(s.published is None or s.seen - s.published <= max_age for s in earlier)


def alert_for(
    update: EventUpdate, reason: AlertReason, article_id: int, assessment: Assessment, *, now: datetime
) -> Alert:
    """The frozen message about an event; its id is the same after a restart."""
    source = next((s for s in update.event.sources if s.article == article_id), None)
    return Alert(
        id=f"{update.event.id}:{reason.value}:{update.event.version}",
        event=update.event,
        reason=reason,
        at=now,
        changes=update.changes,
        quotes=quotes(assessment, source),
        article=source,
        language=source.language if source is not None else assessment.language,
    )


def quotes(assessment: Assessment, source: Source | None) -> tuple[Span, ...]:
    """The evidence in reading order: the facts' words, then the heaviest reasons'; at most eight, none twice.

    Where nothing is coded, as in a kill, the title stands for itself: no alert without words.
    """
    facts = assessment.facts
    said = [
        facts.event_type, *facts.weapons, *facts.places[:2], facts.target, facts.killed, facts.wounded,
        facts.intercepted, facts.claim, *facts.actors[:2], facts.damage, facts.when,
    ]  # fmt: skip
    spans = [value.span for value in said if value is not None]
    weighty = sorted((r for r in assessment.reasons if r.weight > 0), key=lambda r: -r.weight)
    spans += [reason.span for reason in weighty if reason.span is not None]
    kept: list[Span] = []
    for span in spans:
        if len(kept) < MOST_QUOTES and span.quote.strip() and not any(_same(span, other) for other in kept):
            kept.append(span)
    if not kept and source is not None and source.title:
        kept = [Span("title", 0, len(source.title), source.title)]
    return tuple(sorted(kept, key=lambda s: (s.field != "title", s.start, s.end)))


def _same(a: Span, b: Span) -> bool:
    """The same words, or words inside the other's."""
    inside = a.field == b.field and b.start <= a.start and a.end <= b.end
    return inside or a.quote.casefold() == b.quote.casefold()
