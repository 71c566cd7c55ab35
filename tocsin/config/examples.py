"""The examples of a watch: articles that show what is wanted and what is not, from their files or as they stand."""

from __future__ import annotations

import json
from pathlib import Path

from tocsin.config.problem import Key, Problem
from tocsin.config.schema import Watch

MAX_EXAMPLE = 20_000  # characters of an example that are read
_FILES = (".txt", ".md", ".json")


def read(watch: Watch, number: int, folder: Path) -> tuple[tuple[tuple[str, str, str], ...], list[Problem]]:
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
                    text = _text(folder / Path(name).expanduser())
                except OSError as exc:
                    mend = "give a file relative to the config, or the words themselves"
                    wrong.append(Problem(key, f"{name!r} cannot be read ({exc.strerror}); {mend}"))
                    continue
            if not text.strip():
                wrong.append(Problem(key, "is empty; give the words of an article, or its file"))
            texts.append((way, name, text[:MAX_EXAMPLE]))
    return tuple(texts), wrong


def _text(file: Path) -> str:
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
