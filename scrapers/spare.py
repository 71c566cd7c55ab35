"""When a feed asks not to be polled: skipHours and skipDays of RSS, which feedparser reads only the last of."""

from __future__ import annotations

import re

_BLOCK = re.compile(rb"<skip(?:Hours|Days)\b[^>]*>(.{0,2000}?)</skip(?:Hours|Days)\s*>", re.I | re.S)
_HOUR = re.compile(rb"<hour>\s*(\d{1,2})\s*</hour>", re.I)
_DAY = re.compile(rb"<day>\s*([a-z]+)\s*</day>", re.I)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def asked(body: bytes) -> str:
    """The hours (UTC) and days of a feed's body, as ``FeedState.skip`` keeps them; "" when it names none.

    >>> asked(b"<skipHours><hour>0</hour><hour>24</hour></skipHours><skipDays><day>Sunday</day></skipDays>")
    'h0 d6'
    """
    hours: set[int] = set()
    days: set[int] = set()
    for block in _BLOCK.findall(body[:200_000]):
        hours |= {int(hour) % 24 for hour in _HOUR.findall(block) if int(hour) <= 24}  # old feeds write 24 for 0
        days |= {_DAYS.index(day) for found in _DAY.findall(block) if (day := found.decode().lower()) in _DAYS}
    return " ".join([f"h{hour}" for hour in sorted(hours)] + [f"d{day}" for day in sorted(days)])
