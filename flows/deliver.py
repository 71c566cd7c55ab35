"""The flow ``deliver``: empties the outbox between polls; what failed comes back later."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows import cockpit, lifeline, run, tasks
from tocsin.config import reading


@flow(
    name="deliver",
    flow_run_name=lambda: f"deliver {run.utc_now():%Y-%m-%d %H:%M:%S}",
    persist_result=False,
    on_running=[lifeline.hold],
)
def deliver(config_path: str, seconds: float = 50.0) -> State[Any]:
    """Send what is due; a second delivery at the same time ends at once."""
    report = tasks.deliver.fn(config_path, seconds)  # no task run of its own: a run a minute fills Prefect's database
    cockpit.tell_deliveries(reading.load(Path(config_path)), report)
    if report is None:
        return Completed(message="another delivery is running")
    held = f", {report.held} of them held for a digest or quiet hours" if report.held else ""
    waiting = f"{report.sent} sent, {report.waiting} waiting{held}"
    bad = report.failed + report.dead
    return Completed(message=waiting + (f", {bad} failed" if bad else ""))
