"""Who an event's sources are, once more: what the archive learns later about an article changes whom it counts for.

Two texts that stood as originals turn out to be one agency's story, or a copy brings the credit line that the first
lacked. The event then has fewer independent origins than it counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tocsin.model import Event


def reread(event: Event, writers: Mapping[int, tuple[str, ...]]) -> Event:
    """The same event with its sources counted for those who wrote them.

    Args:
        writers: Who wrote an article, by its number; sources that are not among them stay as they are.
    """
    sources = tuple(
        replace(source, origins=writers[source.article]) if writers.get(source.article) else source
        for source in event.sources
    )
    return event if sources == event.sources else replace(event, sources=sources)
