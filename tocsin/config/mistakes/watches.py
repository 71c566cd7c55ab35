"""What can be wrong in a watch: names of countries, places, themes and languages that do not exist."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from tocsin.config.problem import Key, Problem, did_you_mean


def mistakes(watch: Mapping[str, Any], number: int) -> Iterator[Problem]:
    """What is wrong in one watch of the plain data."""
    at: Key = ("watches", number)
    if "weights" in watch:
        yield Problem((*at, "weights"), "unknown key; weights are for all watches: write it at the top level")
    examples = watch.get("examples")
    if isinstance(examples, dict) and "texts" in examples:
        yield Problem((*at, "examples", "texts"), "unknown key; did you mean 'like'?")
    if not any(watch.get(key) for key in ("countries", "places", "themes", "languages")):
        return
    from tocsin.flagging import home
    from tocsin.languages import languages

    yield from _unknown(watch, (*at, "countries"), home.country, home.country_names)
    yield from _unknown(watch, (*at, "themes"), home.theme, lambda: home.themes())
    for i, code in _texts(watch, "languages"):
        if code not in languages():
            yield Problem((*at, "languages", i), f"no lexicon for {code!r}; known: {', '.join(languages())}")
    yield from _places(watch, (*at, "places"))


def _texts(watch: Mapping[str, Any], key: str) -> list[tuple[int, str]]:
    value = watch.get(key)
    return [(i, each) for i, each in enumerate(value) if isinstance(each, str)] if isinstance(value, list) else []


def _unknown(
    watch: Mapping[str, Any], key: Key, find: Callable[[str], object], known: Callable[[], Iterable[str]]
) -> Iterator[Problem]:
    kinds = {"countries": "country", "themes": "theme", "places": "place"}
    for i, name in _texts(watch, str(key[-1])):
        try:
            find(name)
        except KeyError:
            kind = kinds[str(key[-1])]
            mend = did_you_mean(name, known()) or "; write it in English or as its ISO code"
            yield Problem((*key, i), f"no {kind} is called {name!r}{mend}")


def _places(watch: Mapping[str, Any], key: Key) -> Iterator[Problem]:
    from tocsin.flagging import home

    value = watch.get("places")
    for i, each in enumerate(value if isinstance(value, list) else ()):
        block = each if isinstance(each, dict) else {"name": each}
        if ("lat" in block) != ("lon" in block):
            yield Problem((*key, i), "needs both lat and lon, or neither")
            continue
        name = block.get("name")
        if "lat" in block or not isinstance(name, str) or len(name) < 2:
            continue
        try:
            home.place(name)
        except KeyError:
            near = did_you_mean(name, home.place_names())
            mend = f"{near} Or give" if near else "; give"
            yield Problem((*key, i), f"the gazetteer has no {name!r}{mend} one of your own as {{name, lat, lon}}")
