"""The runner of ``tocsin serve``: every deployment with its schedule from config.yaml.

At most one run of each, a later one is cancelled: the archive's own lock has the last word, since
the server frees the slot of a killed run only minutes later.
"""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from prefect import Flow, serve
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.deployments.runner import RunnerDeployment
from prefect.schedules import Cron, Interval, Schedule
from prefect.types.entrypoint import EntrypointType

from flows.brief import brief
from flows.deliver import deliver
from flows.poll import poll
from flows.run import utc_now
from flows.upkeep import upkeep
from tocsin import settings
from tocsin.config import Config

ONE = ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW)


def deployments(config: Config, *, now: datetime) -> list[RunnerDeployment]:
    """All deployments of this configuration."""
    when = config.schedule
    zone = when.timezone
    soon = now + timedelta(seconds=5)  # the first poll at once, not an interval from now
    schedules: list[tuple[Flow[..., Any], Schedule]] = [
        (poll, Interval(timedelta(minutes=when.poll_minutes), anchor_date=soon, timezone=zone)),
        (deliver, Interval(timedelta(minutes=when.deliver_minutes), anchor_date=soon, timezone=zone)),
        (brief, Cron(when.brief, timezone=zone)),
        (upkeep, Cron(when.upkeep, timezone=zone)),
    ]
    made = [
        flow.to_deployment(
            name="tocsin",
            schedule=schedule,
            concurrency_limit=ONE,
            parameters={"config_path": str(config.path)},
            tags=["tocsin"],
            description=(flow.__doc__ or "").strip(),
            entrypoint_type=EntrypointType.MODULE_PATH,
        )
        for flow, schedule in schedules
    ]
    return [one for one in made if isinstance(one, RunnerDeployment)]  # coroutines only where a loop runs


def main() -> None:
    """Serve until told to stop; the schedules stay on."""
    config = settings.load(Path(sys.argv[1]))
    serve(*deployments(config, now=utc_now()), pause_on_shutdown=False, print_starting_message=False)


if __name__ == "__main__":
    main()
