"""Which agency wrote a text, told by the credits it carries; the names are data, in ``agencies.yaml``.

A credit says who wrote: an author, a dateline ("BAGDAD (AFP) -"), a tag at either end ("(Belga)"),
a closing line ("avec AFP", "Source: ANP"). Wording that shows an agency's own reporting ("told AFP",
"a indiqué à l'AFP") makes that agency a co-origin, after the credited ones: its notebook is in the
text. "Reuters reported" in the middle of a text, and photo credits, say nothing of who wrote it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path

import yaml

DATA = Path(__file__).with_name("agencies.yaml")
HEAD = 220  # characters in which a tag or dateline stands
TAIL = 260
_AROUND = 200  # characters around a name in which the words stand that show what it did; they are half as long
_TAG = 60  # characters of a line that names agencies alone
_STAMP = 80  # characters of a line above the text that ends with an agency, behind its date
_DATELINE = 45  # characters of a line above the text that names a place and agencies
_PARAGRAPH = 80  # characters: a shorter line below the first is no beginning of a story
_LED_BY = (
    r"^\W*(?:information )?(?:fournie? par|(?:provided|supplied) by|proporcionad[oa] por|aangeleverd door)\s"
    r"|^\W*(?:avec|with|mit|met|con) (?:des |la )?(?:agentur)?(?:informati\w+|informaci\w+|material\w*|assistance"
    r"|inputs?|contributions?|bijdragen|agences?) (?:von|der|des|from|by|de|d['’]|van|of)\s*"
    r"|^(?:avec|with|mit|met|con|via|from|sources?|bron(?:nen)?|quellen?|fuentes?|fonti?|kaynak|texte|text|d'après|par|by|von|door"
    r"|por|المصدر|منبع|سەرچاوە|وكالات|نقلا عن|نقلاً عن|متابعة)[\s:]+l?['’]?"
)
_LED = re.compile(_LED_BY, re.I)
_NEUTRAL = re.compile(
    r"agenc(?:es|ias|ies)|agenturen|agentschappen|ajanslar|redac(?:ción|tion|tie)|rédaction|la rédaction|redaktion|red"
    r"|staff|وكالات|متابعة|خبرگزاری‌ها|خاص",
    re.I,
)
_SPLIT = re.compile(
    r"\s*[/,،;+&|·•–—-]\s*|\s+(?:avec|with|mit|met|et|and|und|en|con|y|via|from|de|مع|من)\s+"
    r"|^(?:additional )?reporting by (?:the )?|^mit (?:agentur)?material(?:ien)? (?:von |der |des )?"
    rf"|{_LED_BY}",
    re.I,
)
_ARTICLE = re.compile(r"^(?:l['’]|(?:the|la|die|het) )", re.I)
# What an agency is called besides its name: "agence Belga", "Belga News Agency", "PA Law Correspondent".
_KIND = re.compile(
    r"^(?:agenc(?:e|y|ia)(?: de (?:presse|noticias))?|agenzia|agentschap|persbureau"
    r"|nieuwsagentschap|(?:nachrichten)?agentur|وكالة(?: (?:أنباء|الأنباء))?|خبرگزاری|ئاژانسی(?: هەواڵی)?) "
    r"| (?:news agency|nachrichtenagentur|haber ajansı|ajansı|newswire|wire service)$"
    r"|(?: (?-i:[A-Z])[\w-]+){0,3} (?:staff|writers?|correspondents?|reporters?|editors?|journalists?)$",
    re.I,
)
_PLACE = re.compile(r"\s(?:à|in|en|aus|te)\s[A-ZÀ-Þ][\w'’-]+(?:\s[A-ZÀ-Þ][\w'’-]+)?$")  # "Reuters in New York"
_BRACKETS = re.compile(r"[()\[\]]")
_JOINT = re.compile(r"[/:–—,،|-]")
_CLOSING = re.compile(r"[.!?»\"”]\s*[/(–—-]?\s*((?:avec |with |mit |met )?[^\s.()][^.()\n]{1,40})\W*$")
_PHOTO = re.compile(r"photos?\b|foto|image|bild|getty|picture|صورة|تصوير|crédit", re.I)
_REUTERS_DESK = re.compile(r"\((?:additional )?reporting by .{3,300}editing by ", re.I | re.S)


@dataclass(frozen=True, slots=True)
class _Agencies:
    canonical: dict[str, str]  # every spelling -> the name shown
    dateline: re.Pattern[str]
    told: re.Pattern[str]
    named: re.Pattern[str]  # the spellings that ``told`` looks for, wherever they stand
    sourced: re.Pattern[str]
    reported: re.Pattern[str]
    stamped: re.Pattern[str]
    relayed: re.Pattern[str]
    contributed: re.Pattern[str]
    owned: re.Pattern[str]


@lru_cache(maxsize=1)
def _agencies() -> _Agencies:
    table = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    canonical: dict[str, str] = {}
    for name, spellings in table.items():
        for spelling in (name, *spellings.get("words", ()), *spellings.get("strict", ())):
            canonical[spelling] = name
            if len(spelling) > 3 and spelling.isascii():
                canonical[spelling.upper()] = name
    loose = {spelling for entry in table.values() for spelling in entry.get("words", ())}
    firm = sorted(c for c in canonical if c in loose or (c.isascii() and not c.islower()))
    every = _any(canonical)
    return _Agencies(
        canonical,
        dateline=re.compile(rf"^(?:[^.!?؟\n]{{0,80}}?[\s(/–—-])??\(?({every})\s*(?:\)|/|:|\||\s[-–—]|[–—]|-(?=\s))"),
        told=re.compile(_TOLD.replace("NAMES", _loose(firm)).replace("NAME", f"({_any(firm)})")),
        named=_by_initials(firm),
        sourced=re.compile(
            r"(?:^|\s)(?:[Ss]ources?|[Bb]ron(?:nen)?|[Qq]uellen?|[Ff]uentes?|[Ff]onte|[Kk]aynak|المصدر|سەرچاوە|منبع)\s*:\s*"
            r"(?:l['’]|de |die |la |agence |خبرگزاری |وكالة |ئاژانسی )?"
            rf"({every})"
        ),
        reported=re.compile(rf"(?:به|بە) گزارش (?:[^،.\n]{{0,40}}?\b(?:خبرگزاری|خبرنگار|سرویس) )?({every})"),
        stamped=re.compile(rf"\d{{4}}\W{{1,3}}(?:[مهـ]\.?\W{{1,3}})?({every})\W*$"),
        relayed=re.compile(
            r"(?:[^.؟!\n]{0,80}?[\s،,])?(?:به نقل از|نقلا عن|نقلاً عن) (?:خبرگزاری |وكالة |سایت |پایگاه خبری )?"
            rf"({every})"
        ),
        contributed=re.compile(rf"(?:^|\n)\W*(?:The )?({every}[^\n]{{0,200}}?)\bcontributed (?:reporting|to this)\b"),
        owned=re.compile(rf"©\s*(?:copyright )?\d{{4}}\s*({every})"),
    )


# The name of an agency where the words around it show that its own reporter asked, saw or counted.
_TOLD = (
    r"(?:\b(?:told|tell|tells|said to|speaking to|spoke to|statement to|confirmed to|informed|contacted by"
    r"|interview with) (?:the )?(?:news agency )?(?:agency )?"
    r"|\b(?:an?|the) (?=\S+ (?:journalist|reporter|correspondent|photographer|tally|count)\b)"
    r"|\b(?:à|auprès de|interrogée?s? par|contactée?s? par|jointe?s? par|sollicitée?s? par|appris|journalistes? de"
    r"|correspondante?s? de|photographe de|décompte de|comptage de) (?:l['’] ?|la )?(?:agence )?"
    r"|\b(?:sagte|erklärte|bestätigte|berichtete|teilte)[^.\n]{0,60}?\b(?:der|dem|gegenüber) (?:der )?"
    r"(?:Nachrichtenagentur )?"
    r"|\b(?:tegen|aan) (?:het )?(?:persbureau |nieuwsagentschap |agentschap )?"
    r"|\b(?:dijo|declaró|señaló|confirmó|explicó)[^.\n]{0,30}? a "
    r"|(?:\bل|\bلـ\s?|إلى |في حديث ل)(?:وكالة )?[(\"«]?"
    r")NAME"
    r"|(?:\bبه |\bبە |گفتگو با |گفت‌وگو با |مصاحبه با |خبرنگار |پەیامنێری )(?:خبرگزاری |خبرنگار )?[(\"«]?NAMES"
    r"(?=[)\"»]?ی? ?(?:گفت|گوت|ڕاگەیاند|اعلام|توضیح|تأکید|،))"
    r"|NAMES(?:['’](?:y?[ae])\b| muhabir|[’']n?[ıiuü]n sorular)"
)


def _by_initials(spellings: list[str]) -> re.Pattern[str]:
    """Any of some sorted spellings: where a letter begins none, it is looked at once and not once for each."""
    groups = [(initial, "|".join(re.escape(s[1:]) for s in same)) for initial, same in groupby(spellings, key=_initial)]
    return re.compile("|".join(f"{re.escape(initial)}(?:{rests})" for initial, rests in groups))


def _loose(spellings: Iterable[str]) -> str:
    """Any of some spellings as a whole word, which endings may follow: "Reuters'a"."""
    return rf"\b({'|'.join(map(re.escape, sorted(set(spellings), key=lambda s: (-len(s), s))))})"


def _initial(spelling: str) -> str:
    return spelling[0]


def _any(spellings: Iterable[str]) -> str:
    longest_first = sorted(set(spellings), key=lambda s: (-len(s), s))
    return rf"(?:{'|'.join(map(re.escape, longest_first))})(?![\w’'])"


def find(
    title: str, text: str, authors: tuple[str, ...] = (), publisher: str = "", hint: str | None = None
) -> tuple[str, ...]:
    """The agencies that a text rests on, canonical names: who wrote it first, then whom it says somebody told.

    Args:
        hint: The agency that the feed mostly republishes; believed where the text credits nobody.

    >>> find("", "BAGDAD (AFP) - Deux roquettes ont visé dimanche la zone verte.")
    ('AFP',)
    >>> find("", 'Tirs sans victime, a indiqué à l\\'AFP une source de sécurité. (Belga)')
    ('Belga', 'AFP')
    """
    return with_told(writers(title, text, authors, publisher, hint), text)


def writers(
    title: str, text: str, authors: tuple[str, ...] = (), publisher: str = "", hint: str | None = None
) -> tuple[str, ...]:
    """The agencies that are credited with a text, the writer first; () where a house wrote it itself.

    >>> writers("", "Nobody was hurt, a police officer told Reuters.", ("Jane Doe",))
    ()
    """
    agencies = _agencies()
    credited = dict.fromkeys(_credited(title, text, authors, agencies))
    if not credited and hint:
        credited = dict.fromkeys([agencies.canonical.get(hint, hint)])
    if not credited and (house := _house(publisher)) in agencies.canonical:
        credited = dict.fromkeys([agencies.canonical[house]])
    return tuple(credited)


def with_told(credited: tuple[str, ...], text: str) -> tuple[str, ...]:
    """The writers of a text, and behind them the agencies whose own reporting its wording shows."""
    # an outlet's own reporter is no agency that it copies: "told Rudaw" on Rudaw comes out as Rudaw
    return tuple(dict.fromkeys((*credited, *_told(text, _agencies()))))


def is_agency(name: str) -> bool:
    """True for a name under which an agency is credited."""
    return name in _agencies().canonical


def is_nobody(name: str) -> bool:
    """True for words in the place of a name that name nobody: "وكالات", "la rédaction"."""
    return _NEUTRAL.fullmatch(name) is not None


def is_credit(line: str) -> bool:
    """True for a line that names agencies, and no person or outlet beside them.

    >>> is_credit("Belga - AFP"), is_credit("Agencias (EFE / AFP)"), is_credit("Marc Lenoir avec AFP")
    (True, True, False)
    """
    if not 2 < len(line) <= _TAG:  # two letters in a box are the initials of a writer
        return False
    if is_agency(_PLACE.sub("", line)):
        return True
    parts = [_house(_LED.sub("", part).strip(" .")) for part in _SPLIT.split(_BRACKETS.sub("/", line))]
    named = [part for part in parts if part and not _NEUTRAL.fullmatch(part)]
    return bool(named) and all(map(is_agency, named))


def _house(name: str) -> str:
    """A name without its place and what it is: "Reuters in New York", "خبرگزاری تسنیم", "PA Law Correspondent"."""
    name = _ARTICLE.sub("", _PLACE.sub("", name))
    return name if is_agency(name) else _KIND.sub("", name)


def _told(text: str, agencies: _Agencies) -> Iterator[str]:
    """Agencies that were told, asked or there, in the order of the text; what is far from their names is not read."""
    start = end = 0
    for name in agencies.named.finditer(text):
        if name.start() - _AROUND > end:
            yield from (
                agencies.canonical[found[found.lastindex or 1]] for found in agencies.told.finditer(text, start, end)
            )
            start = name.start() - _AROUND
        end = name.end() + _AROUND
    yield from (agencies.canonical[found[found.lastindex or 1]] for found in agencies.told.finditer(text, start, end))


def _credited(title: str, text: str, authors: tuple[str, ...], agencies: _Agencies) -> Iterator[str]:
    """Agencies in the firm places: dateline and tags, closing lines, authors; in the order of their weight."""
    head, tail = text[:HEAD], text[-TAIL:]
    yield from _opened(text, agencies)
    for place in (head, tail, title):
        for bracket in re.findall(r"[(\[（]([^()\[\]]{2,60})[)\]）]", place):
            yield from _parts(bracket, agencies)
    for author in authors:
        yield from _parts(author, agencies)
        if (stamp := agencies.stamped.search(author)) and len(author) <= _STAMP:
            yield agencies.canonical[stamp.group(1)]
        if (house := author.partition(":")[0].strip()) in agencies.canonical:  # "رويترز: بغداد"
            yield agencies.canonical[house]
    for line in tail.split("\n")[-3:]:
        if len(line) <= 70 and not _PHOTO.search(line):
            yield from _parts(re.sub(r"^©\s*(?:\d{4}\s*)?|[.\s]+$", "", line), agencies)
        if closing := _CLOSING.search(line):
            yield from _parts(closing.group(1), agencies)
    for source in agencies.sourced.finditer(head + "\n" + tail):
        yield agencies.canonical[source.group(1)]
    yield from _signed_off(text[-800:], agencies)


def _opened(text: str, agencies: _Agencies) -> Iterator[str]:
    """Agencies in the dateline of a text, be it a line of its own, and in the words that open Persian ones."""
    first, *more = text[:1500].split("\n")[:3]
    if len(first) <= _DATELINE and _JOINT.search(first):  # a dateline in a line of its own: "بغداد - واع"
        yield from _parts(first.replace(":", "/"), agencies)
    if (stamp := agencies.stamped.search(first)) and len(first) <= _STAMP:
        yield agencies.canonical[stamp.group(1)]
    for opening in (first, *(line for line in more if len(line) > _PARAGRAPH)):  # a lead may stand before the dateline
        if dateline := agencies.dateline.match(opening[:HEAD].lstrip("\"'«“ ")):
            yield agencies.canonical[dateline.group(1)]
    for opening_words in (agencies.reported, agencies.relayed):
        if found := opening_words.match(text):
            yield agencies.canonical[found.group(1)]


def _signed_off(end: str, agencies: _Agencies) -> Iterator[str]:
    """Agencies in the lines below a story that name who reported and edited."""
    for helper in agencies.contributed.finditer(end):
        yield from (agencies.canonical[name.group()] for name in agencies.named.finditer(helper.group(1)))
    for right in agencies.owned.finditer(end):
        yield agencies.canonical[right.group(1)]
    if _REUTERS_DESK.search(end):
        yield "Reuters"


def _parts(credit: str, agencies: _Agencies) -> Iterator[str]:
    """Agencies in a credit that lists writers: "Belga/AFP", "La Libre avec AFP", "dpa"."""
    if _PHOTO.search(credit):
        return
    for part in (credit, *_SPLIT.split(_BRACKETS.sub("/", credit))):
        part = _house(_PLACE.sub("", _LED.sub("", part.strip())).strip(" .\"'«»"))
        if part in agencies.canonical:
            yield agencies.canonical[part]
