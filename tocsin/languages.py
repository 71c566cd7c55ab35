"""The language files: which languages there are, where their files lie, and what stands in each."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

FILES = Path(__file__).parent / "flagging" / "lexicon"


@lru_cache(maxsize=2)  # its words are asked for by several steps in a row, and compiled by each
def load_language(code: str) -> dict[str, Any]:
    """The file of a language as data, which nobody changes; raises FileNotFoundError when there is none."""
    with (FILES / f"{code}.yaml").open(encoding="utf-8") as file:
        data: dict[str, Any] = yaml.load(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    return data


@lru_cache(maxsize=1)
def languages() -> tuple[str, ...]:
    """The languages that have a file."""
    return tuple(sorted(path.stem for path in FILES.glob("*.yaml")))
