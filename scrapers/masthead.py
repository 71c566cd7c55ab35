"""What stands around a headline for people to read: the date line, the byline, the agency; no machine's date beside it.

Old content systems, most Arabic ones and many a daily's declare nothing, or the day without its hour. A reader finds
all of it within a few lines of the headline, and so does this: the short lines between headline and text, and
those of the headline's own box above it. What stands further off is of other stories, or today's date.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from lxml import etree
from lxml.html import HtmlElement

from scrapers import dates, spans
from tocsin.origins import is_agency
from tocsin.text import clean_line, fold_term

SHORT = 400  # characters of a line that may be a date line or a byline, in pieces
SENTENCE = 60  # characters of a piece that is one where it ends with a full stop
PROSE = 140  # characters of a piece that is a paragraph of the text
_KICKER = 40  # characters of a line that is a label of the headline
_AFTER, _BEFORE = 40, 12  # lines looked at on either side of the headline
_EVENTS = 1500  # tags looked at
_LONGEST = 4000  # characters of a piece that are kept
_PIECE = " · "  # between what stands in boxes of its own within one line
_SKIP = frozenset(
    {"script", "style", "noscript", "figure", "figcaption", "nav", "form", "svg", "select", "aside", "template"}
)
_INLINE = frozenset(
    {"a", "b", "strong", "em", "i", "u", "abbr", "small", "sup", "font", "mark", "address", "bdi", "bdo", "img"}
)
_LISTS = frozenset({"ul", "ol"})
_LOGO = re.compile(r"\blogo\b(?: (?:of|de|von|van))?", re.I)
_PIECES = frozenset({"span", "time", "bsp-timestamp", "label", "cite"})
_MOMENTS = frozenset(
    {"datetime", "data-timestamp", "data-datetime", "data-date", "data-time", "data-published", "data-utime", "content"}
)
_STOPS = (".", "!", "?", "؟", "۔", "»", '"', "”")
_MACHINE = re.compile(r"1\d{9}(?:\d{3})?|\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d.{0,20})?")
PHOTO = re.compile(r"caption|legende|photo|picture|image|gallery|(?:^|[\s_-])(?:img|credit|media)")
_UNTIL = re.compile(r"\b(?:bis|until|jusqu'au|hasta|tot|valid)\b")
_DATED = re.compile(r"time|date|publi|byline|author")
_UPDATED = re.compile(
    fold_term(
        r"mise? à jour|mis à jour|modifiée?|actualisée?|\b(?:last )?updated?\b|last modified|\bedited\b|bijgewerkt"
        r"|aangepast|laatste update|gewijzigd|aktualisier\w*|letztes update|letzte änderung|\bstand:|actualizad[oa]"
        r"|modificad[oa]"
        r"|güncelle\w*|aggiornat[oa]|atualizad[oa]|bygewerk|آخر تحديث|تحديث|تم التعديل|به ?روز ?رسانی|نوێکراوەتەوە"
        r"|آخری اپ ڈیٹ"
    )
)
_PUBLISHED = re.compile(
    fold_term(
        r"publi\w+|posted|created|gepubliceerd|geplaatst|veröffentlicht|erstellt|online seit|oluşturul\w+|yayınlan\w+"
        r"|giriş|pubblicat\w+|creado|نشر|انتشار|بڵاوکراوەتەوە"
    )
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line near the headline, in the pieces that boxes make of it."""

    pieces: tuple[str, ...]  # moments for machines in place of the figures shown
    shown: tuple[str, ...] = ()  # as people read it, whole and in pieces
    names: str = ""  # of the boxes around it
    owned: tuple[str, ...] = ()  # of the box of each piece alone, "" where it has none

    @property
    def text(self) -> str:
        """The whole line."""
        return clean_line(" ".join(self.pieces))


@dataclass(frozen=True, slots=True)
class Masthead:
    """The lines around a headline, with the dates in them."""

    lines: tuple[Line, ...] = ()
    published: tuple[str, ...] = ()  # raw
    updated: tuple[str, ...] = ()
    dated: tuple[str, ...] = ()  # the lines that hold a date, as shown, and their pieces
    over: tuple[str, ...] = ()  # the few words above the headline: its section, its kicker


