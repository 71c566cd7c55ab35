"""The values of the plain data of config.yaml, one by one: blocks and lists, addresses, zones, cron lines."""

from __future__ import annotations

import difflib
import zoneinfo
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from cronsim import CronSim, CronSimError


def list_of(data: Mapping[str, Any], key: str) -> list[Any]:
    """The list of that name; empty when there is none, or it is something else."""
    value = data.get(key)
    return value if isinstance(value, list) else []


def block_of(data: Mapping[str, Any], key: str) -> dict[str, Any]:
    """The block of that name; empty when there is none, or it is something else."""
    value = data.get(key)
    return value if isinstance(value, dict) else {}


def bad_url(url: str) -> str | None:
    """What is wrong with a feed's address, or None."""
    if "&amp;" in url:
        return "holds '&amp;'; write '&'"
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:  # its words may quote a password
        return "is not an address; look at its port and its brackets"
    if parts.scheme in {"http", "https"} and host and not any(c.isspace() for c in url):
        return None
    if not parts.scheme and "." in url.split("/")[0]:
        return "is not an address; write https:// before it"
    return "is not an address; it must begin with https:// or http://"


def bad_zone(name: str) -> str | None:
    """What is wrong with the name of a time zone, or None."""
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        cities = {zone.rpartition("/")[2].lower(): zone for zone in sorted(zoneinfo.available_timezones())}
        near = difflib.get_close_matches(name.rpartition("/")[2].lower(), cities, n=1, cutoff=0.75)
        mend = f"did you mean {cities[near[0]]!r}?" if near else "write it like Asia/Baghdad"
        return f"{name!r} is not a time zone; {mend}"
    return None


def bad_cron(line: str) -> str | None:
    """What is wrong with a cron line, or None."""
    mend = 'a cron line is minute, hour, day, month, weekday: "0 6 * * *" is every day at 06:00'
    fields = len(line.split())
    if fields != 5:
        return f"{line!r} has {fields} fields, not 5; {mend}"
    try:
        CronSim(line, datetime(2026, 1, 1, tzinfo=UTC))
    except CronSimError as exc:
        return f"{line!r}: {str(exc).lower()}; {mend}"
    return None
