"""config.yaml changed in place: what a person wrote stays, what is written is right, or nothing is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tocsin.config import editing, reading
from tocsin.errors import ConfigError

HEAD = '# mine\nhttp: {user_agent: "Tocsin/1.0 (+https://tocsin.example/)"} # me\n'
FLOW = f"""{HEAD}feeds: # the list
  # agencies
  - {{ id: a, url: "https://a.example/rss", publisher: A }} # the first
  # more
  - {{ id: b, url: 'https://b.example/rss' }}

# the end
alerts: {{storm: 20}}
"""
BLOCK = f"""{HEAD}feeds:
- id: a   # one
  url: https://a.example/rss
  publisher: A # its name

- id: b
  url: https://b.example/rss
  # nothing more
alerts:
  storm: 20
"""
NEW = {"id": "new", "url": "https://n.example/?a=$b&c", "publisher": "N: one, two", "language": "fr"}
TEXTS = [
    pytest.param(FLOW, id="flow"),
    pytest.param(BLOCK, id="block"),
    pytest.param(FLOW.replace("\n", "\r\n"), id="CRLF"),
    pytest.param("\ufeff" + BLOCK, id="BOM"),
    pytest.param(BLOCK.rstrip("\n"), id="no end of line"),
    pytest.param(HEAD + "feeds: [{id: a, url: 'https://a.example'}, {id: b, url: 'http://b.example'}]\n", id="a line"),
]  # fmt: skip
BARE = [
    pytest.param(HEAD, id="no feeds"),
    pytest.param(f"{HEAD}feeds: []  # none yet\nalerts: {{storm: 20}}\n", id="an empty list"),
    pytest.param(f"{HEAD}feeds:\nalerts:\n  storm: 20\n", id="a bare key"),
    pytest.param(f"{HEAD}feeds:", id="a bare key at the end"),
]


def data(text: str) -> dict[str, Any]:
    """The values of a config."""
    found = yaml.safe_load(text.removeprefix("\ufeff"))
    found["feeds"] = found.get("feeds") or []
    return found


def comments(text: str) -> list[str]:
    """The lines that people wrote for people."""
    return [line.partition("#")[2].strip() for line in text.splitlines() if "#" in line]


@pytest.mark.parametrize("text", TEXTS + BARE)
def test_feeds_are_added_below_the_others_and_nothing_else_changes(text: str) -> None:
    """Values, order and comments."""
    after = editing.add_feeds(text, [NEW, {"id": "two", "url": "https://t.example/"}])
    before, now = data(text), data(after)
    assert now["feeds"][: len(before["feeds"])] == before["feeds"]
    added = now["feeds"][len(before["feeds"]) :]
    assert [feed["id"] for feed in added] == ["new", "two"]
    assert added[0] == NEW | {"url": "https://n.example/?a=$$b&c"}, "one $ alone would be a ${NAME}"
    assert {k: v for k, v in now.items() if k != "feeds"} == {k: v for k, v in before.items() if k != "feeds"}
    assert comments(after) == comments(text)
    assert ("\r\n" in text) is ("\r\n" in after)
    assert after.count("\n") == after.count("\r\n") or "\r" not in text


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("feed_id", ["a", "b"])
def test_keys_of_a_feed_are_set_and_nothing_else_changes(text: str, feed_id: str) -> None:
    """One that is there is replaced, one that is not is added."""
    after = editing.set_feed(text, feed_id, {"url": "https://new.example/x", "enabled": False, "poll_minutes": 30})
    expected = data(text)
    for feed in expected["feeds"]:
        if feed["id"] == feed_id:
            feed.update({"url": "https://new.example/x", "enabled": False, "poll_minutes": 30})
    assert data(after) == expected
    assert sorted(comments(after)) == sorted(comments(text))


@pytest.mark.parametrize(
    "value", ["yes", "No", "null", "- a", "a: b", "x #y", '"', "ع", "", " a", "1.5", "~", "{", "é"]
)
def test_any_name_survives(value: str) -> None:
    """What YAML would take for something else is quoted."""
    after = editing.set_feed(FLOW, "a", {"publisher": value})
    assert data(after)["feeds"][0]["publisher"] == value


def test_what_would_be_wrong_is_not_written(tmp_path: Path) -> None:
    """The file stays, and the words say why."""
    path = tmp_path / "config.yaml"
    path.write_text(FLOW, encoding="utf-8")
    bad = editing.add_feeds(FLOW, [{"id": "a", "url": "https://twice.example/"}])
    with pytest.raises(ConfigError, match="nothing was written"):
        editing.write(path, FLOW, bad, reading.load)
    with pytest.raises(ConfigError, match="somebody else"):
        editing.write(path, BLOCK, FLOW, reading.load)
    assert path.read_text(encoding="utf-8") == FLOW
    assert [p.name for p in tmp_path.iterdir()] == ["config.yaml"]


def test_a_change_is_written_whole_and_keeps_the_mode(tmp_path: Path) -> None:
    """A config with secrets in it stays unreadable to others."""
    path = tmp_path / "config.yaml"
    path.write_text(FLOW, encoding="utf-8")
    path.chmod(0o600)
    after = editing.set_feed(FLOW, "b", {"enabled": False})
    editing.write(path, FLOW, after, reading.load)
    assert [feed.enabled for feed in reading.load(path).feeds] == [True, False]
    assert path.stat().st_mode & 0o777 == 0o600
    shown = editing.diff(FLOW, after, "config.yaml").splitlines()
    assert [line for line in shown if line.startswith(("+ ", "- "))] == [
        "-  - { id: b, url: 'https://b.example/rss' }",
        "+  - { id: b, url: 'https://b.example/rss', enabled: false }",
    ]


def test_a_feed_that_is_not_in_the_file_is_told() -> None:
    """By its id."""
    with pytest.raises(ConfigError, match="'c'"):
        editing.set_feed(FLOW, "c", {"enabled": False})


def test_the_shipped_config_can_be_changed() -> None:
    """Every feed of it, with its comments."""
    text = (Path(__file__).parents[2] / "config.yaml").read_text(encoding="utf-8")
    for feed in data(text)["feeds"][::20]:
        after = editing.set_feed(text, feed["id"], {"enabled": False})
        assert len(editing.diff(text, after, "c").splitlines()) <= 8
    assert data(editing.add_feeds(text, [NEW]))["feeds"][-1]["id"] == "new"
