"""The flow ``deliver``: empties the outbox between polls; what failed comes back later."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows import lifeline, run, tasks


@flow(
    name="deliver",
    flow_run_name=lambda: f"deliver {run.utc_now():%Y-%m-%d %H:%M:%S}",
    persist_result=False,
    on_running=[lifeline.hold],
)
def deliver(config_path: str, seconds: float = 50.0) -> State[Any]:
    """Send what is due; a second delivery at the same time ends at once."""
    report = tasks.deliver(config_path, seconds)
    if report is None:
        return Completed(message="another delivery is running")
    waiting = f"{report.sent} sent, {report.waiting} waiting"
    bad = report.failed + report.dead
    return Completed(message=waiting + (f", {bad} failed" if bad else ""))
