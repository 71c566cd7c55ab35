"""The flows through a real Prefect server with a password: runs that explain themselves, no secret anywhere."""

from __future__ import annotations

import json
import os
import signal
import socket
import socketserver
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
import yaml
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows import serve as serving
from flows import settings as prefect_settings
from flows.poll import _ask
from flows.run import utc_now
from flows.runner import ONE, deployments
from tests.fakes.outlet import Outlet
from tests.fakes.serving import TOCSIN, UP_SECONDS, Served, until
from tests.fakes.sink import HttpSink
from tests.flow.test_pipeline import FOOTBALL, ROCKETS, _config
from tocsin.archive import Archive
from tocsin.archive.outbox import Outbox
from tocsin.errors import ArchiveError, ConfigError
from tocsin.model import DeliveryState

pytestmark = pytest.mark.flow
CANARIES = {
    "CANARY_TOKEN": "xoxb-canary-5f3759df",
    "CANARY_HOOK": "{refuses}services/canary-9e3779b9",
    "CANARY_SMTP": "smtp://desk:canary-6a09e667@{mail}",
    "CANARY_SIGN": "canary-bb67ae85",
}
AUTH = "desk:canary-3c6ef372"
CHANNELS = """
schedule: {poll_minutes: 60, deliver_minutes: 60}
alerts:
  channels:
    terminal: {kind: terminal}
    slack: {kind: slack, token: "${CANARY_TOKEN}", channel: "#desk", api_url: "REFUSES"}
    hook: {kind: slack-webhook, url: "${CANARY_HOOK}"}
    mail: {kind: email, smtp: "${CANARY_SMTP}", from: t@tocsin.example, to: [desk@tocsin.example]}
    own: {kind: webhook, url: "NEVER", secret: "${CANARY_SIGN}"}
  routes: [{to: [terminal, slack, hook, mail, own]}]
"""


class _Closed(socketserver.BaseRequestHandler):
    """A mail server that takes no mail: asked again only after a quarter of an hour."""

    def handle(self) -> None:
        self.request.sendall(b"554 closed\r\n")


@pytest.fixture(scope="module")
def outlet() -> Iterator[Outlet]:
    with Outlet([ROCKETS, FOOTBALL]) as server:
        yield server


@pytest.fixture(scope="module")
def served(outlet: Outlet, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """``tocsin serve`` up and with its first poll done; every channel but the terminal has a secret and is refused.

    Refused until somebody mends it, so that no delivery waits for the next try; the last one for good.
    """
    path = _config(tmp_path_factory.mktemp("served"), outlet.address).path
    assert path is not None
    with HttpSink() as refuses, HttpSink() as never, socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Closed) as mail:
        refuses.chance, never.chance = lambda: 403, lambda: 400
        threading.Thread(target=mail.serve_forever, args=(0.02,), daemon=True).start()
        words = CHANNELS.replace("REFUSES", refuses.url).replace("NEVER", never.url)
        path.write_text(path.read_text(encoding="utf-8").partition("alerts:")[0] + words, encoding="utf-8")
        where = {"refuses": refuses.url, "mail": f"127.0.0.1:{mail.server_address[1]}"}
        secrets = {name: word.format(**where) for name, word in CANARIES.items()}
        with Served(path, auth=AUTH, PREFECT_RUNNER_POLL_FREQUENCY="2", **secrets) as running:
            until("the first poll", lambda: running.runs("poll", "COMPLETED"))
            yield running
        mail.shutdown()


def test_the_first_poll_says_what_it_did(served: Served) -> None:
    """Name with time and outcome, a message with counts, tags; a task per batch and one for delivery."""
    first = served.runs("poll", "COMPLETED")[0]
    message = "2 new, 1 event, 1 feed, 4 deliveries failed"
    assert first["state"]["message"] == message
    assert first["name"].startswith("poll 20")
    assert first["name"].endswith(f": {message}")
    assert {"tocsin", "events"} <= set(first["tags"])
    query = {"flow_runs": {"id": {"any_": [first["id"]]}}}
    tasks = until("task runs", lambda: len(found := served.ask("task_runs/filter", query)) == 2 and found)
    assert sorted(t["name"] for t in tasks) == ["deliver", "poll outlet"]


