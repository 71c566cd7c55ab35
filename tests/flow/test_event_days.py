"""The invented days whose mistakes were read, through decision, archive and events: floors that only ever rise.

The last, ``d.yaml``, is held out: no test looks at its mistakes, only ``make bench-events``.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from benchmarks.clusters import score
from benchmarks.events import assessed, config, orders, play
from benchmarks.wiredays import Told, days
from tocsin.model import Assessment

IN_ORDER, SHUFFLED = 0.95, 0.91  # B-cubed F1


@pytest.fixture(scope="module")
def told() -> tuple[list[Told], Mapping[str, tuple[Assessment, ...]]]:
    """The articles and what the watch thinks of each."""
    found = days("a")
    return found, assessed(found, config())


def test_as_published(told):
    """Reports of one event are together, look-alikes apart, and no attack is swallowed by another."""
    articles, thoughts = told
    cluster, whys = play(articles, thoughts, config())
    found = score(articles, cluster)
    assert found.cubed_f1 >= IN_ORDER
    assert found.missed <= 1  # the arrests of a bombing's suspects, which may join it
    assert all(whys[name] for name in cluster)
    assert not any(one.id in cluster for one in articles if not one.scored), "a round-up joined or opened an event"


def test_in_other_orders_of_arrival(told):
    """Feeds are polled in any order."""
    articles, thoughts = told
    for order in orders(articles, 2):
        assert score(order, play(order, thoughts, config())[0]).cubed_f1 >= SHUFFLED


def test_days_told_the_hard_way():
    """Urgents, wraps, two attacks on one town in a day: the same floors, and the same day again changes nothing."""
    articles = days("c")
    thoughts = assessed(articles, config())
    cluster, _ = play(articles, thoughts, config())
    found = score(articles, cluster)
    assert found.cubed_f1 >= IN_ORDER
    assert found.precision >= 0.93
    (order,) = orders(articles, 1)
    assert score(order, play(order, thoughts, config())[0]).cubed_f1 >= SHUFFLED
    again, _ = play([*articles, *articles], thoughts, config())
    assert again == cluster


def test_the_days_are_what_they_say():
    """Enough articles, events and languages, each article with its words."""
    both = [one for name in "abcd" for one in days(name)]
    assert len(both) >= 300
    assert len({one.truth for one in both if one.truth}) >= 80
    assert {"ar", "ckb", "de", "en", "es", "fa", "fr", "it", "nl", "tr"} <= {one.article.language for one in both}
    assert all(one.article.title and len(one.article.text) > 30 for one in both)
