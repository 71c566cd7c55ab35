"""Spelling: one folded form of every script, with the way back to the characters as stored.

Folding is one character to one character wherever it can be, so that offsets in the folded text are
offsets in the stored one; only where a text holds characters that must go (marks, tatweel, zero
width) is an offset map kept. It is the same for patterns, texts and search queries.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Any

# Letters that writers, keyboards and agencies exchange freely.
_SAME = {
    "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ٲ": "ا", "ٳ": "ا",
    "ى": "ي", "ی": "ي", "ې": "ي", "ئ": "ي", "ێ": "ي",
    "ؤ": "و", "ۆ": "و", "ۇ": "و",
    "ة": "ه", "ە": "ه", "ۀ": "ه", "ہ": "ه", "ھ": "ه",
    "ک": "ك", "ڪ": "ك", "ڕ": "ر", "ڵ": "ل",
    "ı": "i", "ø": "o", "đ": "d", "ł": "l", "ß": "s", "œ": "o", "æ": "a", "ð": "d", "þ": "t",
    "’": "'", "‘": "'", "ʼ": "'", "´": "'", "`": "'", "ʿ": "'", "ʾ": "'", "′": "'",
    "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‟": '"',
    "–": "-", "—": "-", "‑": "-", "‐": "-", "−": "-", "ـ": None,
    "،": ",", "؛": ";", "؟": "?", "٪": "%", "٫": ".", "٬": ",",
    "…": ".",
}  # fmt: skip
_GONE = (
    [chr(c) for c in range(0x0610, 0x061B)] + [chr(c) for c in range(0x064B, 0x0660)]
    + [chr(c) for c in range(0x06D6, 0x06DD)] + [chr(c) for c in range(0x06DF, 0x06E9)] + ["ٰ", "ـ"]
    + [chr(c) for c in range(0x0300, 0x0370)]
    + list("\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff")
)  # fmt: skip
_DROP = re.compile("[" + "".join(map(re.escape, _GONE)) + "]")


def _fold_char(char: str) -> str:
    """The folded form of one character; exactly one character."""
    if char in _SAME:
        return _SAME[char] or char
    if char.isspace():
        return "\n" if char in "\n\r\u2028\u2029" else " "
    if char.isdigit():
        try:
            return str(unicodedata.digit(char))
        except ValueError:
            return char
    base = unicodedata.normalize("NFKD", char.lower()).lower()  # twice: "𝕊" is a capital only once decomposed
    base = "".join(c for c in base if not unicodedata.combining(c)) or char
    return _SAME.get(base[0]) or base[0] if len(base) == 1 else char.lower()[0]


class _Table(dict[int, int]):
    """Folded code points, worked out when first met; ASCII is filled in, so most lookups are hits."""

    def __missing__(self, code: int) -> int:
        self[code] = folded = ord(_fold_char(chr(code)))
        return folded


_TABLE = _Table({c: ord(chr(c).lower()) for c in range(128)})
_TABLE[ord("\r")] = ord("\n")
_TABLE[ord("\t")] = ord(" ")
_TABLE[ord("`")] = ord("'")


class _Letters(dict[int, int | None]):
    """Folded code points of letters and digits; None for all else."""

    def __missing__(self, code: int) -> int | None:
        folded = chr(_TABLE[code])
        self[code] = kept = ord(folded) if (folded.isalnum() or folded == "_") and chr(code) not in _GONE else None
        return kept


_LETTERS = _Letters()
_ASCII = bytes(_LETTERS[code] or 0 for code in range(128)) + bytes(128)
_ASCII_GONE = bytes(code for code in range(128) if _LETTERS[code] is None)
_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_RARE = 1.06  # bytes for a character: about one letter in twenty has an accent

_SHORT_RUN = 9  # characters: longer runs do not come again


def _is_foreign(text: str) -> bool:
    return len(text.encode("utf-8", "replace")) >= _RARE * len(text)


def _mapped(text: str) -> str:
    """``text.translate(_TABLE)``, which is many times faster where all is ASCII: what little is not, goes first."""
    if not text.isascii() and not _is_foreign(text):
        text = _FOREIGN.sub(lambda run: run.group().translate(_TABLE), text)  # a letter folded twice is folded once
    return text.translate(_TABLE)


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text; ``offsets`` is None where positions are those of the stored text."""

    text: str
    offsets: tuple[int, ...] | None = None  # stored position of each folded character, and one past the end

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Positions in the stored text of a stretch of the folded one."""
        if self.offsets is None:
            return start, end
        last = self.offsets[end - 1] + 1 if end > start else self.offsets[start]
        return self.offsets[start], last


def fold(text: str) -> Folded:
    """Fold case, accents, Arabic letter forms, digits and quotes, keeping the way back.

    >>> fold("Bagdad visée : ٢ roquettes").text
    'bagdad visee : 2 roquettes'
    >>> fold("بَغْدَاد").text == fold("بغداد").text
    True
    """
    if text.isascii() or not _DROP.search(text):
        return Folded(_mapped(text))
    keep = [i for i, c in enumerate(text) if not _DROP.match(c)]
    folded = "".join(text[i] for i in keep).translate(_TABLE)
    return Folded(folded, (*keep, len(text)))


def fold_text(text: str) -> str:
    """The folded text alone: ``fold(text).text`` without the way back, five times as fast where marks must go."""
    return _mapped(_DROP.sub("", text))


def letters(text: str) -> str:
    """Letters, digits and underscores alone, folded: what two ways of writing one text share.

    >>> letters("Bagdad visée : « ٢ roquettes »")
    'bagdadvisee2roquettes'
    """
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
        if _is_foreign(text):
            return text.translate(_LETTERS)
        text = _FOREIGN.sub(_letters_in, text)
        if not text.isascii():
            return text.translate(_LETTERS)
    return text.encode("ascii").translate(_ASCII, _ASCII_GONE).decode("ascii")  # a third of the time


def _letters_in(found: re.Match[str]) -> str:
    run = found.group()
    return _letters_of(run) if len(run) < _SHORT_RUN else run.translate(_LETTERS)


@lru_cache(maxsize=4096)  # curly quotes and a few accented letters, over and over
def _letters_of(run: str) -> str:
    return run.translate(_LETTERS)


@lru_cache(maxsize=4096)
def fold_term(text: str) -> str:
    """The folded form of a short pattern or query, decomposed accents included."""
    return fold(unicodedata.normalize("NFC", text)).text


_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\u2028\u2029]")
_TAG = re.compile(r"<[!/?a-zA-Z][^<>]{0,2000}>")
_HALF = re.compile("[\ud800-\udfff]")  # of a surrogate pair: no encoding of Unicode has it
_UNFIT = re.compile(f"{_CONTROL.pattern[:-1]}{_HALF.pattern[1:]}")
_BREAK = re.compile("[\x0b\x0c\x85\u2028\u2029]")  # line ends of word processors
_ENDLESS = re.compile(r"&#\d{9,};?")  # no letter has such a number, and Python reads none of 4,300 digits


def whole(text: str) -> str:
    r"""The text with U+FFFD in place of each half of a surrogate pair: it can be matched, sent and stored.

    >>> whole("cut inside an emoji: \ud83d") == "cut inside an emoji: \ufffd"
    True
    """
    if text.isascii():
        return text
    try:
        text.encode("utf-16-le")  # the quickest way to find one
    except UnicodeEncodeError:
        return _HALF.sub("\ufffd", text)
    return text


def unescape(text: str) -> str:
    """``html.unescape`` that no reference stops, however many digits it has."""
    try:
        return html.unescape(text)
    except ValueError:
        return html.unescape(_ENDLESS.sub("\ufffd", text))


def clean_line(text: str, limit: int = 2000) -> str:
    """A title, name or source as one safe line: no tags, controls or bidi overrides, at most ``limit`` characters."""
    text = _TAG.sub(" ", text) if "<" in text else text
    text = unescape(text) if "&" in text else text
    text = _TAG.sub(" ", text) if "<" in text else text
    if not text.isprintable():  # quick to tell, and most are
        text = whole(_CONTROL.sub(" ", text))
    text = unicodedata.normalize("NFC", text)
    return " ".join(text.split())[:limit]


def clean_text(text: str, limit: int = 2_000_000) -> str:
    """A body as plain paragraphs, one a line: no controls, no bidi overrides, no soft hyphens."""
    text = unicodedata.normalize(
        "NFC", _UNFIT.sub(_fit, _BREAK.sub("\n", text.replace("\r\n", "\n"))).replace("\u00ad", "")
    )
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)[:limit]


def _fit(found: re.Match[str]) -> str:
    """What stands for a character that must go: a blank for a control, lest two figures become one; else nothing."""
    if found.group() < "\xa0":
        return " "
    return "\ufffd" if "\ud800" <= found.group() <= "\udfff" else ""


_END = re.compile(r"[.!?؟…]+[\"'»”)\]]*(?=\s|$)|\n+")
_ABBREVIATION = re.compile(
    r"(?:\b(?:m|mm|mme|dr|mr|mrs|ms|st|gen|gén|col|lt|sgt|maj|no|nr|z\.b|u\.s|u\.k|d\.c|j\.-c|bzw|ca|inkl|etc|al|env|prof|jr|sr|vs|art|km|a\.m|p\.m)"
    r"|\b[a-z])\.$",
    re.I,
)
# A number with a full stop goes on as an ordinal ("am 3. Juli", "der 2. Brigade", a list's "1."), not as a toll.
_ORDINAL = re.compile(
    r"(?:^|[\n(]|\b(?:am|der|die|das|den|dem|des|im|zum|zur|vom|bis|ab|seit|beim|op|het))\s*\d{1,2}\.$", re.I
)
_MONTH = re.compile(
    r"\s(?:januar[iy]?|februar[iy]?|m[aä]rz|maart|april|ma[iy]|mei|jun[ie]|jul[iy]|august(?:us)?|september|o[ck]tober"
    r"|november|de[cz]ember)\b",
    re.I,
)


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each sentence; a newline always ends one."""
    start = 0
    for match in _END.finditer(text):
        if match.group() == "." and _goes_on(text, start, match.end()):
            continue
        yield from _stretch(text, start, match.end())
        start = match.end()
    yield from _stretch(text, start, len(text))


