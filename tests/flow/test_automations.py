"""The shipped automations on a real server: silence, shortened, and a run whose process is gone, in its own time."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from uuid import uuid4

import pytest

from flows.run import utc_now
from tests.fakes.serving import TOCSIN, Served, until
from tests.flow.test_one_poll import SlowOutlet, _make_due
from tests.flow.test_pipeline import ROCKETS, _config

SILENT_SECONDS = 20


@pytest.mark.flow
@pytest.mark.torture
def test_silence_is_told_once_and_a_zombie_ends_as_crashed(tmp_path: Path) -> None:
    """No poll after one that ended well: one notice. A run outside the runner, killed: crashed within two minutes."""
    with SlowOutlet([ROCKETS]) as outlet:
        config = _config(tmp_path, outlet.address)
        assert config.path is not None
        text = config.path.read_text(encoding="utf-8")
        config.path.write_text(text + "schedule: {poll_minutes: 60, deliver_minutes: 60}\n", encoding="utf-8")
        with Served(config.path, PREFECT_RUNNER_POLL_FREQUENCY="2") as served:
            until("the first poll", lambda: served.runs("poll", "COMPLETED"))
            _shorten(served, "Tocsin: no successful poll")
            outlet.delay = 12.0
            _make_due(config, utc_now())
            words = [*TOCSIN, "run", "--config", str(config.path)]
            zombie = subprocess.Popen(words, env=served.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            (running,) = until("the run outside", lambda: served.runs("poll", "RUNNING"), 60)
            time.sleep(3.0)  # its first heartbeat
            zombie.kill()
            zombie.wait()
            killed = time.monotonic()
            outlet.delay = 0.0
            good = served.start_run("poll")
            until("a good poll", lambda: served.state(good)["type"] == "COMPLETED", 60)  # and silence from here on
            until("the zombie's end", lambda: served.state(running["id"])["type"] == "CRASHED", 150)
            took = time.monotonic() - killed
            assert "No heartbeat" in served.state(running["id"])["message"]
            told = until("the notice", lambda: _silences(served), 60)
            time.sleep(SILENT_SECONDS)
            assert _silences(served) == told
    print(f"\nzombie marked crashed {took:.0f} s after its kill; {told}")  # noqa: T201 what docs/running.md quotes
    assert took < 130


def _shorten(served: Served, name: str) -> None:
    """Let an automation wait for seconds where it waits for minutes; all else as it ships."""
    (shipped,) = [each for each in served.ask("automations/filter", {}) if each["name"] == name]
    words = {key: value for key, value in shipped.items() if key not in {"id", "created", "updated"}}
    words["trigger"] = {**words["trigger"], "id": str(uuid4()), "within": SILENT_SECONDS}
    served.ask(f"automations/{shipped['id']}", method="DELETE")  # a window that is open would keep its length
    served.ask("automations/", words)


def _silences(served: Served) -> list[str]:
    messages = [run["state"]["message"] for run in served.runs("notice", "FAILED")]
    return [message for message in messages if message.startswith("no successful poll")]
