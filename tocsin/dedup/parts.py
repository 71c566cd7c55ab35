"""Text in common with articles of other families: an excerpt of several, a report inside a longer one.

A copy has one original, but an article may be made of pieces of several, or be one piece of a longer one. Such
shares are stored and shown; they change neither families nor events (note 0091).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from tocsin.dedup.guard import Body
from tocsin.dedup.measure import Measure
from tocsin.model import Part

SHARE = 0.5  # of the shorter text
TOLD = 3  # parts named in a reason
LEAST = 12  # words of the shorter: a picture and its caption are no text


def parts(ours: Body, measures: Iterable[Measure], own: Collection[int | None]) -> tuple[Part, ...]:
    """What a new text has in common with other families, the largest share first; one article of each family.

    Args:
        own: The originals of the families that the new text belongs to.
    """
    best: dict[int, Measure] = {}
    for measure in sorted(measures, key=lambda m: (-m.containment, m.known.id)):
        if measure.known.root in own or min(len(ours.words), len(measure.theirs.words)) < LEAST:
            continue
        if measure.containment >= SHARE:
            best.setdefault(measure.known.root, measure)
    return tuple(Part(m.known.id, m.of_known > m.of_new, round(m.containment, 3)) for m in best.values())


def told(parts: Sequence[Part]) -> str:
    """The largest shares in words.

    >>> told([Part(7, True, 0.95), Part(9, False, 0.5)])
    'it contains 95% of article 7; 50% of its text is in article 9'
    """
    return "; ".join(
        f"it contains {part.share:.0%} of article {part.of}"
        if part.contains
        else f"{part.share:.0%} of its text is in article {part.of}"
        for part in parts[:TOLD]
    )
