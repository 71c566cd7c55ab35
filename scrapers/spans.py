"""How long ago something was, in words: "2 hours ago", "il y a une heure", "منذ ساعتين"; texts come here folded."""

from __future__ import annotations

import re
from datetime import timedelta

from tocsin.text import fold_term

_UNITS = {  # minutes: words
    1: "minute minutes min mins minuut minuten minuto minutos minuti dakika dk دقيقة دقائق دقیقه خولەک",
    60: "hour hours hr hrs h heure heures uur stunde stunden hora horas ora ore saat ساعة ساعات ساعت کاتژمێر",
    1440: "day days jour jours dag dagen tag tagen día días giorno giorni gün يوم أيام روز ڕۆژ",
    10080: "week weeks semaine semaines weken woche wochen semana semanas settimana settimane hafta أسبوع أسابيع هفته",
}
_TWOS = {1: "دقيقتين", 60: "ساعتين", 1440: "يومين", 10080: "أسبوعين"}  # Arabic has a number of its own for two
_MINUTES = {fold_term(word): size for size, words in _UNITS.items() for word in words.split()}
_PAIRS = {fold_term(word): 2 * size for size, word in _TWOS.items()}
_ONE = fold_term("an?|one|une?|een|eine[rmn]?|una|un'|bir|یک|یەک")
_HALF = fold_term("half an?|une demi|een half|einer halben|media|yarım|نصف|نیم")
_ABOUT = fold_term(r"(?:(?:environ|about|around|rund|etwa|ca\.?|ongeveer|unos|unas|yaklaşık|حوالي|نحو|حدود)\s+)?")
_BEFORE = fold_term("il y a|hace|vor|منذ|قبل")
_AFTER = fold_term("ago|geleden|fa|önce|پیش|لەمەوبەر")


def _any(words: dict[str, int]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


_AMOUNT = rf"(?:(\d{{1,3}})[\s-]*|(?:{_ONE})(?:(?<=')|\s+)|({_HALF})[\s-]+)"
_AGO = re.compile(
    rf"(?<!\w)(?:{_BEFORE})\s+{_ABOUT}(?:(?:{_AMOUNT})?({_any(_MINUTES)})|({_any(_PAIRS)}))(?![\w'])(?!\s+من\b)"
    rf"|(?<![\w.,:]){_ABOUT}{_AMOUNT}({_any(_MINUTES)})(?!\w)(?:,?\s+\d+\s*\w{{1,8}})?\s+(?:{_AFTER})(?!\w)"
)


def search(text: str) -> str:
    """The words of a folded text that say how long ago something was; "" where none do.

    >>> search("publie il y a une heure par la redaction"), search("two dead an hour after the blast")
    ('il y a une heure', '')
    """
    found = _AGO.search(text)
    return found.group() if found else ""


def ago(text: str) -> timedelta | None:
    """How long ago a folded text says something was; None where it says nothing of the kind.

    >>> ago(fold_term("منذ ساعتين")), ago("half an hour ago"), ago("an hour later")
    (datetime.timedelta(seconds=7200), datetime.timedelta(seconds=1800), None)
    """
    found = _AGO.search(text)
    if found is None:
        return None
    digits, half, unit, pair = (found.group(1) or found.group(5), found.group(2) or found.group(6),
                                found.group(3) or found.group(7), found.group(4))  # fmt: skip
    if pair:
        return timedelta(minutes=_PAIRS[pair])
    amount = int(digits) if digits else 0.5 if half else 1
    return timedelta(minutes=amount * _MINUTES[unit])