def _goes_on(text: str, start: int, end: int) -> bool:
    """True for the full stop of "M. Kazimi", "U.S. troops", "am 3. Juli", unless it is the end."""
    if not text[end : end + 3].strip():
        return False
    if not text[end - 2].isdigit():
        return _ABBREVIATION.search(text[max(start, end - 8) : end]) is not None
    if _ORDINAL.search(text[max(start, end - 9) : end]):
        return True
    return not text[end - 4 : end - 1].isdigit() and _MONTH.match(text[end : end + 12]) is not None


def _stretch(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        yield start, end


_ARABIC = re.compile(r"[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff]+")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]+")
_SORANI = re.compile(r"[ێۆڕڵەڤ]")
_SORANI_TYPED = re.compile(r"ه\u200c(?!ها|ای|ان|ام|ی)")  # for ە on other keyboards; Persian has it before endings
_PERSIAN_LETTERS = re.compile(r"[پچژگ]")
_PERSIAN_WORDS = re.compile(r"\b(?:می|است|این|که|های|را|شد|از|در|با|برای|کرد|گفت)\b")
_ARABIC_ONLY = re.compile(r"[ةىأإ]|\bال")
_URDU = re.compile(r"[ٹڈڑںے]")
_LATIN_LANGUAGES = ("fr", "en", "nl", "de", "es", "tr", "it", "pt", "sv", "da", "no", "pl", "ro", "ku", "af")
_SPOKEN = {"ku": "kmr"}  # the model's Kurdish is what is written in Latin letters: Kurmanji


