"""What a wire says about a story beside telling it: corrected, withdrawn, sent again; read from its first words.

The words are in ``signals.yaml``. "KILL: Irak" is a kill and "Kill team in Mosul" is not: a head word counts
where punctuation or brackets set it off, or where it alone stands in capitals.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from tocsin.model import Article, Signal
from tocsin.text import fold, fold_term

WORDS = Path(__file__).parent / "signals.yaml"
_ORDER = (Signal.KILL, Signal.CORRECTION, Signal.REPEAT, Signal.ADVISORY, Signal.LEAD, Signal.UPDATE)
_NEAR_TOP = 400  # characters of the text that may carry a phrase
_SET_OFF = r"(?=\s*(?:[:\-/(\[\])*.|+]|$))"


@dataclass(frozen=True, slots=True)
class _Rules:
    head: re.Pattern[str]  # set off by punctuation, at the start
    bracketed: re.Pattern[str]  # in brackets, anywhere in the title
    plain: re.Pattern[str]  # at the start, before a space: counts only in capitals
    phrases: tuple[str, ...]


@lru_cache(maxsize=1)
def _rules() -> tuple[tuple[str, ...], dict[Signal, _Rules]]:
    data = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    bells = "|".join(re.escape(fold_term(word)) for word in data["bells"])
    opening = rf"\W*(?:(?:{bells})\b\W*)?(?:update \d\W+)?"
    rules = {}
    for signal in _ORDER:
        words = sorted((re.escape(fold_term(w)) for w in data[signal.value]["head"]), key=len, reverse=True)
        any_word = "|".join(words)
        rules[signal] = _Rules(
            head=re.compile(rf"{opening}(?:{any_word}){_SET_OFF}"),
            bracketed=re.compile(rf"[(\[]\s*(?:{any_word})\s*[)\]]"),
            plain=re.compile(rf"{opening}({any_word})\s"),
            phrases=tuple(fold_term(p) for p in data[signal.value].get("anywhere", ())),
        )
    return tuple(fold_term(p) for p in data["correction_first"]["anywhere"]), rules


def signal_of(article: Article) -> Signal:
    """What the story says it is: the format's own mark where there is one, else the words at its head."""
    if article.wire is not None and article.wire.signal is not Signal.NEW:
        return article.wire.signal
    replaces, rules = _rules()
    first_line = article.text.lstrip().split("\n", 1)[0][:200]
    top = f"{fold(article.title).text}\n{fold(article.text[:_NEAR_TOP]).text}"
    if any(phrase in top for phrase in replaces):
        return Signal.CORRECTION
    for signal in _ORDER:
        rule = rules[signal]
        if any(phrase in top for phrase in rule.phrases):
            return signal
        if _at_head(rule, article.title) or _at_head(rule, first_line):
            return signal
        if rule.bracketed.search(fold(article.title).text):
            return signal
    return Signal.NEW


def _at_head(rule: _Rules, line: str) -> bool:
    folded = fold(line)
    if rule.head.match(folded.text):
        return True
    found = rule.plain.match(folded.text)
    if found is None:
        return False
    start, end = folded.origin(*found.span(1))
    return line[start:end].isupper() and not line[end:].isupper()
