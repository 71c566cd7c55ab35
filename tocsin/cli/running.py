"""The commands that start flows: run, serve, demo."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tocsin.cli.options import config, config_option, json_option

if TYPE_CHECKING:
    from tocsin.config import Config


@click.command(short_help="Poll every due feed once, deliver, print the report.")
@config_option
@json_option
@click.option("--direct", is_flag=True, help="The same steps without Prefect: instant, for cron and recovery.")
@click.option("--quiet", is_flag=True, help="No line per feed while it runs.")
@click.option("--restored", is_flag=True, help="The archive came from a backup: look alerts up before they are sent.")
def run(as_json: bool, direct: bool, quiet: bool, restored: bool) -> None:
    """Poll every due feed once, deliver what was found, and print the run report.

    Exit code 0 even if some feeds failed, 1 when every feed failed.

    \b
    Examples:
      tocsin run
      tocsin run --direct --json > report.json
      tocsin run --restored   (once, after a backup was put back; without Prefect)
    """
    from flows import once
    from tocsin.cli import report, shapes, terminal

    settings = config()
    # in JSON mode standard output holds the one object, so the terminal channel speaks on standard error
    with redirect_stdout(sys.stderr if as_json else sys.stdout):
        outcome = once.poll(settings, direct=direct, restored=restored, say=None if quiet or as_json else _progress)
    if as_json:
        terminal.print_json(shapes.run_report(outcome))
    else:
        report.show(outcome, terminal.console())
    if report.all_failed(outcome):
        click.get_current_context().exit(1)


def _progress(line: str) -> None:
    from tocsin.text import clean_line

    click.echo(f"  {clean_line(line, 200)}", err=True)


def _say_unready(settings: Config) -> None:
    """What a service should not run with for long, though it can."""
    from tocsin.cli.checking import placeholders

    for note in placeholders(settings):
        click.secho(note, fg="yellow", err=True)
    for name, secret in settings.channels_off:
        click.secho(f"Channel {name} is off: {secret} is not set.", fg="yellow", err=True)


@click.command(short_help="Prefect server with UI and every schedule.")
@config_option
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=4200, show_default=True, type=click.IntRange(1, 65535), help="The port of the UI.")
def serve(host: str, port: int) -> None:
    """Run the Prefect server with its UI and every schedule of config.yaml, until Ctrl-C.

    \b
    Example:
      tocsin serve --port 4300
    """
    from flows.serve import serve as start

    settings = config()
    _say_unready(settings)
    start(settings, host=host, port=port, say=click.echo)


@click.command(short_help="A sample wire day through the whole pipeline; needs no network.")
@config_option
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("data/demo"),
    show_default=True,
    help="Where its archive goes.",
)
@click.option("--direct", is_flag=True, help="Without Prefect: faster, but nothing to see in its UI.")
def demo(folder: Path, direct: bool) -> None:
    """Poll a sample wire day from a local server, through the whole pipeline: works with no network.

    Exit code 0 when the day was played to its end; how it compares with its ground truth is told.

    \b
    Example:
      tocsin demo
    """
    from flows.demo import play

    play(folder, click.echo, direct=direct)
