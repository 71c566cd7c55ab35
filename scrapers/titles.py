"""Which of a page's titles is the headline, and what in it is only the name of the site."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from scrapers.structured import Declared
from tocsin.text import fold_term, letters


def host_of(url: str) -> str:
    """The host of an address, without "www."."""
    return (urlsplit(url).hostname or "").removeprefix("www.")


def title_of(declared: Declared, url: str) -> str:
    """The headline of a page: JSON-LD, else og:title or <title> without the site's name, else h1.

    A headline that JSON-LD cuts short is taken from the h1; a kicker in front of it goes where og:title has none.
    """
    headline, shown = declared.headline, declared.h1
    if len(headline) > 20 and headline.endswith(("…", "...")) and shown.startswith(headline.rstrip("….")):
        return shown
    if len(headline) > 3 and not headline.endswith(("…", "...")):
        bare = len(declared.og_title) > 20 and headline.endswith(f": {declared.og_title}")
        said_twice = headline in (declared.og_title, declared.page_title) and headline != shown
        return declared.og_title if bare else _cut(headline, declared, url, known_only=said_twice)
    for candidate in (declared.og_title, declared.h1, declared.page_title):
        if len(candidate) > 3:
            cut = _cut(candidate, declared, url)
            return _punctuated(cut, _cut(declared.page_title, declared, url)) if candidate == declared.h1 else cut
    return headline


def _punctuated(title: str, page_title: str) -> str:
    """A title as <title> writes it where both have the same letters: a kicker in a box of its own loses its colon."""
    return page_title if ": " in page_title and letters(title) == letters(page_title) else title


def _cut(title: str, declared: Declared, url: str, *, known_only: bool = False) -> str:
    """Take the site's name off the end of a title: "Rockets hit Baghdad | The Outlet".

    Args:
        known_only: Only a name that the page gives as its own; else also what the h1 leaves out.
    """
    found = re.match(r"^(.{8,}?)(?:\s+(?:[|•·»]|[-–—]{1,2}|::)\s+|\s?[|ㅣ]\s?)([^|]{2,60})$", title)
    if not found:
        return title
    rest, tail = found.group(1), fold_term(found.group(2))
    names = [fold_term(n) for n in (declared.site_name, declared.publisher) if n]
    host = host_of(url).split(".")
    names += [label for label in host[:-1] if len(label) > 3]
    squeezed = re.sub(r"\W+", "", tail)
    known = any(n in tail or tail in n or re.sub(r"\W+", "", n) in squeezed for n in names if n)
    if known or (not known_only and fold_term(rest) == fold_term(declared.h1)):
        rest = re.sub(r"(?<=[가-힣ぁ-ヿ一-鿿])-[^\W\d_]{1,8}$", "", rest)  # the section, as East Asian sites put it
        return _cut(rest, declared, url, known_only=known_only)
    return title
