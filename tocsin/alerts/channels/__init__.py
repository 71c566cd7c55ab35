"""Which kinds of channel there are: the modules of this package, found by name, imported when asked for."""

from __future__ import annotations

import difflib
import importlib
import pkgutil

from pydantic import ValidationError

from tocsin.alerts.channels.base import Channel, Receipt
from tocsin.config import ChannelSpec
from tocsin.errors import ConfigError

__all__ = ["Channel", "Receipt", "build", "kinds"]


def kinds() -> tuple[str, ...]:
    """The kinds that config.yaml may name, in alphabetical order."""
    names = (module.name for module in pkgutil.iter_modules(__path__))
    return tuple(sorted(name.replace("_", "-") for name in names if name != "base" and not name.startswith("_")))


def load(kind: str) -> type[Channel]:
    """The class of a kind.

    Raises:
        KeyError: There is no such kind.
    """
    if kind not in kinds():
        raise KeyError(kind)
    module = importlib.import_module(f"{__name__}.{kind.replace('-', '_')}")
    for value in vars(module).values():
        if isinstance(value, type) and issubclass(value, Channel) and getattr(value, "kind", None) == kind:
            return value
    raise KeyError(kind)


def build(name: str, spec: ChannelSpec, *, language: str | None = None) -> Channel:
    """The channel that a block of ``alerts.channels`` describes.

    Args:
        language: Of the labels, ``alerts.language``; the block's own ``language`` wins.

    Raises:
        ConfigError: Names ``alerts.channels.<name>.<key>`` and the mend; never shows a value, which may be a secret.
    """
    where = f"alerts.channels.{name}"
    try:
        kind = load(spec.kind)
    except KeyError:
        near = difflib.get_close_matches(spec.kind, kinds(), n=1)
        hint = f"; did you mean {near[0]}?" if near else "."
        raise ConfigError(f"{where}.kind", f"no kind {spec.kind!r}{hint} The kinds are: {', '.join(kinds())}") from None
    settings = spec.settings
    if language is not None:
        settings.setdefault("language", language)
    try:
        return kind.model_validate(settings)
    except ValidationError as exc:
        raise ConfigError(*_first(where, kind, exc)) from None


def _first(where: str, kind: type[Channel], exc: ValidationError) -> tuple[str, str]:
    """The first thing wrong with a block: its key and the mend."""
    error = exc.errors(include_input=False, include_url=False)[0]
    key = ".".join(str(part) for part in error["loc"])
    known = sorted(field.alias or name for name, field in kind.model_fields.items())
    match error["type"]:
        case "extra_forbidden":
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"did you mean {near[0]}? " if near else ""
            return f"{where}.{key}", f"unknown key; {hint}Keys of {kind.kind}: {', '.join(known)}"
        case "missing":
            return f"{where}.{key}", f"is missing; a channel of kind {kind.kind} needs it"
        case "string_type":
            return (
                f"{where}.{key}",
                "must be a text; one that begins with # needs quotes, or YAML takes it for a comment",
            )
        case _:
            return f"{where}.{key}" if key else where, error["msg"].removeprefix("Value error, ")
