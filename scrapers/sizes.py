"""How much text the boxes of a page hold, and where a page ends that holds more than anybody writes.

Boxes hold each other, so to ask each for its text reads a deep page once for every level. Pages made to
harm have hundreds of levels around megabytes; what reads them here costs one walk.
"""

from __future__ import annotations

from lxml import etree
from lxml.html import HtmlElement

from scrapers.nodes import whole_text

# What is read of a page. Of 506 real ones the largest has 5,300 elements on 63,000 levels in all and 7.7 million
# characters, each counted on each of its levels.
MOST_ELEMENTS = 12_000
MOST_LEVELS = 500_000
MOST_CHARACTERS = 60_000_000
_READ = 1_000_000  # characters that may be read box by box
_DEEPEST = 256  # levels that the parser makes


class Sizes:
    """How many characters the boxes of a page hold, white space apart.

    One by one that is quick, and on most pages few are asked; where they hold each other, one walk measures all.
    """

    def __init__(self, body: HtmlElement, text: str) -> None:
        self.whole = len("".join(text.split()))
        self._body = body
        self._read = 0
        self._all: dict[HtmlElement, int] = {}

    def of(self, box: HtmlElement) -> int:
        """The size of a box of the page."""
        if self._all:
            return self._all[box]
        text = whole_text(box)
        self._read += len(text)
        if self._read > _READ:
            self._all = _measured(self._body)
        return len("".join(text.split()))


def of_page(body: HtmlElement) -> Sizes:
    """The sizes of a page; the end of one that has too much is taken off first."""
    text = whole_text(body)
    if _is_too_much(body, len(text)) and _cut(body):
        text = whole_text(body)
    return Sizes(body, text)


def shorten(tree: HtmlElement) -> None:
    """Take the end off a page that has too much."""
    if _is_too_much(tree, len(whole_text(tree))):
        _cut(tree)


def _measured(body: HtmlElement) -> dict[HtmlElement, int]:
    sizes: dict[HtmlElement, int] = {}
    for _, element in etree.iterwalk(body, events=("end",)):
        inside = sum(sizes[child] + _size(child.tail) for child in element)
        sizes[element] = _size(element.text) + inside
    return sizes


def _size(text: str | None) -> int:
    return len("".join(text.split())) if text else 0


def _is_too_much(body: HtmlElement, characters: int) -> bool:
    """True where a page may have too much; nearly all have so little that their levels need not be counted."""
    many = min(MOST_ELEMENTS, 2 * MOST_LEVELS // _DEEPEST)
    return characters > 2 * MOST_CHARACTERS // _DEEPEST or sum(1 for _ in body.iter()) > many


def _cut(body: HtmlElement) -> bool:
    """Take the end off a page that has more elements, levels or text than is read of one; whether it had."""
    elements = levels = characters = depth = 0
    for event, element in etree.iterwalk(body, events=("start", "end")):
        if event == "end":
            depth -= 1
            characters += depth * len(element.tail or "")
            continue
        depth += 1
        elements += 1
        levels += depth
        characters += depth * len(element.text or "")
        if elements > MOST_ELEMENTS or levels > MOST_LEVELS or characters > MOST_CHARACTERS:
            _drop_from(element, body)
            return True
    return False


def _drop_from(element: HtmlElement, body: HtmlElement) -> None:
    """Drop an element and all that follows it."""
    last = element
    while last is not body and (box := last.getparent()) is not None:
        for sibling in list(last.itersiblings()):
            box.remove(sibling)
        last.tail = None
        last = box
    if element is not body:
        element.drop_tree()