def read(headline: HtmlElement | None) -> Masthead:
    """What stands around a headline; nothing where a page has none."""
    if headline is None:
        return Masthead()
    above = tuple(_above(headline))
    lines = (*above, *_below(headline))
    published: list[str] = []
    updated: list[str] = []
    dated: list[str] = []
    for line in lines:
        early, late = _moments(line)
        published += early
        updated += late
        if early or late or _is_bare_time(line):
            dated += line.shown
    return Masthead(lines, tuple(published), tuple(updated), tuple(dated), tuple(_labels(above)))


def _moments(line: Line) -> tuple[list[str], list[str]]:
    """The raw dates in a line: those it gives as of publication, and those of its last change."""
    spelled = _PIECE.join(line.pieces)
    whole = fold_term(spelled)
    if not any(map(str.isdigit, spelled)) and not spans.search(whole):
        return [], []
    published: list[str] = []
    updated: list[str] = []
    marks = sorted(
        [(m.start(), m.end(), True) for m in _UPDATED.finditer(whole)]
        + [(m.start(), m.end(), False) for m in _PUBLISHED.finditer(whole)]
    )
    edges = [(0, 0, False), *marks]
    for number, (_, begin, late) in enumerate(edges):
        end = edges[number + 1][0] if number + 1 < len(edges) else len(whole)
        for raw in _dates_in(whole[begin:end], published):
            (updated if late else published).append(raw)
    return published, updated


def _labels(above: tuple[Line, ...]) -> Iterator[str]:
    """Lines above a headline that are too short to be text."""
    return (line.shown[0] for line in above if len(line.shown[0]) <= _KICKER and not line.text.endswith(_STOPS))


def _is_bare_time(line: Line) -> bool:
    """True for "Publié à 11h48", which says no day."""
    return len(line.text) < 40 and is_label(line.text) and dates.has_time(line.text)


def _dates_in(segment: str, known: list[str]) -> Iterator[str]:
    """The date of a stretch of a line; a bare time goes with the day that stands before it."""
    segment = segment.strip(" ·|-:,")
    if len(segment) < 4 or _UNTIL.search(segment):
        return
    if dates.names_day(segment):
        yield segment[:110]
    elif ago := spans.search(segment):
        yield ago
    elif known and dates.has_time(segment) and len(segment) < 40 and (day := dates.day_of(known[-1])):
        yield f"{day} {segment}"


def _below(headline: HtmlElement) -> Iterator[Line]:
    """The short lines after the headline, up to the second paragraph of the text."""
    paragraphs = 0
    for line in islice(_lines(_following(headline)), _AFTER):
        if _is_prose(line):
            paragraphs += 1
            if paragraphs == 2:
                return
        elif not PHOTO.search(line.names) or _DATED.search(line.names):
            yield line


def leads_to_text(headline: HtmlElement) -> bool:
    """True where two paragraphs follow within a few lines, as below the headline of a story."""
    return sum(_is_prose(line) for line in islice(_lines(_following(headline)), 8)) >= 2


def is_label(text: str) -> bool:
    """True for words that only say what a date is: "Published:", "Modifié le"."""
    folded = fold_term(text)
    return _UPDATED.search(folded) is not None or _PUBLISHED.search(folded) is not None


def _is_prose(line: Line) -> bool:
    """True for a paragraph of the text, which no date in it makes a date line."""
    longest = max(line.pieces, key=len)
    told = len(longest) > SENTENCE and longest.endswith(_STOPS)
    return told or len(longest) > PROSE or sum(map(len, line.pieces)) > SHORT


def _above(headline: HtmlElement) -> Iterator[Line]:
    """The lines above the headline in its own small box."""
    box = headline
    for up in islice(headline.iterancestors(), 3):
        if up.tag in {"body", "html", "main", "form", "td"}:
            break
        box = up
    lines: list[Line] = []
    for line in _lines(_until(box, headline) if box is not headline else _right_before(headline)):
        if _is_prose(line) or len(lines) == _BEFORE:
            return
        lines.append(line)
    yield from lines


Event = tuple[str, HtmlElement]


def _right_before(headline: HtmlElement) -> Iterator[Event]:
    """The two boxes right before a headline that has none of its own."""
    for sibling in reversed(list(islice(headline.itersiblings(preceding=True), 2))):
        yield from _walk(sibling)


def _until(box: HtmlElement, headline: HtmlElement) -> Iterator[Event]:
    for event, element in _walk(box):
        if element is headline:
            return
        yield event, element


