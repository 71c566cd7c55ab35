"""The pieces of a page that are enough when its JSON-LD holds the story, cut out before anything is parsed.

A page is mostly menus, teasers and scripts. Where the text is known, its declarations, its headline and the
stretch from there to the text's last words say all the rest, in far fewer tags. A page of which any
piece is missing, doubled or oddly written is left to the reading of the whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from scrapers import blocks

LONGEST = 3_000_000  # characters of a page that is looked at
_FIRST = '"articleBody"'
_SHOUTED = ("<META", "<LINK", "<TITLE", "<HTML", "<SCRIPT", "<STYLE", "<BODY")  # only small letters are looked for
_HIDDEN = re.compile(r"<(?:script|style|!--)")
_TAG = re.compile(r"""<\w+\b(?:[^>"']++|"[^"]*+"|'[^']*+')*+>""")
_ROOT = re.compile(r"<html\b[^>]*>")
_RUN = re.compile(r"\w[\w ,]{11,}")
_ENDING = 400  # characters of a text in which its last run of plain words is looked for


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Two small pages instead of a large one."""

    head: str  # declarations and headline
    rest: str  # the page without scripts, styles and comments
    after: int  # where in it the headline ends

    def story(self, body: str) -> str:
        """The stretch of the page from the headline to the last words of a text, or to its end."""
        runs = _RUN.findall(body[-_ENDING:])
        last = self.rest.rfind(runs[-1].strip(), self.after) if runs else -1
        end = self.rest.find("</div", last) if last >= 0 else -1
        return self.rest[self.after : end if end >= 0 else None]


def cut(html: str) -> Excerpt | None:
    """The excerpt of a page that gives its text as JSON-LD and has one headline; None for any other page."""
    if _FIRST not in html or len(html) > LONGEST or html.count("<") > blocks.MOST_TAGS:
        return None
    parted = _without_scripts(html)
    if parted is None:
        return None
    rest, scripts = parted
    start = rest.find("<h1")
    end = rest.find("</h1>", start)
    if start < 0 or end < 0 or rest.find("<h1", end) >= 0 or "<H1" in rest:
        return None
    declared = [*_tags(rest, "<meta"), *_tags(rest, "<link")]
    opening = rest[: rest.find("<body")]
    if "" in declared or any(tag in opening for tag in _SHOUTED):
        return None
    root = _ROOT.search(rest)
    head = [root.group() if root else "<html>", "<head>", _title(rest), *declared, *scripts, "</head><body>"]
    return Excerpt("".join([*head, rest[start : end + 5], "</body></html>"]), rest, end + 5)


def _without_scripts(html: str) -> tuple[str, list[str]] | None:
    """A page without scripts, styles and comments, and its JSON-LD scripts; None where one of them has no end."""
    kept: list[str] = []
    scripts: list[str] = []
    position = 0
    while found := _HIDDEN.search(html, position):
        start, kind = found.start(), found.group()
        close = "-->" if kind == "<!--" else f"</{kind[1:]}>"
        end = html.find(close, found.end()) + len(close)
        if end < len(close):
            return None
        kept.append(html[position:start])
        if kind == "<script" and "ld+json" in html[start : html.find(">", start)]:
            scripts.append(html[start:end])
        position = end
    return "".join([*kept, html[position:]]), scripts


def _tags(rest: str, opening: str) -> Iterator[str]:
    """Every tag that begins so; "" for one with no end, and nothing after it."""
    start = rest.find(opening)
    while start >= 0:
        found = _TAG.match(rest, start)
        yield found.group() if found else ""
        start = rest.find(opening, found.end()) if found else -1


def _title(rest: str) -> str:
    start = rest.find("<title")
    end = rest.find("</title>", start)
    return rest[start : end + 8] if 0 <= start < end else ""
