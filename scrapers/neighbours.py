"""Where a paragraph stands among others: one that stands as those of the text do is text, too.

An extractor weighs each block by its words and leaves out a short one, or one behind a box; and it takes
along what follows the text, such as the author's life or a call for donations. The boxes around a block,
by their names, tell both: those of a text stand in boxes of the same names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
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
_LEVELS = 3  # boxes around a block whose names say where it stands
_LONGEST_HEADING = 160  # characters
_BEYOND = 3  # blocks before the first and after the last of the text that may belong to it
_NUMBERED = dict.fromkeys(map(ord, "0123456789"))  # "part-1" and "part-2" are one kind of box
_PIECE = 40  # letters in common that make two ways of writing one paragraph
Boxes = tuple[str, ...]  # tags and names of the boxes around a block, innermost first
Place = tuple[str, Boxes]


@dataclass(frozen=True, slots=True)
class Block:
    """An innermost block of a page."""

    element: HtmlElement
    text: str  # on one line
    why: str  # the reason to drop it, "" to keep it
    key: str  # what two ways of writing its text share
    place: Place  # its own tag and names, and those around it; nothing where it is to be dropped


def complete(text: str, blocks: Sequence[Block]) -> str:
    """The text with the paragraphs and headings put back that stand among its own and are not in it."""
    lines = text.split("\n")
    numbers = _numbers(lines)
    at = [numbers.get(block.key) for block in blocks]
    kept = [number for number, line in enumerate(at) if line is not None]
    if len(kept) < 3:
        return text
    whole = letters(text)
    missing: dict[int, list[str]] = {}
    reached = -1
    places = _kept_places(blocks, at)
    for number, block in enumerate(blocks[: _end(blocks, kept)]):
        line = at[number]
        if line is not None:
            reached = max(reached, line)
            continue
        if block.why or not block.key:
            continue
        if (holed := _holed(block.key, numbers)) is not None:
            lines[holed] = block.text
            continue
        stands = _is_paragraph(block, number, kept, places) or _is_heading(blocks, number, at, kept)
        if stands and not _is_in(block.key, whole):
            missing.setdefault(reached, []).append(block.text)
    return "\n".join(
        [*missing.get(-1, []), *(each for n, line in enumerate(lines) for each in (line, *missing.get(n, [])))]
    )


def without_tail(text: str, blocks: Sequence[Block]) -> str:
    """The text up to its last paragraph: lines that follow it in another place are none of it; lists may be."""
    lines = text.split("\n")
    numbers = _numbers(lines)
    stands = {number: block for block in blocks if (number := numbers.get(block.key)) is not None}
    sizes: Counter[Boxes] = Counter()
    for block in stands.values():
        sizes[block.place[1]] += len(block.text)
    if not sizes:
        return text
    main, size = sizes.most_common(1)[0]
    of_main = [number for number, block in stands.items() if block.place[1] == main]
    if size < MAIN * len(text) or len(of_main) < 5:
        return text
    last = max(of_main)

    def stays(number: int) -> bool:
        block = stands.get(number) if number > last else None
        return block is None or block.element.tag == "li" or sizes[block.place[1]] >= ELSEWHERE * len(text)

    return "\n".join(line for number, line in enumerate(lines) if stays(number))


def key_of(line: str) -> str:
    """What two ways of writing one line share."""
    return letters(line[:400])


def place_of(element: HtmlElement, known: dict[HtmlElement, Boxes]) -> Place:
    """Where an element stands.

    Args:
        known: The boxes around the elements of one page that were asked for; grows.
    """
    own = _named(element)
    parent = element.getparent()
    if parent is None:
        return own, ()
    boxes = known.get(parent)
    if boxes is None:
        boxes = known[parent] = tuple(map(_named, _upwards(parent)))
    return own, boxes


def _named(element: HtmlElement) -> str:
    return f"{element.tag}.{element.get('class') or ''}".translate(_NUMBERED)


def _upwards(element: HtmlElement) -> Iterator[HtmlElement]:
    each: HtmlElement | None = element
    for _ in range(_LEVELS):
        if each is None or each.tag == "body":
            return
        yield each
        each = each.getparent()


def _numbers(lines: Sequence[str]) -> dict[str, int]:
    """The lines of a text by their keys, the first of a key."""
    numbers: dict[str, int] = {}
    for number, line in enumerate(lines):
        numbers.setdefault(key_of(line), number)
    return numbers


def _kept_places(blocks: Sequence[Block], at: Sequence[int | None]) -> set[Place]:
    """The places of which most is in the text: two blocks of it at least."""
    sizes: Counter[Place] = Counter()
    kept: Counter[Place] = Counter()
    several: Counter[Place] = Counter()
    for block, line in zip(blocks, at, strict=True):
        if not block.why:
            sizes[block.place] += len(block.text)
            if line is not None:
                kept[block.place] += len(block.text)
                several[block.place] += 1
    return {place for place, count in several.items() if count > 1 and kept[place] >= KEPT * sizes[place]}


def _end(blocks: Sequence[Block], kept: Sequence[int]) -> int:
    """Before which block the text ends at the latest: a few after its last one, and before another story's headline."""
    last = kept[-1]
    known = {blocks[number].place for number in kept}
    for number, block in enumerate(blocks[last + 1 : last + 1 + _BEYOND], last + 1):
        tag = block.element.tag
        if tag == "h1" or (tag in _HEADINGS and block.place not in known):
            return number
    return last + 1 + _BEYOND


def _is_paragraph(block: Block, number: int, kept: Sequence[int], places: set[Place]) -> bool:
    return (
        number >= kept[0] - _BEYOND
        and block.place in places
        and block.element.tag in _PARAGRAPHS
        and len(block.text) >= LEAST
    )


def _is_heading(blocks: Sequence[Block], number: int, at: Sequence[int | None], kept: Sequence[int]) -> bool:
    """True for a heading inside the text, right above one of its paragraphs."""
    block = blocks[number]
    if block.element.tag not in _HEADINGS or not kept[0] < number < kept[-1] or len(block.text) > _LONGEST_HEADING:
        return False
    below = blocks[number + 1]
    return at[number + 1] is not None and below.element.getparent() is block.element.getparent()


def _holed(key: str, numbers: Mapping[str, int]) -> int | None:
    """The line that is this block with a word or two less: extractors drop a link in a sentence for its name."""
    if len(key) < _PIECE + 10:
        return None
    ends = key[: _PIECE // 2], key[-_PIECE // 2 :]
    for line, number in numbers.items():
        if 0.6 * len(key) < len(line) < len(key) and line.startswith(ends[0]) and line.endswith(ends[1]):
            return number
    return None


def _is_in(key: str, whole: str) -> bool:
    """True for a paragraph that the text has, if with other words in between: notes for screen readers, prices."""
    if len(key) < 2 * _PIECE:
        return key in whole
    third = len(key) // 3
    starts = (0, third, 2 * third, len(key) - _PIECE)
    return any(key[start : start + _PIECE] in whole for start in starts)
