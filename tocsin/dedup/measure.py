"""How much two texts have in common, and how: the figures on which every rule about copies and parts rests."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

from tocsin.dedup.guard import Body, Shingles, body, kindred, same_heading
from tocsin.dedup.keys import Keys
from tocsin.model import TextStatus


@dataclass(frozen=True, slots=True)
class Known:
    """An archived article as the decision needs it."""

    id: int
    root: int  # the original of its family: itself, when it is no copy
    key: str | None  # the identity that matched; None when it was found by its text
    text_hash: str
    version_hash: str
    prints: tuple[int, ...]
    title: str
    text: str
    at: datetime  # published, else first seen
    status: TextStatus = TextStatus.FULL
    round_up: bool = False


@dataclass(frozen=True, slots=True)
class Measure:
    """A new text beside an archived one."""

    known: Known
    theirs: Body
    ochiai: float
    of_new: float  # share of the new text that stands in the known one
    of_known: float
    aligned: bool  # the shorter begins where the longer begins
    heading: bool  # under the same title
    kindred: bool  # under titles about the same

    @property
    def containment(self) -> float:
        """The share of the shorter text that stands in the longer."""
        return max(self.of_new, self.of_known)


def sampled(ours: tuple[int, ...], theirs: tuple[int, ...]) -> float:
    """The share of the fewer prints that both have: cheap, and near enough to choose what to compare."""
    shared = len(set(ours) & set(theirs))
    return shared / min(len(ours), len(theirs)) if shared else 0.0


def measure_of(keys: Keys, ours: Body, known: Known) -> Measure:
    """Compare a new text with an archived one, word for word."""
    their = body(known.title, known.text, ours.language)
    new, old = compared(keys, ours), compared(keys, their)
    a, b = len(new.all), len(old.all)
    shared = len(new.all & old.all)
    if not shared:
        return Measure(known, their, 0.0, 0.0, 0.0, aligned=False, heading=False, kindred=False)
    short, long = (new, old) if a <= b else (old, new)
    return Measure(
        known,
        their,
        shared / math.sqrt(a * b),
        shared / a,
        shared / b,
        aligned=_aligned(short, long),
        heading=same_heading(ours, their),
        kindred=kindred(ours, their),
    )


def compared(keys: Keys, of: Body) -> Shingles:
    """What is compared: the texts, and the titles too where the new text is a stub."""
    return of.titled_shingles if keys.stub else of.shingles


def _aligned(short: Shingles, long: Shingles) -> bool:
    """True when the shorter text begins with words from the beginning of the longer one."""
    return sum(h in long.opening for h in short.head) >= 0.4 * len(short.head)
