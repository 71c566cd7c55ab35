"""Names and figures of a text in any script, as consonant skeletons: "حميد", "Hamîd" and "Hamid" meet.

Vowels, h, w and y go, because no two scripts agree on them; sounds that transliterations mix up are one letter.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from tocsin.text import fold_text

_ARABIC = str.maketrans(
    {
        "ب": "b", "پ": "b", "ت": "t", "ث": "t", "ج": "g", "چ": "s", "خ": "k", "د": "d", "ذ": "d", "ر": "r", "ڕ": "r",
        "ز": "s", "ژ": "s", "س": "s", "ش": "s", "ص": "s", "ض": "d", "ط": "t", "ظ": "d", "غ": "g", "ف": "f", "ڤ": "f",
        "ق": "k", "ک": "k", "ك": "k", "گ": "g", "ل": "l", "ڵ": "l", "م": "m", "ن": "n",
    }
)  # fmt: skip
# Longest first. "ch" is the French sh, "dj" and "dsch" the French and German j.
_LATIN = (
    ("tsch", "s"), ("dsch", "g"), ("sch", "s"), ("tch", "s"), ("sh", "s"), ("ch", "s"), ("kh", "k"), ("gh", "g"),
    ("dj", "g"), ("th", "t"), ("dh", "d"), ("ph", "f"), ("ck", "k"), ("ce", "s"), ("ci", "s"), ("cy", "s"),
)  # fmt: skip
_ONE = str.maketrans({"c": "k", "q": "k", "x": "ks", "z": "s", "j": "g", "v": "f", "p": "b", "ı": "", "ß": "s"})
_GONE = re.compile(r"[^bdfgklmnrst]")
_DOUBLE = re.compile(r"(.)\1+")
_ARTICLE = re.compile(r"^[وبفك]?(?:ال|لل)(?=..)")
_CLITIC = re.compile(r"^[وبلفك](?=...)")  # or the first letter of a name
_SPELLED = re.compile(r"(?<!\d)\d{1,3}(?:[.,'\u00a0\u202f\u066c ]\d{3})+(?!\d)|\d+")
_WORD = re.compile(r"[^\W\d_]+")  # hyphens and apostrophes cut: "al-", "'s", "'ün" are no part of a name
_ARABIC_WORD = re.compile(r"^[\u0600-\u06ff]")
_ENDING = re.compile(
    r"(?<=...)(?:ه?كاني?|ه?كهي?|هوه|يك|يش|دا|هاي?|اني?|تر)+$"
)  # Kurdish, Persian: the, a, too, in, plural
SHORTEST = 2  # consonants
LONG = 4  # consonants that make a name of one word
COMMON = Path(__file__).parent / "common_names.txt"
_USUAL = frozenset({"10", "12", "14", "24", "48", "72", "107", "122", *(str(year) for year in range(1990, 2040))})


@lru_cache(maxsize=65536)
def skeleton(word: str) -> str:
    """The consonants of a word in any script, as one alphabet of eleven letters.

    >>> skeleton("Muqdadiyah"), skeleton("Mouqdadiya"), skeleton("المقدادية")
    ('mkd', 'mkd', 'mkd')
    """
    folded = fold_text(word)
    if _ARABIC_WORD.match(folded):
        folded = _ARTICLE.sub("", folded).translate(_ARABIC)
    else:
        for spelling, sound in _LATIN:
            folded = folded.replace(spelling, sound)
        folded = folded.translate(_ONE)
    return _DOUBLE.sub(r"\1", _GONE.sub("", folded))


@lru_cache(maxsize=65536)
def _readings(word: str) -> frozenset[str]:
    """The skeletons of what may be a name: nothing for a small Latin word, several where a script has no capitals.

    There a first letter may be "and", "in", "to" or the name's own, and an ending the name's or the grammar's.
    """
    if _ARABIC_WORD.match(fold_text(word[0])):
        stem = _ENDING.sub("", fold_text(word))
        found = {skeleton(word), skeleton(_CLITIC.sub("", word)), skeleton(stem)}
    else:
        found = {skeleton(word)} if word[0].isupper() else set()
    return frozenset(bones for bones in found if len(bones) >= SHORTEST)


def names(text: str) -> frozenset[str]:
    """The skeletons of every word that may be a name: what two translations of one text share, among much else."""
    return frozenset().union(*(_readings(match.group()) for match in _WORD.finditer(text)))


def marks(text: str) -> frozenset[str]:
    """What is rare enough in a text to tell one happening from others, whatever the language: names and figures.

    A name is two words in a row ("rd md" for Raed Hamid and for رائد حميد), or one with four consonants or more.
    """
    found: set[str] = set()
    before: frozenset[str] = frozenset()
    for match in _WORD.finditer(text):
        word = match.group()
        readings = _readings(word)
        found |= {bones for bones in readings if len(bones) >= LONG}
        found |= {f"{one} {other}" for one in before for other in readings}
        # "al" and "bin" stand between the words of a name; a small Latin word ends one
        before = readings or (before if _small(word) else frozenset())
    return frozenset(found | {f for f in figures(text) if len(f) > 1 and f not in _USUAL}) - common()


def _small(word: str) -> bool:
    return word[0].isupper() or len(word) <= 2 or bool(_ARABIC_WORD.match(fold_text(word[0])))


@lru_cache(maxsize=1)
def common() -> frozenset[str]:
    """The marks that many stories have: ``tools/common_names.py`` counts them in the labelled corpus."""
    return frozenset(COMMON.read_text(encoding="utf-8").splitlines())


def figures(text: str) -> frozenset[str]:
    """The numbers of a text that are written in digits, however the thousands are set off.

    >>> sorted(figures("1,700 أو ١٧٠٠ in 2014"))
    ['1700', '2014']
    """
    return frozenset(re.sub(r"\D", "", m.group()).lstrip("0") or "0" for m in _SPELLED.finditer(fold_text(text)))
