"""Bytes -> items: which of the formats in ``scrapers/formats`` a feed is, and what came if it is none."""

from __future__ import annotations

import importlib
import pkgutil
import re
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Protocol, cast

from scrapers import formats, mending, spare
from scrapers.entries import FeedDocument
from tocsin.config import Feed
from tocsin.errors import ParseError
from tocsin.model import Fetched
from tocsin.text import clean_line
from tocsin.urls import masked

__all__ = ["FeedDocument", "Format", "all_formats", "read"]

_CONSENT = re.compile(r"consent|cookie-?wall|privacy-?gate|didomi|onetrust|sourcepoint|toestemming|accepter et", re.I)
_CHALLENGE = re.compile(r"just a moment|cf-chl|challenge-platform|captcha|are you a robot|access denied", re.I)
_LOGIN = re.compile(r'type=["\']?password', re.I)
_TITLE = re.compile(r"<title[^>]*>(.*?)</title", re.I | re.S)
_HTML = re.compile(r"<!doctype html|<html|<head|<body", re.I)


class Format(Protocol):
    """What a module of ``scrapers/formats`` offers."""

    def sniff(self, body: bytes, content_type: str) -> bool:
        """True when the body looks like this format; cheap, and sure enough to exclude the others."""

    def parse(self, feed: Feed, fetched: Fetched, *, now: datetime) -> FeedDocument:
        """Read the body; raises ParseError when it is damaged beyond use."""


@lru_cache(maxsize=1)
def all_formats() -> dict[str, Format]:
    """Every format by module name."""
    names = sorted(module.name for module in pkgutil.iter_modules(formats.__path__))
    return {name: cast(Format, importlib.import_module(f"{formats.__name__}.{name}")) for name in names}


def read(feed: Feed, fetched: Fetched, *, now: datetime) -> FeedDocument:
    """The items of a fetched feed, in its own order.

    Raises:
        ParseError: it is no feed; the detail opens with the feed status that follows from it: "empty: ...",
            "consent: ...", "challenge: ...", "not_a_feed: ...", "xml_entities: ...".
    """
    if not fetched.body.strip(b" \t\r\n\0\xef\xbb\xbf"):
        raise ParseError(feed.id, "empty: the answer has no body")
    content_type = fetched.header("content-type") or ""
    fetched = mending.mended(fetched)
    body = fetched.body
    if name := known_as(body, content_type):
        document = all_formats()[name].parse(feed, fetched, now=now)
        return replace(document, skip=spare.asked(body)) if b"<skip" in body else document
    raise ParseError(feed.id, _what_came(body, content_type, fetched))


def known_as(body: bytes, content_type: str) -> str:
    """The name of the format that a body is in; "" when no format knows it."""
    return next((name for name, reader in all_formats().items() if reader.sniff(body, content_type)), "")


def _what_came(body: bytes, content_type: str, fetched: Fetched) -> str:
    """Say what a body is that is no feed, and open with its feed status."""
    head = body[:100_000].decode("utf-8", "replace")
    where = f" from {masked(fetched.final_url)}" if fetched.final_url != fetched.url else ""
    if not _HTML.search(head):
        kind = content_type.split(";")[0] or "no declared type"
        return f"not_a_feed: {len(body)} bytes of {kind}{where} that no format knows"
    found = _TITLE.search(head)
    title = f' titled "{clean_line(found.group(1), 80)}"' if found else ""
    if _CHALLENGE.search(head):
        return f"challenge: a page{title}{where} that asks for a browser"
    if _CONSENT.search(head):
        return f"consent: a consent page{title}{where} instead of the feed"
    if _LOGIN.search(head):
        return f"not_a_feed: a login page{title}{where}"
    return f"not_a_feed: an HTML page{title}{where}"
