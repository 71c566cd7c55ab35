"""Text that a page carries only as data for its own scripts (Next.js, Nuxt, Apollo): HTML inside JSON strings.

Such a page shows nothing without a browser, but the story is in it. Read when nothing else is there.
"""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from scrapers import blocks, documents

LEAST = 400  # characters of a story; shorter strings are teasers and labels
LONGEST = 400_000
MOST = 2_000_000  # characters of script looked through
_PARAGRAPH = re.compile(r"(?:\\{1,8}u003c|<)(?:p|br)\b", re.I)
_SIGNS, _INITIALS = ("<", "u003c", "u003C"), "pPbB"  # cheap to look for
_STRING = re.compile(r'(?<!\\)"((?:[^"\\]++|\\.)*+)"', re.S)  # possessive: a script of quotes alone costs no more
_DATE = re.compile(
    r'"(?:date_?[Pp]ublished|published_?(?:At|at|Date|On|Time)|publication_?[Dd]ate|publishDate|firstPublish\w*'
    r'|regDate|serviceDate\w*|deployDt|releaseDate)\\{0,4}"\s*:\s*\\{0,4}"(\d{4}[-./]\d\d[-./]\d\d[^"\\]{0,25})'
)


def html(tree: HtmlElement) -> str:
    """The longest piece of HTML with paragraphs among the strings in a page's scripts; "" when there is none."""
    best = ""
    for script in _scripts(tree):
        if not _may_hold_markup(script) or not _PARAGRAPH.search(script):
            continue
        for found in _STRING.finditer(script):
            piece = _decoded(found.group(1)) if LEAST <= found.end() - found.start() <= LONGEST else ""
            if len(piece) > len(best) and len(_PARAGRAPH.findall(piece)) >= 2:
                best = piece
    return best


def _may_hold_markup(script: str) -> bool:
    return any(sign in script and any(sign + initial in script for initial in _INITIALS) for sign in _SIGNS)


def text(tree: HtmlElement) -> str:
    """The story in that HTML; "" when it is too short to be one."""
    story = blocks.html_text(html(tree))
    return story if len(story) >= LEAST else ""


def published(tree: HtmlElement) -> str:
    """The first date of publication in a page's scripts, as it stands there."""
    return next((found.group(1) for script in _scripts(tree) if (found := _DATE.search(script))), "")


def _scripts(tree: HtmlElement) -> list[str]:
    scripts = [script.text or "" for script in tree.iter("script") if "ld+json" not in (script.get("type") or "")]
    return [script for script in scripts if LEAST <= len(script) <= MOST]


def _decoded(raw: str) -> str:
    """A JSON string, unescaped until it holds plain markup: frameworks put JSON inside JSON."""
    for _ in range(3):
        try:
            raw = documents.loads(f'"{raw}"', strict=False)
        except ValueError:
            return ""
        if "\\u003c" not in raw:
            return raw
    return raw
