"""``tocsin events merge`` and ``split`` at the terminal: what they print, what show says then, and what they refuse."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.outlet import Outlet, Story
from tests.unit.test_cli import tocsin
from tests.unit.test_cli_reads import ROCKETS

AMBUSH = Story(
    "ambush-hamrin",
    "Gunmen kill four policemen in Hamrin hills",
    [
        "Gunmen ambushed a Federal Police patrol in the Hamrin hills of Iraq's Diyala province on Tuesday night and "
        "killed four policemen, a security source said.",
        "Islamic State militants still hide in the hills between Diyala and Salahuddin, the source told the agency.",
    ],
)


@pytest.fixture
def desk(tmp_path: Path) -> tuple[Path, list[str]]:
    """A config whose archive holds two events, and their ids."""
    file = tmp_path / "config.yaml"
    with Outlet([ROCKETS, AMBUSH]) as outlet:
        file.write_text(
            f"""
archive: t.db
http: {{user_agent: "Test/1.0 (+https://t.example)", per_host_delay_seconds: 0,
       allow_private_addresses: ["127.0.0.0/8"]}}
feeds: [{{id: outlet, url: "{outlet.address}/feed.xml", language: en, publisher: Outlet}}]
""",
            encoding="utf-8",
        )
        done = tocsin("--config", file, "run", "--direct", "--json")
        assert done.exit_code == 0, done.output
    events = sorted(json.loads(done.stdout)["events"], key=lambda event: "Hamrin" in event["gist"])
    assert len(events) == 2
    return file, [event["id"] for event in events]


def said(file: Path, *args: str) -> Any:
    done = tocsin("--config", file, *args, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_merge_and_split_at_the_terminal(desk: tuple[Path, list[str]]) -> None:
    """One event, then two again; show tells who did it and where the other went."""
    file, (rockets, ambush) = desk
    done = tocsin("--config", file, "events", "merge", rockets, ambush, "--by", "amal", "--note", "one night")
    assert done.exit_code == 0, done.output
    assert done.output.startswith(f"{rockets}: 2 articles, ")
    [event] = said(file, "events")
    assert event["id"] == rockets
    [gone] = said(file, "show", ambush)
    assert gone["merged_into"] == rockets
    page = tocsin("--config", file, "show", rockets).output
    assert f"{ambush} joined to {rockets} by amal" in page
    assert "one night" in page
    article = next(s["article"] for s in event["sources"] if s["title"] == AMBUSH.title)
    both = said(file, "events", "split", rockets, str(article), "--by", "amal")
    assert [event["id"] for event in both] == [rockets, ambush]
    assert {event["id"] for event in said(file, "events")} == {rockets, ambush}


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("merge", "{0}", "ev-none", "--by", "amal"), "no such event; tocsin events lists their ids"),
        (("merge", "{0}", "{1}", "--by", " "), "who says so"),
        (("split", "{0}", "77", "--by", "amal"), "articles 77: not of this event"),
        (("merge", "{0}", "{1}", "ev-none", "--by", "amal"), "no such event"),
    ],
    ids=["unknown", "nobody", "another's article", "one of several unknown"],
)
def test_what_is_refused_changes_nothing(desk: tuple[Path, list[str]], args: tuple[str, ...], words: str) -> None:
    """Exit code 2, the mend, and both events as they were."""
    file, ids = desk
    done = tocsin("--config", file, "events", *(arg.format(*ids) for arg in args))
    assert done.exit_code == 2
    assert words in done.output
    assert {event["id"] for event in said(file, "events")} == set(ids)
