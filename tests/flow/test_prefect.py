"""The flows through a real Prefect server: runs that say what they did, artifacts, schedules, one poll at a time."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from flows.run import utc_now
from flows.runner import ONE, deployments
from tests.fakes.outlet import Outlet
from tests.flow.test_pipeline import FOOTBALL, ROCKETS, _config
from tocsin.archive import Archive

pytestmark = pytest.mark.flow
TOCSIN = str(Path(sys.executable).with_name("tocsin"))
UP_SECONDS = 150.0  # a busy two-core machine


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}


def _ask(api: str, path: str, body: dict[str, Any] | None = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{api}/{path}", data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def _until(what: str, found: Callable[[], Any], seconds: float = UP_SECONDS) -> Any:
    """Wait for a true answer; what is not there yet, or does not answer yet, is asked again."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if answer := found():
                return answer
        except (OSError, urllib.error.URLError):
            pass
        time.sleep(0.5)
    raise AssertionError(f"{what}: not within {seconds:.0f} s")


@pytest.fixture(scope="module")
def outlet() -> Iterator[Outlet]:
    with Outlet([ROCKETS, FOOTBALL]) as server:
        yield server


@pytest.fixture(scope="module")
def served(outlet: Outlet, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path, Any]]:
    """``tocsin serve`` on a free port, up and with its first poll done; its API, folder and process."""
    folder = tmp_path_factory.mktemp("served")
    config = _config(folder, outlet.address)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [TOCSIN, "serve", "--config", str(config.path), "--port", str(port)],
        env=_environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    api = f"http://127.0.0.1:{port}/api"
    try:
        _until("the first poll", lambda: _completed(api, "poll"))
        yield api, folder, process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _completed(api: str, flow: str) -> list[dict[str, Any]]:
    query = {"flows": {"name": {"any_": [flow]}}, "flow_runs": {"state": {"type": {"any_": ["COMPLETED"]}}}}
    found: list[dict[str, Any]] = _ask(api, "flow_runs/filter", query)
    return sorted(found, key=lambda run: run["start_time"])


def test_the_first_poll_says_what_it_did(served: tuple[str, Path, Any]) -> None:
    """Name with its time, a message with counts, the tag; a task per batch and one for delivery."""
    api, _, _ = served
    first = _completed(api, "poll")[0]
    assert first["name"].startswith("poll 20")
    assert first["state"]["message"] == "2 new, 1 event, 1 feeds"
    assert "tocsin" in first["tags"]
    tasks = _until("task runs", lambda: _ask(api, "task_runs/filter", {"flow_runs": {"id": {"any_": [first["id"]]}}}))
    assert sorted(t["name"].split("-")[0] for t in tasks)[-1] == "poll outlet"
    assert len(tasks) == 2


def test_artifacts_hold_the_report_and_the_flagged_table_with_links(served: tuple[str, Path, Any]) -> None:
    """The five artifacts of a poll, the event with its link among them."""
    api, _, _ = served
    first = _completed(api, "poll")[0]
    query = {"artifacts": {"flow_run_id": {"any_": [first["id"]]}}}
    artifacts = {a["key"]: a["data"] for a in _ask(api, "artifacts/filter", query)}
    assert set(artifacts) == {"run-report", "flagged-events", "review-shelf", "feed-health", "alert-ledger"}
    (row,) = json.loads(artifacts["flagged-events"])
    assert row["severity"] == "high"
    assert "rockets-taji.html" in row["links"]
    assert "2 new, 1 event" in artifacts["run-report"]


def test_deployments_allow_one_run_and_keep_their_schedules(served: tuple[str, Path, Any]) -> None:
    """Four deployments, each scheduled, each limited to one run, a later one cancelled."""
    api, _, _ = served
    found = {d["entrypoint"].rpartition(".")[2]: d for d in _ask(api, "deployments/filter", {})}
    assert set(found) == {"poll", "deliver", "brief", "upkeep"}
    for deployment in found.values():
        assert not deployment["paused"]
        assert deployment["schedules"][0]["active"]
        assert deployment["concurrency_options"]["collision_strategy"] == "CANCEL_NEW"


def test_a_run_from_the_command_goes_to_the_same_server(served: tuple[str, Path, Any]) -> None:
    """``tocsin run`` finds the server that ``serve`` runs: the run is seen there at once."""
    api, folder, _ = served
    before = len(_completed(api, "poll"))
    done = subprocess.run(
        [TOCSIN, "run", "--config", str(folder / "config.yaml"), "--json"],
        env=_environment(),
        capture_output=True,
        text=True,
        timeout=UP_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "no feed is due" in json.loads(done.stdout)["skipped"]
    _until("the run on the server", lambda: len(_completed(api, "poll")) > before, 30)


def test_a_killed_runner_comes_back_and_sigterm_ends_cleanly(served: tuple[str, Path, Any]) -> None:
    """The runner is started again; SIGTERM ends everything with 0 and leaves the schedules and the archive whole."""
    api, folder, process = served
    old = _runner_of(process.pid)
    os.kill(old, signal.SIGKILL)
    _until("a new runner", lambda: (pid := _runner_of(process.pid)) and pid != old, 60)
    assert all(not d["paused"] for d in _ask(api, "deployments/filter", {}))
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    assert not (folder / "prefect" / "server.json").exists()
    with Archive.open(folder / "tocsin.db") as archive:
        assert len(archive.list_events(10)) == 1


def _runner_of(parent: int) -> int:
    """The process id of the runner child, 0 when there is none."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
            command = stat.with_name("cmdline").read_text()
        except OSError:  # gone in the meantime
            continue
        if int(fields[1]) == parent and "flows.runner" in command and fields[0] != "Z":
            return int(stat.parent.name)
    return 0


def test_every_deployment_is_in_prefect_yaml_too(outlet: Outlet, tmp_path: Path) -> None:
    """The work-pool file ships the same flows, names, limits and descriptions."""
    import yaml

    shipped = yaml.safe_load((Path(__file__).parents[2] / "prefect.yaml").read_text())["deployments"]
    ours = deployments(_config(tmp_path, outlet.address), now=utc_now())
    assert {d["entrypoint"].rpartition(":")[2] for d in shipped} == {
        d.entrypoint.rpartition(".")[2] for d in ours if d.entrypoint
    }
    assert all(d["concurrency_limit"] == {"limit": ONE.limit, "collision_strategy": "CANCEL_NEW"} for d in shipped)
