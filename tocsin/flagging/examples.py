"""How alike an article and an example of a watch are, and what that is worth in log-odds.

Two articles are compared by what they speak of: concepts and places, which every language shares, and the
words of their headlines and openings. Rare things in common say more than common ones.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from functools import lru_cache

from tocsin.flagging.features import MAX_TEXT, zoned
from tocsin.flagging.gazetteer import entries
from tocsin.flagging.home import Home
from tocsin.flagging.matcher import load_concepts
from tocsin.flagging.reading import Reading, read
from tocsin.flagging.tongue import tongue
from tocsin.model import Reason

FROM = 0.3  # similarity under which an example says nothing
WORTH = 5.0  # log-odds of an article that is the example itself
_WORD = re.compile(r"[^\W\d_]{4,}")
# What a part is worth beside a word. Acts that most news of violence shares say little; a frame or a place more.
_PARTS = {"act": 1.0, "weapon": 1.5, "actor": 1.5, "force": 1.5, "frame": 2.0, "effect": 0.5, "place": 1.5, "dem": 0.5}
_ZONE = (1.0, 0.7, 0.4)  # head, lead, body


def compared(reading: Reading, examples: tuple[tuple[str, str, str], ...]) -> tuple[Reason, ...]:
    """A term for the nearest example of each way, (way, name, text), where it is near enough to say something."""
    if not examples:
        return ()
    mine = vector(reading)
    best: dict[str, tuple[float, str, dict[str, float]]] = {}
    for way, name, text in examples:
        other = _example(text, reading.home)
        near = _cosine(mine, other)
        if near >= FROM and near > best.get(way, (0.0, "", {}))[0]:
            best[way] = near, name, other
    return tuple(_term(way, *found, mine) for way, found in sorted(best.items()))


def _term(way: str, near: float, name: str, other: dict[str, float], mine: dict[str, float]) -> Reason:
    sign = 1 if way == "like" else -1
    shared = sorted(mine.keys() & other.keys(), key=lambda part: (-mine[part] * other[part], part))
    what = ", ".join(_label(part) for part in shared[:4])
    words = "like" if way == "like" else "like what is not wanted,"
    return Reason(
        f"watch.examples.{way}", None, sign * WORTH * (near - FROM) / (1 - FROM),
        f'{words} "{name}": {near:.0%} alike ({what})',
    )  # fmt: skip


@lru_cache(maxsize=512)
def _example(text: str, home: Home) -> dict[str, float]:
    title, _, rest = text.strip().partition("\n")
    if len(title) > 200:
        title, rest = "", text
    return vector(read(title, rest, tongue(title, rest, None), home))


def vector(reading: Reading) -> dict[str, float]:
    """What an article speaks of, each part with its weight."""
    found: dict[str, float] = {}
    for zone, sentence in zoned(reading):
        for hit in sentence.hits:
            if not hit.concept.startswith(("fact.", "mask.")):
                worth = _PARTS.get(re.split("[.:]", hit.concept)[0], 1.0) * _ZONE[zone]
                found[hit.concept] = max(found.get(hit.concept, 0.0), worth)
    for text in (reading.title.text, reading.body.text[: MAX_TEXT // 2]):
        for word in _WORD.findall(text):
            found.setdefault(f"word:{word}", 0.5)
    return found


def _cosine(one: dict[str, float], two: dict[str, float]) -> float:
    """The better of two likenesses: by everything, and by what every language shares."""
    return max(_likeness(one, two), _likeness(_shared(one), _shared(two)) * 0.9)


def _shared(parts: dict[str, float]) -> dict[str, float]:
    return {part: worth for part, worth in parts.items() if not part.startswith("word:")}


def _likeness(one: dict[str, float], two: dict[str, float]) -> float:
    if len(one) < 3 or len(two) < 3:  # one concept in common proves nothing
        return 0.0
    dot = sum(worth * two[part] for part, worth in one.items() if part in two)
    return dot / (_length(one.values()) * _length(two.values())) if dot else 0.0


def _length(values: Iterable[float]) -> float:
    return math.sqrt(sum(value * value for value in values))


def _label(part: str) -> str:
    space, _, name = part.partition(":")
    if space == "place":
        return entries()[name].place.name
    return f'"{name}"' if space == "word" else load_concepts().get(part, {}).get("label", part)
