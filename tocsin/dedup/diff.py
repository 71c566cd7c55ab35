"""What changed between two versions: the words, for people, and the facts, for the desk."""

from __future__ import annotations

import difflib
import re

from tocsin.model import Change, Count, Facts

_TOKEN = re.compile(r"\s+|[^\s]+")
CONTEXT = 6  # words either side of a change
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
