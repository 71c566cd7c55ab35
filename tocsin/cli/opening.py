"""How a command comes by the archive: one that lists does without, one that needs it says what makes it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from tocsin.errors import ConfigError

if TYPE_CHECKING:
    from tocsin.archive import Archive
    from tocsin.config import Config


def opened(settings: Config) -> Archive:
    """The archive of a config, never a new one.

    Raises:
        ConfigError: There is none yet.
    """
    from tocsin.archive import Archive

    if not settings.archive.exists():
        raise ConfigError(str(settings.archive), "no archive yet; tocsin run makes it")
    return Archive.open(settings.archive)


@contextmanager
def opened_if_any(settings: Config) -> Iterator[Archive | None]:
    """The archive, or None, said once, when nothing was polled yet."""
    if not settings.archive.exists():
        click.echo(f"No archive at {settings.archive} yet; tocsin run makes it.", err=True)
        yield None
        return
    with opened(settings) as archive:
        yield archive
