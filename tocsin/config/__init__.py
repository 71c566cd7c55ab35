"""config.yaml: what it may say, as frozen values (``schema``, all of it importable from here).

``reading`` makes them of the file, ``document`` knows its lines and its ``${NAME}``, ``mistakes`` what can be wrong,
``editing`` changes the file as text. To know a mistake takes the newsroom's words, so those stand above it.
"""

from tocsin.config.schema import (
    OPERATIONS,
    OPERATORS,
    Alerts,
    ChannelSpec,
    Clock,
    Config,
    Digest,
    Escalate,
    Examples,
    Feed,
    Http,
    Inhibit,
    Keep,
    Passing,
    Quiet,
    Route,
    Schedule,
    Strict,
    Watch,
    Where,
)

__all__ = [
    "OPERATIONS",
    "OPERATORS",
    "Alerts",
    "ChannelSpec",
    "Clock",
    "Config",
    "Digest",
    "Escalate",
    "Examples",
    "Feed",
    "Http",
    "Inhibit",
    "Keep",
    "Passing",
    "Quiet",
    "Route",
    "Schedule",
    "Strict",
    "Watch",
    "Where",
]
