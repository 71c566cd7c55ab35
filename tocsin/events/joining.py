"""What one article does to the events: opens one, joins one, corrects or withdraws one, or nothing.

Pure: the open events come in, the changed one goes out.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from tocsin.events.match import NO_FACES, WINDOW, best_match
from tocsin.events.merge import begin, leading, merge
from tocsin.events.roundups import ROUND_UP, began, is_roundup, recalls
from tocsin.events.words import opening_marks
from tocsin.model import Article, Assessment, Decision, Event, EventUpdate, Outcome, Signal, Source
from tocsin.signals import signal_of
from tocsin.text import fold

_COPIES = frozenset({"copy", "excerpt", "expanded"})


def attach(
    article_id: int,
    article: Article,
    assessment: Assessment,
    decision: Decision,
    open_events: Sequence[Event],
    *,
    now: datetime,
    event_of_original: str | None = None,
    faces: Mapping[str, Sequence[Event]] = NO_FACES,
    taken: Collection[str] = (),
) -> EventUpdate | None:
    """Say which event an article opens, joins or withdraws; None when it concerns none.

    Args:
        article_id: The article's row in the archive.
        open_events: Events of the last 72 hours, withdrawn ones included, and that of ``event_of_original``.
        taken: Ids of events that are not among these and must not be given again.
        faces: What people merged into an event, as it was before, by the event's id: what fits that fits the event.
        event_of_original: The event of the article that ``decision.of`` names, or of its wire family.
    """
    signal = _signal(article, decision)
    if signal is Signal.ADVISORY:
        return None
    mine = [event for event in open_events if event.watch == assessment.watch]
    original = next((event for event in mine if event.id == event_of_original), None)
    if original is not None and decision.relation != "round-up":
        why = f"{_relation(decision, signal)} of article {decision.of}" if decision.of else "same story on the wire"
        return _join(article_id, article, assessment, decision, original, signal, why, now)
    if event_of_original is not None and decision.outcome is Outcome.COPY and decision.relation != "round-up":
        return None  # a late copy of what was told and closed long ago
    near = [event for event in mine if now - event.last_seen <= WINDOW]
    if signal is Signal.KILL:
        return _kill(article_id, article, assessment, decision, near, now)
    if not assessment.flagged:
        return None
    many = is_roundup(article, assessment.facts)
    alike = [event for event in near if began(event) is many]
    found = best_match(article, assessment.facts, alike, now=now, faces=faces)
    if found is not None:
        return _join(article_id, article, assessment, decision, found[0], signal, found[1].why, now)
    if many and recalls(assessment.facts, near):
        return None  # tells again what is known, and begins nothing
    relation = ROUND_UP if many else "report"
    ids = {event.id for event in mine} | {event_of_original, *taken}
    return _open(article_id, article, assessment, ids, signal, now, relation)


def event_id(watch: str, article: Article, salt: str = "") -> str:
    """The id of the event that an article opens: the same on every run."""
    key = "\n".join((watch, article.canonical_url or article.url or article.identity, salt))
    return "ev-" + hashlib.sha256(key.encode()).hexdigest()[:10]


def fresh_id(watch: str, article: Article, article_id: int, taken: Collection[str | None]) -> str:
    """The id of the event that an article opens; another where a page tells of something else by now, as live blogs."""
    plain = event_id(watch, article)
    return event_id(watch, article, str(article_id)) if plain in taken else plain


def _signal(article: Article, decision: Decision) -> Signal:
    said = signal_of(article)
    if said in {Signal.NEW, Signal.UPDATE, Signal.LEAD} and decision.relation in {"correction", "kill"}:
        return Signal(decision.relation)
    return said


def _relation(decision: Decision, signal: Signal) -> str:
    if signal in {Signal.KILL, Signal.CORRECTION}:
        return signal.value
    if decision.outcome is Outcome.REVISION:
        return "revision"
    return decision.relation or decision.outcome.value


def _source(
    article_id: int,
    article: Article,
    assessment: Assessment,
    decision: Decision,
    signal: Signal,
    event: Event | None,
    now: datetime,
) -> Source:
    """The article as a source; a copy counts for whoever wrote its original."""
    origins, relation = article.origins, "report"
    if signal in {Signal.KILL, Signal.CORRECTION}:
        relation = signal.value
    elif decision.outcome is Outcome.COPY and decision.relation in _COPIES | {""}:
        relation = "copy"
        first = next((s for s in event.sources if s.article == decision.of), None) if event else None
        if first is not None and not origins:
            origins = (first.origin,)
    elif decision.outcome is Outcome.REVISION or signal in {Signal.UPDATE, Signal.LEAD}:
        relation = "update"
    facts = assessment.facts
    return Source(
        article=article_id,
        url=article.url,
        title=article.title,
        publisher=article.publisher,
        language=article.language,
        origins=origins,
        published=article.published,
        seen=article.seen or now,
        relation=relation,
        killed=facts.killed.value if facts.killed else None,
        wounded=facts.wounded.value if facts.wounded else None,
        marks=opening_marks(article),
    )


def _join(
    article_id: int,
    article: Article,
    assessment: Assessment,
    decision: Decision,
    event: Event,
    signal: Signal,
    why: str,
    now: datetime,
) -> EventUpdate:
    source = _source(article_id, article, assessment, decision, signal, event, now)
    merged, changes, told = merge(event, source, leading(event, assessment, len(article.text)), signal)
    return EventUpdate(
        event=merged,
        is_new=False,
        changes=changes,
        why=why,
        signal=told,
        severity_before=event.severity,
        origins_before=event.origins,
        article=article_id,
    )


def _kill(
    article_id: int,
    article: Article,
    assessment: Assessment,
    decision: Decision,
    events: Sequence[Event],
    now: datetime,
) -> EventUpdate | None:
    """A kill that names no known story: the event whose headline it quotes, or which its sender told and it fits."""
    text = fold(f"{article.title}\n{article.text}").text
    quoted = next((e for e in events if any(_quotes(text, source.title) for source in e.sources)), None)
    if quoted is not None:
        return _join(article_id, article, assessment, decision, quoted, Signal.KILL, "quotes its headline", now)
    sender = {*article.origins, article.publisher} - {""}
    told = [e for e in events if e.state == "open" and any(sender & {s.origin, s.publisher} for s in e.sources)]
    found = best_match(article, assessment.facts, told, now=now)
    if found is None:
        return None
    return _join(article_id, article, assessment, decision, found[0], Signal.KILL, found[1].why, now)


def _quotes(text: str, title: str) -> bool:
    """Whether a kill names a story by its headline, with or without its "URGENT - " and its "(source)"."""
    words = re.findall(r"\w+", fold(re.sub(r"^[^-:]{0,12}[-:]|\([^)]*\)\s*$", " ", title)).text)
    return len(words) >= 4 and " ".join(words) in " ".join(re.findall(r"\w+", text))


def _open(
    article_id: int,
    article: Article,
    assessment: Assessment,
    taken: Collection[str | None],
    signal: Signal,
    now: datetime,
    relation: str,
) -> EventUpdate:
    source = _source(article_id, article, assessment, Decision(Outcome.NEW), signal, None, now)
    fresh = fresh_id(assessment.watch, article, article_id, taken)
    return EventUpdate(
        begin(fresh, replace(source, relation=relation), assessment),
        is_new=True,
        changes=(),
        why="no open event is like it",
        signal=signal,
        article=article_id,
    )
