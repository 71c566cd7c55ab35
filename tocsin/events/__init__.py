"""Events: which articles tell one happening, what is known of it, and what people correct.

``joining`` tells what an article does; ``match`` knows what belongs together, by ``places`` and ``words``; ``merge``
what is known afterwards; ``roundups`` what begins no event; ``areas`` where one may be told again; ``origins``
whom its sources count for; ``hands`` what becomes of events that people join or part.
"""

from __future__ import annotations

from tocsin.events.joining import attach, event_id, fresh_id
from tocsin.signals import signal_of

__all__ = ["attach", "event_id", "fresh_id", "signal_of"]
