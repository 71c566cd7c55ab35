"""An article as the scorer and the coder read it: folded, cut into sentences, every concept found once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tocsin.flagging.home import IRAQ, Home, finder
from tocsin.flagging.matcher import Hit
from tocsin.model import Span
from tocsin.text import Folded, fold, sentences

Field = Literal["title", "text"]
MAX_CHARS = 12_000  # of the text: a wire story is shorter, and what follows is never the main event


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with its hits; offsets are of its folded field."""

    index: int  # 0 is the title, the text's sentences follow from 1
    field: Field
    start: int
    end: int
    paragraph: int  # 0 for the title; the text's paragraphs from 1
    text: str  # folded
    hits: tuple[Hit, ...]  # offsets of the folded field, not of the sentence


@dataclass(frozen=True, slots=True)
class Reading:
    """One article, read once."""

    language: str
    title: Folded
    body: Folded
    raw_title: str
    raw_text: str
    sentences: tuple[Sentence, ...]  # an empty title has no sentence
    home: Home = IRAQ  # what counts as "here"

    def span(self, field: Field, start: int, end: int) -> Span:
        """The quoted span, in characters as stored, of a stretch of a folded field."""
        folded, raw = (self.title, self.raw_title) if field == "title" else (self.body, self.raw_text)
        first, last = folded.origin(start, end)
        return Span(field, first, last, raw[first:last])


def read(title: str, text: str, language: str, home: Home = IRAQ) -> Reading:
    """Fold, cut and match a title and a text, once for every later step."""
    find = finder(language, home)
    folded_title, folded_body = fold(title), fold(text[:MAX_CHARS])
    found: list[Sentence] = []
    if folded_title.text.strip():
        whole = folded_title.text
        found.append(Sentence(0, "title", 0, len(whole), 0, whole, tuple(find(whole))))
    hits, at, paragraph, last = find(folded_body.text), 0, 1, 0
    for number, (start, end) in enumerate(sentences(folded_body.text), 1):
        if number > 1 and "\n" in folded_body.text[last:start]:
            paragraph += 1
        last = end
        while at < len(hits) and hits[at].start < start:
            at += 1
        first = at
        while at < len(hits) and hits[at].start < end:
            at += 1
        here = tuple(h for h in hits[first:at] if h.end <= end)
        found.append(Sentence(number, "text", start, end, paragraph, folded_body.text[start:end], here))
    return Reading(language, folded_title, folded_body, title, text, tuple(found), home)
