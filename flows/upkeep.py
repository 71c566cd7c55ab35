"""The flow ``upkeep``: integrity, backup with rotation, retention, optimise."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from prefect import flow, get_run_logger
from prefect.artifacts import create_markdown_artifact
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows import lifeline, run
from tocsin import settings
from tocsin.archive import Archive
from tocsin.archive.orders import Orders
from tocsin.config import Config

KEEP_DAYS = 365
KEEP_ALERT_DAYS = 90  # of what was told about events that ended before
KEEP_BACKUPS = 7
LOW_DISK = 2 * 1024**3  # bytes


@flow(
    name="upkeep",
    flow_run_name=lambda: f"upkeep {run.utc_now():%Y-%m-%d}",
    persist_result=False,
    on_running=[lifeline.hold],
)
def upkeep(config_path: str) -> State[Any]:
    """Check, back up, prune and optimise the archive; a broken archive fails the run and is not backed up over."""
    config = settings.load(Path(config_path))
    done, healthy = care(config, now=run.utc_now())
    for line in done:
        get_run_logger().info(line)
    create_markdown_artifact("\n".join(f"- {line}" for line in done), key="upkeep", description="What upkeep did")
    return Completed(message=done[0]) if healthy else Failed(message=done[0])


def care(config: Config, *, now: datetime) -> tuple[list[str], bool]:
    """Look after the archive; says what was done, and whether it is sound."""
    with Archive.open(config.archive) as archive:
        problems = archive.check()
        if problems:
            return [f"archive damaged: {problems}; restore the newest file of {_folder(config)}"], False
        backup = _folder(config) / f"tocsin-{now:%Y%m%d-%H%M%S}.db"
        backup.parent.mkdir(parents=True, exist_ok=True)
        archive.backup(backup)
        done = [f"integrity ok, backup {backup.name} ({backup.stat().st_size / 1e6:.1f} MB)"]
        for old in sorted(backup.parent.glob("tocsin-*.db"))[:-KEEP_BACKUPS]:
            old.unlink()
            done.append(f"old backup {old.name} removed")
        done.append(f"{archive.prune(now - timedelta(days=KEEP_DAYS))} articles older than {KEEP_DAYS} days removed")
        forgotten = Orders(archive).prune(now - timedelta(days=KEEP_ALERT_DAYS))
        done.append(f"{forgotten} deliveries about events that ended {KEEP_ALERT_DAYS} days ago removed")
        archive.optimise()
    free = shutil.disk_usage(config.archive.parent).free
    if free < LOW_DISK:
        done.append(f"only {free / 1e9:.1f} GB of disk left beside the archive: make room")
    return done, True


def _folder(config: Config) -> Path:
    return config.archive.parent / "backups"
