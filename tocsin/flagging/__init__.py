"""What a watch thinks of an article: flagged or not, how sure, how grave, the coded facts, and why.

``assess`` is the one way in. The model works on the words of a language's lexicon file; only the
language of the article is ever loaded.
"""

from __future__ import annotations

from datetime import datetime

from tocsin.config import Watch
from tocsin.flagging import coder, gist, severity
from tocsin.flagging.features import MAX_TEXT
from tocsin.flagging.home import home_of
from tocsin.flagging.reading import Reading, read
from tocsin.flagging.scorer import probability, score
from tocsin.flagging.tongue import tongue
from tocsin.flagging.verdict import verdict
from tocsin.flagging.watching import terms
from tocsin.model import Assessment, Facts, Reason

MAX_TITLE = 1000  # characters: what a feed puts there beyond is no headline
SCORED = MAX_TEXT + 400  # characters of the text that the scorer is given: most articles need no more


def assess(
    title: str, text: str, *, language: str | None = None, published: datetime | None = None, watch: Watch
) -> Assessment:
    """Score an article for a watch; code its facts when it is flagged or on the review shelf.

    Args:
        language: What the feed or the page declares; the text itself decides where it is long enough.
        published: Aware; dates in the text ("on Sunday") are read from it.
    """
    code = tongue(title, text, language)
    here = home_of(watch)
    reading = read(title[:MAX_TITLE], text[:SCORED], code, here)
    chance, reasons = _score(reading, watch)
    flagged, review = chance >= watch.threshold, watch.review <= chance < watch.threshold
    line = verdict(chance, flagged, review, reasons, here.named)
    if not (flagged or review):
        return Assessment(watch.id, chance, False, reasons=reasons, verdict=line, language=code)
    if len(text) > SCORED:
        reading = read(title[:MAX_TITLE], text, code, here)  # the coder looks for later tolls, claims and times
    event = coder.main_event(reading, published)
    facts: Facts = coder.code_scene(event, published)
    grade, why = severity.rate_scene(event, facts)
    more: tuple[Reason, ...] = (*gist.facts_reasons(facts), *why)
    return Assessment(
        watch=watch.id, score=chance, flagged=flagged, review=review, severity=grade if flagged else None, facts=facts,
        gist=gist.write(facts), reasons=(*reasons, *more), verdict=line, language=code,
    )  # fmt: skip


def _score(reading: Reading, watch: Watch) -> tuple[float, tuple[Reason, ...]]:
    """The score with what the options of the watch add to it."""
    chance, reasons = score(reading, watch.weights)
    more = terms(reading, watch)
    if not more:
        return chance, reasons
    total = tuple(sorted((*reasons, *more), key=lambda r: -abs(r.weight)))
    return probability(sum(r.weight for r in total)), total
