"""Copies and revisions: pure rules that compare an article with what the archive holds.

``keys`` says by what an article is looked up, ``decide`` what it is, ``diff`` what changed. The
look-ups themselves are the archive's.
"""

from __future__ import annotations

from tocsin.dedup.decide import decide
from tocsin.dedup.keys import Keys, keys
from tocsin.dedup.measure import Known

__all__ = ["Keys", "Known", "decide", "keys"]
