"""The runner of ``tocsin serve``: every deployment with its schedule from config.yaml, and the automations.

At most one run of each, a later one is cancelled: the archive's own lock has the last word, since
the server frees the slot of a killed run only when its lease ends.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import httpx  # what Prefect's client raises
from prefect import Flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.deployments.runner import RunnerDeployment
from prefect.exceptions import TerminationSignal
from prefect.runner import Runner
from prefect.schedules import Cron, Interval, Schedule
from prefect.types.entrypoint import EntrypointType

from flows import automations, leftovers, lifeline, lookout
from flows.brief import brief
from flows.deliver import deliver
from flows.notice import notice
from flows.poll import poll
from flows.run import utc_now
from flows.upkeep import upkeep
from tocsin.config import Config, reading
from tocsin.errors import ArchiveError, ConfigError

STEADY = "UTC"  # of intervals: in a zone with summer time Prefect leaves out the hour that comes twice
LEASE_SECONDS = 60  # from the slot of a run that is not yet running; a running one renews its own
ONE = ConcurrencyLimitConfig(
    limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW, grace_period_seconds=LEASE_SECONDS
)
QUIET_MINUTES = 15  # between deliveries that nothing asked for: they show that the way is open
log = logging.getLogger(__name__)


def deployments(config: Config, *, now: datetime) -> list[RunnerDeployment]:
    """All deployments of this configuration; ``notice`` has no schedule, the automations start it."""
    when = config.schedule
    zone = when.timezone
    schedules: list[tuple[Flow[..., Any], Schedule | None]] = [
        (poll, Interval(timedelta(minutes=when.poll_minutes), anchor_date=now, timezone=STEADY)),
        (
            deliver,
            Interval(timedelta(minutes=max(QUIET_MINUTES, when.deliver_minutes)), anchor_date=now, timezone=STEADY),
        ),
        (brief, Cron(when.brief, timezone=zone)),
        (upkeep, Cron(when.upkeep, timezone=zone)),
        (notice, None),
    ]
    made = [
        flow.to_deployment(
            name="tocsin",
            schedule=schedule,
            concurrency_limit=ONE if schedule else None,
            parameters={"config_path": str(config.path)},
            tags=["tocsin"],
            description=(flow.__doc__ or "").strip(),
            entrypoint_type=EntrypointType.MODULE_PATH,
        )
        for flow, schedule in schedules
    ]
    return [one for one in made if isinstance(one, RunnerDeployment)]  # coroutines only where a loop runs


def register(runner: Runner, config: Config, *, now: datetime) -> UUID:
    """Tell the server of all deployments and automations, and clear what an earlier runner left.

    Gives the deployment of ``deliver``, for ``look``.
    """
    # coroutines only where a loop runs
    ids = {made.flow_name: cast(UUID, runner.add_deployment(made)) for made in deployments(config, now=now)}
    with get_client(sync_client=True) as client:
        for name in leftovers.clear(client, ids.values()):
            log.warning("%s: left by an earlier runner, marked as crashed", name)
        automations.install(client, notice=ids["notice"], poll_minutes=config.schedule.poll_minutes)
        # the first poll at once: the schedule gives it an interval from now
        client.create_flow_run_from_deployment(ids["poll"], idempotency_key=f"first {now:%Y-%m-%d %H:%M}")
    return ids["deliver"]


def look(path: Path, delivery: UUID) -> None:
    """Start a delivery if there is anything to send; what cannot be looked at or started now is so at the next look."""
    try:
        if lookout.due(reading.load(path), now=utc_now()):
            with get_client(sync_client=True) as client:
                client.create_flow_run_from_deployment(delivery)
    except (ArchiveError, ConfigError, httpx.HTTPError) as error:
        log.warning("no look at what is to be delivered: %s", error)


def _look_out(path: Path, seconds: float, delivery: UUID) -> None:
    try:
        while True:
            time.sleep(seconds)
            look(path, delivery)
    finally:
        os.kill(os.getpid(), signal.SIGTERM)  # a bug: `serve` starts the runner again, and it looks again


def main() -> None:
    """Serve until told to stop; the schedules stay on."""
    config = reading.load(Path(sys.argv[1]))
    os.environ[lifeline.RUNNER] = str(os.getpid())
    runner = Runner(name="tocsin", pause_on_shutdown=False)
    delivery = register(runner, config, now=utc_now())
    looks = (Path(sys.argv[1]), 60.0 * config.schedule.deliver_minutes, delivery)
    threading.Thread(target=_look_out, args=looks, name="lookout", daemon=True).start()
    try:
        asyncio.run(runner.start())
    except (KeyboardInterrupt, TerminationSignal):
        log.info("told to stop")


if __name__ == "__main__":
    main()
