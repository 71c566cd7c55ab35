"""The calendar of Iran, in which outlets there date their stories, alone or beside ours."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from tocsin.text import fold_term

MONTHS = {
    fold_term(found.group()): number
    for number, found in enumerate(
        re.finditer(r"\w+", "فروردین اردیبهشت خرداد تیر مرداد شهریور مهر آبان آذر دی بهمن اسفند"), start=1
    )
}
YEARS = range(1300, 1426)  # 1921 to 2046; what is later in that century is a year of the Hijra


def in_ours(year: int, month: int, day: int) -> list[int] | None:
    """The date in our calendar of one in the Persian: exact in ``YEARS``.

    >>> in_ours(1405, 4, 12)
    [2026, 7, 3]
    """
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    # leap years keep to a cycle of 33 here: years that leave 1, 5, 9, 13, 17, 22, 26 or 30 of it are leap
    leaps = sum((y % 33) in {1, 5, 9, 13, 17, 22, 26, 30} for y in range(1300, year))
    days = (year - 1300) * 365 + leaps + (month - 1) * 30 + min(month - 1, 6) + day - 1
    moment = datetime(1921, 3, 21, tzinfo=UTC) + timedelta(days=days)
    return [moment.year, moment.month, moment.day]
