"""Text in common with other families: what is written down, what is not, and that it makes nobody's story another's."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows.replay import Replay
from tests.fakes.wire_texts import EXECUTION, FLOOD, OTHER, PLANE, ROCKETS
from tests.unit.test_cli import tocsin
from tocsin.archive import Archive, Stored
from tocsin.config.reading import defaults
from tocsin.dedup import keys
from tocsin.model import Article, Decision, Outcome

NOW = datetime(2026, 3, 14, 18, 0, tzinfo=UTC)
TITLES = {ROCKETS: "Rockets land near Green Zone", FLOOD: "Floods cut road to Duhok", OTHER: "Ceyhan exports rise"}
DAY = "\n".join([PLANE, OTHER, FLOOD, ROCKETS])


def put(archive: Archive, n: int, text: str, title: str = "", **more: object) -> tuple[Decision, Stored]:
    """Decide and store as the pipeline does."""
    article = Article(f"https://s{n}.example/{n}", title or TITLES.get(text, "The day in Iraq"), text, published=NOW)
    article = replace(article, publisher=f"Outlet {n}", **more)
    with archive.transaction():
        decision = archive.decide(article, keys(article), now=NOW)
        return decision, archive.store(article, keys(article), decision, now=NOW)


def test_a_round_up_says_what_it_holds_of_each_story() -> None:
    with Archive.memory() as archive:
        for n, text in enumerate([ROCKETS, FLOOD, OTHER], 1):
            put(archive, n, text)
        decision, stored = put(archive, 4, DAY)
        assert (decision.outcome, decision.relation) == (Outcome.NEW, "round-up")
        assert {(p.of, p.contains) for p in decision.parts} == {(1, True), (2, True), (3, True)}
        assert all(part.share > 0.9 for part in decision.parts)
        assert {row["id"] for row in archive.parts_of(stored.id)} == {1, 2, 3}
        assert [(row["id"], row["contains"]) for row in archive.parts_of(2)] == [(4, False)], "seen from the story"


def test_an_excerpt_says_where_its_text_is() -> None:
    """The last report of a live page comes alone, under its own title: a story of its own that stands there too."""
    with Archive.memory() as archive:
        put(archive, 1, DAY)
        decision, _ = put(archive, 2, ROCKETS)
        assert (decision.outcome, decision.of) == (Outcome.NEW, None)
        assert decision.why.endswith("100% of its text is in article 1")


def test_a_copy_says_what_else_it_holds() -> None:
    with Archive.memory() as archive:
        put(archive, 1, ROCKETS)
        put(archive, 2, FLOOD)
        decision, _ = put(archive, 3, f"{ROCKETS}\n{FLOOD}", TITLES[ROCKETS])
        assert (decision.outcome, decision.of) == (Outcome.COPY, 1)
        assert [(part.of, part.contains) for part in decision.parts] == [(2, True)]
        assert decision.why.endswith("it contains 100% of article 2")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"{OTHER}\n{ROCKETS.splitlines()[3]}", id="a sentence of background"),
        pytest.param("Police found a makeshift launcher on the back of a lorry", id="too few words to be a text"),
        pytest.param(EXECUTION, id="nothing in common"),
    ],
)
def test_what_is_no_part(text: str) -> None:
    with Archive.memory() as archive:
        put(archive, 1, ROCKETS)
        put(archive, 2, f"{PLANE}\n{FLOOD}")
        assert put(archive, 3, text, "Something else in Sulaymaniyah")[0].parts == ()


def test_copies_share_what_their_family_shares() -> None:
    """A copy found by its hash was compared with nothing; its family speaks for it."""
    with Archive.memory() as archive:
        put(archive, 1, DAY)
        put(archive, 2, ROCKETS)
        _, copy = put(archive, 3, ROCKETS, "Sirens at the embassy")
        assert [(row["article"], row["id"]) for row in archive.parts_of(copy.id)] == [(2, 1)]


def test_one_family_is_no_part_of_itself() -> None:
    with Archive.memory() as archive:
        put(archive, 1, ROCKETS)
        put(archive, 2, DAY)
        archive.execute("UPDATE article SET copy_of = 1 WHERE id = 2")  # as a later copy of both may have it
        assert archive.parts_of(1) == []


def test_a_page_that_takes_a_story_up_says_so_in_its_new_version() -> None:
    with Archive.memory() as archive:
        put(archive, 1, ROCKETS)
        put(archive, 2, OTHER)
        decision, stored = put(archive, 2, f"{OTHER}\n{ROCKETS}", TITLES[OTHER])
        assert decision.outcome is Outcome.REVISION
        assert [row["id"] for row in archive.parts_of(stored.id)] == [1]
        put(archive, 2, f"{OTHER}\n{PLANE}", TITLES[OTHER])
        assert archive.parts_of(stored.id) == [], "and no longer when it lets it go"


def test_forgetting_an_article_forgets_what_it_shared() -> None:
    with Archive.memory() as archive:
        put(archive, 1, ROCKETS)
        put(archive, 2, DAY)
        archive.prune(NOW + timedelta(days=1))
        assert archive.value("SELECT count(*) FROM part") == 0


def test_an_excerpt_is_by_whom_the_longer_text_is() -> None:
    with Archive.memory() as archive:
        put(archive, 1, DAY, origins=("AFP",))
        _, stored = put(archive, 2, ROCKETS)
        assert stored.origins == ("AFP",)


def test_a_longer_text_with_a_credit_names_the_author_of_what_it_repeats() -> None:
    with Archive.memory() as archive:
        _, first = put(archive, 1, ROCKETS)
        put(archive, 2, ROCKETS, "Sirens at the embassy")
        _, stored = put(archive, 3, DAY, origins=("AFP",))
        assert stored.credited == (1, 2)
        assert archive.writers([first.id, 2]) == {1: ("AFP",), 2: ("AFP",)}


def test_two_credits_name_no_one() -> None:
    with Archive.memory() as archive:
        put(archive, 1, DAY, origins=("AFP", "Reuters"))
        assert put(archive, 2, ROCKETS)[1].origins == ()


def test_replay_tells_what_is_shared_by_the_ids_of_its_lines() -> None:
    replay = Replay(defaults(), why=True)
    lines = [(ROCKETS, TITLES[ROCKETS]), (FLOOD, TITLES[FLOOD]), (f"{ROCKETS}\n{FLOOD}", TITLES[ROCKETS])]
    for n, (text, title) in enumerate(lines, 1):
        told = replay.line({"id": f"line {n}", "title": title, "text": text, "published": NOW.isoformat()})
    assert (told["outcome"], told["of"], told["likeness"] > 0.5) == ("copy", "line 1", True)
    assert told["parts"] == [{"of": "line 2", "contains": True, "share": 1.0}]
    assert "it contains 100% of article line 2" in told["why"]


def test_show_tells_what_is_shared(tmp_path: Path) -> None:
    """From the side of the story that stands in a longer text."""
    path = tmp_path / "config.yaml"
    agent = 'http: {user_agent: "Tocsin/1.0 (+https://tocsin.example/; t@tocsin.example)"}'
    feeds = 'feeds: [{id: outlet, url: "https://s1.example/feed.xml", language: en, publisher: Outlet}]'
    path.write_text(f"archive: tocsin.db\n{agent}\n{feeds}\n", encoding="utf-8")
    with Archive.open(tmp_path / "tocsin.db") as archive:
        put(archive, 1, FLOOD)
        put(archive, 2, DAY)
    done = tocsin("--config", path, "show", "1")
    assert done.exit_code == 0
    assert "100% of 1" in done.output
    assert "is in 2" in done.output
