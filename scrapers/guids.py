"""Feeds whose ids are new at every poll: an item of such a feed is known by its address."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import replace

from tocsin.model import Item

ENOUGH = 3  # items, to tell by
MOST = 0.8  # of the items


def by_address(items: Sequence[Item]) -> tuple[Item, ...]:
    """The items, each known by its address where it has one; a wire's own identity is never in doubt."""
    return tuple(replace(item, identity=item.url) if item.url and item.wire is None else item for item in items)


def unstable(items: Sequence[Item], known: Container[str], addresses: Container[str]) -> bool:
    """True when nearly all items have ids never seen at addresses long known.

    Args:
        known: Ids that the feed showed before.
        addresses: Addresses that it showed before.
    """
    strangers = [item for item in items if item.identity not in known and item.url and item.identity != item.url]
    places = {item.url for item in strangers}
    most = MOST * len(items)
    if len(strangers) < max(ENOUGH, most):
        return False
    return sum(url in addresses for url in places) >= most  # a live blog has one address for all
