"""What stands beside the product and is seldom run: the list of common names, the benchmark's server, the container."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import re
import tomllib
from pathlib import Path
from typing import Any, cast

import pytest

from benchmarks import loopback
from tocsin import names

ROOT = Path(__file__).parents[2]


@pytest.fixture
def tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """``tools/common_names.py`` with a list of its own to write."""
    monkeypatch.setattr(names, "COMMON", tmp_path / "common_names.txt")
    names.COMMON.write_text("shipped\n", encoding="utf-8")
    spec = importlib.util.spec_from_file_location("common_names", ROOT / "tools" / "common_names.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    names.common.cache_clear()


def test_the_list_of_common_names_stays_until_there_is_another(tool: Any, tmp_path: Path) -> None:
    """A corpus that cannot be read costs nothing; one that can gives a list, in which the old one had no say."""
    shipped = names.COMMON
    line = json.dumps({"title": "Bomb in Muqdadiyah", "text": "Raed Hamid of the Diyala Operations Command said so."})
    (tmp_path / "en.jsonl").write_text(f"{line}\n{line}\nnot json\n", encoding="utf-8")
    with pytest.raises(ValueError, match="Expecting value"):
        tool.main(tmp_path)
    assert (names.COMMON, shipped.read_text(encoding="utf-8")) == (shipped, "shipped\n")
    (tmp_path / "en.jsonl").write_text(f"{line}\n{line}\n", encoding="utf-8")
    marks = set(names.marks("Raed Hamid said so."))
    assert marks
    shipped.write_text("\n".join(marks), encoding="utf-8")
    tool.main(tmp_path)
    assert marks <= set(shipped.read_text(encoding="utf-8").split("\n"))
    assert [file.name for file in tmp_path.glob("*.part")] == []


class _Writer:
    """One end of a connection from some machine."""

    def __init__(self, peer: str) -> None:
        self.peer, self.said, self.closed = peer, b"", False

    def get_extra_info(self, name: str) -> tuple[str, int]:
        assert name == "peername"
        return self.peer, 40_000

    def write(self, data: bytes) -> None:
        self.said += data

    async def drain(self) -> None:
        return

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize(("peer", "served"), [("127.0.0.1", True), ("127.9.8.7", True), ("192.168.1.20", False)])
def test_the_server_of_the_benchmarks_serves_this_machine_alone(peer: str, served: bool) -> None:
    """It listens on every address, to be a thousand hosts, and holds an endless feed and a bomb."""

    async def ask() -> _Writer:
        reader, writer = asyncio.StreamReader(), _Writer(peer)
        reader.feed_data(b"GET /new/1 HTTP/1.1\r\nHost: a\r\n\r\n")
        await loopback.answer(reader, cast("asyncio.StreamWriter", writer))  # as much of one as it uses
        return writer

    writer = asyncio.run(ask())
    assert writer.closed
    assert writer.said.startswith(b"HTTP/1.1 200") is served
    assert served or not writer.said


def test_the_container_has_all_that_is_installed_and_data_that_its_user_may_write() -> None:
    """Each source is there, each package goes in, and the volume of the example is one that takes the image's owner."""
    lines = (ROOT / "deploy" / "Containerfile").read_text(encoding="utf-8")
    sources = [name for copied in re.findall(r"(?m)^COPY (.+) \S+$", lines) for name in copied.split()]
    assert [name for name in sources if not (ROOT / name).exists()] == []
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = {name.split(".")[0].rstrip("*") for name in project["tool"]["setuptools"]["packages"]["find"]["include"]}
    assert packages <= set(sources)
    (uid,) = re.findall(r"useradd --uid (\d+)", lines)
    assert f"chown {uid}:{uid} data" in lines
    assert "-v tocsin-data:/srv/tocsin/data" in lines
    assert "chown tocsin:tocsin data" in lines
