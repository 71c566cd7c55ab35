"""Two texts made of the same words about different things: what their leads and titles must not disagree on.

A sibling from the same template has another name, place or ordinal in the same slot of its first
sentences; a copy has bylines and credits put in, letters mistyped, words cut. So only what stands in
one text in the place of something else counts, and only where the other text has it nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property, lru_cache
from typing import Literal

from tocsin.dedup.keys import LEAD_WORDS, shingles, words
from tocsin.dedup.wording import Wording, wording
from tocsin.text import fold_text

HEAD = 40  # shingles with which a text begins
OPENING = 100  # shingles in which its copies must begin
FRAME = 2  # words that are the same on each side of a slot, on average
KINDRED = 0.5  # of each title's words
SLOT = 4  # words: a longer replacement is a rewritten passage, not a slot
_CAPITAL = re.compile(r"(?<![.!?…:»\"”]\s)(?<!^)(?<!\n)\b[A-ZÀ-ÞŞĞİÇÖÜ][\w'’-]{2,}")
_GLUED = re.compile(r"^و?(?:بال|كال|لل|ال)(?=.{3})|^[وبلك](?=[\u0621-\u06ff]{4})")
_ARABIC = re.compile(r"^[\u0621-\u06ff]{3,}$")


@dataclass(frozen=True, slots=True)
class Shingles:
    """The shingles of a text: all of them, and those of its beginning, in reading order."""

    all: frozenset[int]
    head: tuple[int, ...]
    opening: frozenset[int]

    @classmethod
    def of(cls, folded: tuple[str, ...]) -> Shingles:
        """Hash the words of a text."""
        every = shingles(folded)
        return cls(frozenset(every), every[:HEAD], frozenset(every[:OPENING]))


@dataclass(frozen=True)
class Body:
    """A title and text, cut into folded words once."""

    title: str
    text: str
    language: str = ""  # whose words tell ordinals, numbers and days; all languages' where it is not known

    @cached_property
    def wording(self) -> Wording:
        return wording(self.language)

    @cached_property
    def numbered(self) -> frozenset[str]:
        """The figures of title and beginning that are ordinals: the 4 of "4th"."""
        return self.wording.numbered(fold_text(f"{self.title}\n{self.text[: LEAD_WORDS * 9]}"))

    def ordinal(self, word: str) -> bool:
        """True for "fourth", for the 4 of "4th" and their like."""
        return word in self.wording.ordinals or word in self.numbered

    def figure(self, word: str) -> bool:
        """True for a number in digits or words."""
        return word[0].isdigit() or word in self.wording.numbers

    @cached_property
    def title_words(self) -> tuple[str, ...]:
        return words(self.title)

    @cached_property
    def words(self) -> tuple[str, ...]:
        return words(self.text)

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        return frozenset([*self.title_words, *self.words])

    @cached_property
    def shingles(self) -> Shingles:
        return Shingles.of(self.words)

    @cached_property
    def titled_shingles(self) -> Shingles:
        return Shingles.of((*self.title_words, *self.words))

    @cached_property
    def lead(self) -> tuple[str, ...]:
        return self.words[:LEAD_WORDS] or self.title_words

    @cached_property
    def names(self) -> frozenset[str]:
        """Words of title and lead that are written with a capital inside a sentence."""
        title = "" if self.title.isupper() else self.title  # a title all in capitals names nothing by them
        head = f"{title}\n{self.text[: LEAD_WORDS * 9]}"
        return frozenset(part for name in _CAPITAL.findall(head) for part in words(name) if not self.figure(part))

    @cached_property
    def heading(self) -> frozenset[str]:
        """The words of the title that carry meaning, by their length."""
        return frozenset(word for word in self.title_words if len(word) > 3 and not word[0].isdigit())

    @cached_property
    def subject(self) -> frozenset[str]:
        """The beginnings of the title's words, without what Arabic glues before them."""
        return frozenset(map(stem, self.heading))

    @cached_property
    def stems(self) -> frozenset[str]:
        """The same of all words."""
        return frozenset(map(stem, self.vocabulary))


@lru_cache(maxsize=512)
def body(title: str, text: str, language: str = "") -> Body:
    """A title and text as compared; hot stories are compared again and again."""
    return Body(title, text, language)


@dataclass(frozen=True, slots=True)
class Conflict:
    """What two texts disagree on: "update" where only figures differ, "other" where it is another happening."""

    kind: Literal["none", "update", "other"]
    why: str = ""


