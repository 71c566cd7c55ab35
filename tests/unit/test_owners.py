"""Whether the holder of a lease or a turn can still be alive, as far as it can be seen from here."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tocsin.archive import owners
from tocsin.archive.hosts import HostLedger

GONE = "999999999"
OURS = owners.new_owner().split()


def named(**fields: str) -> str:
    """Our own name, other in some fields."""
    names = ("machine", "boot", "space", "pid", "began", "mark")
    return " ".join(fields.get(name, value) for name, value in zip(names, OURS, strict=True))


@pytest.mark.parametrize(
    ("owner", "dead"),
    [
        pytest.param(named(), False, id="this process"),
        pytest.param(named(pid=GONE), True, id="a process that is gone"),
        pytest.param(named(began="1"), True, id="its number is another process's now"),
        pytest.param(named(boot="before", began="1"), True, id="the machine was started anew"),
        pytest.param(named(machine="other", pid=GONE), False, id="another machine"),
        pytest.param(named(space="pid:[7]", pid=GONE), False, id="another container of this machine"),
        pytest.param(named(space="pid:[7]", boot="before"), False, id="another container, perhaps of an earlier boot"),
        pytest.param(f"{socket.gethostname()} {GONE} 1 abc", False, id="a name of an older Tocsin"),
        pytest.param(named(pid="9" * 40), False, id="no number of a process"),
        pytest.param(named(pid="-1"), False, id="a negative number"),
        pytest.param(named(pid="x"), False, id="a word for a number"),
        pytest.param("", False, id="empty"),
        pytest.param("nobody", False, id="one word"),
    ],
)
def test_who_can_be_alive(owner: str, dead: bool) -> None:
    """Where it cannot be seen, a holder lives until its time is over."""
    assert owners.dead(owner) is dead


def test_a_turn_held_in_another_container_is_not_taken(tmp_path: Path) -> None:
    """Same machine name, process ids of their own: a real process in a real namespace, alive and holding."""
    apart = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc"]
    if subprocess.run([*apart, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody make a namespace for process ids")
    code = """
import sys
from pathlib import Path
from tocsin.archive.hosts import HostLedger
assert HostLedger(Path(sys.argv[1])).take("a.example", now=1000.0, hold=300.0) == 0
print("held", flush=True)
sys.stdin.read()
"""
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [*apart, sys.executable, "-c", code, str(tmp_path / "hosts")],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        assert HostLedger(tmp_path / "hosts").take("a.example", now=1010.0, hold=30.0) == 290.0
        other.stdin.close()
        assert other.wait(20) == 0
