"""XML that may be hostile -> a tree: no entities, no network, bounded; and what every XML format asks of one.

Names are compared without namespace and prefix: agencies leave them out, or invent their own.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from lxml import etree

from tocsin.config import Feed
from tocsin.errors import ParseError
from tocsin.text import unescape

MAX_TAGS = 300_000  # a few seconds of reading; a day of a wire in one document has some 50,000
_FIRST = re.compile(rb"<(?:[\w.-]+:)?([A-Za-z][\w.-]*)[\s/>]")
_SPACE = re.compile(r"\s+")


def root_name(body: bytes) -> str:
    """The name of the first element in small letters, without reading the document; "" when there is none.

    >>> root_name(b'<?xml version="1.0"?><!DOCTYPE nitf SYSTEM "nitf.dtd"><nitf><head/>')
    'nitf'
    """
    head = re.sub(
        rb"<!--.*?-->|<\?.*?\?>|<![A-Z][^>\[]*(?:\[.*?\])?\s*>", b"", body[:50_000].replace(b"\0", b""), flags=re.S
    )
    found = _FIRST.search(head)
    return found.group(1).decode("ascii").lower() if found else ""


def read(feed: Feed, body: bytes) -> etree._Element:
    """The root of a document; what is damaged in it is passed over.

    Raises:
        ParseError: it defines entities, has more tags than any document of a wire, or nothing can be read.
    """
    refuse_entities(feed, body)
    tags = body.count(b"<")
    if tags > MAX_TAGS:
        raise ParseError(feed.id, f"not_a_feed: {tags} tags, more than any feed has")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=False, remove_comments=True
    )
    try:
        root = etree.fromstring(body.lstrip(), parser)
    except (etree.XMLSyntaxError, ValueError) as exc:
        raise ParseError(feed.id, f"not_a_feed: XML of which nothing can be read ({exc})") from None
    if root is None:
        raise ParseError(feed.id, "not_a_feed: XML of which nothing can be read")
    return root


def refuse_entities(feed: Feed, body: bytes) -> None:
    """A feed needs no entities of its own; who defines some wants to blow us up."""
    prologue = body[:1_000_000].replace(b"\0", b"")
    first = re.search(rb"<[A-Za-z]", prologue)
    if re.search(rb"<!ENTITY", prologue[: first.start() if first else None], re.I):
        raise ParseError(feed.id, "xml_entities: it defines XML entities, which no feed needs")


def name(element: etree._Element) -> str:
    """The name of an element without its namespace; "" for comments and the like."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def find_all(element: etree._Element, path: str) -> Iterator[etree._Element]:
    """Every descendant at the end of a path of names; "//" is not needed: each step looks among the children."""
    step, _, rest = path.partition("/")
    for child in element:
        if name(child) == step:
            yield from find_all(child, rest) if rest else (child,)


def find(element: etree._Element, path: str) -> etree._Element | None:
    """The first element at the end of a path of names, or None."""
    return next(find_all(element, path), None)


def anywhere(element: etree._Element, wanted: str) -> Iterator[etree._Element]:
    """Every descendant of a name, however deep; the element itself, too."""
    return (each for each in element.iter() if name(each) == wanted)


def words(element: etree._Element | None) -> str:
    """All text in an element, on one line; entities that XML does not know are those of HTML."""
    if element is None:
        return ""
    return _SPACE.sub(" ", unescape("".join(str(part) for part in element.itertext()))).strip()


def words_at(element: etree._Element, *paths: str) -> str:
    """The text at the first of some paths that has any."""
    return next((text for path in paths if (text := words(find(element, path)))), "")


def attribute(element: etree._Element | None, *names: str) -> str:
    """The value of the first of some attributes that is there, with or without namespace."""
    if element is None:
        return ""
    plain = {str(key).rpartition("}")[2]: str(value) for key, value in element.attrib.items()}
    return next((plain[each].strip() for each in names if plain.get(each)), "")


def attribute_at(element: etree._Element, path: str, *names: str) -> str:
    """An attribute of the first element at the end of a path."""
    return attribute(find(element, path), *names)


def markup(element: etree._Element | None) -> str:
    """What is inside an element, as HTML; text that was escaped comes out as the markup it was."""
    if element is None:
        return ""
    if len(element) == 0:
        return words(element) if "<" not in (element.text or "") else str(element.text)
    inner = [html.escape(element.text or "", quote=False)]
    inner += [etree.tostring(child, encoding="unicode", with_tail=True) for child in element]
    # prefixes and namespaces would make other tags of them
    return re.sub(r'\sxmlns(?::[\w.-]+)?="[^"]*"', "", re.sub(r"(</?)[\w.-]+:(?=\w)", r"\1", "".join(inner)))
