"""Asking elements for their text without reading half of the page: most are asked only whether they hold little."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from lxml import etree
from lxml.html import HtmlElement


def finder(path: str) -> Callable[..., list[HtmlElement]]:
    """An XPath to elements, made ready once: to read a path anew takes as long as to search a small page."""
    search: Callable[..., Any] = etree.XPath(path)
    return search


def whole_text(element: HtmlElement) -> str:
    """All text of an element, as ``itertext`` would join it: native code does it in a fifth of the time."""
    return etree.tostring(element, method="text", encoding="unicode", with_tail=False)


def short_text(element: HtmlElement, most: int) -> str:
    """The text of an element as it stands, its ends stripped; "" where it has more than ``most`` characters.

    The boxes around a page hold all of it, and each would join the whole text to learn that it is long.
    """
    if len(element) == 0:
        text = (element.text or "").strip()
        return text if len(text) <= most else ""
    parts: list[str] = []
    size = 0
    for piece in element.itertext():
        parts.append(piece)
        size += len(piece.strip())
        if size > most:
            return ""
    text = "".join(parts).strip()
    return text if len(text) <= most else ""


_STORY = re.compile(r"\b(?:hentry|type-post|post-\d+)\b")
_SUBJECTS = re.compile(r"(?:^|\s)(?:tag|category|cat|topic|format)-[\w-]+")


def own_names(names: str) -> str:
    """What a box is called, without the subjects that WordPress puts among the names of a story.

    >>> own_names("post-77 hentry tag-photo wide"), own_names("tag-list")
    ('post-77 hentry wide', 'tag-list')
    """
    return _SUBJECTS.sub("", names) if _STORY.search(names) else names
