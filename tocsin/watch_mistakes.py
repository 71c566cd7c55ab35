"""What can be wrong in a watch: names of countries, places, themes and languages, and files of examples."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tocsin.config import Watch
from tocsin.problem import Key, Problem, did_you_mean

MAX_EXAMPLE = 20_000  # characters of an example that are read
_FILES = (".txt", ".md", ".json")


def names(watch: Mapping[str, Any], number: int) -> Iterator[Problem]:
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
    from tocsin.flagging.matcher import languages

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
            mend = f"{near}; " if near else "; "
            yield Problem((*key, i), f"the gazetteer has no {name!r}{mend}give one of your own as {{name, lat, lon}}")


def prepare(watch: Watch) -> None:
    """Make what a watch without mistakes looks for, places of its own included, before threads poll."""
    if watch.countries or watch.places or watch.themes:
        from tocsin.flagging.home import home_of

        home_of(watch)


def read_examples(watch: Watch, number: int, folder: Path) -> tuple[tuple[tuple[str, str, str], ...], list[Problem]]:
    """The examples of a watch as (like or unlike, name, text), and what is wrong with their files.

    An example of one line that ends in .txt, .md or .json is a file, relative to the config; other text is itself.
    """
    texts: list[tuple[str, str, str]] = []
    wrong: list[Problem] = []
    for way, given in (("like", watch.examples.like), ("unlike", watch.examples.unlike)):
        for i, each in enumerate(given):
            key: Key = ("watches", number, "examples", way, i)
            if "\n" in each.strip() or not each.strip().lower().endswith(_FILES):
                text, name = each, f"{' '.join(each.split())[:60]}"
            else:
                name = each.strip()
                try:
                    text = _read(folder / Path(name).expanduser())
                except OSError as exc:
                    mend = "give a file relative to the config, or the words themselves"
                    wrong.append(Problem(key, f"{name!r} cannot be read ({exc.strerror}); {mend}"))
                    continue
            if not text.strip():
                wrong.append(Problem(key, "is empty; give the words of an article, or its file"))
            texts.append((way, name, text[:MAX_EXAMPLE]))
    return tuple(texts), wrong


def _read(file: Path) -> str:
    """The text of a file; of JSON its title and text."""
    text = file.read_bytes().decode("utf-8-sig", "replace")
    if file.suffix.lower() != ".json":
        return text
    try:
        found = json.loads(text)
    except ValueError:
        return text
    parts = [found.get(key) for key in ("title", "text")] if isinstance(found, dict) else []
    return "\n".join(part for part in parts if isinstance(part, str))
