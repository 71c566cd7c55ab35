"""What careless writers do to the letters of a feed, undone before a parser sees it: most give up on all of it.

References to no character (old systems write an emoji as two, halves of a surrogate pair, others leave control
characters), halves of pairs in bytes (as databases and Java store an emoji), encodings that do not exist, UTF-16.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import replace

from tocsin.model import Fetched

# not the decimal ones of two to four digits that all have a letter: whole texts are written in them
_REFERENCE = re.compile(rb"&#(?!(?:[1-9][0-9]{2,3}|3[2-9]|[4-9][0-9]);)(?:[xX]([0-9a-fA-F]+)|([0-9]+));?")
_HALF = rb"&(?:amp;)*#(?:[xX]0*([dD][89a-fA-F][0-9a-fA-F]{2})|0*(5[5-7][0-9]{3}));"
_PAIR = re.compile(_HALF + _HALF)
_STORED = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf](?:\xed[\xb0-\xbf][\x80-\xbf])?")
_FIRST = re.compile(rb"^(?:\xef\xbb\xbf)?\s*<\?xml\b([^<>]{0,300}\?>)?")
_DECLARED = re.compile(rb"""^(?:\xef\xbb\xbf)?\s*<\?xml\b[^<>]{0,300}?(\sencoding\s*=\s*(?:"([^"]*)"|'([^']*)'))""")
_UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_NO_LETTER = b"&#xFFFD;"
_DIGITS = 7  # of the largest number that a character has


def mended(fetched: Fetched) -> Fetched:
    """The answer with a body whose every reference is to a character, in an encoding that exists."""
    body = fetched.body
    if (wide := _UTF16.get(body[:2])) and body[2:4] != b"\0\0":
        body = _undeclared(body[2:].decode(wide, "replace").encode())
        declared = tuple((name, value) for name, value in fetched.headers if name.lower() != "content-type")
        fetched = replace(fetched, headers=declared)
    if (first := _FIRST.match(body)) and not first[1]:  # damaged: what it says of letters ends in the midst of them
        body = body[max(0, body.find(b"<", first.end())) :]
    encoding = _encoding(body)
    if encoding is None:
        body = _undeclared(body)
    if b"\xed" in body and encoding in {None, "", "utf-8"}:
        body = _STORED.sub(_stored, body)
    if b"#" in body:
        body = _REFERENCE.sub(_reference, _PAIR.sub(_pair, body))
    return fetched if body is fetched.body else replace(fetched, body=body)


def _encoding(body: bytes) -> str | None:
    """The encoding that XML declares, by Python's name; "" where it declares none, None where there is none such."""
    found = _DECLARED.match(body)
    if found is None:
        return ""
    try:
        return codecs.lookup((found[2] or found[3] or b"").decode("ascii")).name
    except (LookupError, ValueError):
        return None


def _undeclared(body: bytes) -> bytes:
    """XML that does not say its encoding: it is UTF-8, or whatever else a parser finds that it is."""
    found = _DECLARED.match(body)
    return body[: found.start(1)] + body[found.end(1) :] if found else body


def _stored(found: re.Match[bytes]) -> bytes:
    """A pair in three bytes each as the one character that it is, a half as the sign for none."""
    halves = found.group().decode("utf-8", "surrogatepass").encode("utf-16-le", "surrogatepass")
    return halves.decode("utf-16-le", "replace").encode()


def _pair(found: re.Match[bytes]) -> bytes:
    high, low = (int(hexed, 16) if hexed else int(dec) for hexed, dec in (found.group(1, 2), found.group(3, 4)))
    if 0xD800 <= high < 0xDC00 <= low < 0xE000:
        return b"&#x%X;" % (0x10000 + ((high - 0xD800) << 10) + low - 0xDC00)
    return found.group()


def _reference(found: re.Match[bytes]) -> bytes:
    hexed, dec = found.groups()
    digits = (hexed or dec).lstrip(b"0") or b"0"
    number = int(digits, 16 if hexed else 10) if len(digits) <= _DIGITS else -1
    if number in {9, 10, 13} or 0x20 <= number < 0xD800 or 0xE000 <= number < 0xFFFE or 0x10000 <= number < 0x110000:
        return found.group()
    return b" " if 0 <= number < 0x20 else _NO_LETTER
