"""Two texts made of the same words about different things: what their leads must not disagree on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from tocsin.dedup.keys import LEAD_WORDS, words
from tocsin.model import Article

_ORDINALS = """
    first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth
    premier premiere deuxieme troisieme quatrieme cinquieme sixieme septieme huitieme neuvieme dixieme
    erste ersten zweite zweiten dritte dritten vierte vierten funfte funften sechste sechsten
    eerste tweede derde vierde vijfde zesde zevende achtste
    الاول الاولي الثاني الثانيه الثالث الثالثه الرابع الرابعه الخامس الخامسه السادس السادسه السابع السابعه
    الثامن الثامنه التاسع التاسعه العاشر العاشره
"""
_ORDINAL = frozenset(_ORDINALS.split())
_ORDINAL_FORM = re.compile(r"^\d+(?:st|nd|rd|th|e|er|eme|ste|de)$")
_CAPITAL = re.compile(r"(?<![.!?…:»\"”]\s)(?<!^)(?<!\n)\b[A-ZÀ-ÞŞĞİÇÖÜ][\w'’-]{2,}")


@dataclass(frozen=True, slots=True)
class Conflict:
    """What two leads disagree on; "update" where only figures differ, "other" where it is another happening."""

    kind: Literal["none", "update", "other"]
    why: str = ""


def conflict(article: Article, title: str, text: str) -> Conflict:
    """Compare the lead of a new article with an archived one that shares much of its text."""
    ours, theirs = _Lead.of(article.title, article.text), _Lead.of(title, text)
    ours_all, theirs_all = ours.everything, theirs.everything
    lost, gained = ours.ordinals - theirs_all, theirs.ordinals - ours_all
    if lost and gained:
        return Conflict("other", f"its lead says {_some(lost)} where the other says {_some(gained)}")
    lost, gained = ours.names - theirs_all, theirs.names - ours_all
    if lost and gained:
        return Conflict("other", f"its lead names {_some(lost)} where the other names {_some(gained)}")
    lost, gained = ours.numbers - theirs_all, theirs.numbers - ours_all
    if lost and gained:
        return Conflict("update", f"it says {_some(lost)} where the other said {_some(gained)}")
    return Conflict("none")


def _some(found: set[str]) -> str:
    return ", ".join(f'"{word}"' for word in sorted(found)[:3])


@dataclass(frozen=True, slots=True)
class _Lead:
    ordinals: set[str]
    names: set[str]
    numbers: set[str]
    everything: set[str]  # all words of title and text

    @classmethod
    def of(cls, title: str, text: str) -> _Lead:
        body = words(text)
        lead = {*words(title), *body[:LEAD_WORDS]}
        head = f"{title}\n{text[: LEAD_WORDS * 8]}"
        names = {w for name in _CAPITAL.findall(head) for w in words(name)} & lead
        return cls(
            {w for w in lead if w in _ORDINAL or _ORDINAL_FORM.match(w)},
            names,
            {w for w in lead if w[0].isdigit()},
            {*words(title), *body},
        )
