"""Who a page says wrote its text: names taken out of bylines, as outlets write them in many languages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from scrapers import dates, masthead
from scrapers.masthead import Line
from tocsin.origins import is_agency, is_credit, is_nobody
from tocsin.text import clean_line, fold_term

_BY_WORDS = r"by|par|von|door|por|di|da|deur|yazan|بقلم|كتب(?:ه|ت)?|تأليف|إعداد|نوشته|نویسنده|مصنف|ئامادەکردنی|نووسینی"
_BY = re.compile(
    rf"^(?:written |texte? |reported |story |posted |submitted )?(?:{_BY_WORDS})(?:\s*[:,]\s*|\s+|$)"
    r"|^(?:author|auteur|autor|yazar|muhabir|haber|report(?:age|aje)?|bericht|المحرر|الكاتب|تقرير|مراسلنا|گزارش|خبرنگار"
    r"|ڕاپۆرت|پەیامنێر)(?:e?s)?\s*:\s*",
    re.I,
)
_BY_WITHIN = re.compile(r"[\s,/|·–—-](?:(?i:by|par|von|door|por)|بقلم)\s*:?\s(?=\W{0,3}[A-ZÀ-ÞĀ-Ž\u0600-\u06ff])")
_SOURCE = re.compile(r"^(?:source|quelle|bron|fuente|kaynak|المصدر)\s*:?\s+", re.I)
_JOINED = (
    r",|،|;|\||·|&|•|\band\b|\bet\b|\bog\b|\bund\b|\ben\b(?= [A-Z])|\by\b(?= [A-ZÁÉÍÓÚ])"
    r"|\bve\b(?= [A-ZÇİÖŞÜ])"
)
_AND = re.compile(rf"\s*(?:{_JOINED}|\s/\s)\s*")
_WITH = r"\b(?:avec|with|mit|met)\b(?= )|\bcon\b(?= [A-Z])"
_AND_WITH = re.compile(rf"\s*(?:{_JOINED}|/|\s[-–—]\s|{_WITH})\s*")
_HOUSE_WITH = re.compile(rf"^[^,;/|]{{2,40}} (?:{_WITH}) [\w ,/&-]{{2,60}}$")  # "FRANCE 24 avec AFP et Reuters"
_NO_NAME = re.compile(
    r"https?:|www\.|@|\d{2}:\d{2}|\b(?:updated|published|publié|(?-i:minutes?|min)|ago|read|share|views?|comments?|follow)\b",
    re.I,
)
_FIGURE = re.compile(r"(?P<before>[^\W\d_]+)?\W*?(?P<figure>\d+)(?P<more>[/.:h-]\d)?\W*(?P<after>[^\W\d_]+)?")
_COUNTED = frozenset({"min", "mins", "minutes", "hours", "h", "heures", "uur", "views", "comments", "days"})
_JOINT = re.compile(r"[\s·,|(–-]*(?:\b(?:on|le|am|op|el|at|à)\b[\s·,]*)?(?:\b[^\W\d_]{2,10}\.?,?\s*)?$")
_CITY = re.compile(r"^[^\W\d_]{2,14}(?: [^\W\d_]{2,14})?\s*:\s+(?=\S)")  # "ديالى: حسين الكعبي"
_BEHIND = re.compile(r"\d{1,2}:\d{2}(?: ?(?:uhr|uur|h))? [-–—|·] (\D+)$", re.I)
_INITIALS = re.compile(r"[a-z]{1,4}")
_AGENCY_INITIALS = frozenset({"dpa", "afp", "apa", "sda", "ats", "ap", "rtr", "anp"})
_BOX = re.compile(
    r"byline|(?:^|[\s_-])by(?![\w-])|author|auteur|autor|signa|writer|journalist|reporter|redact|redak|yazar|muhabir|created-?by"
)
_DATED_BOX = re.compile(r"meta|info|detail|publi|date|time")
_CREDIT_BOX = re.compile(r"byline|author|auteur|autor|signa|source|quelle|kaynak|agenc|credit")
_BUTTONS = frozenset({"AA", "Aa", "A A"})  # of the size of letters; no agency
_TAGGED = 40  # characters of a line of a few words, one of them an agency
_LABEL = 80  # characters of a line that only names someone
_LABELS = re.compile(
    r"(?:sources?|bron|quelle|fuente|fonte|kaynak|editor|editing|redaktion|redactie|المصدر|سەرچاوە|منبع|تحرير)\s*:",
    re.I,
)
_CREDIT = re.compile(
    r"(?:sources?|bron|quelle|fuente|fonte|kaynak|المصدر|سەرچاوە|منبع)\s*:?\s|.{0,40}\b(?:avec|with|mit|met) [A-Z]",
    re.I,
)
_CASELESS = re.compile(r"[^\W\d_a-zA-ZÀ-ɏ]")
_NOBODY = frozenset({"admin", "administrator", "webmaster", "editor"})
_STAFF = frozenset({"staff", "agencies", "newsroom", "desk", "team", "correspondent", "reporters", "and"})
_CAPITAL = re.compile(r"[A-ZÀ-ÞĀ-Ž][\w'’.-]*|d[aeu]s?|al|el|van|von|bin|ben|abu|de[nr]?|la|le")


def split_names(text: str) -> list[str]:
    """The names in a byline; an outlet that names the agencies it wrote with stays one name.

    >>> split_names("By Jane Doe and Ali Hassan"), split_names("FRANCE 24 avec AFP et Reuters")
    (['Jane Doe', 'Ali Hassan'], ['FRANCE 24 avec AFP et Reuters'])
    """
    text = _bare(text)
    return [text] if _HOUSE_WITH.match(text) and _is_name(text) else _names(text, _AND)


def _bare(text: str) -> str:
    """A byline without "By", "Source:" and the city before its names."""
    bare = _SOURCE.sub("", _BY.sub("", clean_line(text, 300)))
    city = _CITY.match(bare)
    if city and is_agency(house := city.group().rstrip(": ")):  # "رويترز: بغداد" is the other way round
        return house
    return bare[city.end() :] if city else bare


def _names(text: str, between: re.Pattern[str]) -> list[str]:
    found = (re.sub(r"\s*\([^()]{1,12}\)$", "", part.strip(" .-–—:·«»")) for part in between.split(text))
    return [name for name in found if _is_name(name)]


def _is_name(part: str) -> bool:
    if not 1 < len(part) <= 60 or _NO_NAME.search(part) or not any(c.isalpha() for c in part):
        return False
    if dates.is_calendar_word(part) or dates.names_day(fold_term(part)):
        return False
    return not _INITIALS.fullmatch(part) or part in _AGENCY_INITIALS


def each_once(names: Iterable[str]) -> tuple[str, ...]:
    """Names, each once however it is spelled."""
    seen: dict[str, str] = {}
    for name in names:
        seen.setdefault(fold_term(name), name)
    return tuple(seen.values())


def shown(text: str) -> list[str]:
    """The names in a byline as people read it, agencies apart: "Marc Lenoir avec AFP", "red, APA/Reuters"."""
    bare = _bare(_before_date(clean_line(text, 300)))
    found: list[str] = []
    for name in _names(bare, _AND_WITH):
        if not _is_person(name):  # a role, a place; after "the Russian and" the sentence goes on
            return [] if found and found[-1].startswith("The ") else _without_places(found)
        found.append(name)
    return _without_places(found)


def _without_places(names: list[str]) -> list[str]:
    """Names without the town that stands beside an agency: "بغداد - رويترز", "أربيل / وكالات"."""
    houses = [name for name in names if is_agency(name) or is_nobody(name)]
    return [name for name in names if " " in name or name in houses] if houses else names


def _before_date(text: str) -> str:
    """What stands before the first date or count in a byline; the figures of an outlet's name are neither."""
    for found in _FIGURE.finditer(text):
        before, figure, more, after = found.group("before", "figure", "more", "after")
        month_first = before is not None and dates.is_calendar_word(before)
        dated = more or len(figure) > 3 or (after and (after in _COUNTED or dates.is_calendar_word(after)))
        if dated or month_first:
            start = found.start("before") if month_first else found.start("figure")
            return _without_joint(text[:start])
    return text


