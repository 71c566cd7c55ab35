"""What a watch adds to the score: languages, themes, words that rule out or are required, examples.

Each says itself as a ``Reason`` in log-odds, so the reasons still add up to the score. What rules an item
out is one such term, too: so large that nothing outweighs it.
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.config import Watch
from tocsin.flagging.examples import compared
from tocsin.flagging.features import MAX_TEXT, zoned
from tocsin.flagging.home import home_of
from tocsin.flagging.matcher import words
from tocsin.flagging.reading import Field, Reading
from tocsin.model import Reason, Span

OUT = -15.0  # log-odds: ruled out


def terms(reading: Reading, watch: Watch) -> tuple[Reason, ...]:
    """What the options of a watch say about an article; nothing for a watch without options."""
    ruled_out = next(_refusals(reading, watch), None)
    if ruled_out is not None:
        return (ruled_out,)
    return compared(reading, watch.examples.texts)


def ruled_out(reasons: tuple[Reason, ...]) -> str:
    """The words for an article that an option of the watch rules out, or ""."""
    return next((r.note for r in reasons if r.rule.startswith("watch.") and r.weight == OUT), "")


def _refusals(reading: Reading, watch: Watch) -> Iterator[Reason]:
    if watch.languages and reading.language not in watch.languages:
        yield _out("languages", f"its language, {reading.language}, is not one of {', '.join(watch.languages)}")
    if watch.exclude and (span := _first(reading, watch.exclude)):
        yield _out("exclude", f'excluded: it says "{span.quote}"', span)
    if watch.require and not _first(reading, watch.require):
        yield _out("require", f"it holds none of the required words: {_few(watch.require)}")
    if watch.themes and not _speaks_of(reading, home_of(watch).concepts):
        yield _out("themes", f"its opening speaks of none of the themes: {_few(watch.themes)}")


def _out(option: str, note: str, span: Span | None = None) -> Reason:
    return Reason(f"watch.{option}", span, OUT, note)


def _few(names: tuple[str, ...]) -> str:
    return ", ".join(names[:6]) + (", …" if len(names) > 6 else "")


def _first(reading: Reading, patterns: tuple[str, ...]) -> Span | None:
    """Where the first of these words stands in what the scorer reads of an article, or None."""
    finder = words(reading.language, tuple((pattern, pattern) for pattern in patterns))
    fields: tuple[tuple[Field, str], ...] = (("title", reading.title.text), ("text", reading.body.text[:MAX_TEXT]))
    for field, text in fields:
        for hit in finder.find(text)[:1]:
            return reading.span(field, hit.start, hit.end)
    return None


def _speaks_of(reading: Reading, concepts: frozenset[str]) -> bool:
    """True when the head or the lead holds one of the concepts."""
    return any(hit.concept in concepts for zone, sentence in zoned(reading) if zone < 2 for hit in sentence.hits)
