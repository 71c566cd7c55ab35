"""A port that a test means to use is nobody else's, however long it takes until its server is up."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes import serving

ROOT = Path(__file__).parents[2]


def test_a_port_is_given_away_once_and_never_by_the_system() -> None:
    """Not by this process, nor by another at the same time, nor for a connection that the system finds a port for."""
    ours = [serving.free_port() for _ in range(50)]
    words = "from tests.fakes.serving import free_port; print(*(free_port() for _ in range(50)))"
    other = subprocess.run([sys.executable, "-c", words], cwd=ROOT, capture_output=True, text=True, check=True)
    theirs = [int(port) for port in other.stdout.split()]
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii").split()[0])
    assert len({*ours, *theirs}) == 100
    assert max(*ours, *theirs) < lowest


def test_a_port_in_use_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first of two is taken by a server, the second by a test of another process."""
    order = [serving.free_port() for _ in range(3)]
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", order[0]))
        monkeypatch.setattr(serving.random, "sample", lambda *_: order)
        for held in serving._HELD[-3:]:
            if held.getsockname().endswith((str(order[0]).encode(), str(order[2]).encode())):
                held.close()
        assert serving.free_port() == order[2]