# Small words that settle most texts at once; the model (0.7 s to load) is asked only for the others.
_SMALL_WORDS = {
    "en": "the of and to in that was for on with by from said are were has have been his they which their it is as",
    "fr": "le la les des du une dans est que qui pour sur par au aux avec ont été cette sont son plus ne pas et selon",
    "nl": "het een van en dat op te zijn voor met niet bij aan ook naar werd heeft door zich om uit hij wordt ze deze",
    "de": "der die das und den von dem mit ist im auf für nicht sich eine ein als auch nach bei wurde einem sind zu",
    "es": "el los las del en que y por una con para se su al lo como más fue ha sus este entre un esta desde según",
    "it": "il di che è della per non sono nel alla del le gli da dei ha con più anche delle una stato dopo nella",
    "tr": "ve bir bu için ile olarak da de olan en daha çok sonra kadar ise olduğu tarafından gibi göre değil",
    "af": "die nie n vir hulle gesê hy sy deur wat hul teen haar daar",
    "pt": "o os da do dos das em não uma um para com por mais foi que na no ao pela são também seu",
}
_VOTES: dict[str, frozenset[str]] = {}
for _code, _words in _SMALL_WORDS.items():
    for _word in _words.split():
        _VOTES[_word] = _VOTES.get(_word, frozenset()) | {_code}
