"""JSON that may be anything -> objects and texts: what every JSON format asks of a document."""

from __future__ import annotations

import json
import re
from typing import Any

from tocsin.config import Feed
from tocsin.errors import ParseError
from tocsin.text import whole

_HALF = re.compile(r"\\u[dD][89a-fA-F]")  # of a surrogate pair, be it with its other half


def mentions(body: bytes, pattern: bytes) -> bool:
    """True for a JSON document with a pattern near its beginning, whatever the case."""
    head = body[:20_000].lstrip(b"\xef\xbb\xbf \t\r\n")
    return head[:1] in {b"{", b"["} and re.search(pattern, head, re.I) is not None


def read(feed: Feed, body: bytes) -> Any:
    """The document; raises ParseError when it is damaged."""
    try:
        return loads(body.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError) as exc:
        raise ParseError(feed.id, f"not_a_feed: damaged JSON ({type(exc).__name__})") from None


def loads(raw: str, *, strict: bool = True) -> Any:
    r"""``json.loads``, with U+FFFD where a writer cut a text inside an emoji and left half a surrogate pair.

    Args:
        strict: False: control characters in texts are forgiven.

    >>> loads(r'{"title": "Bomb \ud83d"}') == {"title": "Bomb \ufffd"}
    True
    """
    data = json.loads(raw, strict=strict)
    if not _HALF.search(raw):
        return data
    again = json.dumps(data, ensure_ascii=False)
    mended = whole(again)
    return data if mended is again else json.loads(mended)


def objects(data: Any, *keys: str) -> list[dict[str, Any]]:
    """The objects of a list; of an object, those of the list at the first of some keys, else itself."""
    if isinstance(data, dict):
        listed = next((data[key] for key in keys if isinstance(data.get(key), list)), [data])
    else:
        listed = data
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def text(data: dict[str, Any], *keys: str) -> str:
    """The text or number at the first of some keys that has one, else ""."""
    return next((str(data[key]) for key in keys if isinstance(data.get(key), str | int) and data[key] != ""), "")
