"""Which sentences tell the main event; the rest is background: earlier attacks, anniversaries, context.

News is written most important first. The title and the first sentence tell the event; a later sentence
is out when it is dated elsewhere ("in September", "last month", a year gone by, another weekday) or says
itself that it looks back; what follows such a sentence is out too, unless it returns to the event's day.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from tocsin.flagging.reading import Reading, Sentence
from tocsin.model import BAGHDAD

MAX_SENTENCES = 14  # what stands further down than this is never where the event is told first
_YEAR = re.compile(r"(?<![\d.,])(?:19|20)\d\d(?![\d.,]?\d)")
_DAYS_NEAR = 4  # a date this close to publication may be the event's own


def main_sentences(reading: Reading, published: datetime | None) -> tuple[int, ...]:
    """The indexes of the sentences that tell the main event, in order.

    Args:
        published: When the article came out; tells this month from another one.
    """
    local = published.astimezone(BAGHDAD) if published is not None else None
    found: list[int] = []
    days = _weekdays(reading.sentences[:3])
    body = 0
    background = False
    for sentence in reading.sentences:
        if sentence.field == "title":
            found.append(sentence.index)
            continue
        body += 1
        if body > MAX_SENTENCES:
            break
        if body == 1:
            found.append(sentence.index)
            continue
        concepts = {h.concept for h in sentence.hits}
        if "fact.superseded" in concepts:
            continue  # an earlier account of the same event
        if _looks_back(sentence, concepts, body, days, local):
            background = background or body > 3
            continue
        if background and not (days & _weekdays((sentence,))):
            continue
        found.append(sentence.index)
    return tuple(found)


def _weekdays(sentences: tuple[Sentence, ...]) -> frozenset[str]:
    return frozenset(h.concept for s in sentences for h in s.hits if h.concept.startswith("fact.weekday."))


def _looks_back(
    sentence: Sentence, concepts: set[str], body: int, days: frozenset[str], published: datetime | None
) -> bool:
    if concepts & {"fact.background", "fact.context"}:
        return True
    if "frame.anniversary" in concepts:
        return True
    if "fact.background.opening" in concepts and _opens_looking_back(sentence):
        return True
    months = {int(c.rpartition(".")[2]) for c in concepts if c.startswith("fact.month.")}
    if months and not _near(months, published, body):
        return True
    years = {int(y) for y in _YEAR.findall(sentence.text)}
    if years and (published is None or years != {published.year}) and not (published is None and body <= 2):
        return True
    other = {c for c in concepts if c.startswith("fact.weekday.")}
    return body > 3 and bool(days) and bool(other) and not (other & days)


def _opens_looking_back(sentence: Sentence) -> bool:
    """True for a sentence that begins with "وكان", the Arabic pluperfect, and the like."""
    return any(h.concept == "fact.background.opening" and h.start - sentence.start <= 2 for h in sentence.hits)


def _near(months: set[int], published: datetime | None, body: int) -> bool:
    """True when a month named may be that of the event itself."""
    if published is None:
        return body <= 2
    near = {(published - timedelta(days=_DAYS_NEAR)).month, published.month}
    return bool(months & near)
