"""The language of an article, down to bare headlines: short Latin texts go to the lexicon that knows most of them."""

from __future__ import annotations

from tocsin.flagging.gazetteer import ARABIC_SCRIPT
from tocsin.flagging.matcher import vocabulary
from tocsin.languages import languages
from tocsin.text import fold, language, script_is_rtl

SHORT = 200  # characters: below this, and undeclared, letter statistics guess wrong three times as often


def tongue(title: str, text: str, hint: str | None) -> str:
    """The language to read an article in, BCP 47.

    >>> tongue("IS gunmen kill 11 in Diyala", "", None)
    'en'
    """
    whole = f"{title}\n{text[:1500]}".strip()
    sure = len(whole) > SHORT or script_is_rtl(whole)
    declared = hint.lower().replace("_", "-").split("-")[0] if hint else ""
    if sure or hint:
        found = language(whole, hint)
        if sure or found == declared:
            return found  # else letters gainsay what is declared, in a text too short for them
    folded = fold(whole).text
    known = {code: _known(folded, code) for code in languages() if code not in ARABIC_SCRIPT}
    best = [code for code, n in known.items() if n == max(known.values())]
    if len(best) == 1 or declared in best:
        return declared if declared in best else best[0]
    guess = language(whole)
    return guess if guess in best or not any(known.values()) else "en" if "en" in best else best[0]


def _known(folded: str, code: str) -> int:
    """How many characters of a text the lexicon of a language knows, place names left out."""
    seen = bytearray(len(folded))
    for hit in vocabulary(code).find(folded):
        seen[hit.start : hit.end] = b"\x01" * (hit.end - hit.start)
    return sum(seen)
