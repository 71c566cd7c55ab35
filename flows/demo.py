"""The sample wire day through the very same pipeline: polls by Prefect, servers by ``demo``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from demo.day import Day
from flows import once
from tocsin.config import reading
from tocsin.model import RunReport


def play(folder: Path, say: Callable[[str], None], *, direct: bool = False) -> bool:
    """Play the day, or go on with one that was interrupted; True when its ground truth was met."""

    def poll(config_path: Path, _phase: int) -> RunReport:
        return once.poll(reading.load(config_path), direct=direct)

    return Day(folder).run(poll, say)
