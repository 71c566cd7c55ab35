"""Numbers as texts write them: digits, words, approximations, ranges, Arabic duals; what is no count is left out.

The words stand in the ``numbers`` section of each language file; here is only how they combine.
Years, clock times, percentages, dates and model names ("F-16") are no counts and are not returned.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from tocsin.flagging.matcher import languages, load_language
from tocsin.text import fold_term

Kind = Literal["exact", "vague", "article", "noun", "ordinal"]


@dataclass(frozen=True, slots=True)
class Number:
    """A count found in a text; offsets are of the folded field."""

    start: int
    end: int
    low: int
    high: int
    kind: Kind = "exact"  # vague: "dozens"; article: "a", "un"; noun: a singular or dual noun that is its own number


@dataclass(frozen=True, slots=True)
class _Words:
    values: dict[str, int]
    vague: dict[str, tuple[int, int]]
    articles: frozenset[str]
    nouns: dict[str, int]
    ordinals: dict[str, int]
    not_numbers: frozenset[str]  # "الاثنين" is Monday, not "the two"
    joiners: frozenset[str]  # "et", "and", "و" between the parts of one number
    ranges: frozenset[str]  # "ou", "bis" between two numbers
    scores: frozenset[int]  # values that multiply a smaller one before them: 100, 1000, French 20
    joins_from: int  # the least value that a joiner may continue: 20 in "vingt et un", 100 in "hundred and one"
    units_first: bool  # Arabic: "three ten", "five and twenty"
    prefixes: tuple[str, ...]
    suffixes: tuple[str, ...]


@lru_cache(maxsize=16)
def _words(language: str) -> _Words:
    data: dict[str, Any] = load_language(language if language in languages() else "en")
    section: dict[str, Any] = data.get("numbers") or {}
    clitics = data.get("clitics") or {}

    def listed(key: str) -> frozenset[str]:
        return frozenset(fold_term(str(word)) for word in section.get(key, ()))

    def valued(key: str) -> dict[str, int]:
        return {fold_term(str(word)): int(value) for word, value in (section.get(key) or {}).items()}

    vague = {fold_term(str(word)): (int(v[0]), int(v[1])) for word, v in (section.get("vague") or {}).items()}
    return _Words(
        valued("values"), vague, listed("articles"), valued("nouns"), valued("ordinals"), listed("not_numbers"),
        listed("joiners"),
        listed("ranges"), frozenset({100, 1000, 1_000_000, *section.get("scores", ())}),
        int(section.get("joins_from", 20)), bool(section.get("units_first", False)),
        tuple(sorted((fold_term(p) for p in clitics.get("prefix", ())), key=len, reverse=True)),
        tuple(sorted((fold_term(s) for s in section.get("suffixes", ())), key=len, reverse=True)),
    )  # fmt: skip


# Digits with thousands marks, or a word; hyphens and apostrophes part words.
_TOKEN = re.compile(r"\d{1,3}(?:[ .,\u00a0]\d{3})+(?!\d)|\d+|[^\W\d_]+")
_DECIMAL = re.compile(r"[.,]\d")
_CLOCK = re.compile(r"\s?(?:[:h]\d|h\b|am\b|pm\b|a\.m|p\.m|uhr\b|gmt\b)|[:.]\d\d\b")
_MEASURE = re.compile(r"\s?(?:%|°|\$|€|£|percent\b|per cent\b|prozent\b|procent\b|pour cent\b|por ciento\b)")
_ORDINAL = re.compile(r"(?:st|nd|rd|th|e|er|ere|eme|ste|de)\b|\. (?=[^\W\d_])")


@dataclass(frozen=True, slots=True)
class _Part:
    start: int
    end: int
    value: int
    kind: Kind
    glued: bool = False  # an Arabic "و" is written on it
    digits: bool = False


def find(text: str, offset: int, language: str) -> tuple[Number, ...]:
    """Every count in a folded stretch of text, in order.

    Args:
        offset: Where the stretch begins in its field; the answer's offsets are of the field.
    """
    words = _words(language)
    numbers: list[Number] = []
    parts: list[_Part] = []
    last = -1  # end of the token before
    for match in _TOKEN.finditer(text):
        part = _part(match, text, words)
        gap = text[last : match.start()] if last >= 0 else ""
        if isinstance(part, Number) and part.kind == "article" and _ends_in_one(parts, match.start(), text, words):
            part = _Part(match.start(), match.end(), 1, "exact")
        if isinstance(part, Number):
            _flush(parts, numbers)
            numbers.append(part)
        elif part is None:
            if not (parts and match.group() in words.joiners and gap.isspace()):
                _flush(parts, numbers)
        else:
            if parts and not _continues(parts[-1], part, text, words):
                _flush(parts, numbers)
            parts.append(part)
        last = match.end()
    _flush(parts, numbers)
    return tuple(Number(n.start + offset, n.end + offset, n.low, n.high, n.kind) for n in _merged(numbers, text, words))


def _ends_in_one(parts: list[_Part], start: int, text: str, words: _Words) -> bool:
    """True for the "un" of "vingt et un", which alone would be an article."""
    if not parts or parts[-1].value % 10 or not words.joins_from <= parts[-1].value < 100:
        return False
    return text[parts[-1].end : start].strip("- ") in words.joiners


def _part(match: re.Match[str], text: str, words: _Words) -> _Part | Number | None:
    """What one token is: a part of a number, a number whole, or nothing of the kind."""
    token, start, end = match.group(), match.start(), match.end()
    if token[0].isdigit():
        return _digits(token, start, end, text)
    known, glued = _known(token, words)
    if known is None:
        return None
    if known in words.values:
        return _Part(start, end, words.values[known], "exact", glued)
    if known in words.vague:
        return Number(start, end, *words.vague[known], "vague")
    if known in words.nouns:
        return Number(start, end, words.nouns[known], words.nouns[known], "noun")
    if known in words.ordinals:
        return Number(start, end, words.ordinals[known], words.ordinals[known], "ordinal")
    return Number(start, end, 1, 1, "article")


def _known(token: str, words: _Words) -> tuple[str | None, bool]:
    """The dictionary form of a token without its clitics, and whether "and" was glued to it."""
    tables: tuple[Any, ...] = (words.values, words.vague, words.nouns, words.ordinals, words.articles)
    if token in words.not_numbers:
        return None, False
    if any(token in table for table in tables):
        return token, False
    for prefix in words.prefixes:
        if token.startswith(prefix) and len(token) - len(prefix) >= 2:
            rest = token[len(prefix) :]
            if any(rest in table for table in tables[:4]):
                return rest, prefix == "و"
    for suffix in words.suffixes:
        if token.endswith(suffix) and token[: -len(suffix)] in words.values:
            return token[: -len(suffix)], False
    return None, False


def _digits(token: str, start: int, end: int, text: str) -> _Part | None:
    before = text[start - 1] if start else " "
    after = text[end : end + 12]
    if before.isalpha() and before.isascii():
        return None  # "mi17"
    if before in "-./:#" and start > 1 and (text[start - 2].isalnum()) and not text[start - 2].isdigit():
        return None  # "f-16", "covid-19"
    if before in "$€£" or (before in ".,:/" and start > 1 and text[start - 2].isdigit()):
        return None  # money, the second half of a decimal, a clock or a date
    if _DECIMAL.match(after) or _CLOCK.match(after) or _MEASURE.match(after) or _ORDINAL.match(after):
        return None
    if after[:1] == "/" or (after[:1] == "-" and after[1:2].isalpha() and after[1:2].isascii()):
        return None  # "8/9", "39-year-old"
    value = int(re.sub(r"\D", "", token))
    plain = token.isdigit()
    if (plain and len(token) == 4 and 1900 <= value <= 2100) or value > 2_000_000 or (plain and token[0] == "0"):
        return None
    return _Part(start, end, value, "exact", digits=True)


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
        elif current and (part.value == 100 or (part.value == 20 and 2 <= current < 10 and not part.glued)):
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
        if kept:
            before, between = kept[-1], text[kept[-1].end : number.start].strip()
            if before.kind == "article" and not between:
                kept[-1] = Number(before.start, number.end, number.low, number.high, number.kind)
                continue
            if number.kind == "noun" and before.kind in ("exact", "vague") and not between:
                continue  # "100 قتيل": the noun only says what is counted
            rising = before.kind == number.kind == "exact" and before.high < number.low <= 4 * before.high
            if rising and (between in words.ranges or between == "-"):
                kept[-1] = Number(before.start, number.end, before.low, number.high, "exact")
                continue
        kept.append(number)
    return kept
