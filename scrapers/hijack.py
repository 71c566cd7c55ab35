"""Whether a feed is still the feed that was subscribed to: its title, the sites it links to, the script of its titles.

A domain that lapses is bought, and answers 200 with somebody else's words. Each of the three marks is
looked at only where there is enough to see, and only a wholesale change counts: a new section, one
guest link or one title in another language does not. The language itself is no mark: agencies mix them.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import replace

from scrapers.entries import FeedDocument
from tocsin.model import FeedState, Item
from tocsin.urls import host, registered

ENOUGH = 5  # items, to tell by
MOST = 0.9  # of the titles in one script
MAX_HOSTS = 8


def suspicion(state: FeedState, document: FeedDocument) -> str:
    """Why a feed may have fallen into other hands, or ""; says "" of a feed without a past."""
    if state.title and document.title and not _akin(state.title, document.title):
        return f'its title was "{state.title[:80]}" and is "{document.title[:80]}"'
    before, now = set(state.link_hosts.split()), set(_sites(document))
    if before and now and len(document.items) >= ENOUGH and not any(_one_owner(a, b) for a in before for b in now):
        return f"its links led to {sorted(before)[0]} and lead to {sorted(now)[0]}"
    script = _script(document)
    if state.script and script and script != state.script:
        return f"its titles were in {state.script.lower()} script and are in {script.lower()}"
    return ""


def remembered(state: FeedState, document: FeedDocument) -> FeedState:
    """The state with the marks of a feed that is itself."""
    now = _sites(document)
    before = [name for name in state.link_hosts.split() if not any(one.endswith(f".{name}") for one in now)]
    sites = list(dict.fromkeys([*before, *now]))[-MAX_HOSTS:]
    return replace(
        state,
        title=document.title or state.title,
        link_hosts=" ".join(sites),
        script=_script(document) or state.script,
        suspect="",
    )


def trusted(state: FeedState) -> FeedState:
    """The state after a person looked and found nothing wrong: what comes next is what it is known by."""
    return replace(state, title="", link_hosts="", script="", suspect="", etag=None, last_modified=None, body_hash=None)


def _akin(one: str, other: str) -> bool:
    """True when two titles share a word of some length."""
    words = [set(re.findall(r"[^\W\d_]{3,}", text.lower())) for text in (one, other)]
    return bool(words[0] & words[1]) or not (words[0] and words[1])


def _one_owner(one: str, other: str) -> bool:
    """True for two marks of one site, of which the older may be a wider name: of "gob.mx" more is kept now."""
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")


def _sites(document: FeedDocument) -> list[str]:
    """The sites that half of its items or more lead to; a feed that gathers from everywhere has none."""
    counts = Counter(registered(host(item.url)) for item in document.items if item.url)
    return [name for name, n in counts.most_common(2) if name and n * 2 >= len(document.items)]


def _script(document: FeedDocument) -> str:
    """The script that nearly all titles are in, or "" when there is none or too little to tell."""
    if len(document.items) < ENOUGH:
        return ""
    counts = Counter(_letters(item) for item in document.items)
    name, n = counts.most_common(1)[0]
    return name if n >= MOST * len(document.items) else ""


def _letters(item: Item) -> str:
    """The script of most letters of a title: the first word of their Unicode names."""
    found = Counter(unicodedata.name(char, "?").split()[0] for char in item.title[:80] if char.isalpha())
    return found.most_common(1)[0][0] if found else ""
