"""The filter behind ``tocsin extract``: one JSON object with a page in, one with its article out; no network.

A folder is its HTML files, in the order of their paths; a page says its own address, where it says one.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scrapers import dates, pages
from scrapers.pages import Examined
from tocsin.errors import ParseError
from tocsin.model import Page

MAX_BYTES = 20_000_000  # of a file, unpacked; what is read of it is bounded further by the page reader
FIELDS = ("title", "text", "published", "authors", "language", "publisher", "origin")
MORE = ("origins", "updated", "section", "image", "canonical", "status", "rung", "why", "fallen")
_HEAD, _FOOT = 3000, 8000  # characters at either end of a saved page where the tool that saved it says when
_SAVED = re.compile(
    r"<!--(?:[^>]{0,2000}?\bsaved date: ([^\n(]{10,60})|\s*FILE ARCHIVED ON (\d\d:\d\d:\d\d \w{3} \d\d, \d{4}))"
)
SUFFIXES = (".html", ".htm", ".xhtml", ".html.gz", ".htm.gz")
SECONDS = 60.0  # of wall time that one page may take in a folder


def line(obj: dict[str, Any], *, base: Path | None, now: datetime | None = None, more: bool = False) -> dict[str, Any]:
    """The answer to one input line; what is wrong with it is in its ``error``, never raised.

    Args:
        obj: ``id`` and ``url``, and ``html`` or the ``path`` of a file, gzip or not; ``fetched`` where it is known.
        base: Folder that a relative ``path`` starts from.
        now: Dates later than this are mistakes; the wall clock by default.
        more: Also how the text was had, what it is worth, and the lesser facts: ``MORE``.
    """
    fields = FIELDS + MORE if more else FIELDS
    answer: dict[str, Any] = {"id": obj.get("id"), "url": obj.get("url")} | dict.fromkeys(fields) | {"error": None}
    moment = now or datetime.now(UTC)
    try:
        url = obj.get("url") or ""
        if not isinstance(url, str):
            raise ParseError("url", "must be text")
        html = _html(obj, base)
        moment = _saved(obj, html, moment)
        found = pages.examine(Page(url, html, moment), now=moment, utc=False)
    except ParseError as error:
        return answer | {"error": str(error)}
    told = _fields(found)
    return answer | {"url": url or found.article.canonical_url or None} | {name: told[name] for name in fields}


def folder(path: Path) -> Iterator[dict[str, Any]]:
    """The lines for the HTML files in a folder and the folders below it; the id is the path inside it."""
    for file in sorted(path.rglob("*")):
        if file.name.lower().endswith(SUFFIXES) and file.is_file():
            yield {"id": str(file.relative_to(path)), "path": str(file.absolute())}


def _html(obj: dict[str, Any], base: Path | None) -> str:
    html, path = obj.get("html"), obj.get("path")
    if isinstance(html, str):
        return html
    if html is not None:
        raise ParseError("html", "must be text")
    if not isinstance(path, str) or not path:
        raise ParseError("html", 'missing; give "html", or "path" to a file')
    return pages.decode_bytes(_load((base or Path()) / path))


def _saved(obj: dict[str, Any], html: str, now: datetime) -> datetime:
    """When a page was saved, for its "two hours ago" counts from then: by its line, by who saved it, else now."""
    said = obj.get("fetched")
    if said is not None:
        moment = dates.read(said, now=now) if isinstance(said, str) else None
        if moment is None:
            raise ParseError("fetched", "must be a time such as 2026-07-03T18:42:00Z")
        return moment
    marks = _SAVED.search(html, 0, _HEAD) or _SAVED.search(html, max(0, len(html) - _FOOT))
    return (dates.read(marks[marks.lastindex or 1], now=now) if marks else None) or now


def _load(file: Path) -> bytes:
    """The bytes of a file, unpacked when it is gzip, whatever its name."""
    try:
        with file.open("rb") as plain:
            packed = plain.read(2) == b"\x1f\x8b"
        with gzip.open(file) if packed else file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error, ValueError) as exc:
        raise ParseError(str(file), f"cannot be read: {getattr(exc, 'strerror', None) or exc}") from None
    if len(data) > MAX_BYTES:
        raise ParseError(str(file), f"more than {MAX_BYTES} bytes")
    return data


def _fields(found: Examined) -> dict[str, Any]:
    article = found.article
    return {
        "title": article.title,
        "text": article.text,
        "published": article.published.isoformat() if article.published else None,
        "authors": list(article.authors),
        "language": article.language,
        "publisher": article.publisher,
        "origin": found.writer or None,
        "origins": list(article.origins),
        "updated": article.updated.isoformat() if article.updated else None,
        "section": article.section or None,
        "image": found.image or None,
        "canonical": article.canonical_url or None,
        "status": article.status.value,
        "rung": article.rung,
        "why": found.why,
        "fallen": found.fallen or None,
    }