def test_artifacts_hold_the_report_and_the_flagged_table_with_links(served: Served) -> None:
    """The artifacts of a poll that found something, the event with its link among them."""
    first = served.runs("poll", "COMPLETED")[0]
    query = {"artifacts": {"flow_run_id": {"any_": [first["id"]]}}}
    artifacts = {a["key"]: a["data"] for a in served.ask("artifacts/filter", query)}
    assert set(artifacts) - {"review-shelf"} == {"run-report", "flagged-events", "feed-health", "alert-ledger"}
    (row,) = json.loads(artifacts["flagged-events"])
    assert row["severity"] == "high"
    assert "rockets-taji.html" in row["links"]
    assert "2 new, 1 event" in artifacts["run-report"]


def test_events_tell_automations_what_happened(served: Served) -> None:
    """The flagged event, the good poll and the failed delivery, each with its resource."""

    def told() -> dict[str, str]:
        body = {"filter": {"event": {"prefix": ["tocsin."]}}, "limit": 50}
        found = served.ask("events/filter", body)["events"]
        return {event["event"]: event["resource"]["prefect.resource.id"] for event in found}

    until("the events", lambda: len(told()) >= 3, 30)
    assert told()["tocsin.event"].startswith("tocsin.event.ev-")
    assert told()["tocsin.poll.ok"] == "tocsin.archive.tocsin"
    assert told()["tocsin.delivery.failed"] == "tocsin.outbox.tocsin"


