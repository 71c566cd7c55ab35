"""The flow ``poll``: due feeds in batches, then delivery, then what an operator reads."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import httpx  # what Prefect's client raises
from prefect import flow, tags
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.futures import PrefectFuture, as_completed
from prefect.runtime import flow_run
from prefect.states import Completed, Failed
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from flows import bugs, cockpit, lifeline, run, settings, tasks
from flows.pipeline import Settled
from tocsin.archive import Archive
from tocsin.config import Config, Feed, reading
from tocsin.errors import ArchiveError, ConfigError, TocsinError
from tocsin.model import RunReport
from tocsin.urls import masked

RED = 20  # feeds that get a red task of their own; when more are down, the network is: the table has them all


def _name() -> str:
    start = flow_run.scheduled_start_time or run.utc_now()
    return f"poll {start:%Y-%m-%d %H:%M:%S}"


# threads give futures of their own kind, which the decorator's declared type does not foresee
_THREADS = cast("TaskRunner[PrefectFuture[Any]]", ThreadPoolTaskRunner(max_workers=8))


@flow(name="poll", flow_run_name=_name, task_runner=_THREADS, persist_result=False, on_running=[lifeline.hold])
def poll(config_path: str) -> State[Any]:
    """Poll every due feed once, deliver what was found, publish the report; overlap ends at once, doing nothing."""
    started = run.utc_now()
    config = reading.load(Path(config_path))
    with Archive.open(config.archive) as archive, archive.lock("poll") as mine:
        if not mine:
            report = run.skipped(started, "another poll is running")
            return Completed(message=report.skipped, data=report)
        feeds = run.due(config, archive, now=started)
        settled = _batches(config, feeds)
        # a poll of no feed has a run only as a sign of life: no task run of its own, as in the flow deliver
        deliver = tasks.deliver if feeds else tasks.deliver.fn
        delivered = deliver(config_path, run.DELIVER_SECONDS)
        report = run.finish(config, archive, settled, delivered, started=started)
        cockpit.publish(config, archive, report)
    cockpit.tell_deliveries(config, delivered)
    cockpit.name_run(report)
    if report.feeds and all(feed.down for feed in report.feeds):
        return Failed(message=cockpit.headline(report), data=report)
    return Completed(message=cockpit.headline(report), data=report)


def _batches(config: Config, feeds: list[Feed]) -> list[Settled]:
    """Submit the feeds in batches, the longest waiting first; the feeds of one host share its turns and time-outs.

    Each feed that is down then ends as a failed task of its own: red in the run's page, and the run goes on.
    """
    batches = run.batches(feeds)
    futures = {tasks.poll_batch.submit(str(config.path), [feed.id for feed in batch]): batch for batch in batches}
    progress = cockpit.Progress(len(feeds) if len(batches) > 1 else 0)
    settled: list[Settled] = []
    for future in as_completed(list(futures)):
        settled += _of(future, futures[future], config)
        progress.show(len(settled))
    for each in [each for each in settled if each.run.down][:RED]:
        tasks.feed_down(each.run.feed, cockpit.why_down(each.run), return_state=True)
    return settled


def _of(future: PrefectFuture[list[Settled]], batch: Sequence[Feed], config: Config) -> list[Settled]:
    """What a batch settled; one that broke down is told for each of its feeds, and what the others found goes out."""
    found: Any = bugs.apart(lambda: future.result(raise_on_failure=False), "a batch", config)
    if isinstance(found, TocsinError):
        return [run.unsettled(feed, str(found), status=found.reason) for feed in batch]
    if isinstance(found, BaseException):
        found = bugs.noted(found, "a batch", config)
    if isinstance(found, bugs.Bug):
        return [run.unsettled(feed, found.words) for feed in batch]
    return cast("list[Settled]", found)


def poll_and_report(config: Config, *, say: Callable[[str], None] | None = None) -> RunReport:
    """Run the flow from a program and give its report back.

    Raises:
        ArchiveError: The flow ended without a report; its own words say why.
        ConfigError: The server that is to see the run cannot be reached, or refuses the password.
    """
    if api := os.environ.get("PREFECT_API_URL"):
        _ask(api)
    # the report tells which feeds are down and why; Prefect's own lines about their tasks stay in its UI
    logging.getLogger("prefect.task_runs").propagate = False
    with tags("tocsin"):
        state = poll(str(config.path), return_state=True)
    if say and state.message:
        say(state.message)
    report = state.result(raise_on_failure=False)
    if isinstance(report, RunReport):
        return report
    if isinstance(report, Exception):
        raise report
    raise ArchiveError(str(config.archive), f"the poll ended as {state.name}: {state.message}")


def _ask(api: str) -> None:
    """Ask the server for its version: what is wrong is told here, before Prefect calls it something else."""
    try:
        with get_client(sync_client=True) as client:
            client.raise_for_api_version_mismatch()
    except httpx.HTTPStatusError:  # 401; anything else, a connection refused too, is a RuntimeError
        mend = f"set {settings.AUTH} as where `tocsin serve` runs, in the environment or in .env"
        raise ConfigError(masked(api), f"Prefect's server asks for a password: {mend}; --direct does without") from None
    except RuntimeError as error:
        mend = "start it, or unset PREFECT_API_URL; --direct does without"
        raise ConfigError(masked(api), f"Prefect's server cannot be used ({error}): {mend}") from None
