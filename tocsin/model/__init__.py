"""The values that the rooms hand to each other; it imports nothing of ours.

Feed -> Fetched -> Item -> Page -> Article -> Decision -> Assessment -> Event -> Alert -> Delivery -> RunReport

All are frozen; all times are aware. Offsets count characters of the field as stored.
"""

from tocsin.model.desk import Ack, Silence
from tocsin.model.events import (
    Alert,
    AlertReason,
    Change,
    Delivery,
    DeliveryState,
    Event,
    EventUpdate,
    FeedRun,
    FlaggedEvent,
    Planned,
    RunReport,
    Source,
    Thread,
)
from tocsin.model.facts import (
    BAGHDAD,
    Assessment,
    Claim,
    Count,
    Facts,
    Place,
    Reason,
    Said,
    Severity,
    Span,
    Weapon,
)
from tocsin.model.incoming import (
    Article,
    Decision,
    FeedState,
    Fetched,
    Item,
    Outcome,
    Page,
    Part,
    Signal,
    TextStatus,
    Wire,
)

__all__ = [
    "BAGHDAD",
    "Ack",
    "Alert",
    "AlertReason",
    "Article",
    "Assessment",
    "Change",
    "Claim",
    "Count",
    "Decision",
    "Delivery",
    "DeliveryState",
    "Event",
    "EventUpdate",
    "Facts",
    "FeedRun",
    "FeedState",
    "Fetched",
    "FlaggedEvent",
    "Item",
    "Outcome",
    "Page",
    "Part",
    "Place",
    "Planned",
    "Reason",
    "RunReport",
    "Said",
    "Severity",
    "Signal",
    "Silence",
    "Source",
    "Span",
    "TextStatus",
    "Thread",
    "Weapon",
    "Wire",
]
