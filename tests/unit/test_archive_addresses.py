"""Parameters that mean nothing on their host, learned from the same text at two addresses, and unlearned."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tocsin import dedup
from tocsin.archive import Archive
from tocsin.model import Article, Decision, Outcome
from tocsin.urls import differing_parameter, without

NOW = datetime(2026, 3, 14, 18, 0, tzinfo=UTC)


def text(n: int) -> str:
    """Thirty words that no other article has."""
    return " ".join(f"{'abcdefghij'[n]}word{'klmnopqrst'[i % 10]}{'uvwxyz'[i // 10]}" for i in range(40))


def put(archive: Archive, n: int, url: str, hours: int = 0) -> Decision:
    """Store text ``n`` at an address."""
    article = Article(url, f"Story {'abcdefghij'[n] * 5} of the day", text(n), published=NOW + timedelta(hours=hours))
    keys = dedup.keys(article)
    with archive.transaction():
        decision = archive.decide(article, keys, now=NOW)
        archive.store(article, keys, decision, now=NOW)
    return decision


@pytest.fixture
def learned() -> Archive:
    """An archive that met three texts with two values of ``edition`` each."""
    archive = Archive.memory()
    for n in range(3):
        put(archive, n, f"https://n.example/read?id={n}&edition=1")
        put(archive, n, f"https://n.example/read?id={n}&edition=2")
    return archive


def test_three_equal_texts_teach_a_parameter(learned: Archive) -> None:
    assert learned.meaningless("n.example") == {"edition"}
    assert put(learned, 5, "https://n.example/read?id=5&edition=1").outcome is Outcome.NEW
    assert put(learned, 5, "https://n.example/read?id=5&edition=9").outcome is Outcome.SAME_URL


def test_what_was_stored_before_gets_its_short_address_too(learned: Archive) -> None:
    assert put(learned, 0, "https://n.example/read?id=0&edition=7").outcome is Outcome.SAME_URL


def test_two_equal_texts_teach_nothing() -> None:
    archive = Archive.memory()
    for n in range(2):
        put(archive, n, f"https://n.example/read?id={n}&edition=1")
        put(archive, n, f"https://n.example/read?id={n}&edition=2")
    assert archive.meaningless("n.example") == frozenset()


def test_a_parameter_that_told_texts_apart_is_never_learned() -> None:
    archive = Archive.memory()
    put(archive, 8, "https://n.example/read?page=1&x=8")
    put(archive, 9, "https://n.example/read?page=1&x=9")
    for n in range(5):
        put(archive, n, f"https://n.example/read?page={n + 3}&x=1")
        put(archive, n, f"https://n.example/read?page={n + 3}&x=2")
    assert archive.meaningless("n.example") == frozenset()


def test_a_different_text_unlearns_it_and_is_stored(learned: Archive) -> None:
    assert put(learned, 6, "https://n.example/read?id=0&edition=5").outcome is Outcome.NEW
    assert learned.meaningless("n.example") == frozenset()


def test_what_one_host_taught_does_not_hold_for_another(learned: Archive) -> None:
    put(learned, 7, "https://m.other.example/read?id=7&edition=1")
    assert put(learned, 8, "https://m.other.example/read?id=7&edition=2").outcome is Outcome.NEW


@pytest.mark.parametrize(
    ("one", "other", "param"),
    [
        pytest.param("https://a.example/x?b=1", "https://a.example/x?b=2", "b", id="another value"),
        pytest.param("https://a.example/x?b=1", "https://a.example/x", "b", id="not there"),
        pytest.param("https://a.example/?b=1", "https://a.example", "b", id="at the root"),
        pytest.param("https://a.example/x?b=1&c=1", "https://a.example/x?b=2&c=2", None, id="two of them"),
        pytest.param("https://a.example/x?b=1", "https://a.example/y?b=2", None, id="another path"),
        pytest.param("https://a.example/x?b=1", "https://b.example/x", None, id="another host"),
        pytest.param("https://a.example/x", "https://a.example/x", None, id="none"),
    ],
)
def test_the_parameter_that_differs(one: str, other: str, param: str | None) -> None:
    assert differing_parameter(one, other) == param
    if param:
        assert without(one, frozenset({param})) == without(other, frozenset({param}))


@pytest.mark.parametrize("url", ["https://news.google.com/rss/articles/CBMiabc?oc=5", "https://bit.ly/3xYz"])
def test_a_shortener_takes_the_name_of_where_it_led(url: str) -> None:
    archive = Archive.memory()
    put(archive, 1, "https://n.example/story/one-1")
    article = Article(url, "Story one", text(2), canonical_url="https://www.n.example/story/one-1?utm_source=g")
    assert dedup.keys(article).canonical_key == "u:https://n.example/story/one-1"
    same = Article(url, "Story bbbbb of the day", text(1), canonical_url="https://n.example/story/one-1")
    assert archive.decide(same, dedup.keys(same), now=NOW).outcome is Outcome.SAME_URL
