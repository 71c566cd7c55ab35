"""The words of an alert in the reader's language: one YAML file a language, English where a file is silent."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any, Literal

import yaml
from babel import Locale
from pydantic import BaseModel, ConfigDict

_FOLDER = Path(__file__).parent


class Labels(BaseModel):
    """One language file; the keys are those of ``en.yaml``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    name: str
    locale: str
    direction: Literal["ltr", "rtl"]
    severity: dict[str, str]
    reason: dict[str, str]
    field: dict[str, str]
    claim: dict[str, str]
    state: dict[str, str]
    relation: dict[str, str]
    precision: dict[str, str]
    time: dict[str, str]
    zone: dict[str, str]
    heading: dict[str, str]
    text: dict[str, str]
    articles: dict[str, str]
    origins: dict[str, str]
    event_types: dict[str, str]

    @property
    def start(self) -> str:
        """The side on which a line begins, for mail programs that know no other word for it."""
        return "right" if self.direction == "rtl" else "left"

    @property
    def end(self) -> str:
        """The other side."""
        return "left" if self.direction == "rtl" else "right"

    def plural(self, forms: dict[str, str], n: int) -> str:
        """The form that the language wants for ``n`` of a thing.

        >>> load("ar").plural(load("ar").articles, 2)
        'مقالان'
        """
        category = Locale.parse(self.locale).plural_form(n)
        return forms.get(category, forms["other"]).format(n=n)


def languages() -> tuple[str, ...]:
    """The languages there are labels for."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.yaml")))


@functools.cache
def load(language: str) -> Labels:
    """The labels of a language.

    Raises:
        KeyError: There is no file for it.
    """
    if language not in languages():
        raise KeyError(language)
    base, own = _read("en"), _read(language)
    merged: dict[str, Any] = {}
    for key, value in base.items():
        # plural forms are whole: the English ones would be wrong beside those of another language
        whole = not isinstance(value, dict) or key in {"articles", "origins"}
        merged[key] = own.get(key, value) if whole else {**value, **(own.get(key) or {})}
    return Labels(code=language, **merged)


def _read(language: str) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((_FOLDER / f"{language}.yaml").read_text(encoding="utf-8"))
    return read
