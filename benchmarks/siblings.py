"""Copies against siblings from one template: pairs made from our own forms, and sixty edited one by one.

A copy of a story has another headline and lead, is cut, or has text around it; a sibling has every word of the form
and another place, name, day or number in its slots. Both share whole paragraphs: overlap alone tells them badly.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from tocsin.archive import Archive
from tocsin.dedup import keys
from tocsin.dedup.guard import body, conflict
from tocsin.dedup.keys import words
from tocsin.dedup.likeness import signs
from tocsin.model import Article, Outcome
from tocsin.text import language

DATA = Path(__file__).parent / "data" / "siblings.yaml"
EDITS = DATA.with_name("edits.yaml")
NOW = datetime(2026, 3, 14, 6, 0, tzinfo=UTC)
NOTE = {
    "ar": "تابعونا على قناتنا في تلغرام لآخر الأخبار",
    "fr": "Lire aussi nos autres articles",
    "de": "Mehr zum Thema",
}


@dataclass(frozen=True, slots=True)
class Pair:
    """An article, a later one, and whether that is the same story."""

    form: str
    kind: str
    same: bool
    first: Article
    second: Article


def pairs() -> list[Pair]:
    """Every story with its copies and with the stories of the same form around it."""
    forms = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    return [pair for form in forms for pair in (*_siblings(form), *_copies(form))]


def edits() -> list[Pair]:
    """Stories beside their edits, and beside stories of the same desk, form or reporter: written one by one."""
    stories = yaml.safe_load(EDITS.read_text(encoding="utf-8"))
    return [_edit(story, then, n) for story in stories for n, then in enumerate(story["then"], 1)]


def _edit(story: dict[str, Any], then: dict[str, Any], n: int) -> Pair:
    name, kept = story["id"], story["text"]
    text = "\n".join(kept[part] if isinstance(part, int) else part for part in then["text"])
    for was, now in then.get("with", {}).items():
        text = text.replace(was, now)
    first = _told(f"https://{name}.example/0", story["title"], "\n".join(kept), NOW)
    at = NOW + timedelta(hours=then["hours"])
    second = _told(f"https://{name}.example/{n}", then["title"], text, at)
    return Pair(name, then["kind"], then["same"], first, second)


def _siblings(form: dict[str, Any]) -> Iterator[Pair]:
    for one, other in pairwise(form["slots"]):
        first = _article(form, one, 0)
        yield Pair(form["id"], "sibling", False, first, _article(form, other, form["hours"]))
        yield Pair(form["id"], "sibling, cut", False, first, _cut(_article(form, other, form["hours"])))
        yield Pair(form["id"], "sibling, other words", False, first, _retold(form, other, form["hours"]))
        yield Pair(form["id"], "sibling, same day", False, first, _article(form, other, form["hours"] % 8 + 1))


def _copies(form: dict[str, Any]) -> Iterator[Pair]:
    for n, slots in enumerate(form["slots"]):
        first = _article(form, slots, 0)
        note = NOTE.get(form["id"].rpartition("-")[2], "Read more on our site")
        whole = _article(form, slots, 2)
        yield Pair(form["id"], "other headline", True, first, _with(whole, _retold(form, slots, 0).title, whole.text))
        yield Pair(form["id"], "other headline and lead", True, first, _retold(form, slots, 3))
        yield Pair(form["id"], "other words, cut", True, first, _cut(_retold(form, slots, 5)))
        yield Pair(form["id"], "next morning", True, first, _with(_article(form, slots, 15), whole.title, whole.text))
        yield Pair(form["id"], "note around", True, first, _with(whole, whole.title, f"{note}\n{whole.text}\n{note}"))
        yield Pair(form["id"], "typing mistakes", True, first, _with(whole, whole.title, _mistyped(whole.text, n)))


def _article(form: dict[str, Any], slots: dict[str, Any], hours: float) -> Article:
    at = NOW + timedelta(hours=hours)
    title, text = form["title"].format(**slots), form["text"].format(**slots).strip()
    return _told(f"https://{form['id']}.example/{title}/{hours}", title, text, at)


def _retold(form: dict[str, Any], slots: dict[str, Any], hours: float) -> Article:
    """Under another headline, with another lead, the other paragraphs as they are."""
    made, other = _article(form, slots, hours), form["other"]
    rest = made.text.split("\n")[1:]
    return _with(made, other["title"].format(**slots), "\n".join([other["lead"].format(**slots), *rest]))


def _cut(article: Article) -> Article:
    return _with(article, article.title, "\n".join(article.text.split("\n")[:-1]))


def _with(article: Article, title: str, text: str) -> Article:
    return _told(f"{article.url}/{len(text)}", title, text, article.published)


def _told(url: str, title: str, text: str, at: datetime | None) -> Article:
    return Article(url, title, text, language(f"{title}\n{text}"), published=at)


def _mistyped(text: str, seed: int) -> str:
    """One word in fifteen with two letters exchanged."""
    r = random.Random(seed)
    words = text.split(" ")
    for n in range(0, len(words), 15):
        word = words[min(n + r.randrange(15), len(words) - 1)]
        if len(word) > 5 and word.isalpha():
            words[words.index(word)] = word[0] + word[2] + word[1] + word[3:]
    return " ".join(words)


def scores(made: Sequence[Pair]) -> list[float]:
    """How likely each pair tells one story, by the score that the decision asks."""
    return [likeness(pair.first, pair.second) for pair in made]


def likeness(first: Article, second: Article) -> float:
    """The same of any two articles."""
    one, other = body(first.title, first.text, second.language), body(second.title, second.text, second.language)
    clash = conflict(other, one, contained=False).kind == "other"
    return signs(other, one, (second.published or NOW) - (first.published or NOW), clash=clash).likeness


def containment(first: Article, second: Article) -> float:
    """The share of the shorter text's shingles of five words that the longer has: what overlap alone says."""
    one, other = (
        {tuple(w[i : i + 5]) for i in range(max(1, len(w) - 4))} for w in map(words, (first.text, second.text))
    )
    return len(one & other) / max(1, min(len(one), len(other)))


def auc(found: Sequence[float], same: Sequence[bool]) -> float:
    """The chance that a copy scores above a sibling; ties count half."""
    yes = [s for s, y in zip(found, same, strict=True) if y]
    no = [s for s, y in zip(found, same, strict=True) if not y]
    above = sum((a > b) + 0.5 * (a == b) for a in yes for b in no)
    return above / max(1, len(yes) * len(no))


def joined(first: Article, second: Article) -> bool:
    """True where the second article becomes a copy of the first."""
    with Archive.memory() as archive:
        for article in (first, second):
            found = keys(article)
            decision = archive.decide(article, found, now=article.published or NOW)
            archive.store(article, found, decision, now=article.published or NOW)
        return decision.outcome is Outcome.COPY
