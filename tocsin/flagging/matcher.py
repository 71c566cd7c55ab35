"""Finding every known word of a language in one pass: lexicon concepts and gazetteer names alike.

A pattern is a literal, folded like the text. ``attack*`` also matches longer words that begin so,
``*angriff`` longer ones that end so. Without a star a match must be a whole word, but for what the
language glues to words: Arabic "و", "بال", "لل" before, Turkish "'da" after (``clitics`` in its file).
``pull … out`` has a gap: its second half comes at most `GAP` characters after the first, in the same sentence.
Where matches overlap, each concept keeps its longest; different concepts may share words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from tocsin.errors import ParseError
from tocsin.flagging.gazetteer import names_for
from tocsin.languages import languages, load_language
from tocsin.text import fold_term

CONCEPTS = Path(__file__).parent / "concepts.yaml"
GAP = 60  # characters: about eight words between the halves of a separable verb
JOINED = frozenset({"fa", "ckb"})  # what binds the parts of a word is a mark that folding drops, or a space
_BINDER = "\u200c"
_STOPS = re.compile(r"[.!?;:؟\n]")


class Hit(NamedTuple):
    """A concept or place found; offsets are of the folded text."""

    concept: str  # "weapon.rocket", "place:baghdad"
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Pattern:
    text: str
    concept: str
    open_start: bool  # *angriff
    open_end: bool  # attack*
    gap: str = ""  # "pull … out" whole, in both its halves
    second: bool = False  # the half after the gap


class Matcher:
    """All patterns of one language, compiled once."""

    def __init__(self, patterns: Iterable[tuple[str, str]], prefixes: Iterable[str] = (), suffixes: Iterable[str] = ()):
        halves = (half for text, concept in patterns for half in _compile(text, concept))
        self._patterns = list({p: None for p in halves if p.text})
        self._automaton = AhoCorasick(
            [p.text for p in self._patterns],
            matchkind=MatchKind.Standard,
            implementation=Implementation.ContiguousNFA,
            store_patterns=False,
        )
        self._prefixes = frozenset(fold_term(p) for p in prefixes)
        self._suffixes = frozenset(fold_term(s) for s in suffixes)

    def find(self, text: str) -> list[Hit]:
        """Every concept in a folded text, in order; of overlapping hits of one concept the longest."""
        best: list[Hit] = []
        opened: dict[tuple[str, str], Hit] = {}
        patterns, whole = self._patterns, len(text)
        for index, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            pattern = patterns[index]
            inside = start and not pattern.open_start and text[start - 1].isalnum()
            if inside and not (self._prefixes and self._glued_before(text, start)):
                continue
            goes_on = end < whole and not pattern.open_end and text[end].isalnum()
            if goes_on and not (self._suffixes and self._glued_after(text, end)):
                continue
            hit = Hit(pattern.concept, start, end)
            if not pattern.gap:
                best.append(hit)
            elif not pattern.second:
                opened[pattern.concept, pattern.gap] = hit
            elif (first := opened.get((pattern.concept, pattern.gap))) and _bridges(text, first.end, start):
                best.append(Hit(pattern.concept, first.start, end))
        return _longest(best)

    def _glued_before(self, text: str, start: int) -> bool:
        begin = start
        while begin and text[begin - 1].isalnum():
            begin -= 1
            if start - begin > 5:
                return False
        return text[begin:start] in self._prefixes

    def _glued_after(self, text: str, end: int) -> bool:
        stop = end
        while stop < len(text) and text[stop].isalnum():
            stop += 1
            if stop - end > 6:
                return False
        return text[end:stop] in self._suffixes


def _bridges(text: str, end: int, start: int) -> bool:
    """Whether what lies between two halves is short and of one sentence."""
    return 0 < start - end <= GAP and not _STOPS.search(text, end, start)


def _compile(text: str, concept: str) -> list[_Pattern]:
    halves = [half.strip() for half in text.split("…")]
    gap = text if len(halves) > 1 else ""
    return [
        _Pattern(fold_term(half.strip("*")), concept, half.startswith("*"), half.endswith("*"), gap, second=bool(at))
        for at, half in enumerate(halves[:2])
    ]


def _longest(hits: list[Hit]) -> list[Hit]:
    hits.sort(key=_order)
    kept: list[Hit] = []
    last: dict[str, int] = {}  # where in kept the latest hit of a concept is
    moved = False
    for hit in hits:
        concept, start, end = hit
        at = last.get(concept)
        if at is not None and start < kept[at].end:
            if end - start > kept[at].end - kept[at].start:
                kept[at], moved = hit, True
            continue
        last[concept] = len(kept)
        kept.append(hit)
    if moved:
        kept.sort(key=_order)
    return kept


def _order(hit: Hit) -> tuple[int, int]:
    return hit.start, -hit.end


def _written_otherwise(text: str) -> Iterator[str]:
    """The other ways to write a pattern of several parts: bound ("عین‌الاسد") where it is parted, and the reverse."""
    if _BINDER in text:
        yield text.replace(_BINDER, " ")
    if " " in text and "…" not in text:
        yield text.replace(" ", _BINDER)
        yield text.replace(" ", _BINDER, 1)


@lru_cache(maxsize=1)
def load_concepts() -> dict[str, dict[str, str]]:
    """Role and label of each concept, from concepts.yaml."""
    with CONCEPTS.open(encoding="utf-8") as file:
        data: dict[str, dict[str, str]] = yaml.load(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    return data


@lru_cache(maxsize=128)
def words(language: str, patterns: tuple[tuple[str, str], ...]) -> Matcher:
    """A matcher of (pattern, concept) pairs of a user's own, with what the language glues to words."""
    clitics = load_language(language if language in languages() else "en").get("clitics", {})
    return Matcher(patterns, clitics.get("prefix", ()), clitics.get("suffix", ()))


@lru_cache(maxsize=16)
def matcher(language: str) -> Matcher:
    """The matcher of a language, loaded at first use; of English where the language has no lexicon."""
    code = language if language in languages() else "en"
    data = load_language(code)
    places = [(name, f"place:{place}") for name, place in names_for(code, data)]
    return _compiled(code, data, [*_words_of(code, data), *places])


@lru_cache(maxsize=16)
def vocabulary(language: str) -> Matcher:
    """The matcher of a language without names of places: a third of its patterns, to tell languages apart."""
    data = load_language(language)
    return _compiled(language, data, _words_of(language, data))


def _words_of(code: str, data: dict[str, Any]) -> list[tuple[str, str]]:
    """The (pattern, concept) pairs of a language file."""
    sections = (data.get("concepts", {}), data.get("facts", {}))
    patterns = [(text, concept) for section in sections for concept, texts in section.items() for text in texts]
    for text, concept in patterns:
        if not isinstance(text, str):  # YAML reads a bare "on", "no" or "1" as something else
            raise ParseError(f"lexicon/{code}.yaml", f"{concept}: {text!r} is not text: put it in quotes")
    return patterns


def _compiled(code: str, data: dict[str, Any], patterns: list[tuple[str, str]]) -> Matcher:
    """A matcher of patterns and of the other ways in which the language writes them."""
    if code in JOINED:
        patterns += [(other, concept) for text, concept in patterns for other in _written_otherwise(text)]
    digraphs = str.maketrans(data.get("digraphs", {}))  # "Grüne Zone" is GRUENE ZONE on a telex
    patterns += [(other, concept) for text, concept in patterns if (other := text.translate(digraphs)) != text]
    clitics = data.get("clitics", {})
    return Matcher(patterns, clitics.get("prefix", ()), clitics.get("suffix", ()))
