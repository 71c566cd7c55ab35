"""A clock that only sleeping moves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class Clock:
    """Starts a moment ahead, so that what was made just now is due."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC) + timedelta(seconds=5)

    def now(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
