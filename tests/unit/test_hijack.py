"""Marks by which a feed is known, and what change of them is wholesale."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from scrapers import hijack
from scrapers.entries import FeedDocument
from tocsin.model import FeedState, Item

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
ENGLISH = [f"Council of district {n} meets in Basra" for n in range(8)]
ARABIC = [f"مجلس قضاء البصرة يعقد جلسته {n}" for n in range(8)]
HOME = "https://www.desertnews.example"


def document(title: str = "Desert News Daily", titles: list[str] = ENGLISH, base: str = HOME) -> FeedDocument:
    """A feed with those titles, linking to that site."""
    return FeedDocument(title, tuple(Item("a", f"{n}", f"{base}/{n}", name) for n, name in enumerate(titles)))


KNOWN = hijack.remembered(FeedState("a"), document())


def test_what_a_feed_is_known_by() -> None:
    """Its title, where it links to, its script; and what it linked to before."""
    assert (KNOWN.title, KNOWN.link_hosts, KNOWN.script) == ("Desert News Daily", "desertnews.example", "LATIN")
    both = hijack.remembered(KNOWN, document(base="https://cdn.example"))
    assert both.link_hosts == "desertnews.example cdn.example"


@pytest.mark.parametrize(
    ("now", "says"),
    [
        (document(), ""),
        (document(title="Desert News | World"), ""),
        (document(title=""), ""),
        (document(title="Golden Slots Bonus"), 'its title was "Desert News Daily" and is "Golden Slots Bonus"'),
        (document(base="https://slots.example"), "its links led to desertnews.example and lead to slots.example"),
        (document(base="https://m.desertnews.example"), ""),
        (document(titles=ENGLISH[:3], base="https://slots.example"), ""),
        (document(titles=ARABIC), "its titles were in latin script and are in arabic"),
        (document(titles=ENGLISH[:4] + ARABIC[:4]), ""),
        (document(titles=ARABIC[:4]), ""),
        (FeedDocument("Desert News Daily", ()), ""),
    ],
    ids=[
        "itself", "another section", "no title", "another title", "other links", "its mobile site",
        "other links, too few to tell", "another script", "half in another script", "too few titles", "no items",
    ],
)  # fmt: skip
def test_only_a_wholesale_change_is_suspicious(now: FeedDocument, says: str) -> None:
    """Nothing of a suspected feed rings, so a new section or a guest must not suffice."""
    assert hijack.suspicion(KNOWN, now) == says


def test_a_feed_that_gathers_from_everywhere_is_not_known_by_its_links() -> None:
    """Today's ten sites have none in common with yesterday's: that is its nature."""

    def gathered(day: int) -> FeedDocument:
        items = (
            Item("a", f"{n}", f"https://site{day}{n}.example/{n}", f"Council {n} meets in Basra") for n in range(10)
        )
        return FeedDocument("Desert News Daily", tuple(items))

    known = hijack.remembered(FeedState("a"), gathered(1))
    assert known.link_hosts == ""
    assert hijack.suspicion(known, gathered(2)) == ""


def test_a_feed_without_a_past_is_trusted() -> None:
    """The first poll is what it will be known by; so is the first one after a person said that all is well."""
    assert hijack.suspicion(FeedState("a"), document(title="Golden Slots Bonus")) == ""
    assert hijack.suspicion(hijack.trusted(KNOWN), document(title="Golden Slots", base="https://slots.example")) == ""
    assert hijack.trusted(KNOWN).etag is None, "it is read again at the next poll"


def test_a_neighbour_on_a_blog_host_is_another_owner() -> None:
    """Who took over the feed of one blog may link to his own on the same host."""
    known = hijack.remembered(FeedState("a"), document(base="https://basranews.blogspot.com"))
    assert hijack.suspicion(known, document(base="https://en.basranews.blogspot.com")) == ""
    says = "its links led to basranews.blogspot.com and lead to slots.blogspot.com"
    assert hijack.suspicion(known, document(base="https://slots.blogspot.com")) == says


def test_the_wider_marks_of_older_versions_are_no_suspicion() -> None:
    """They were "blogspot.com" and "gob.mx"; the first poll puts the narrower name in their place."""
    old = replace(KNOWN, link_hosts="gob.mx desertnews.example")
    now = document(base="https://www.sep.gob.mx")
    assert hijack.suspicion(old, now) == ""
    assert hijack.remembered(old, now).link_hosts == "desertnews.example sep.gob.mx"
