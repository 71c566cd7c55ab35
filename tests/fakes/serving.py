"""``tocsin serve`` as a test drives it: a free port, its API, the processes under it."""

from __future__ import annotations

import base64
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

from flows.serve import die_with_parent

ROOT = Path(__file__).parents[2]
TOCSIN = (sys.executable, "-c", "import sys; from tocsin.cli import main; sys.exit(main())")
UP_SECONDS = 150.0  # a busy two-core machine


def environment(**more: str) -> dict[str, str]:
    """The environment without any Prefect of the machine's own, and with this tree first."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    return {**kept, "PYTHONPATH": str(ROOT), **more}


def until(what: str, found: Callable[[], Any], seconds: float = UP_SECONDS) -> Any:
    """Wait for a true answer; what is not there yet, or does not answer yet, is asked again."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if answer := found():
                return answer
        except (OSError, urllib.error.URLError):
            pass
        time.sleep(0.25)
    raise AssertionError(f"{what}: not within {seconds:.0f} s")


_HELD: list[socket.socket] = []


def free_port() -> int:
    """A port that is this process's to give away, for as long as it lives.

    It lies below those that the system hands out by itself, so that nobody gets it between this look and the server
    that takes it, be that seconds or a restart later. Another test process is kept away by a name that we hold.
    """
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii").split()[0])
    ports = range(max(1_024, lowest - 8_000), lowest)
    for port in random.sample(ports, len(ports)):
        held = socket.socket(socket.AF_UNIX)
        try:
            held.bind(f"\0tocsin-test-port-{port}")
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port))
        except OSError:
            held.close()
            continue
        _HELD.append(held)
        return port
    raise AssertionError("no port is free")


class Served:
    """One ``tocsin serve``: started, asked, killed; its output is in ``folder/serve.out``."""

    def __init__(self, config: Path, *, port: int = 0, host: str = "127.0.0.1", auth: str = "", **env: str) -> None:
        self.config, self.folder = config, config.parent
        self.port = port or free_port()
        self.api = f"http://127.0.0.1:{self.port}/api"
        self.output = self.folder / "serve.out"
        self._command = [*TOCSIN, "serve", "--config", str(config), "--port", str(self.port), "--host", host]
        self.head = {"Content-Type": "application/json"}
        if auth:
            env = {**env, "TOCSIN_UI_AUTH": auth}
            self.head["Authorization"] = f"Basic {base64.b64encode(auth.encode()).decode()}"
        self.env = environment(**env)

    def __enter__(self) -> Served:
        self.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(40)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def start(self) -> None:
        """Start it, and wait until its server answers."""
        with self.output.open("ab") as out:
            self.process = subprocess.Popen(
                self._command, env=self.env, stdout=out, stderr=out, preexec_fn=die_with_parent
            )
        until("the server", self.healthy)

    def healthy(self) -> bool:
        """True when the server answers; fails the test when ``serve`` has ended."""
        assert self.process.poll() is None, self.output.read_text(encoding="utf-8")[-2000:]
        with urllib.request.urlopen(f"{self.api}/health", timeout=2) as answer:
            return bool(answer.status == 200)

    def ask(self, path: str, body: dict[str, Any] | None = None, *, method: str | None = None) -> Any:
        """One question to Prefect's API."""
        data = None if body is None else json.dumps(body).encode()
        head = self.head
        if "Authorization" in head and data is not None:  # a server with a password wants a CSRF token, too
            client = "tests"
            asked = urllib.request.Request(f"{self.api}/csrf-token?client={client}", headers=head)
            with urllib.request.urlopen(asked, timeout=20) as answer:
                token = json.load(answer)["token"]
            head = {**head, "Prefect-Csrf-Token": token, "Prefect-Csrf-Client": client}
        request = urllib.request.Request(f"{self.api}/{path}", data, head, method=method)
        for pause in (0.5, 1.0, 2.0, 4.0, 0.0):
            try:
                with urllib.request.urlopen(request, timeout=20) as answer:
                    text = answer.read()
                    return json.loads(text) if text else None
            except urllib.error.HTTPError as exc:
                if exc.code != 503 or not pause:  # 503: its database is busy, ask again
                    raise
                time.sleep(pause)
        return None

    def runs(self, flow: str, *states: str) -> list[dict[str, Any]]:
        """The runs of a flow in any of the states, the latest to be due last."""
        query = {"flows": {"name": {"any_": [flow]}}, "flow_runs": {"state": {"type": {"any_": list(states)}}}}
        found: list[dict[str, Any]] = self.ask("flow_runs/filter", query)
        return sorted(found, key=lambda run: run["expected_start_time"])

    def made(self, flow: str) -> list[dict[str, Any]]:
        """The runs of a flow that something asked for, whatever became of them; the schedule's own are left out."""
        found: list[dict[str, Any]] = self.ask("flow_runs/filter", {"flows": {"name": {"any_": [flow]}}})
        return [run for run in found if not run["auto_scheduled"]]

    def deployment(self, flow: str) -> dict[str, Any]:
        """The deployment of a flow."""
        found: dict[str, Any] = self.ask(f"deployments/name/{flow}/tocsin")
        return found

    def start_run(self, flow: str, *, due: str | None = None) -> str:
        """Have the runner start a run at its next look, or as if it had been due at a time; its id."""
        state = {"type": "SCHEDULED", "state_details": {"scheduled_time": due}} if due else {"type": "SCHEDULED"}
        made = self.ask(f"deployments/{self.deployment(flow)['id']}/create_flow_run", {"state": state})
        return str(made["id"])

    def state(self, run: str) -> dict[str, Any]:
        """How a run stands."""
        found: dict[str, Any] = self.ask(f"flow_runs/{run}")["state"]
        return found

    def children(self, words: str) -> list[int]:
        """The ids of our own processes, at any depth, whose command holds ``words``."""
        return [pid for pid in _below(self.process.pid) if words in _command(pid)]

    def resident_bytes(self) -> float:
        """Memory of the server, the runner and ``serve`` itself, runs in progress aside."""
        ours = [self.process.pid, *self.children("prefect server start"), *self.children("flows.runner")]
        pages = [int(Path(f"/proc/{pid}/statm").read_text(encoding="utf-8").split()[1]) for pid in ours]
        return float(sum(pages) * os.sysconf("SC_PAGE_SIZE"))

    def cpu_seconds(self) -> float:
        """What the server has used so far."""
        (server,) = self.children("prefect server start")
        fields = Path(f"/proc/{server}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def kill_all(self) -> None:
        """SIGKILL for every process of it at once: a power cut, as far as the files can tell."""
        for pid in [self.process.pid, *_below(self.process.pid)]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.process.wait()


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8").replace("\0", " ")
    except OSError:  # gone in the meantime
        return ""


def _below(parent: int) -> list[int]:
    """All descendants of a process."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] != "Z":
            parents[int(stat.parent.name)] = int(fields[1])
    found = [pid for pid, above in parents.items() if above == parent]
    return found + [low for pid in found for low in _below(pid)]