def conflict(ours: Body, theirs: Body, *, contained: bool) -> Conflict:
    """Compare a new text with an archived one that shares much of its words.

    Args:
        contained: One of them stands nearly whole in the other, so that more than boilerplate is shared.
    """
    if not contained and strangers(ours, theirs):
        return Conflict("other", "neither text has the words of the other's title")
    if title := other_title(ours, theirs, contained=contained):
        return Conflict("other", title)
    for gained, lost in _slots(ours, theirs, ours.lead, theirs.lead):
        if any(map(ours.ordinal, gained)) and any(map(theirs.ordinal, lost)):
            return Conflict("other", f"it says {_some(gained)} where the other says {_some(lost)}")
        if _named(gained, ours) and _named(lost, theirs):
            return Conflict("other", f"it names {_some(gained)} where the other names {_some(lost)}")
    figures = {word for word in (*ours.lead, *ours.title_words) if ours.figure(word)} - theirs.vocabulary
    if figures:
        return Conflict("update", f"with figures that are new: {_some(sorted(figures))}")
    return Conflict("none")


def other_title(ours: Body, theirs: Body, *, contained: bool) -> str:
    """What two titles of one form name in one place; empty where they are no such titles."""
    if ours.title_words != theirs.title_words and same_heading(ours, theirs):
        for gained, lost in _slots(ours, theirs, ours.title_words, theirs.title_words):
            if _telling(gained, ours, contained) and _telling(lost, theirs, contained):
                return f"its title says {_some(gained)} where the other says {_some(lost)}"
    return ""


def same_heading(ours: Body, theirs: Body) -> bool:
    """True when two titles are largely the same words."""
    a, b = ours.heading, theirs.heading
    return bool(a) and (a == b or (len(a & b) >= 3 and len(a & b) >= 0.7 * min(len(a), len(b))))


def kindred(ours: Body, theirs: Body) -> bool:
    """True when most of each title is said in the other text: two headlines of one story, not of a round-up."""
    a, b = ours.subject, theirs.subject
    if min(len(a), len(b)) < 2:
        return False
    return says(a, theirs) and says(b, ours)


def says(subject: frozenset[str], told: Body) -> bool:
    """True where most words of a title stand in a text or its title."""
    return bool(subject) and len(subject & told.stems) >= KINDRED * len(subject)


def strangers(ours: Body, theirs: Body) -> bool:
    """True when most words of each title are nowhere in the other text: only boilerplate is shared."""
    a, b = ours.heading, theirs.heading
    if min(len(a), len(b)) < 3:
        return False
    return len(a - theirs.vocabulary) > 0.6 * len(a) and len(b - ours.vocabulary) > 0.6 * len(b)


def _slots(ours: Body, theirs: Body, new: Sequence[str], old: Sequence[str]) -> list[tuple[list[str], list[str]]]:
    """What stands in one line in the place of something else, unless the other text has it elsewhere."""
    found = []
    codes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    for n, (tag, i1, i2, j1, j2) in enumerate(codes):
        if tag != "replace" or i2 - i1 > SLOT or j2 - j1 > SLOT or not _framed(codes, n):
            continue
        lost = [word for word in old[i1:i2] if word not in ours.vocabulary]
        gained = [word for word in new[j1:j2] if word not in theirs.vocabulary]
        lost = [word for word in lost if not any(_variants(word, other) for other in new[j1:j2])]
        gained = [word for word in gained if not any(_variants(word, other) for other in old[i1:i2])]
        if lost and gained:
            found.append((gained, lost))
    return found


def _framed(codes: Sequence[tuple[str, int, int, int, int]], n: int) -> bool:
    """True when a replacement stands between the same words; else two texts merely share small words."""
    before = codes[n - 1][2] - codes[n - 1][1] if n else FRAME
    after = codes[n + 1][2] - codes[n + 1][1] if n + 1 < len(codes) else FRAME
    return min(before, after) > 0 and before + after >= 2 * FRAME


def _telling(found: list[str], owner: Body, contained: bool) -> bool:
    """True when a slot of a title holds a name; in Arabic script, which has no capitals, any longer word may be one.

    Over one text an Arabic desk's other word is a headline of its own: "next" for "coming".
    """
    if any(word in owner.names for word in found):
        return True
    return not contained and any(_ARABIC.match(word) and len(word) > 3 and not owner.figure(word) for word in found)


def _variants(one: str, other: str) -> bool:
    """True for two spellings of a word: a typing mistake, another ending."""
    if one[0].isdigit() or other[0].isdigit():
        return False
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= 0.7


def _named(found: list[str], owner: Body) -> bool:
    """True when a slot holds a name: by its capital, or in Arabic script by what comes before it."""
    for word in found:
        if word in owner.names:
            return True
        if _ARABIC.match(word) and not owner.figure(word):
            at = owner.lead.index(word)
            before = owner.lead[at - 1] if at else ""
            if before in owner.wording.introduces or (
                before in owner.wording.prepositions and word in owner.title_words
            ):
                return True
    return False


def stem(word: str) -> str:
    """The beginning of a folded word, without what Arabic glues before it."""
    return _GLUED.sub("", word)[:5]


def _some(found: list[str]) -> str:
    return ", ".join(f'"{word}"' for word in found[:3])
