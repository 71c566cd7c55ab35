"""The command ``tocsin``: what each error becomes on the terminal, and which exit code it has.

0 done, even if some feeds failed; 1 nothing could be done; 2 the config or the call is wrong;
130 interrupted. Command modules import what they need inside their functions, so that the filters
and ``--help`` start at once.
"""

from __future__ import annotations

import io
import os
import sys
from typing import Any

import click

from tocsin.bugs import Met
from tocsin.cli import bugs
from tocsin.cli.alerting import alerts
from tocsin.cli.archive import archive
from tocsin.cli.backtesting import backtest
from tocsin.cli.checking import check
from tocsin.cli.correcting import merge, split
from tocsin.cli.desk import ack, silence
from tocsin.cli.explaining import explain
from tocsin.cli.feeding import feeds
from tocsin.cli.filters import assess, extract, replay
from tocsin.cli.learning import label, review, train
from tocsin.cli.options import config_option
from tocsin.cli.reading import events, search, show
from tocsin.cli.running import demo, run, serve
from tocsin.errors import ConfigError, TocsinError

EPILOG = "Each command explains itself: tocsin run --help. Start with: tocsin demo (needs no network)."


class Command(click.Group):
    """The group that turns every error into one line and an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 click's signature
        """In the order in which a newcomer needs them."""
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the subcommand; never a stack trace."""
        for stream in (sys.stdout, sys.stderr):  # an old terminal cannot show every script: no reason to fail
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="replace")
        try:
            with Met() as met:
                return super().invoke(ctx)
        except KeyboardInterrupt:
            ctx.exit(130)
        except MemoryError as error:
            ctx.exit(_told(error))
        raise click.exceptions.Exit(_told(met.fault))


def _told(fault: Exception) -> int:
    """Say what ended a command, in lines and never as a stack trace; its exit code."""
    if isinstance(fault, (click.ClickException, click.exceptions.Exit, click.Abort)):
        raise fault
    if isinstance(fault, BrokenPipeError):  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    lines = str(fault).splitlines() if isinstance(fault, TocsinError) else [bugs.note(fault)]
    for line in lines:
        click.echo(f"tocsin: {line}", err=True)
    return 2 if isinstance(fault, ConfigError) else 1


@click.group(cls=Command, context_settings={"help_option_names": ["-h", "--help"]}, epilog=EPILOG)
@click.version_option(package_name="tocsin", message="tocsin %(version)s")
@config_option
def main() -> None:
    """An alarm bell for Iraq security.

    Polls wire feeds, scrapes and compares what they list, flags security events, and rings once per
    event, with its evidence.
    """


@click.command()
def version() -> None:
    """Print the version."""
    from importlib.metadata import version as installed

    click.echo(f"tocsin {installed('tocsin')}")


events.add_command(merge)
events.add_command(split)
_START = (demo, run, serve, check)
_DESK = (events, show, ack, silence, alerts, search, explain)
_LEARN = (review, label, train, backtest)
_FILTERS = (extract, assess, replay)
for _command in (*_START, feeds, *_DESK, *_LEARN, *_FILTERS, archive, version):
    main.add_command(_command)
