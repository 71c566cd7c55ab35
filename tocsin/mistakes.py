"""What can be wrong in config.yaml, in words: the key, what is wrong, and how to mend it."""

from __future__ import annotations

import difflib
import ipaddress
import zoneinfo
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, get_args
from urllib.parse import urlsplit

from cronsim import CronSim, CronSimError
from pydantic import BaseModel

from tocsin import alert_mistakes, watch_mistakes
from tocsin.config import Config
from tocsin.problem import Key, Problem, did_you_mean

# --------------------------------------------------------------------------- pydantic's errors


def explain(error: Mapping[str, Any], filled: set[Key]) -> Problem:
    """One error of pydantic's as a sentence; a value that came from ``${NAME}`` is not quoted."""
    key: Key = tuple(error["loc"])
    kind, context = str(error["type"]), error.get("ctx", {})
    if kind == "extra_forbidden":
        return Problem(key, f"unknown key{did_you_mean(str(key[-1]), _fields(key[:-1]))}")
    if kind == "missing":
        return Problem(key, f"missing; add {key[-1]!r}{_example(key)}")
    shown = "" if key in filled or kind == "one_of" else f", not {_quote(error.get('input'))}"
    wanted = _wanted(kind, context, error)
    return Problem(key, f"must be {wanted}{shown}{_hint(kind, error.get('input'))}")


def _wanted(kind: str, context: Mapping[str, Any], error: Mapping[str, Any]) -> str:
    limits = {"greater_than_equal": "at least {ge:g}", "greater_than": "more than {gt:g}"}
    limits |= {"less_than_equal": "at most {le:g}", "less_than": "less than {lt:g}"}
    if kind in limits:
        return limits[kind].format(**context)
    if kind in {"literal_error", "enum"}:
        return f"one of {context['expected']}".replace(" or ", ", ")
    if kind == "string_too_short":
        return f"at least {context['min_length']} characters long"
    if kind == "too_short":
        return "a list with at least one entry"
    if kind == "string_pattern_mismatch":
        return _PATTERNS.get(str(context["pattern"]), f"like {context['pattern']}")
    if kind in {"one_of", "clock"}:  # our own words
        return str(error["msg"])
    family = kind.split("_")[0]
    return _FAMILIES.get(family, str(error["msg"]).lower())


_PATTERNS = {
    r"^[a-z0-9][a-z0-9-]*$": "small Latin letters, digits and '-'",
    r"^[a-z]{2,3}$": "a language code of two or three small letters, such as en, fr or ckb",
    r"^[A-Za-z]{2}$": "the ISO code of a country, such as IQ",
}
_FAMILIES = {
    "string": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "tuple": "a list, such as [a, b]",
    "list": "a list, such as [a, b]",
    "dict": "a block of 'key: value' lines",
    "model": "a block of 'key: value' lines",
    "path": "a path",
}


def _quote(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | dict):
        return ("a list" if value else "an empty list") if isinstance(value, list) else "a block of keys"
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "…"


def _hint(kind: str, value: Any) -> str:
    if kind == "string_type" and isinstance(value, bool):
        return "; YAML reads yes, no, on and off as true or false: put the word in quotes"
    if kind == "string_type" and value is not None and not isinstance(value, list | dict):
        return "; put it in quotes"
    return ""


def _example(key: Key) -> str:
    agent = '"Tocsin/1.0 (+https://your.site/; you@your.site)"'
    examples = {"http": f" with user_agent: {agent}", "user_agent": f": {agent}", "kind": ", such as slack or email"}
    return examples.get(str(key[-1]), "")


def _fields(key: Key) -> list[str]:
    """The keys that the model at this place knows."""
    model: Any = Config
    for part in key:
        if isinstance(model, type) and issubclass(model, BaseModel) and part in model.model_fields:
            model = model.model_fields[str(part)].annotation
        else:
            model = next((arg for arg in reversed(get_args(model)) if arg not in (type(None), ...)), None)
    if not isinstance(model, type):  # a block that may be left out
        model = next((arg for arg in get_args(model) if isinstance(arg, type) and arg is not type(None)), None)
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        return []
    return [info.alias or name for name, info in model.model_fields.items() if not info.exclude]


# --------------------------------------------------------------------------- what one value cannot tell


def semantic(data: Mapping[str, Any]) -> Iterator[Problem]:
    """What is wrong across values, read from the plain data so that one bad type hides nothing else."""
    for key in ("path", "channels_off"):  # fields of Config that the loader fills
        if key in data:
            yield Problem((key,), f"unknown key{did_you_mean(key, _fields(()))}")
    yield from _feeds(_list(data, "feeds"))
    yield from _same_id(_list(data, "watches"), "watches")
    yield from _watches(_list(data, "watches"))
    yield from _schedule(_block(data, "schedule"))
    yield from _http(_block(data, "http"))
    watches = [str(w.get("id", "")) for w in _list(data, "watches") if isinstance(w, dict)] or ["iraq-security"]
    yield from alert_mistakes.names(_block(data, "alerts"), watches, _bad_zone)


