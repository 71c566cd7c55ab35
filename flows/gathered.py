"""What gathering hands to settling: a feed's news with everything slow done; loads none of what did it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tocsin.config import Feed
from tocsin.model import Article, Assessment, FeedState, Item


@dataclass(frozen=True, slots=True)
class Gleaned:
    """One item with what was made of it before anything is decided."""

    item: Item
    article: Article | None  # None when neither the page nor the feed gave a word
    assessments: tuple[Assessment, ...] = ()
    blocked: str = ""  # why the page could not be had; the article then holds the feed's own words
    tries: int = 0
    later: bool = False  # its page waits for the next poll
    held: datetime | None = None  # embargoed until then
    ageless: bool = False  # undated, and of a feed never read before: news or archive, nobody can tell


@dataclass(frozen=True, slots=True)
class Gathered:
    """One feed's news, everything slow done: ready to be settled."""

    feed: Feed
    state: FeedState
    gleaned: tuple[Gleaned, ...] = ()
    unchanged: int = 0
    first_poll: bool = False
    elapsed: float = 0.0

    @property
    def down(self) -> bool:
        """True when the feed itself could not be read."""
        return self.state.failures > 0

    @property
    def rings(self) -> bool:
        """False for a feed that is archive only, and for one that may have fallen into other hands."""
        return self.feed.alert and not self.state.suspect
