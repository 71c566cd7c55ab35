"""The options that commands share, and the config file that they name."""

from __future__ import annotations

from collections.abc import Callable
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
limit_option = click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="At most this many.")


def config() -> Config:
    """The config that the call names, its channels checked by their kinds.

    Raises:
        ConfigError: It cannot be read, or is wrong.
    """
    from tocsin.alerts.channels import build

    return _load(build)


def _load(vet: Callable[[str, ChannelSpec], object] | None) -> Config:
    from tocsin import settings

    meta = click.get_current_context().find_root().meta
    found = meta[_CONFIG] = settings.load(meta.get(_PATH), vet=vet)
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
