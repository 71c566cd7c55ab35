"""The pieces of a page that are enough when its JSON-LD holds the story, cut out before anything is parsed.

A page is mostly menus, teasers and scripts. Where the text is known, its declarations, its headline and the
stretch from there to the text's last words say all the rest, in far fewer tags. A page of which any
piece is missing, doubled or oddly written is left to the reading of the whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from scrapers import blocks

LONGEST = 3_000_000  # characters of a page that is looked at
_MOST_TAGS = blocks.MOST_TAGS // 2  # of a page: the head repeats a stretch of the rest
BEFORE, BEHIND = 1000, 2500  # characters around a headline that may hold its date line and byline
_FIRST = '"articleBody"'
# All that is looked for, in one pass. After a tag in capitals there may be others, and only small ones are known.
_PIECE = re.compile(r"<(?:script|style|!--|meta|link|title|html|h1|/h1>|[A-Z])")
_CLOSED = {"<script": "</script>", "<style": "</style>", "<!--": "-->", "<title": "</title>"}
_HIDDEN = frozenset({"<script", "<style", "<!--"})
_TAG = re.compile(r"""<\w+\b(?:[^>"']++|"[^"]*+"|'[^']*+')*+>""")
_RUN = re.compile(r"\w[\w ,]{11,}")
_ENDING = 400  # characters of a text in which its last run of plain words is looked for


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Two small pages instead of a large one."""

    head: str  # declarations, and the headline with what stands right around it
    rest: str  # the page behind its headline, without scripts, styles and comments

    def story(self, body: str) -> str:
        """The stretch of the page from the headline to the last words of a text, or to its end."""
        runs = _RUN.findall(body[-_ENDING:])
        last = self.rest.rfind(runs[-1].strip()) if runs else -1
        end = self.rest.find("</div", last) if last >= 0 else -1
        return self.rest[: end if end >= 0 else None]


def cut(html: str) -> Excerpt | None:
    """The excerpt of a page that gives its text as JSON-LD and has one headline; None for any other page."""
    if _FIRST not in html or len(html) > LONGEST:
        return None
    if len(html) > _MOST_TAGS and html.count("<") > _MOST_TAGS:
        return None
    declared: dict[str, list[str]] = {"<html": [], "<title": [], "<meta": [], "<link": [], "<script": []}
    first = -1  # where the headline begins
    headline, kept, position = "", list[str](), -1  # what is kept of the page, and where to go on: from its headline on
    for kind, start, end in _pieces(html):
        if end == 0 or (kind == "<h1" and position >= 0):
            return None
        if kind == "<h1":
            position = first = start
        elif kind == "</h1>" and position >= 0 and not headline:
            headline, kept, position = "".join([*kept, html[position:end]]), [], end
        if kind in _HIDDEN and position >= 0:
            kept.append(html[position:start])
            position = end
        if kind in declared and _says_something(kind, html, start, end):
            declared[kind].append(html[start:end])
    if not headline:
        return None
    rest = "".join([*kept, html[position:]])
    around = _before(html[max(first - BEFORE, 0) : first]) + headline + rest[: rest.rfind(">", 0, BEHIND) + 1]
    return Excerpt(_head(declared, around), rest)


def _says_something(kind: str, html: str, start: int, end: int) -> bool:
    """False for code and for links to all but the page's own address: most of what a head holds."""
    if kind == "<script":
        return html.find("ld+json", start, html.find(">", start)) >= 0
    return kind != "<link" or html.find("canonical", start, end) >= 0


def _before(piece: str) -> str:
    """The whole tags of what stands before a headline: its breadcrumb, a date line; nothing of scripts and heads."""
    start = max(piece.rfind(mark) for mark in ("</script>", "</style>", "-->", "<body"))
    start = piece.find("<", start + 1)
    return piece[start:] if start >= 0 and not any(mark in piece[start:] for mark in _HIDDEN) else ""


def _head(declared: dict[str, list[str]], headline: str) -> str:
    roots, titles, *others = declared.values()
    pieces = [*(roots or ["<html>"])[:1], "<head>", *titles[:1], *chain(*others), "</head><body>", headline]
    return "".join([*pieces, "</body></html>"])


def _pieces(html: str) -> Iterator[tuple[str, int, int]]:
    """Kind, start and end of each piece, in page order; the end of one that has none is 0, and it is the last."""
    search, end = _PIECE.search, 0
    while found := search(html, end):
        kind, start = found.group(), found.start()
        if close := _CLOSED.get(kind):
            end = html.find(close, start) + len(close)
            end = end if end > start else 0
        elif kind in {"<h1", "</h1>"}:
            end = found.end()
        else:
            end = _tag_end(html, start) if kind.islower() else 0  # one in capitals may have others
        yield kind, start, end
        if end == 0:
            return


def _tag_end(html: str, start: int) -> int:
    end = html.find(">", start) + 1
    tag = html[start:end]
    if tag.count('"') % 2 == 0 and "'" not in tag:  # the ">" stands in no attribute
        return end
    found = _TAG.match(html, start)
    return found.end() if found else 0
