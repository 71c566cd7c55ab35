"""How else a language writes the name of an Iraqi place: its own transliteration, its word for a town, a borrowed name.

The rules stand in the language's file: ``designators`` ("{} district"), ``nearby`` ("road to {}"), ``spellings`` (pairs
of letters: French writes "ch" where English has "sh") and ``borrows`` (Persian takes the Arabic name, most often
without its article).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from tocsin.text import fold_term

SHORT = 5  # letters: what is shorter is another word too often
MOST = 3  # rules applied to one name, in every combination


def rewritten(name: str, rules: Sequence[Sequence[str]]) -> Iterator[str]:
    """The name in every mixture of a language's spelling rules, without the name itself.

    >>> sorted(rewritten("sinjar", [["j", "dj"], ["q", "k"]]))
    ['sindjar']
    """
    forms = {name}
    applied = 0
    for old, new in rules:
        if applied == MOST:
            break
        changed = {_replaced(form, old, new) for form in forms} - forms
        applied += bool(changed)
        forms |= changed
    yield from forms - {name}


def _replaced(name: str, old: str, new: str) -> str:
    """With one sound written otherwise; a rule that ends in $ is for the end of a word."""
    if not old.endswith("$"):
        return name.replace(old, new)
    stem = old[:-1]
    return " ".join(w.removesuffix(stem) + new if w.endswith(stem) else w for w in name.split(" "))


def designated(name: str, forms: Iterable[str], script: str) -> Iterator[str]:
    """A name beside each of a language's words for a town, in Latin script with the article "al-" as well.

    >>> list(designated("Hit", ["{} district", "ville de {}", "ville d'{}"], "x"))
    ['Hit district', 'ville de Hit', 'ville de al-Hit', "ville d'al-Hit"]
    """
    for form in forms:
        elided = form.endswith("'{}")
        if not elided or name[0] in "AEIOU":
            yield form.format(name)
        if script == "x" and form.endswith("{}"):  # before "district" the article needs no pattern of its own
            yield form.format(f"al-{name}")


def neighbouring(name: str, forms: Iterable[str], rules: Sequence[Sequence[str]]) -> Iterator[str]:
    """A name that is a common word where something is said to be near it, in every spelling of the language.

    >>> sorted(neighbouring("Zubair", ["near {}", "près d'{}"], [["u", "ou"]]))
    ['near Zubair', 'near zoubair']
    """
    folded = fold_term(name)
    spelled = [name, *(rewritten(folded, rules) if len(folded) >= SHORT else ())]
    yield from (
        form.format(word) for form in forms for word in spelled if name[0] in "AEIOU" or not form.endswith("'{}")
    )


def borrowed(spelling: str, rule: Mapping[str, Any]) -> tuple[str, bool]:
    """A name as another language takes it over, and whether it can stand alone, without "the town of"."""
    bare = spelling.removeprefix(str(rule.get("without", "")))
    return bare, " " in spelling or bare == spelling or len(fold_term(bare)) >= SHORT
