"""docs/fetching.md keeps its word: every requirement has a row, and every row names tests that are there."""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from pathlib import Path

import pytest

from scrapers import schedule

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "fetching.md").read_text(encoding="utf-8")
ROWS = {
    int(match.group(1)): match.group(0)
    for match in re.finditer(r"^\| (\d+) \| .+ \| .+ \|$", PAGE.split("one by one", 1)[1], flags=re.M)
}


@lru_cache
def names_in(path: str) -> frozenset[str]:
    """The names of the tests in a file."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("number", range(1, 54))
def test_a_requirement_names_tests_that_exist(number: int) -> None:
    """A test that is renamed or dropped takes its proof with it."""
    named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", ROWS[number])
    assert named
    for path, name in named:
        assert name in names_in(path), f"{path} has no {name}"


def test_there_is_no_other_row() -> None:
    """Fifty-three."""
    assert sorted(ROWS) == list(range(1, 54))


def test_every_status_that_a_failure_gives_is_explained() -> None:
    """In the table of feed states."""
    table = PAGE.split("## Feed states", 1)[1].split("##", 1)[0]
    given = set(schedule._BY_KIND.values()) | set(schedule._BY_STATUS.values()) | set(schedule._WEIGHTS)
    for status in given | {"ok", "unchanged", "degraded", "frozen", "hijack_suspected", "mojibake"}:
        assert f"`{status}`" in table, status