_WORD = re.compile(r"[^\W\d_]+")


def _count(pattern: re.Pattern[str], text: str) -> int:
    return sum(map(len, pattern.findall(text)))


def _by_small_words(sample: str) -> str | None:
    """The language whose small words clearly outnumber every other's, or None."""
    votes: Counter[str] = Counter()
    for word, times in Counter(_WORD.findall(sample.lower())).items():
        for code in _VOTES.get(word, ()):
            votes[code] += times
    (first, most), (_, next_most) = (votes.most_common(2) + [("", 0)] * 2)[:2]
    return first if most >= 4 and most >= 2 * next_most else None


_LOADING = Lock()


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages([code for code in _LATIN_LANGUAGES if code in set(identifier.nb_classes)])
    return identifier


def language(text: str, hint: str | None = None) -> str:
    """The language of a text, BCP 47; "und" when it cannot be told.

    Args:
        hint: What the feed or the page declares; decides where the text is too short to tell.
    """
    sample = text[:1500]
    arabic, latin = _count(_ARABIC, sample), _count(_LATIN, sample)
    hint = hint.lower().replace("_", "-").split("-")[0] if hint else None
    if arabic + latin < 3:
        return hint or "und"
    if arabic >= latin:
        return _arabic_script(sample, hint)
    if latin < 40 and hint and hint not in {"ar", "fa", "ckb"}:
        return hint
    found = _by_small_words(sample)
    if found:
        return found
    with _LOADING:  # eight threads that each load the model take 70 MB and a second each
        identifier = _identifier()
    code = str(identifier.classify(sample)[0])
    return _SPOKEN.get(code, code)


def _arabic_script(sample: str, hint: str | None) -> str:
    """Tell Arabic, Persian, Sorani and Urdu apart by the letters and small words that only one of them has."""
    sorani, persian = len(_SORANI.findall(sample)), len(_PERSIAN_LETTERS.findall(sample))
    persian_words, arabic = len(_PERSIAN_WORDS.findall(sample)), len(_ARABIC_ONLY.findall(sample))
    size = max(1, len(sample))
    if len(_URDU.findall(sample)) / size > 0.02:
        return "ur"
    typed = len(_SORANI_TYPED.findall(sample))
    if sorani / size > 0.02 or ((sorani + typed) / size > 0.02 and typed > 2 * persian_words and hint != "fa"):
        return "ckb"
    if persian_words > arabic or (persian / size > 0.015 and arabic / size < 0.02):
        return "fa"
    if hint in {"fa", "ckb", "ar"} and size < 25 and not arabic:
        return hint
    return "ar"


def script_is_rtl(text: str) -> bool:
    """True when most letters of a text are of a right-to-left script."""
    return _count(_ARABIC, text) > _count(_LATIN, text)
