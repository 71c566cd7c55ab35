"""sqlite-utils, loaded without numpy and pandas: it asks for them to store their numbers, and we have none of those.

They would be two thirds of what loading it takes, in every command that reads the archive and in ``tocsin replay``.
To be imported before anything else of sqlite-utils; see docs/decisions/0175.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast


@contextmanager
def _hidden(*names: str) -> Iterator[None]:
    """While it lasts, modules that are not loaded yet look as if they were not installed."""
    modules = cast(dict[str, Any], sys.modules)
    absent = [name for name in names if name not in modules]
    modules.update(dict.fromkeys(absent))
    try:
        yield
    finally:
        for name in absent:
            del modules[name]


with _hidden("numpy", "pandas"):
    from sqlite_utils import Database, Migrations

__all__ = ["Database", "Migrations"]