def test_a_run_that_found_nothing_due_leaves_the_tables_alone(served: Served) -> None:
    """``tocsin run`` finds the server of ``serve``, password and all; the run is seen there and writes no artifact."""
    before = len(served.runs("poll", "COMPLETED"))
    done = subprocess.run(
        [*TOCSIN, "run", "--config", str(served.config), "--json"],
        env=served.env,
        capture_output=True,
        text=True,
        timeout=UP_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "no feed is due" in json.loads(done.stdout)["skipped"]
    until("the run on the server", lambda: len(served.runs("poll", "COMPLETED")) > before, 30)
    idle = served.runs("poll", "COMPLETED")[-1]
    assert "idle" in idle["tags"]
    made = served.ask("artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [idle["id"]]}}})
    assert {artifact["key"] for artifact in made} <= {"alert-ledger"}, "only what it delivered"


def test_a_dead_delivery_is_told_by_its_automation(served: Served) -> None:
    """What a channel refused for good in the first poll is a red run that says where to look."""

    def told() -> list[str]:
        return [run["state"]["message"] for run in served.runs("notice", "FAILED") if "dead" in run["name"]]

    (line,) = until("the notice", told, 60)
    assert line.startswith("dead delivery: own: HTTP 400; this message is not accepted; ")
    assert line.endswith("see tocsin alerts --state dead")


def test_a_look_starts_a_delivery_only_when_something_can_be_sent(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that waits is paused: no run. One message is due again: one run, which tries it."""
    from prefect.settings import (
        PREFECT_API_AUTH_STRING,
        PREFECT_API_URL,
        PREFECT_CLIENT_CSRF_SUPPORT_ENABLED,
        temporary_settings,
    )

    from flows.runner import look

    monkeypatch.setattr(os, "environ", served.env)
    delivery = UUID(served.deployment("deliver")["id"])
    here = {PREFECT_API_URL: served.api, PREFECT_API_AUTH_STRING: AUTH, PREFECT_CLIENT_CSRF_SUPPORT_ENABLED: True}
    with temporary_settings(updates=here):
        look(served.config, delivery)
        assert not served.made("deliver")
        with Archive.open(served.folder / "tocsin.db") as archive:
            (refused,) = Outbox(archive).waiting("hook", now=utc_now())
            Outbox(archive).mark([refused.id], DeliveryState.PENDING, error="", not_before=utc_now())
        look(served.config, delivery)
    (run,) = until("the delivery", lambda: served.runs("deliver", "COMPLETED"), 60)
    assert run["state"]["message"] == "0 sent, 2 waiting, 1 failed"
    assert [each["id"] for each in served.made("deliver")] == [run["id"]]


def test_deployments_allow_one_run_and_keep_their_schedules(served: Served) -> None:
    """Four scheduled deployments, each limited to one run, a later one cancelled; and one that automations start."""
    found = {d["entrypoint"].rpartition(".")[2]: d for d in served.ask("deployments/filter", {})}
    assert set(found) == {"poll", "deliver", "brief", "upkeep", "notice"}
    assert found.pop("notice")["schedules"] == []
    for deployment in found.values():
        assert not deployment["paused"]
        assert deployment["schedules"][0]["active"]
        assert deployment["concurrency_options"]["collision_strategy"] == "CANCEL_NEW"


def test_without_the_password_the_server_answers_nothing_but_its_health(served: Served) -> None:
    """No password, a wrong one, or no CSRF token: refused."""
    with urllib.request.urlopen(f"{served.api}/health", timeout=10) as answer:
        assert answer.status == 200
    for head in ({}, {"Authorization": "Basic ZGVzazp3cm9uZw=="}):
        assert _refusal(urllib.request.Request(f"{served.api}/deployments/name/poll/tocsin", headers=head)) == 401
    assert _refusal(urllib.request.Request(f"{served.api}/flow_runs/filter", b"{}", served.head)) == 403


def _refusal(request: urllib.request.Request) -> int:
    """The status with which a request is refused."""
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=10)
    return refused.value.code


def test_no_secret_in_runs_logs_artifacts_parameters_or_files(served: Served) -> None:
    """Every secret of the config is a canary, and none sings: not in Prefect's database, nor in what was printed."""
    read = 0
    for file in served.folder.rglob("*"):
        if file.is_file() and file != served.config:
            data, read = file.read_bytes(), read + 1
            for canary in (*CANARIES.values(), AUTH):
                word = "canary" + canary.partition("canary")[2].partition("@")[0]
                assert word.encode() not in data, f"{file.name} holds a secret"
    assert read > 4
    for kind in ("block_documents", "variables"):
        assert "canary" not in json.dumps(served.ask(f"{kind}/filter", {}))


@pytest.mark.parametrize(
    ("host", "auth", "said"),
    [
        pytest.param("0.0.0.0", "", "set TOCSIN_UI_AUTH=user:password", id="no password beyond this machine"),
        pytest.param("0.0.0.0", "secret", "must be user:password", id="no colon"),
        pytest.param("127.0.0.1", "user:", "must be user:password", id="an empty password is refused here, too"),
    ],
)
def test_serve_refuses_a_half_open_door(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str, auth: str, said: str
) -> None:
    """Bound elsewhere than loopback it wants a password; the message says how."""
    monkeypatch.setattr(os, "environ", dict(os.environ))
    monkeypatch.setitem(os.environ, prefect_settings.AUTH, auth)
    with pytest.raises(ConfigError, match=said):
        serving._environment(_config(tmp_path, "http://127.0.0.1:9"), host, 4200)


def test_serve_says_that_its_port_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At once, whatever listens there, and before a server is started."""
    monkeypatch.setattr(os, "environ", dict(os.environ))
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ConfigError, match=f"127.0.0.1 port {port}: address already in use; .* another --port"):
            serving.serve(_config(tmp_path, "http://127.0.0.1:9"), port=port)


def test_a_folder_that_prefect_cannot_have_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its database stands beside the archive: where nothing can be written, --direct fails at the archive itself."""
    monkeypatch.setattr(os, "environ", dict(os.environ))
    config = _config(tmp_path, "http://127.0.0.1:9")
    config.archive.parent.mkdir(exist_ok=True)
    prefect_settings.home(config).write_text("a file")
    with pytest.raises(ArchiveError, match=r"prefect: the folder cannot be made \(File exists\)"):
        prefect_settings.apply(config)


def test_bound_elsewhere_password_cors_and_csrf_come_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them or none; the password may stand in .env."""
    monkeypatch.setattr(os, "environ", {**os.environ, serving.SITE: "https://tocsin.example.org/"})
    (tmp_path / ".env").write_text(f"{prefect_settings.AUTH}={AUTH}\n", encoding="utf-8")
    made = serving._environment(_config(tmp_path, "http://127.0.0.1:9"), "0.0.0.0", 4200)
    assert made["PREFECT_SERVER_API_AUTH_STRING"] == made["PREFECT_API_AUTH_STRING"] == AUTH
    assert made["PREFECT_SERVER_CSRF_PROTECTION_ENABLED"] == made["PREFECT_CLIENT_CSRF_SUPPORT_ENABLED"] == "true"
    assert made["PREFECT_SERVER_CORS_ALLOWED_ORIGINS"] == "https://tocsin.example.org"
    assert made["PREFECT_SERVER_UI_API_URL"] == "https://tocsin.example.org/api"


@pytest.mark.parametrize(
    ("status", "said"),
    [
        pytest.param(401, "asks for a password: set TOCSIN_UI_AUTH", id="another password"),
        pytest.param(404, "cannot be used .*: start it", id="something else listens there"),
    ],
)
def test_a_server_that_does_not_take_us_is_told(status: int, said: str) -> None:
    """With what to set, and no stack trace of Prefect's."""
    with HttpSink() as server, temporary_settings({PREFECT_API_URL: server.url}):
        server.chance = lambda: status
        with pytest.raises(ConfigError, match=said):
            _ask(server.url)


def test_a_users_own_automation_runs_on_an_event(served: Served) -> None:
    """The worked example of docs/running.md: installed from its file, it fires when Tocsin flags a grave event."""
    page = (Path(__file__).parents[2] / "docs" / "running.md").read_text(encoding="utf-8")
    (wanted,) = yaml.safe_load(page.partition("\nautomations:\n")[2].partition("```")[0])
    (action,) = wanted["actions"]
    wanted["actions"] = [action | {"deployment_id": served.deployment("notice")["id"]}]
    served.ask("automations/", wanted)
    event = {
        "id": "0199a1b2-0000-7000-8000-000000000001", "event": "tocsin.event", "occurred": utc_now().isoformat(),
        "resource": {"prefect.resource.id": "tocsin.event.ev-0123456789", "tocsin.severity": "critical"},
        "payload": {"gist": "Rocket attack, Baghdad"},
    }  # fmt: skip
    served.ask("events", [event])

    def told() -> list[str]:
        return [r["state"]["message"] for r in served.runs("notice", "FAILED") if r["name"] == "notice: critical"]

    assert until("the notice", told, 90) == ["critical: Rocket attack, Baghdad"]


def test_a_killed_runner_comes_back_and_sigterm_ends_cleanly(served: Served) -> None:
    """The runner is started again; SIGTERM ends everything with 0 and leaves the schedules and the archive whole."""
    (old,) = served.children("flows.runner")
    os.kill(old, signal.SIGKILL)
    until("a new runner", lambda: (found := served.children("flows.runner")) and found != [old], 60)
    assert all(not d["paused"] for d in served.ask("deployments/filter", {}))
    served.process.send_signal(signal.SIGTERM)
    assert served.process.wait(60) == 0
    assert not (served.folder / "prefect" / "server.json").exists()
    with Archive.open(served.folder / "tocsin.db") as archive:
        assert len(archive.list_events(10)) == 1


def test_every_deployment_is_in_prefect_yaml_too(outlet: Outlet, tmp_path: Path) -> None:
    """The work-pool file ships the same flows, names, limits and descriptions."""
    shipped = yaml.safe_load((Path(__file__).parents[2] / "prefect.yaml").read_text())["deployments"]
    ours = deployments(_config(tmp_path, outlet.address), now=utc_now())
    assert {d["entrypoint"].rpartition(":")[2] for d in shipped} == {
        d.entrypoint.rpartition(".")[2] for d in ours if d.entrypoint
    }
    scheduled = [d for d in shipped if d["schedules"]]
    assert len(scheduled) == 4
    assert all(d["concurrency_limit"]["limit"] == ONE.limit for d in scheduled)
    assert all(d["concurrency_limit"]["collision_strategy"] == "CANCEL_NEW" for d in scheduled)
    assert all(d["concurrency_limit"]["grace_period_seconds"] == ONE.grace_period_seconds for d in scheduled)
