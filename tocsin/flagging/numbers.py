"""Numbers as texts write them: digits, words, approximations, ranges, Arabic duals; what is no count is left out.

The words stand in the ``numbers`` section of each language file; here is only how they combine.
Years, clock times, percentages, dates and model names ("F-16") are no counts and are not returned.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

from tocsin.languages import languages, load_language
from tocsin.text import fold_term

Kind = Literal["exact", "vague", "article", "noun", "thing", "ordinal", "further"]


@dataclass(frozen=True, slots=True)
class Number:
    """A count found in a text; offsets are of the folded field."""

    start: int
    end: int
    low: int
    high: int
    kind: Kind = "exact"
    # vague: "dozens", "several"; article: "a", "un"; noun and thing: a singular or dual noun that is its own
    # number, of people and of things; ordinal: "the first"; further: "a fourth", one more


@dataclass(frozen=True, slots=True)
class _Words:
    values: dict[str, tuple[int, int, Kind, bool]]
    before_ten: frozenset[str]  # "أحد" is one only in "أحد عشر", eleven; alone it is "any", or Sunday
    not_numbers: frozenset[str]  # "الاثنين" is Monday, not "the two"
    joiners: frozenset[str]  # "et", "and" between the parts of one number
    ranges: frozenset[str]  # "ou", "bis" between two numbers
    between: dict[str, str]  # "between": "and"
    glued_and: str  # Arabic writes "and" on the next word
    halves: frozenset[str]  # "half a dozen" is six
    scores: frozenset[int]  # values that multiply a smaller one before them: 100, 1000, a dozen, French 20
    joins_from: int  # the least value that a joiner may continue: 20 in "vingt et un", 100 in "hundred and one"
    units_first: bool  # Arabic: "three ten", "five and twenty"
    dot_ordinals: bool  # German: "am 27. Juli"
    further_after: frozenset[str]  # Persian "the third person", one more
    prefixes: tuple[str, ...]
    suffixes: tuple[str, ...]


@lru_cache(maxsize=16)
def _words(language: str) -> _Words:
    data: dict[str, Any] = load_language(language if language in languages() else "en")
    section: dict[str, Any] = data.get("numbers") or {}
    clitics = data.get("clitics") or {}

    def listed(key: str) -> frozenset[str]:
        return frozenset(fold_term(str(word)) for word in section.get(key, ()))

    values: dict[str, tuple[int, int, Kind, bool]] = {}
    kinds: tuple[tuple[str, Kind], ...] = (
        ("ordinals", "ordinal"), ("further", "further"), ("things", "thing"), ("nouns", "noun"), ("values", "exact"),
    )  # fmt: skip
    for word in listed("articles"):
        values[word] = (1, 1, "article", False)
    for key, kind in kinds:
        for word, value in (section.get(key) or {}).items():
            values[fold_term(str(word))] = (int(value), int(value), kind, False)
    for word, (low, high) in (section.get("vague") or {}).items():
        values[fold_term(str(word))] = (int(low), int(high), "vague", False)
    return _Words(
        values, listed("before_ten"), listed("not_numbers"), listed("joiners"), listed("ranges"),
        {fold_term(first): fold_term(last) for first, last in (section.get("between") or {}).items()},
        str(section.get("glued_and", "")), listed("halves"),
        frozenset({100, 1000, 1_000_000, *section.get("scores", ())}), int(section.get("joins_from", 20)),
        bool(section.get("units_first", False)), bool(section.get("dot_ordinals", False)), listed("further_after"),
        tuple(sorted((fold_term(p) for p in clitics.get("prefix", ())), key=len, reverse=True)),
        tuple(sorted((fold_term(s) for s in section.get("suffixes", ())), key=len, reverse=True)),
    )  # fmt: skip


# Digits with thousands marks, or a word; hyphens and apostrophes part words.
_LONGEST = 12  # characters of a count in digits: "2.000.000"
_TOKEN = re.compile(r"\d{1,3}(?:[ .,\u00a0]\d{3})+(?!\d)|\d+|[^\W\d_]+")
_HALVED = frozenset({12, 100, 1000})
_MULTIPLIED = frozenset({12, 100, 1000})
_TENS = frozenset(range(20, 100, 10))
_DECIMAL = re.compile(r"[.,]\d")
_CLOCK = re.compile(r"\s?(?:[:h]\d|h\b|am\b|pm\b|a\.m|p\.m|uhr\b|gmt\b)|[:.]\d\d\b")
_MEASURE = re.compile(r"\s?(?:%|°|mm\b|cm\b|\$|€|£|percent\b|per cent\b|prozent\b|procent\b|pour cent\b|por ciento\b)")
_ORDINAL = re.compile(r"(?:st|nd|rd|th|e|er|ere|eme|ste|de)\b")
_DOT_ORDINAL = re.compile(r"\. (?=[^\W\d_])")


@dataclass(frozen=True, slots=True)
class _Part:
    start: int
    end: int
    value: int
    glued: bool = False  # "and" is written on it
    digits: bool = False


@lru_cache(maxsize=256)  # the coder asks for the same sentence several times, and so does the rubric
def find(text: str, offset: int, language: str) -> tuple[Number, ...]:
    """Every count in a folded stretch of text, in order.

    Args:
        offset: Where the stretch begins in its field; the answer's offsets are of the field.
    """
    words = _words(language)
    found: list[Number] = []
    parts: list[_Part] = []
    for match in _TOKEN.finditer(text):
        token = match.group()
        part = (
            _digits(match, text, words)
            if token[0].isdigit()
            else _word(token, match.start(), match.end(), text, language)
        )
        if token in words.before_ten and _ten_follows(text, match.end(), language):
            part = _Part(match.start(), match.end(), 1)
        if isinstance(part, _Part) and part.value in _HALVED and _halved(text, match.start(), words):
            part = replace(part, value=part.value // 2)
        if part is None:
            if parts and not (token in words.joiners and text[parts[-1].end : match.start()].isspace()):
                _flush(parts, found)
            continue
        if isinstance(part, Number):
            if part.kind == "article" and _ends_in_one(parts, match.start(), text, words):
                part = _Part(match.start(), match.end(), 1)
            else:
                _flush(parts, found)
                found.append(part)
                continue
        if parts and not _continues(parts[-1], part, text, words):
            _flush(parts, found)
        parts.append(part)
    _flush(parts, found)
    return tuple(Number(n.start + offset, n.end + offset, n.low, n.high, n.kind) for n in _merged(found, text, words))


def _halved(text: str, start: int, words: _Words) -> bool:
    """True for the dozen of "half a dozen", "une demi-douzaine"."""
    before = _TOKEN.findall(text[max(0, start - 12) : start])
    if before and before[-1] not in words.halves and len(before[-1]) < 3:  # the article of "half a dozen"
        before.pop()
    return bool(before) and before[-1] in words.halves


def _ten_follows(text: str, end: int, language: str) -> bool:
    following = _TOKEN.match(text, end + 1)
    known = _known(following.group(), language) if following else None
    return known is not None and known[0] == 10


def _ends_in_one(parts: list[_Part], start: int, text: str, words: _Words) -> bool:
    """True for the "un" of "vingt et un", which alone would be an article."""
    if not parts or parts[-1].value % 10 or not words.joins_from <= parts[-1].value < 100:
        return False
    return text[parts[-1].end : start].strip("- ") in words.joiners


def _of_a_compound(text: str, end: int, language: str) -> bool:
    """True for the "one" of "one-way drones", which counts nothing; "twenty-one", "two-to-three" are counts."""
    following = _TOKEN.match(text, end + 1) if text[end : end + 1] == "-" else None
    if following is None or following.group()[0].isdigit():
        return False
    word = following.group()
    return word not in joining(language) and _known(word, language) is None


def _word(token: str, start: int, end: int, text: str, language: str) -> _Part | Number | None:
    known = _known(token, language)
    if known is None or (known[2] in ("exact", "article") and _of_a_compound(text, end, language)):
        return None
    low, high, kind, glued = known
    return _Part(start, end, low, glued) if kind == "exact" else Number(start, end, low, high, kind)


@lru_cache(maxsize=100_000)
def _known(token: str, language: str) -> tuple[int, int, Kind, bool] | None:
    """What a word counts, without its clitics, and whether "and" was glued to it; None for most words."""
    words = _words(language)
    if token in words.not_numbers:
        return None
    if token in words.values:
        return words.values[token]
    for prefix in words.prefixes:
        rest = token[len(prefix) :]
        if token.startswith(prefix) and len(rest) >= 2 and rest in words.values:
            low, high, kind, _ = words.values[rest]
            return low, high, kind, prefix == words.glued_and
    for suffix in words.suffixes:
        if token.endswith(suffix) and token[: -len(suffix)] in words.values:
            return words.values[token[: -len(suffix)]]
    return None


def _digits(match: re.Match[str], text: str, words: _Words) -> _Part | None:
    token, start, end = match.group(), match.start(), match.end()
    before, two_before = text[start - 1 : start], text[start - 2 : start - 1]
    after = text[end : end + 12]
    if before == "#" or (before.isalpha() and before.isascii()):
        return None  # "mi17"
    if before and before in "-./:" and two_before.isalpha() and not (before == "-" and len(token) > 2):
        return None  # "f-16", "covid-19"
    if before and (before in "$€£" or (before in ".,:/" and two_before.isdigit())):
        return None  # money, the second half of a decimal, a clock or a date
    if _DECIMAL.match(after) or _CLOCK.match(after) or _MEASURE.match(after) or _ORDINAL.match(after):
        return None
    if words.dot_ordinals and _DOT_ORDINAL.match(after):
        return None
    if after[:1] == "/" or (
        after[:1] == "-" and (after[1:2].isspace() or (after[1:2].isalpha() and after[1:2].isascii()))
    ):
        return None  # "8/9", "39-year-old", the first of "8- to 13-year-olds"
    if len(token) > _LONGEST:
        return None  # a serial number, or spam
    value = int(re.sub(r"\D", "", token))
    if after[:1] == "," and text[start - 2 : start] == ", " and 10 <= value < 100:
        return None  # an age: "Ali Hassan, 42, a judge"
    plain = token.isdigit()
    if (plain and len(token) == 4 and 1900 <= value <= 2100) or value > 2_000_000 or (plain and token[0] == "0"):
        return None
    return _Part(start, end, value, digits=True)


def _continues(before: _Part, part: _Part, text: str, words: _Words) -> bool:
    """True when two parts are of one number: "vingt et un", "two hundred", "خمسه وعشرين"."""
    between = text[before.end : part.start].strip()
    joined = part.glued or between in words.joiners
    if (between not in {"", "-"} and not joined) or (part.digits and part.value not in words.scores):
        return False
    if part.value in words.scores and before.value < part.value and not joined:
        return not part.digits
    if before.digits:
        return False
    if before.value < 10:
        return words.units_first and (part.value == 10 if not joined else 20 <= part.value < 100)
    if joined and before.value < words.joins_from:
        return False
    if before.value % 100 == 0:
        return part.value < 100 or before.value >= 1000 > part.value
    return before.value % 10 == 0 and part.value < (20 if 20 in words.scores else 10)


def _flush(parts: list[_Part], numbers: list[Number]) -> None:
    if not parts:
        return
    total = current = 0
    for part in parts:
        if part.value >= 1000:
            total, current = total + max(current, 1) * part.value, 0
        elif current and (part.value == 100 or (part.value in {12, 20} and 2 <= current < 10 and not part.glued)):
            current *= part.value
        else:
            current += part.value
    value = total + current
    numbers.append(Number(parts[0].start, parts[-1].end, value, value, "exact"))
    parts.clear()


def _merged(numbers: list[Number], text: str, words: _Words) -> list[Number]:
    """Ranges joined ("five or six", "10-12"), articles before a number dropped ("une dizaine", "a dozen")."""
    kept: list[Number] = []
    for number in numbers:
        if number.kind == "ordinal" and _last_word(text, number.start) in words.further_after:
            number = replace(number, kind="further")
        if kept:
            before, between = kept[-1], text[kept[-1].end : number.start].strip()
            if before.kind == "article" and not between:
                kind: Kind = "further" if number.kind == "ordinal" else number.kind
                kept[-1] = Number(before.start, number.end, number.low, number.high, kind)
                continue
            if number.kind in ("noun", "thing") and before.kind in ("exact", "vague") and not between.strip("\"')("):
                continue  # "100 قتيل", "«50» قتيلا": the noun only says what is counted
            joined = _one_number(before, number, between, words)
            if joined is not None:
                kept[-1] = joined
                continue
            rising = before.kind == number.kind == "exact" and before.high < number.low <= 4 * before.high
            ranged = between in words.ranges or between == "-" or _is_between(before, between, text, words)
            if rising and ranged:
                kept[-1] = Number(before.start, number.end, before.low, number.high, "exact")
                continue
        kept.append(number)
    return kept


def _last_word(text: str, end: int) -> str:
    found = _TOKEN.findall(text[max(0, end - 12) : end])
    return found[-1] if found else ""


def _one_number(one: Number, other: Number, between: str, words: _Words) -> Number | None:
    """Two words of one number: "twenty-third", "الرابعة عشرة", "deux douzaines", "several dozen"; None for others."""
    start, end = one.start, other.end
    ordinals = ("ordinal", "further")
    if one.kind == "exact" and one.low in _TENS and other.kind in ordinals and between in {"", "-", *words.joiners}:
        return Number(start, end, 1, 1, "ordinal")
    if between:
        return None
    if words.units_first and one.kind in ordinals and other.kind == "exact" and other.low in {10, *_TENS}:
        return Number(start, end, 1, 1, "ordinal")
    if one.kind == "exact" and 2 <= one.low < 20 <= other.low and other.kind == "vague":
        unit = other.low // 2  # dozens are two dozen at least
        return Number(start, end, one.low * unit, one.high * unit)
    if one.kind == "vague" and one.high < 10 and other.kind == "exact" and other.low in _MULTIPLIED:
        return Number(start, end, one.low * other.low, one.high * other.low, "vague")
    return None


def _is_between(before: Number, joined: str, text: str, words: _Words) -> bool:
    """True for the second number of "between five and seven"."""
    opening = text[: before.start].rstrip()
    return any(joined == last and opening.endswith(first) for first, last in words.between.items())


@lru_cache(maxsize=16)
def joining(language: str) -> frozenset[str]:
    """The words that stand between two numbers of one range or list, or before its first: "to", "between", "and"."""
    words = _words(language)
    parts = {part for pair in words.between.items() for phrase in pair for part in phrase.split()}
    return frozenset({*words.joiners, *words.ranges, *parts, words.glued_and} - {""})


def glued_and(language: str) -> str:
    """What a language writes on the next word for "and"; empty for most."""
    return _words(language).glued_and
