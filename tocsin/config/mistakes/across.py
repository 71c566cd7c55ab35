"""What is wrong across values of config.yaml: ids and addresses given twice, zones, cron lines, networks."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tocsin.config.mistakes import alerts, watches
from tocsin.config.mistakes.values import bad_cron, bad_url, bad_zone, block_of, list_of
from tocsin.config.mistakes.wording import fields
from tocsin.config.problem import Key, Problem, did_you_mean


def mistakes(data: Mapping[str, Any]) -> Iterator[Problem]:
    """What is wrong across values, read from the plain data so that one bad type hides nothing else."""
    for key in ("path", "channels_off"):  # fields of Config that the loader fills
        if key in data:
            yield Problem((key,), f"unknown key{did_you_mean(key, fields(()))}")
    yield from _feeds(list_of(data, "feeds"))
    yield from _same_id(list_of(data, "watches"), "watches")
    yield from _watches(list_of(data, "watches"))
    yield from _schedule(block_of(data, "schedule"))
    yield from _http(block_of(data, "http"))
    known = [str(w.get("id", "")) for w in list_of(data, "watches") if isinstance(w, dict)] or ["iraq-security"]
    yield from alerts.mistakes(block_of(data, "alerts"), known)


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
        if isinstance(feed.get("timezone"), str) and (wrong := bad_zone(feed["timezone"])):
            yield Problem(("feeds", i, "timezone"), wrong)


def _watches(entries: Sequence[Any]) -> Iterator[Problem]:
    for i, watch in enumerate(entries):
        if not isinstance(watch, dict):
            continue
        threshold, review = watch.get("threshold", 0.5), watch.get("review", 0.25)
        if isinstance(threshold, float) and isinstance(review, float) and review > threshold:
            yield Problem(("watches", i, "review"), f"must not be over the threshold, {threshold}")
        yield from watches.mistakes(watch, i)


def _schedule(schedule: Mapping[str, Any]) -> Iterator[Problem]:
    for key in ("brief", "upkeep"):
        line = schedule.get(key)
        if isinstance(line, str) and (wrong := bad_cron(line)):
            yield Problem(("schedule", key), wrong)
    if isinstance(schedule.get("timezone"), str) and (wrong := bad_zone(schedule["timezone"])):
        yield Problem(("schedule", "timezone"), wrong)


def _http(http: Mapping[str, Any]) -> Iterator[Problem]:
    agent = http.get("user_agent")
    if isinstance(agent, str) and len(agent) >= 10 and not any(mark in agent for mark in ("@", "://", "www.", "(+")):
        mend = 'write it like "Tocsin/1.0 (+https://your.site/; you@your.site)"'
        yield Problem(("http", "user_agent"), f"must say who to write to, an address or a site; {mend}")
    for i, network in enumerate(list_of(http, "allow_private_addresses")):
        try:
            ipaddress.ip_network(str(network))
        except ValueError as exc:
            key: Key = ("http", "allow_private_addresses", i)
            yield Problem(key, f"{network!r} is not a network ({exc}); write it like 127.0.0.0/8 or 10.1.2.3/32")
