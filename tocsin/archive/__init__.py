"""The archive: every article, version, event and run in one SQLite file. The only SQL of Tocsin is in this package.

Read once at the start of a batch, decide, write in one ``transaction()``: it takes the write lock
before the first look-up, so two processes never store the same article twice. Every error that
leaves is an ``ArchiveError`` that names the file.
"""

from __future__ import annotations

from tocsin.archive.articles import Stored
from tocsin.archive.bulk import Bulk
from tocsin.archive.feeds import KnownItem
from tocsin.archive.hands import Hands
from tocsin.archive.leases import Leases
from tocsin.archive.measures import Measures
from tocsin.archive.reads import Reads
from tocsin.archive.search import Search
from tocsin.archive.upkeep import Upkeep
from tocsin.archive.verdicts import Verdicts

__all__ = ["Archive", "KnownItem", "Stored"]


class Archive(Leases, Bulk, Hands, Reads, Upkeep, Verdicts, Measures, Search):
    """One SQLite file; ``open`` it, or ``memory`` for one that is not kept."""
