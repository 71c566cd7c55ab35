"""The options that commands share, how their values are read, and the config file that they name."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from tocsin.config import ChannelSpec, Config

F = TypeVar("F", bound=Callable[..., Any])
_PATH, _CONFIG = "tocsin.path", "tocsin.config"


def _remember(ctx: click.Context, _param: click.Parameter, value: Path | None) -> None:
    if value is not None:
        ctx.find_root().meta[_PATH] = value


config_option = click.option(
    "--config",
    metavar="FILE",
    type=click.Path(path_type=Path),
    expose_value=False,
    callback=_remember,
    help="The config file; config.yaml in the current folder when not given.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
limit_option = click.option(
    "--limit", type=click.IntRange(1, 10**6), default=20, show_default=True, help="At most this many."
)
by_option = click.option(
    "--by", default=lambda: os.environ.get("USER", ""), metavar="NAME", help="Who says so.  [default: your login]"
)
UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def somebody(by: str) -> str:
    """The name that a call gives; one there must be."""
    if not by.strip():
        raise click.BadParameter("who says so? give a name", param_hint="--by")
    return " ".join(by.split())[:80]


def known(what: str, name: str, names: Collection[str], option: str = "") -> str:
    """A name that the config has; one that it has not is a mistake, not an empty answer.

    Args:
        what: watch, feed or channel.
        option: The option that named it, where it is not called as ``what`` is.
    """
    from tocsin.config.problem import did_you_mean

    if name not in names:
        raise click.BadParameter(
            f"no {what} is called {name!r}{did_you_mean(name, names)}", param_hint=option or f"--{what}"
        )
    return name


def moment(text: str, now: datetime) -> datetime:
    """``24h``, ``7d``, ``90m`` before now, or an ISO date or time; UTC where it names no zone."""
    if re.fullmatch(r"[0-9]{1,4}[mhdw]", text):
        return now - timedelta(**{UNITS[text[-1]]: int(text[:-1])})
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is neither like 24h or 7d nor a date like 2026-11-20") from None
    return found if found.utcoffset() is not None else found.replace(tzinfo=UTC)


def when(text: str) -> datetime:
    """The same, reckoned from the time of the call: the type of an option."""
    return moment(text, datetime.now(UTC))


def config() -> Config:
    """The config that the call names, its channels checked by their kinds.

    Raises:
        ConfigError: It cannot be read, or is wrong.
    """
    from tocsin.alerts.channels import build

    return _load(build)


def _load(vet: Callable[[str, ChannelSpec], object] | None) -> Config:
    from tocsin.config import reading

    meta = click.get_current_context().find_root().meta
    found = meta[_CONFIG] = reading.load(meta.get(_PATH), vet=vet)
    return found


def config_if_any() -> Config | None:
    """The config that the call names, or the current folder's when it has one: for commands that send nothing."""
    if _PATH not in click.get_current_context().find_root().meta and not Path("config.yaml").exists():
        return None
    return _load(None)


def loaded() -> Config | None:
    """The config, if this call has read it already."""
    ctx = click.get_current_context(silent=True)
    return ctx.find_root().meta.get(_CONFIG) if ctx else None
