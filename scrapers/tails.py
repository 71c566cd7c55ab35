"""What stands right below a text on its page: the short lines that name agencies alone, such as "المصدر: أ ف ب".

The extractor drops them as a box of their own, and articleBody never holds them.
"""

from __future__ import annotations

import re
from html import escape
from itertools import takewhile

from tocsin.origins import is_credit
from tocsin.text import clean_line

_LAST = 24  # characters of a text by which its end is found
_BELOW = 1500  # characters of HTML behind it that are read
_LINES = 4  # lines behind it that are read
_LONG = 80  # characters of a line with which something else begins
_OTHER = re.compile(r"<(?:aside|nav|form|footer|ul|figure|h[1-6]|script|style|iframe)\b", re.I)
_ENDS = re.compile(r"</?(?:p|div|br|section|article|main|td|tr|table)\b[^<>]{0,500}>", re.I)


def credits_below(html: str, text: str) -> tuple[str, ...]:
    """The lines right below a text that only say which agencies wrote it; () where its end is not found.

    >>> credits_below("<p>Nobody claimed the attack.</p><div>Source: AFP</div>", "Nobody claimed the attack.")
    ('Source: AFP',)
    """
    last = text[-_LAST:].rpartition("\n")[2].strip()
    start = max((html.rfind(end) for end in {last, escape(last)}), default=-1) if last else -1
    if start < 0:
        return ()
    behind = html[start + len(last) : start + len(last) + _BELOW]
    if other := _OTHER.search(behind):
        behind = behind[: other.start()]
    lines = [line for piece in _ENDS.split(behind)[1:] if (line := clean_line(piece))][:_LINES]
    return tuple(filter(is_credit, takewhile(lambda line: len(line) <= _LONG, lines)))
