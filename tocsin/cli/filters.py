"""The filters: JSON Lines in, JSON Lines out, one answer per line, in order, flushed at once.

A bad line is answered by ``{"id": …, "error": …}`` in its place and the rest goes on. A program may
wait for an answer before it writes its next line, so nothing is read ahead and nothing is held back.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

import click

from tocsin.bugs import Met
from tocsin.cli import bugs
from tocsin.cli.options import config_if_any, config_option, known
from tocsin.errors import ConfigError, ParseError, TocsinError
from tocsin.text import whole

if TYPE_CHECKING:
    from tocsin.config import Watch

Line = Callable[[dict[str, Any]], dict[str, Any]]
_KINDS = {
    list: "an array",
    str: "a string",
    int: "a number",
    float: "a number",
    bool: "true or false",
    type(None): "null",
}
_ID = re.compile(r'"id"\s*:\s*("(?:[^"\\]|\\.)*"|-?\d{1,18})')
_Anything = click.Path(exists=True, dir_okay=True, allow_dash=True, path_type=Path)
_Readable = click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)
_files = click.argument("files", nargs=-1, type=_Readable, metavar="[FILE]...")


@click.command(short_help="HTML pages in, articles out (JSON Lines).")
@config_option
@click.option(
    "--jobs", "-j", type=click.IntRange(1, 64), help="Processes that read pages; of a FOLDER all cores when not given."
)
@click.option("--why", is_flag=True, help="Also how the text was had and what it is worth, section, image, updated.")
@click.argument("files", nargs=-1, type=_Anything, metavar="[FILE|FOLDER]...")
def extract(files: tuple[Path, ...], jobs: int | None, why: bool) -> None:
    """Read articles out of HTML pages: JSON Lines in, or a whole folder of pages; JSON Lines out.

    A line holds "id", "url" and "html", or "path" in place of "html": a page, gzip or not, relative to the
    folder of FILE, or to the current one. The answer holds the title, text, times, authors, language,
    publisher and origin, or an "error". Of a FOLDER every HTML
    file is read, in the order of their paths, by several processes at once; progress goes to the terminal.

    \b
    Examples:
      echo '{"id": 1, "url": "https://example.org/a", "path": "page.html"}' | tocsin extract
      tocsin extract saved-pages/ > articles.jsonl
    """
    from scrapers.extract import folder, line

    if not any(file.is_dir() for file in files) and (jobs or 1) == 1:
        _filter(files, lambda file: partial(line, base=file.parent, more=why))
        return
    tasks = (
        task
        for file in files or (Path("-"),)
        for task in (
            ((json.dumps(obj).encode(), file) for obj in folder(file))
            if file.is_dir()
            else ((raw, file.parent) for raw in _lines(file))
        )
    )
    _together(tasks, jobs or os.cpu_count() or 1, more=why)


@click.command(short_help="Articles in, assessments out (JSON Lines).")
@config_option
@click.option("--watch", metavar="ID", help="The watch that judges; the first of the config when not given.")
@_files
def assess(files: tuple[Path, ...], watch: str | None) -> None:
    """Flag and code articles: JSON Lines in, JSON Lines out.

    A line holds "id", "title" and "text", and may hold "language", "url", "published" and "source". The
    answer says if the article is flagged, how grave it is, and what happened, each with quoted spans.

    \b
    Example:
      echo '{"id": 1, "title": "Two rockets hit Baghdad airport", "text": ""}' | tocsin assess
    """
    from tocsin.flagging.lines import line

    judge = partial(line, watch=_watch(watch))
    _filter(files, lambda _file: judge)


@click.command(short_help="A stream of articles in, what becomes of each out (JSON Lines).")
@config_option
@click.option("--why", is_flag=True, help="Also what each decision rests on: relation, overlap, why, joins.")
@_files
def replay(files: tuple[Path, ...], why: bool) -> None:
    """Run articles through deduplication, flagging, events and alert rules: JSON Lines in and out.

    Lines are as for assess, oldest first; they go into an archive made for this call, and nothing is
    sent. The answer says if the article is new, a copy or a revision, and what it would have rung.

    \b
    Example:
      tocsin replay yesterday.jsonl
    """
    from flows.replay import Replay
    from tocsin.config import reading

    archive = Replay(config_if_any() or reading.defaults(), why=why)
    _filter(files, lambda _file: archive.line)


def _watch(name: str | None) -> Watch:
    from tocsin.config import reading

    watches = {watch.id: watch for watch in (config_if_any() or reading.defaults()).watches}
    return watches[known("watch", name, watches)] if name is not None else next(iter(watches.values()))


def _filter(files: tuple[Path, ...], step: Callable[[Path], Line]) -> None:
    """Answer every line of every file, each file by its own step; "-" is standard input."""
    out = sys.stdout.buffer
    for path in files or (Path("-"),):
        line = step(path)
        for raw in _lines(path):
            out.write(_encode(answer(raw, line)))
            out.flush()


def _together(tasks: Iterator[tuple[bytes, Path]], jobs: int, *, more: bool) -> None:
    """Answer lines in several processes, in their order; say how far it is where a person watches."""
    from scrapers import crew, pages  # noqa: F401 - loaded once, before the processes part
    from scrapers.extract import SECONDS, line

    def work(task: tuple[bytes, Path]) -> bytes:
        return _encode(answer(task[0], partial(line, base=task[1], more=more)))

    def lost(task: tuple[bytes, Path], why: str) -> bytes:
        return _encode(answer(task[0], lambda obj: {"id": obj.get("id"), "url": obj.get("url"), "error": why}))

    started, done, failed, out = time.monotonic(), 0, 0, sys.stdout.buffer
    for reply in crew.in_order(tasks, work, lost, jobs=jobs, seconds=SECONDS):
        out.write(reply)
        out.flush()
        done, failed = done + 1, failed + (b'"error": null' not in reply)
        if sys.stderr.isatty() and done % 10 == 0:
            click.echo(f"\r{done} pages, {failed} with an error ", nl=False, err=True)
    click.echo(
        f"\r{done} pages read in {time.monotonic() - started:.1f} s by {jobs} processes, {failed} with an error",
        err=True,
    )


def _lines(path: Path) -> Iterator[bytes]:
    if str(path) == "-":
        yield from iter(sys.stdin.buffer.readline, b"")
        return
    try:
        with cast(IO[bytes], gzip.open(path)) if path.suffix == ".gz" else path.open("rb") as file:
            yield from file
    except (OSError, EOFError, zlib.error) as exc:  # what could be read of it is answered
        mend = "is it gzip, and whole?" if path.suffix == ".gz" else "look at the file"
        raise ConfigError(
            str(path), f"cannot be read to its end ({getattr(exc, 'strerror', None) or exc}); {mend}"
        ) from None


def answer(raw: bytes, line: Line) -> dict[str, Any]:
    """The answer to one line; what is wrong with it is an answer, too."""
    try:
        obj = json.loads(raw.decode("utf-8-sig"), parse_constant=_no_constant)
    except UnicodeDecodeError as exc:
        return {"id": _id(raw), "error": f"byte {exc.start} of the line is not UTF-8"}
    except RecursionError:
        return {"id": _id(raw), "error": "nested too deeply"}
    except ValueError as exc:
        return {"id": _id(raw), "error": f"not JSON: {exc}" if raw.strip() else "empty line"}
    if not isinstance(obj, dict):
        return {"id": None, "error": f"not a JSON object but {kind_of(obj)}"}
    with Met() as met:
        return line(_whole(obj)) | ({"id": obj["id"]} if "id" in obj else {})
    fault = met.fault
    if isinstance(fault, ParseError):
        return {"id": obj.get("id"), "error": fault.detail or fault.subject}
    return {"id": obj.get("id"), "error": str(fault) if isinstance(fault, TocsinError) else bugs.note(fault)}


def kind_of(value: Any) -> str:
    """A JSON value that is no object, in JSON's words."""
    return _KINDS[type(value)]


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON value")


def _whole(obj: dict[str, Any]) -> dict[str, Any]:
    """The line without half surrogate pairs; offsets hold."""
    return {k: whole(v) if isinstance(v, str) else v for k, v in obj.items()}


def _id(raw: bytes) -> Any:
    """The id of a line that is not JSON, as far as it can be made out."""
    found = _ID.search(raw[:100_000].decode("utf-8", "replace"))
    try:
        return json.loads(found.group(1)) if found else None
    except ValueError:
        return None


def _encode(obj: dict[str, Any]) -> bytes:
    try:
        return (json.dumps(obj, ensure_ascii=False, default=str) + "\n").encode()
    except UnicodeEncodeError:  # half a surrogate pair
        return (json.dumps(obj, default=str) + "\n").encode()
