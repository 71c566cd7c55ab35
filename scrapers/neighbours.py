"""Where a paragraph stands among others: one that stands as those of the text do is text, too.

An extractor weighs each block by its words and leaves out a short one, or one behind a box; and it takes
along what follows the text, such as the author's life or a call for donations. The boxes around a block,
by their names, tell both: those of a text stand in boxes of the same names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml.html import HtmlElement

from tocsin.text import letters

FULL_STOPS = frozenset(".!?؟۔。…\"”»’')")
KEPT = 0.5  # of the text that stands in one kind of place: the rest belongs to it
LEAST = 30  # characters of a paragraph that is put back
MAIN = 0.7  # of the text stands in one kind of place: what follows the last of it, elsewhere, is another matter
ELSEWHERE = 0.15  # of the text: a place with more of it is a part of the text
_PARAGRAPHS = frozenset({"p", "div", "li"})
_HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})
_LEVELS = 4  # boxes whose names say where a block stands
_LONGEST_HEADING = 160  # characters
_BEYOND = 3  # blocks before the first and after the last of the text that may belong to it
_PIECE = 40  # letters in common that make two ways of writing one paragraph
Place = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """An innermost block of a page."""

    element: HtmlElement
    text: str  # on one line
    why: str  # the reason to drop it, "" to keep it


@dataclass(frozen=True, slots=True)
class _Standing:
    """A block, where it stands, and its line in the text."""

    block: Block
    place: Place  # names of its own tag and of the boxes around it, innermost first
    line: int | None


def complete(text: str, blocks: Sequence[Block]) -> str:
    """The text with the paragraphs and headings put back that stand among its own and are not in it."""
    lines = text.split("\n")
    standing = _standing(lines, blocks)
    kept = [number for number, one in enumerate(standing) if one.line is not None]
    if len(kept) < 3:
        return text
    whole = letters(text)
    missing: dict[int, list[str]] = {}
    reached = -1
    places = _kept_places(standing)
    for number, one in enumerate(standing[: _end(standing, kept[-1])]):
        if one.line is not None:
            reached = max(reached, one.line)
        elif not one.block.why and (_is_heading(standing, number, kept) or _is_paragraph(one, number, kept, places)):
            key = key_of(one.block.text)
            if key and not _is_in(key, whole):
                missing.setdefault(reached, []).append(one.block.text)
    if not missing:
        return text
    return "\n".join(
        [*missing.get(-1, []), *(each for n, line in enumerate(lines) for each in (line, *missing.get(n, [])))]
    )


def without_tail(text: str, blocks: Sequence[Block]) -> str:
    """The text up to its last paragraph: lines that follow it in another place are none of it; lists may be."""
    lines = text.split("\n")
    places = {one.line: (one.place[1:], one.block) for one in _standing(lines, blocks) if one.line is not None}
    sizes: Counter[Place] = Counter()
    for place, block in places.values():
        sizes[place] += len(block.text)
    if not sizes:
        return text
    main, size = sizes.most_common(1)[0]
    of_main = [line for line, (place, _) in places.items() if place == main]
    if size < MAIN * len(text) or len(of_main) < 5:
        return text
    last = max(of_main)

    def stays(number: int) -> bool:
        if number <= last or number not in places:
            return True
        place, block = places[number]
        return block.element.tag == "li" or sizes[place] >= ELSEWHERE * len(text)

    return "\n".join(line for number, line in enumerate(lines) if stays(number))


def key_of(line: str) -> str:
    """What two ways of writing one line share."""
    return letters(line[:400])


def _standing(lines: Sequence[str], blocks: Sequence[Block]) -> list[_Standing]:
    numbers: dict[str, int] = {}
    for number, line in enumerate(lines):
        numbers.setdefault(key_of(line), number)
    return [_Standing(block, _place(block.element), numbers.get(key_of(block.text))) for block in blocks]


def _place(element: HtmlElement) -> Place:
    return tuple(f"{each.tag}.{each.get('class') or ''}" for each in _upwards(element))


def _upwards(element: HtmlElement) -> Iterator[HtmlElement]:
    each: HtmlElement | None = element
    for _ in range(_LEVELS):
        if each is None or each.tag == "body":
            return
        yield each
        each = each.getparent()


def _kept_places(standing: Sequence[_Standing]) -> set[Place]:
    """The places of which most is in the text: two blocks of it at least."""
    sizes: Counter[Place] = Counter()
    kept: Counter[Place] = Counter()
    for one in standing:
        sizes[one.place] += len(one.block.text)
        kept[one.place] += one.line is not None and len(one.block.text)
    several = Counter(one.place for one in standing if one.line is not None)
    return {place for place, count in several.items() if count > 1 and kept[place] >= KEPT * sizes[place]}


def _end(standing: Sequence[_Standing], last: int) -> int:
    """Before which block the text ends at the latest: a few after its last one, and before another story's headline."""
    known = {one.place for one in standing if one.line is not None}
    for number, one in enumerate(standing[last + 1 : last + 1 + _BEYOND], last + 1):
        tag = one.block.element.tag
        if tag == "h1" or (tag in _HEADINGS and one.place not in known):
            return number
    return last + 1 + _BEYOND


def _is_paragraph(one: _Standing, number: int, kept: Sequence[int], places: set[Place]) -> bool:
    return (
        number >= kept[0] - _BEYOND
        and one.place in places
        and one.block.element.tag in _PARAGRAPHS
        and len(one.block.text) >= LEAST
    )


def _is_heading(standing: Sequence[_Standing], number: int, kept: Sequence[int]) -> bool:
    """True for a heading inside the text, right above one of its paragraphs."""
    block = standing[number].block
    if block.element.tag not in _HEADINGS or not kept[0] < number < kept[-1] or len(block.text) > _LONGEST_HEADING:
        return False
    below = standing[number + 1]
    return below.line is not None and below.block.element.getparent() is block.element.getparent()


def _is_in(key: str, whole: str) -> bool:
    """True for a paragraph that the text has, if with other words in between: notes for screen readers, prices."""
    if len(key) < 2 * _PIECE:
        return key in whole
    third = len(key) // 3
    starts = (0, third, 2 * third, len(key) - _PIECE)
    return any(key[start : start + _PIECE] in whole for start in starts)
