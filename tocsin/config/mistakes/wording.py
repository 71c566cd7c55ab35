"""What pydantic finds wrong, in words: the key, what is wrong, and how to mend it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from pydantic import BaseModel

from tocsin.config.problem import Key, Problem, did_you_mean
from tocsin.config.schema import Config


def explain(error: Mapping[str, Any], filled: set[Key]) -> Problem:
    """One error of pydantic's as a sentence; a value that came from ``${NAME}`` is not quoted."""
    key: Key = tuple(error["loc"])
    kind, context = str(error["type"]), error.get("ctx", {})
    if kind == "extra_forbidden":
        return Problem(key, f"unknown key{did_you_mean(str(key[-1]), fields(key[:-1]))}")
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


def fields(key: Key) -> list[str]:
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
