"""What the pages tell a reader to type and to write: command lines and blocks of config.yaml that hold."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import yaml

from tocsin import cli
from tocsin.alerts.channels import build
from tocsin.config import Config, reading

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
AGENT = "Test/1.0 (+https://t.example; t@t.example)"
SECRETS = {"SMTP_URL": "smtp://127.0.0.1:25", "SLACK_BOT_TOKEN": "xoxb-1"}


def typed(page: Path) -> Iterator[str]:
    """The command lines of a page: in backticks, or lines of their own."""
    for line in page.read_text(encoding="utf-8").splitlines():
        alone = re.match(r"(?:\.venv/bin/)?tocsin .*", line)
        for part in [*re.findall(r"`([^`]+)`", line), *([alone.group()] if alone else [])]:
            for command in re.split(r"&&|\||;", part):
                found = re.match(r"\s*(?:\w+=\S+ )?(?:\.venv/bin/)?tocsin (?![A-Z])(.*)", command)
                if found:
                    yield re.split(r"\s{2,}|#|\(", found[1])[0].strip()


def unknown(line: str) -> str:
    """The first word of a command line that the command does not know; "" when it knows all."""
    command: click.Command = cli.main
    known = {opt for param in command.params for opt in param.opts} | {"-h", "--help"}
    for word in shlex.split(line):
        if word.startswith("--") and word.partition("=")[0].rstrip(",.") not in known:
            return word
        if isinstance(command, click.Group) and not word.startswith("-"):
            inner = command.commands.get(word.strip(",.:…"))
            if inner is None:
                if command is cli.main:
                    return word
                continue  # the value of an option
            command = inner
            known |= {opt for param in command.params for opt in (*param.opts, *param.secondary_opts)}
    return ""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_line_on_a_page_can_be_typed(page: Path) -> None:
    """Commands and options that do not exist send a reader into the void."""
    wrong = {line: word for line in typed(page) if (word := unknown(line))}
    assert wrong == {}


def test_the_search_for_command_lines_finds_them_and_their_mistakes() -> None:
    """Else the test above holds of nothing."""
    assert sum(1 for page in PAGES for _ in typed(page)) > 60
    assert unknown("events --since 24h --nonsense") == "--nonsense"
    assert unknown("evnts") == "evnts"
    assert unknown("alerts --state dead") == ""


def blocks() -> Iterator[object]:
    """The blocks of YAML that are parts of a config.yaml."""
    for page in PAGES:
        for number, text in enumerate(re.findall(r"```yaml\n(.*?)```", page.read_text(encoding="utf-8"), re.S)):
            data = yaml.safe_load(text)
            if isinstance(data, dict) and set(data) <= set(Config.model_fields):
                yield pytest.param(data, id=f"{page.stem} {number}")


@pytest.mark.parametrize("data", list(blocks()))
def test_every_block_of_config_on_a_page_is_one(data: dict[str, object], tmp_path: Path) -> None:
    """Keys, values, channels and places, as a reader would copy them."""
    file = tmp_path / "config.yaml"
    file.write_text(yaml.safe_dump({"http": {"user_agent": AGENT}, **data}, allow_unicode=True), encoding="utf-8")
    for named in re.findall(r"[\w/-]+\.txt", file.read_text(encoding="utf-8")):
        (tmp_path / named).parent.mkdir(exist_ok=True)
        (tmp_path / named).write_text("words of an example", encoding="utf-8")
    names = re.findall(r"\$\{(\w+)\}", file.read_text(encoding="utf-8"))
    reading.load(file, {name: SECRETS.get(name, "smtp://127.0.0.1:25") for name in names}, vet=build)