def _following(headline: HtmlElement) -> Iterator[Event]:
    """What a page says after an element, as starts and ends of tags."""
    for up in (headline, *headline.iterancestors()):
        if up.tag == "body":
            return
        yield "end", up
        for sibling in up.itersiblings():
            yield from _walk(sibling)


def _walk(element: HtmlElement) -> Iterator[Event]:
    if element.tag in _SKIP:
        yield "gone", element
        return
    walker = etree.iterwalk(element, events=("start", "end"))
    for event, one in walker:
        if event == "start" and one.tag in _SKIP:
            walker.skip_subtree()
            yield "gone", one
        elif one.tag not in _SKIP:
            yield event, one


def _lines(events: Iterator[Event]) -> Iterator[Line]:
    """The lines that a stretch of a page makes: a block or a <br> ends one, a <span> begins a piece."""
    pieces, shown, owners = [""], [""], list[HtmlElement | None]([None])
    boxes: list[HtmlElement] = []
    for event, element in islice(events, _EVENTS):
        tag = element.tag if isinstance(element.tag, str) else ""
        if tag not in _INLINE:
            if tag in _PIECES:
                pieces.append("")
                shown.append("")
                owners.append(element if event == "start" else None)
            else:
                if line := _line(pieces, shown, owners, boxes):
                    yield line
                pieces, shown, owners, boxes = [""], [""], [None], []
        if event == "start":
            boxes.append(element)
            words = _logo(element) if tag == "img" else element.text or ""
            pieces[-1] += _timed(element, words)
        else:
            words = element.tail or ""
            pieces[-1] += words
        shown[-1] += words
        if len(pieces[-1]) > _LONGEST:
            pieces[-1], shown[-1] = pieces[-1][:_LONGEST], shown[-1][:_LONGEST]
    if line := _line(pieces, shown, owners, boxes):
        yield line


def _logo(image: HtmlElement) -> str:
    """The agency that an image stands for, "" for a picture: sites put a logo where others have a name."""
    words = _LOGO.sub("", image.get("alt") or "").strip()
    return f" {words} " if words and is_agency(words) else ""


def _line(
    pieces: list[str], shown: list[str], owners: list[HtmlElement | None], boxes: list[HtmlElement]
) -> Line | None:
    if len(pieces) == 1 and not pieces[0].strip():  # most of them: between the tags of boxes
        return None
    kept = [(words, box) for piece, box in zip(pieces, owners, strict=True) if (words := _squeezed(piece))]
    if not kept:
        return None
    read = [piece for piece in map(_squeezed, shown) if piece]
    bare = " ".join(piece for piece in read if not any(map(str.isdigit, piece)))  # extractors drop <time>
    owned = tuple("" if box is None else _called([box]) for _, box in kept)
    return Line(tuple(words for words, _ in kept), (" ".join(read), bare, *read), _names(boxes), owned)


def _squeezed(text: str) -> str:
    return " ".join(text.split())


def _names(boxes: list[HtmlElement]) -> str:
    """What the boxes of a line are called, and the one around them; around a list, what holds that."""
    outer = boxes[0].getparent() if boxes and boxes[0].tag not in _PIECES | _INLINE else None
    around = [] if outer is None else [outer, *outer.iterancestors()][: 2 if outer.tag in _LISTS else 1]
    return _called([*(box for box in boxes if box.tag != "img"), *around])


def _called(boxes: list[HtmlElement]) -> str:
    words = [box.get(name) for box in boxes if box.attrib for name in ("class", "id", "rel")]
    return " ".join(filter(None, words))[:_LONGEST].lower()


def _timed(element: HtmlElement, words: str) -> str:
    """The words of a tag; the moment that it gives to machines stands in them for the figures that people read."""
    for name, said in element.attrib.items():
        if name in _MOMENTS or (name == "title" and said[:1] in {"1", "2"}):
            value = said.strip()
            if _MACHINE.fullmatch(value) and (moment := _spelled(value)):
                return f"{re.sub(r'[0-9٠-٩۰-۹][0-9٠-٩۰-۹:.,/-]*', '', words)} {moment} "
    return words


def _spelled(value: str) -> str:
    """A moment in figures that a line can hold: seconds since 1970 as a date."""
    return dates.of_epoch(value) if value.isdigit() else value
