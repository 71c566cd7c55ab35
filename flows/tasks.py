"""Each task wraps one function: its name, its retries, its limits; no logic.

A task per batch of feeds, never per article: at a task per article the server's broker drops task
runs without a word, and the poll takes minutes. The outbox owns the retries of deliveries.
"""

from __future__ import annotations

from pathlib import Path

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.runtime import task_run
from prefect.states import Failed

from flows import run
from flows.pipeline import Settled
from tocsin.alerts.dispatch import DispatchReport
from tocsin.archive import Archive
from tocsin.config import reading


def _batch_name() -> str:
    ids = task_run.parameters["feed_ids"]
    return f"poll {ids[0]}" + (f" and {len(ids) - 1} more" if len(ids) > 1 else "")


@task(
    name="poll-feeds",
    task_run_name=_batch_name,
    tags=["tocsin", "feeds"],
    cache_policy=NO_CACHE,
    persist_result=False,
)
def poll_batch(config_path: str, feed_ids: list[str]) -> list[Settled]:
    """Poll a batch of feeds; one bad feed never fails the batch."""
    logger = get_run_logger()
    config = reading.load(Path(config_path))
    wanted = [feed for feed in config.feeds if feed.id in set(feed_ids)]
    settled = run.poll_feeds(config, wanted)
    for each in settled:
        if not each.run.down:  # those have a task of their own, which says it
            logger.info(run.line(each))
    return settled


@task(
    name="feed-down",
    task_run_name="down: {feed}",
    tags=["tocsin", "feeds"],
    cache_policy=NO_CACHE,
    persist_result=False,
)
def feed_down(feed: str, why: str) -> State[None]:  # noqa: ARG001 the task's name
    """A feed that could not be read, as a red bar in the run; it fails nothing else."""
    return Failed(message=why)


@task(name="deliver", task_run_name="deliver", tags=["tocsin", "alerts"], cache_policy=NO_CACHE, persist_result=False)
def deliver(config_path: str, seconds: float) -> DispatchReport | None:
    """Empty the outbox."""
    config = reading.load(Path(config_path))
    with Archive.open(config.archive) as archive:
        return run.deliver(config, archive, seconds=seconds)
