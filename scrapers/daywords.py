"""What "yesterday" and "in the afternoon" are called in the languages of the outlets; texts come here folded.

Such a day counts only beside a time of day: alone, "today" stands in the head of every page, and "hier" is German.
"""

from __future__ import annotations

import re

from tocsin.text import fold_term

_DAYS = {
    0: "today aujourd'hui vandaag heute hoy bugün oggi hoje اليوم امروز ئەمڕۆ îro",
    1: "yesterday hier gisteren gestern ayer dün ieri ontem أمس الأمس بالأمس دیروز دوێنێ duh",
    2: "avant-hier eergisteren vorgestern anteayer",
}
_BACK = {fold_term(word): days for days, words in _DAYS.items() for word in words.split()}
_WORD = re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, sorted(_BACK, key=len, reverse=True)))})(?!\w)")
_BETWEEN = re.compile(r"[\s,.:|·•–-]*(?:(?:at|a|om|um|las|la|alle|as|saat|الساعه|ساعت|كاتزمير|كاتژمير|di|de)\s+){0,2}")
_REACH = 24  # characters before a time in which its day may stand

_LATE = "pm م مساء مساءً ب.ظ بعدازظهر عصر شب ÖS öğleden_sonra د.ن دوای_نیوەڕۆ ئێوارە"
_EARLY = "am ص صباحا صباحاً ق.ظ صبح ÖÖ پ.ن پێش_نیوەڕۆ بەیانی"
_HALVES = {fold_term(word.replace("_", " ")): late for words, late in ((_LATE, True), (_EARLY, False))
           for word in words.split()}  # fmt: skip
HALF = "|".join([r"a\.?\s?m\.?", r"p\.?\s?m\.?", *map(re.escape, sorted(set(_HALVES) - {"am", "pm"}, key=len)[::-1])])
_WHOLE = "|".join(map(re.escape, sorted((h for h in _HALVES if len(h) > 3), key=len, reverse=True)))
_HALF_APART = re.compile(rf"(?<!\w)(?:({_WHOLE})(?!\w)|(os|oo)\W*$)")  # "öğleden sonra 06:42", "10:17 - 3/7 مساءً"


def days_back(before: str, after: str) -> int | None:
    """How many days before today the words on either side of a time name; None where they name no such day.

    >>> days_back("publie hier a ", ""), days_back("stand: ", " today"), days_back("hier steht: ", "")
    (1, 0, None)
    """
    for found in _WORD.finditer(before[-_REACH:]):
        if _BETWEEN.fullmatch(before[-_REACH:], found.end()):
            return _BACK[found.group(1)]
    found_after = _WORD.match(after.lstrip(" ,-|·"))
    return _BACK[found_after.group(1)] if found_after else None


def hour_of(hour: int, half: str, before: str, after: str = "") -> int:
    """The hour of 24 that an hour of a 12-hour clock is, by the word behind it, or a whole word elsewhere in its line.

    >>> hour_of(6, "p. m.", ""), hour_of(12, "os", ""), hour_of(12, "", "oo "), hour_of(18, "", "")
    (18, 12, 0, 18)
    """
    words = half.replace(" ", "") if half[:1].isascii() and half not in _HALVES else half
    late = _HALVES.get(words.replace(".", "") if words.isascii() else words)
    if late is None and hour <= 12 and (found := _HALF_APART.search(before) or _HALF_APART.search(after)):
        late = _HALVES.get(found.group(1) or found.group(2))
    if late is None or hour > 12:
        return hour
    return hour % 12 + (12 if late else 0)