def _behind_date(text: str) -> str:
    """What stands behind the figures of a date: "Nadim Karam" of "09/09/2024 à 10:20 - Nadim Karam"."""
    found = _BEHIND.search(text)
    return found.group(1) if found else ""


def _without_joint(text: str) -> str:
    """A text without the words that lead over to a date: "on Fri,", "le"."""
    joint = _JOINT.search(text)
    words = joint.group() if joint else ""
    last = re.findall(r"[^\W\d_]+", words)
    keep = last and not dates.is_calendar_word(last[-1]) and last[-1] not in {"on", "le", "am", "op", "el", "at", "à"}
    return text if keep else text[: len(text) - len(words)]


def _is_person(name: str) -> bool:
    """True for a few capitalised words, or words of a script without capitals; for "MEE staff" and "dpa", too."""
    words = name.split()
    if name in _AGENCY_INITIALS or is_nobody(name):
        return True
    if masthead.is_label(name):  # "Posted", "Veröffentlicht"
        return False
    known = (w in _STAFF or w.isdigit() or _CAPITAL.fullmatch(w) or _CASELESS.match(w) for w in words)
    if len(words) == 1 and name.islower():
        return len(name) > 4 and name not in _NOBODY  # how bloggers sign
    return len(words) <= 6 and all(known) and not words[0].islower()