def _list(data: Mapping[str, Any], key: str) -> list[Any]:
    value = data.get(key)
    return value if isinstance(value, list) else []


def _block(data: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = data.get(key)
    return value if isinstance(value, dict) else {}


def _same_id(entries: Sequence[Any], name: str) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for i, entry in enumerate(entries):
        if not isinstance(entry, dict) or not isinstance(entry.get("id"), str):
            continue
        first = seen.setdefault(entry["id"], i)
        if first != i:
            yield Problem((name, i, "id"), f"{entry['id']!r} is the id of {name}[{first}], too; give it another")


def _feeds(feeds: Sequence[Any]) -> Iterator[Problem]:
    yield from _same_id(feeds, "feeds")
    seen: dict[str, int] = {}
    for i, feed in enumerate(feeds):
        if not isinstance(feed, dict):
            continue
        url, path = feed.get("url"), feed.get("path")
        if isinstance(path, str):
            if "url" in feed:
                yield Problem(("feeds", i, "path"), "stands beside url; a feed is an address or a folder, not both")
            first = seen.setdefault(f"folder:{path}", i)
            if first != i:
                yield Problem(("feeds", i, "path"), f"the folder of feeds[{first}], too; remove one of the two")
        elif isinstance(url, str):
            if wrong := bad_url(url):
                yield Problem(("feeds", i, "url"), wrong)
            first = seen.setdefault(url.rstrip("/"), i)
            if first != i:
                yield Problem(("feeds", i, "url"), f"the address of feeds[{first}], too; remove one of the two")
        if isinstance(feed.get("timezone"), str) and (wrong := _bad_zone(feed["timezone"])):
            yield Problem(("feeds", i, "timezone"), wrong)


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


def _watches(watches: Sequence[Any]) -> Iterator[Problem]:
    for i, watch in enumerate(watches):
        if not isinstance(watch, dict):
            continue
        threshold, review = watch.get("threshold", 0.5), watch.get("review", 0.25)
        if isinstance(threshold, float) and isinstance(review, float) and review > threshold:
            yield Problem(("watches", i, "review"), f"must not be over the threshold, {threshold}")
        yield from watch_mistakes.names(watch, i)


def _bad_zone(name: str) -> str | None:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        cities = {zone.rpartition("/")[2].lower(): zone for zone in sorted(zoneinfo.available_timezones())}
        near = difflib.get_close_matches(name.rpartition("/")[2].lower(), cities, n=1, cutoff=0.75)
        mend = f"did you mean {cities[near[0]]!r}?" if near else "write it like Asia/Baghdad"
        return f"{name!r} is not a time zone; {mend}"
    return None


def _schedule(schedule: Mapping[str, Any]) -> Iterator[Problem]:
    for key in ("brief", "upkeep"):
        line = schedule.get(key)
        if isinstance(line, str) and (wrong := _bad_cron(line)):
            yield Problem(("schedule", key), wrong)
    if isinstance(schedule.get("timezone"), str) and (wrong := _bad_zone(schedule["timezone"])):
        yield Problem(("schedule", "timezone"), wrong)


def _bad_cron(line: str) -> str | None:
    mend = 'a cron line is minute, hour, day, month, weekday: "0 6 * * *" is every day at 06:00'
    fields = len(line.split())
    if fields != 5:
        return f"{line!r} has {fields} fields, not 5; {mend}"
    try:
        CronSim(line, datetime(2026, 1, 1, tzinfo=UTC))
    except CronSimError as exc:
        return f"{line!r}: {str(exc).lower()}; {mend}"
    return None


def _http(http: Mapping[str, Any]) -> Iterator[Problem]:
    agent = http.get("user_agent")
    if isinstance(agent, str) and len(agent) >= 10 and not any(mark in agent for mark in ("@", "://", "www.", "(+")):
        mend = 'write it like "Tocsin/1.0 (+https://your.site/; you@your.site)"'
        yield Problem(("http", "user_agent"), f"must say who to write to, an address or a site; {mend}")
    for i, network in enumerate(_list(http, "allow_private_addresses")):
        try:
            ipaddress.ip_network(str(network))
        except ValueError as exc:
            key: Key = ("http", "allow_private_addresses", i)
            yield Problem(key, f"{network!r} is not a network ({exc}); write it like 127.0.0.0/8 or 10.1.2.3/32")
