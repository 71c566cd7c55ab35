"""What a user can write is explained: every config key, channel key, command, option, and JSON key."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import click
import pytest
from pydantic import BaseModel

from tocsin import cli
from tocsin.alerts.channels import kinds, load
from tocsin.alerts.channels.base import Channel
from tocsin.config import Config
from tocsin.config.reading import defaults

DOCS = Path(__file__).parents[2] / "docs"
CONFIGURATION = (DOCS / "configuration.md").read_text(encoding="utf-8")
COMMANDS = (DOCS / "commands.md").read_text(encoding="utf-8")


def keys(model: type[BaseModel], above: str = "") -> list[tuple[str, str]]:
    """Every key that config.yaml may hold, with the block it belongs to."""
    found: list[tuple[str, str]] = []
    for name, info in model.model_fields.items():
        if info.exclude:
            continue
        found.append((above, info.alias or name))
        inner: Any = info.annotation
        while get_args(inner):
            inner = next(arg for arg in reversed(get_args(inner)) if arg not in (..., type(None)))
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            found += keys(inner, name)
    return found


def section(block: str) -> str:
    """The part of the page that explains a block."""
    blocks = ("channels", "routes", "places", "examples", "digest", "quiet", "escalate", "inhibit")
    inner = {name: f"### {name}" for name in blocks}
    heading = {"": "## Top level", **inner}.get(block, f"## {block}")
    return re.split(r"^#{2,3} ", CONFIGURATION.split(f"{heading}\n", 1)[1], maxsplit=1, flags=re.M)[0]


@pytest.mark.parametrize(("block", "key"), [pytest.param(b, k, id=f"{b}.{k}".lstrip(".")) for b, k in keys(Config)])
def test_a_config_key_is_explained_in_its_section(block: str, key: str) -> None:
    """Under the heading of its block."""
    assert f"`{key}`" in section(block)


@pytest.mark.parametrize("kind", kinds())
def test_a_kind_of_channel_is_explained_with_its_keys(kind: str) -> None:
    """In the table of kinds."""
    rows = [line for line in section("channels").splitlines() if line.startswith(f"| `{kind}` |")]
    assert len(rows) == 1
    own = set(load(kind).model_fields) - set(Channel.model_fields)
    for name in own:
        assert f"`{load(kind).model_fields[name].alias or name}`" in rows[0]
    for name in Channel.model_fields:
        assert f"`{name}`" in section("channels")


def commands(group: click.Group = cli.main, above: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command, with those inside groups."""
    for name, command in sorted(group.commands.items()):
        yield f"{above}{name}", command
        if isinstance(command, click.Group):
            yield from commands(command, f"{above}{name} ")


@pytest.mark.parametrize(("name", "command"), [pytest.param(n, c, id=n) for n, c in commands()])
def test_a_command_is_explained_with_its_options_and_an_example(name: str, command: click.Command) -> None:
    """In the table of commands, or in the part about --json and --config; --help shows how it is typed."""
    first, _, rest = name.partition(" ")
    rows = [line for line in COMMANDS.splitlines() if re.match(rf"\| (?:`[\w ]+`, )*`(?:tocsin )?{first}\b", line)]
    assert any(not rest or rest in row for row in rows)
    for option in command.params:
        if isinstance(option, click.Option):
            assert any(re.search(rf"`[^`]*{opt}\b", COMMANDS) for opt in option.opts), option.opts
    if name != "version":
        assert f"tocsin {name}" in (command.help or "").split("Example")[-1]


@pytest.mark.parametrize("name", [n for n, c in commands() if any(p.name == "as_json" for p in c.params)])
def test_what_a_command_prints_as_json_has_its_row(name: str) -> None:
    """With its keys."""
    rows = [line for line in COMMANDS.split("## --json")[1].splitlines() if line.startswith("|")]
    assert any(f"`{name}`" in row.split("|")[1] for row in rows)


def test_the_json_keys_are_explained(tmp_path: Path) -> None:
    """Of runs and of feeds: a key that is not on the page does not exist."""
    from datetime import UTC, datetime

    from tocsin.cli import shapes
    from tocsin.cli.feeding import _feed
    from tocsin.config import Feed
    from tocsin.model import RunReport

    now = datetime(2026, 1, 1, tzinfo=UTC)
    for name in shapes.run_report(RunReport(now, now, (), ())):
        assert f"`{name}`" in COMMANDS
    for name in _feed(Feed(id="a", url="https://a.example/"), {}):
        assert f"`{name}`" in COMMANDS


def test_the_defaults_on_the_page_are_the_defaults() -> None:
    """Numbers that a reader plans with."""
    config = defaults()
    told = {
        "per_host_delay_seconds": config.http.per_host_delay_seconds,
        "max_hops": config.http.max_hops,
        "workers": config.http.workers,
        "deliver_minutes": config.schedule.deliver_minutes,
        "threshold": config.watches[0].threshold,
        "review": config.watches[0].review,
        "max_age_hours": config.alerts.max_age_hours,
        "storm": config.alerts.storm,
    }
    for key, value in told.items():
        assert re.search(rf"^\| `{key}` \| {value:g} \|", CONFIGURATION, flags=re.M), key


def test_every_room_and_module_of_the_design_page_exists() -> None:
    """A page that names what was moved leads a newcomer astray; a bare name is that of a module beside another."""
    root = DOCS.parent
    for line in (DOCS / "design.md").read_text(encoding="utf-8").splitlines():
        named = re.findall(r"`([\w/]+(?:\.py|/))`", line)
        rooms = {root, *(folder for name in named if "/" in name for folder in (root / name).parents)}
        missing = [name for name in named if not any((room / name).exists() for room in rooms)]
        assert missing == [], line
