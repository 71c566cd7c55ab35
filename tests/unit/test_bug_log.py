"""The log of bugs: it has each stack, and never fills a disk."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tocsin import bugs

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def fault(words: str) -> Exception:
    """An error with its stack."""
    try:
        raise ValueError(words)
    except ValueError as error:
        return error


def test_a_log_of_bugs_is_cut_however_many_there_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A filter met a bug in each line: the log and the one before it stay; the last bug is in the log or beside it."""
    monkeypatch.setattr(bugs, "MAX_BYTES", 10_000)
    for n in range(300):
        assert bugs.write(fault(f"line {n}"), [tmp_path], now=NOW) == tmp_path / bugs.FILE
    kept = sorted(tmp_path.iterdir())
    assert {file.name for file in kept} <= {bugs.FILE, f"{bugs.FILE}.1"}
    assert sum(file.stat().st_size for file in kept) < 21_000
    assert any("ValueError: line 299\n" in file.read_text(encoding="utf-8") for file in kept)


def test_a_bug_that_quotes_a_whole_page_is_cut(tmp_path: Path) -> None:
    """It begins with what was met and where."""
    file = bugs.write(fault("x" * 3_000_000), [tmp_path], now=NOW, about="item 7")
    assert file is not None
    assert file.stat().st_size < bugs.MOST + 100
    assert file.read_text(encoding="utf-8").startswith("2026-11-23T00:00:00+00:00 item 7: Traceback")


def test_no_bug_is_lost_while_others_write_and_set_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever opened the log just before it was set aside writes into the new one."""
    monkeypatch.setattr(bugs, "MAX_BYTES", 30_000)
    aside = []
    replace = Path.replace

    def kept(self: Path, to: Path) -> Path:
        aside.append(self.read_text(encoding="utf-8"))
        return replace(self, to)

    monkeypatch.setattr(Path, "replace", kept)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: bugs.write(fault(f"line {n}."), [tmp_path], now=NOW), range(400)))
    last = tmp_path / bugs.FILE
    words = "".join(aside) + (last.read_text(encoding="utf-8") if last.exists() else "")
    assert len(aside) > 1
    assert [n for n in range(400) if words.count(f"ValueError: line {n}.") != 1] == []


def test_where_the_first_folder_cannot_be_written_the_next_one_takes_it(tmp_path: Path) -> None:
    """And where none can, that is no second error."""
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    assert bugs.write(fault("a"), [blocked, tmp_path], now=NOW) == tmp_path / bugs.FILE
    assert bugs.write(fault("a"), [blocked], now=NOW) is None
    assert {each.name for each in tmp_path.iterdir()} == {"file", bugs.FILE}
