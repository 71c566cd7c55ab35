"""English for what Tocsin says of itself; alerts have labels in their reader's language (``alerts/labels``)."""

from __future__ import annotations


def counted(n: int, noun: str) -> str:
    """So many of something.

    >>> counted(1, "feed"), counted(2, "feed")
    ('1 feed', '2 feeds')
    """
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"
