"""``python -m benchmarks``: a wrong name runs nothing, and is told what there is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("word", ["--help", "evnts"])
def test_help_and_a_wrong_name_list_the_benchmarks_and_run_none(word: str) -> None:
    """Running all of them takes an hour: never by a typing mistake."""
    done = subprocess.run([sys.executable, "-m", "benchmarks", word], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert "  events " in done.stderr
    assert done.stdout == ""
