"""What of an article is compared: its identities, the hash of its text, its sampled shingles, its lead.

A print is a 47-bit hash of three folded words in a row; one in eight is kept, and at least twelve, so
that two texts keep the same ones. 47 bits fit SQLite's integers in six bytes.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache

import xxhash

from tocsin.model import Article, Signal
from tocsin.text import fold_text, unescape
from tocsin.urls import canonical, host, opaque

SHINGLE = 3  # words
SAMPLE = 2**47 // 8  # prints under this are kept
LEAST = 12  # prints of a short text
MOST = 400  # prints of a very long one: the smallest
LEAD_WORDS = 45
HEAD_WORDS = 26  # a sentence
STUB_WORDS = 24  # a shorter text is known by its title too
_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Keys:
    """By what an article is looked up and compared; the same for any spelling of the same text."""

    url_key: str
    canonical_key: str | None  # what the page declares, when it is another address of the same host
    feed_key: str | None  # feed and the feed's own id
    wire_key: str | None  # provider and family id
    text_hash: str  # of the text; of title and text where that is a stub
    version_hash: str  # of title and text: tells a revision from the same again
    prints: tuple[int, ...]  # ascending
    words: int
    lead: tuple[str, ...]  # folded words of title and first sentences
    learned_key: str | None = None  # the address without what the archive learned to be meaningless
    titled_key: str | None = None  # address and title: the name of a story whose address was given to another

    @property
    def identities(self) -> tuple[str, ...]:
        """All names of the article, surest first."""
        names = (self.url_key, self.titled_key, self.wire_key, self.canonical_key, self.learned_key, self.feed_key)
        return tuple(dict.fromkeys(name for name in names if name))

    @property
    def stub(self) -> bool:
        """True where the text is too short to be told by its words alone."""
        return self.words < STUB_WORDS


@lru_cache(maxsize=256)
def words(text: str) -> tuple[str, ...]:
    """The folded words and numbers of a text; entities are decoded twice, as feeds encode them twice."""
    if "&" in text:
        text = unescape(unescape(text))
    return tuple(_WORD.findall(fold_text(text)))


def keys(article: Article) -> Keys:
    """Work out what an article is looked up by."""
    title, body = words(article.title), words(article.text)
    stub = len(body) < STUB_WORDS
    url_key = f"u:{canonical(article.url)}"
    if url_key.count("/") < 3:  # a front page: entries without an address of their own point there
        url_key = titled(url_key, article.title)
    return Keys(
        url_key=url_key,
        canonical_key=_canonical_key(article, url_key),
        feed_key=f"f:{article.feed} {article.identity}" if article.feed and article.identity else None,
        wire_key=_wire_key(article),
        text_hash=_digest((*title, *body) if stub else body),
        version_hash=_digest((*title, "", *body, *_taken_back(article))),
        prints=prints((*title, *body) if stub else body),
        words=len(body),
        lead=(*title, *body[:LEAD_WORDS]),
        titled_key=titled(url_key, article.title) if " " not in url_key else None,
    )


def titled(url_key: str, title: str) -> str:
    """The name of a story that has its address not for itself."""
    return f"{url_key} {_digest(words(title))}"


def _canonical_key(article: Article, url_key: str) -> str | None:
    """What the page says its address is, or where a shortener led; a front page or another site names nothing."""
    declared = canonical(article.canonical_url) if article.canonical_url else ""
    if not declared or declared.count("/") < 3:
        return None
    if host(declared) != host(canonical(article.url)) and not opaque(article.url):
        return None
    return f"u:{declared}" if f"u:{declared}" != url_key else None


def _taken_back(article: Article) -> tuple[str, ...]:
    """A mark of a wire's kill, which may repeat the story word for word: it is another version all the same."""
    return ("", "kill") if article.wire and article.wire.signal is Signal.KILL else ()


def _wire_key(article: Article) -> str | None:
    wire = article.wire
    return f"w:{wire.provider.lower()} {wire.family}" if wire and wire.family else None


def _digest(folded: tuple[str, ...]) -> str:
    return hashlib.sha256(" ".join(folded).encode("utf-8", "surrogatepass")).hexdigest()[:32]


@lru_cache(maxsize=256)
def shingles(folded: tuple[str, ...]) -> tuple[int, ...]:
    """The hash of each three words in a row, in reading order; of all the words where there are fewer."""
    if not folded:
        return ()
    hashed = xxhash.xxh3_64_intdigest
    if len(folded) < SHINGLE:
        return (hashed(" ".join(folded).encode("utf-8", "surrogatepass")) >> 17,)
    coded = " ".join(folded).encode("utf-8", "surrogatepass").split(b" ")
    return tuple([hashed(b"%b %b %b" % three) >> 17 for three in zip(coded, coded[1:], coded[2:], strict=False)])


def prints(folded: tuple[str, ...]) -> tuple[int, ...]:
    """The sampled shingles, ascending: those under one in eight, at least twelve where there are so many.

    Twelve more stand for the first words alone: an alert of one sentence shares hardly any sampled
    shingle with the long story that follows it.
    """
    every = sorted(set(shingles(folded)))
    kept = next((i for i, h in enumerate(every) if h >= SAMPLE), len(every))
    chosen = set(every[: min(max(kept, LEAST), MOST)])
    chosen.update(sorted(set(shingles(folded[:HEAD_WORDS])))[:LEAST])
    return tuple(sorted(chosen))
