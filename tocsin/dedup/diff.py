"""What changed between two versions: the words, for people, and the facts, for the desk."""

from __future__ import annotations

import difflib
import re
from typing import Literal

from tocsin.dedup.wording import Wording, wording
from tocsin.model import Change, Count, Facts
from tocsin.text import fold_text

_TOKEN = re.compile(r"\s+|[^\s]+")
CONTEXT = 6  # words either side of a change
RESPELT = 0.8  # likeness of two spellings of a word
_CLOCK = re.compile(
    r"^\W*(?:\d{1,2}[:h]\d{2}(?::\d{2})?|\d{1,4}[-/.]\d{1,2}[-/.]\d{2,4}(?:t[\d:.z+-]+)?|[ap]\.?m\.?|gmt|utc)\W*$"
)
_FIGURE = re.compile(r"^\W*\d[\d.,k]*\W*$")
_MARKS = ".,:;!?()[]\"'-"
LONGEST = 20_000  # words: beyond, a word diff takes seconds


def words(old: str, new: str) -> str:
    """A diff that a person can read: ``… a toll of [-2-] {+5+} dead …``; "" when no word changed.

    >>> words("two men were killed in Kirkuk", "three men were killed in Kirkuk")
    '[-two-] {+three+} men were killed in Kirkuk'
    """
    before, after = old.split()[:LONGEST], new.split()[:LONGEST]
    parts: list[str] = []
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=len(before) > 1500)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            parts.append(_shortened(before[i1:i2], first=i1 == 0, last=i2 == len(before)))
            continue
        if i2 > i1:
            parts.append(f"[-{' '.join(before[i1:i2])}-]")
        if j2 > j1:
            parts.append(f"{{+{' '.join(after[j1:j2])}+}}")
    if before == after:
        return ""
    return " ".join(part for part in parts if part)


def kind(old: str, new: str, language: str = "") -> Literal["counter", "silent", "material"]:
    """What a new version changed: a clock or a counter of the page, the spelling of words, or what it says.

    >>> kind("Updated 10:45. Two men died.", "Updated 11:02. Two men died.")
    'counter'
    >>> kind("Two men were kiled.", "Two men were killed."), kind("Two men died.", "Six men died.")
    ('silent', 'material')
    """
    before, after, page = old.split()[:LONGEST], new.split()[:LONGEST], wording(language)
    found: Literal["counter", "silent"] = "counter"
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, before, after, autojunk=len(before) > 1500).get_opcodes():
        if tag == "equal" or (_ticks(before, i1, i2, page) and _ticks(after, j1, j2, page)):
            continue
        if not _respelt(before, after, range(i1, i2), range(j1, j2), page):
            return "material"
        found = "silent"
    return found


def _ticks(tokens: list[str], start: int, end: int, page: Wording) -> bool:
    """True for the time at which a page says it was updated, and numbers beside a word such as "views"."""
    for n in range(start, end):
        token = fold_text(tokens[n])
        if not (_CLOCK.match(token) and _near(tokens, n, 5) & page.updated) and not (
            _FIGURE.match(token) and _near(tokens, n, 1) & page.counted
        ):
            return False
    return True


def _near(tokens: list[str], n: int, words: int) -> set[str]:
    return {fold_text(token).strip(_MARKS) for token in tokens[max(0, n - words) : n + words + 1]}


def _respelt(before: list[str], after: list[str], old: range, new: range, page: Wording) -> bool:
    """True where each word stands for one that is nearly the same, and no number changed but those that tick."""
    if len(old) != len(new):
        return fold_text("".join(before[n] for n in old)) == fold_text("".join(after[n] for n in new))
    return all(
        _same_word(fold_text(before[i]), fold_text(after[j]))
        or (_ticks(before, i, i + 1, page) and _ticks(after, j, j + 1, page))
        for i, j in zip(old, new, strict=True)
    )


def _same_word(one: str, other: str) -> bool:
    if any(c.isdigit() for c in one + other):
        return one.strip(_MARKS) == other.strip(_MARKS)
    return one.strip(_MARKS) == other.strip(_MARKS) or difflib.SequenceMatcher(None, one, other).ratio() >= RESPELT


def _shortened(same: list[str], *, first: bool, last: bool) -> str:
    """Unchanged words, without the middle: a few on the sides that touch a change."""
    head = 0 if first else CONTEXT
    tail = 0 if last else CONTEXT
    if len(same) <= head + tail + 3:
        return " ".join(same)
    return " ".join([*same[:head], "…", *(same[-tail:] if tail else [])])


def material(old: Facts, new: Facts) -> tuple[Change, ...]:
    """The coded facts that are not what they were; what the new text merely leaves out is no change."""
    changes: list[Change] = []
    for name in ("killed", "wounded"):
        before, after = _count(getattr(old, name)), _count(getattr(new, name))
        if after is not None and after != before:
            changes.append(Change(name, "" if before is None else str(before), str(after)))
    for name in ("event_type", "target", "damage", "claim", "intercepted", "when"):
        was, now = getattr(old, name), getattr(new, name)
        if now is not None and (was is None or was.value != now.value):
            changes.append(Change(name, "" if was is None else str(was.value), str(now.value)))
    for name, show in (("places", "name"), ("weapons", "name")):
        had = [getattr(said.value, show) for said in getattr(old, name)]
        has = [getattr(said.value, show) for said in getattr(new, name)]
        if has and set(has) - set(had):
            changes.append(Change(name, ", ".join(had), ", ".join(has)))
    actors = [said.value for said in new.actors]
    if set(actors) - {said.value for said in old.actors}:
        changes.append(Change("actors", ", ".join(said.value for said in old.actors), ", ".join(actors)))
    return tuple(changes)


def _count(said: object) -> Count | None:
    value = getattr(said, "value", None)
    return value if isinstance(value, Count) else None