def of_lines(lines: Iterable[Line]) -> tuple[tuple[str, ...], list[str]]:
    """The first byline among the lines around a headline: its line as shown with its pieces, and the names in it."""
    for line in lines:
        for text in _stretches(line):
            if len(text.split()) <= 24 and (names := shown(text)):
                return line.shown, names
    return (), []


def _stretches(line: Line) -> Iterator[str]:
    """What of a line may be a byline: after "by", the whole of a box that is called so, a name beside a date."""
    whole = " · ".join(line.pieces)
    if signed := [piece for piece, box in zip(line.pieces, line.owned, strict=True) if _BOX.search(box)]:
        yield " · ".join(signed)  # beside it, in boxes of their own: the section, the day, how often it was read
    if found := _BY.match(whole):
        yield whole[found.end() :] if found.end() < len(whole) else ""
    elif found := _BY_WITHIN.search(whole):
        yield whole[found.end() :]
    elif _BOX.search(line.names) and len(whole) <= 100:
        yield whole
    elif _DATED_BOX.search(line.names) and any(any(c.isdigit() for c in piece) for piece in line.pieces):
        yield from (piece for piece in (*line.pieces, *map(_behind_date, line.pieces)) if _are_people(piece))


def _are_people(piece: str) -> bool:
    """True for names alone: two to four words each, all of them capitalised."""
    if masthead.is_label(piece):
        return False
    names = _names(piece, _AND_WITH)
    words = [name.split() for name in names]
    whole = len(re.sub(r"\W+", "", piece)) == len(re.sub(r"\W+", "", "".join(names)))
    return (
        bool(names) and whole and 2 <= len(words[0]) <= 4 and all(_CAPITAL.fullmatch(w) for one in words for w in one)
    )


def labels(lines: Iterable[Line]) -> tuple[str, ...]:
    """Lines that only name a writer, an editor or a source, and are no text: "Editor: huaxia"."""
    return tuple(
        words
        for line in lines
        if len(said := line.shown[0]) <= _LABEL and (_BY.match(said) or _LABELS.match(said) or is_credit(said))
        for words in line.shown
    )


def _is_tagged(line: Line) -> bool:
    """True for a short line that names agencies, alone or in a piece of their own: "EFE | Bagdad"."""
    text = line.text
    return is_credit(text) or (len(text) <= _TAGGED and any(map(is_credit, line.pieces)))


def credited(lines: Iterable[Line], dated: Iterable[str]) -> tuple[str, ...]:
    """The lines around a headline that may name an agency: bylines, source lines, date lines."""
    days = set(dated)
    found: list[str] = []
    for line in lines:
        text = line.text
        boxed = line.shown[0] in days or _CREDIT_BOX.search(line.names)
        if boxed or _is_tagged(line) or _BY.match(text) or _CREDIT.match(text):
            found += (piece for piece in line.pieces if piece not in _BUTTONS)
    return tuple(dict.fromkeys(found))
