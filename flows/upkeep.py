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
from tocsin.archive import Archive
from tocsin.config import Config, reading
from tocsin.errors import ArchiveError

GB = 10**9
SOON = 3  # backups that must still fit, else it is time to warn
KEEP_ALERT_DAYS = 90  # of what was told about events that ended before


@flow(
    name="upkeep",
    flow_run_name=lambda: f"upkeep {run.utc_now():%Y-%m-%d}",
    persist_result=False,
    on_running=[lifeline.hold],
)
def upkeep(config_path: str) -> State[Any]:
    """Check, back up, prune and optimise the archive; a broken archive fails the run and is not backed up over."""
    config = reading.load(Path(config_path))
    done, healthy = care(config, now=run.utc_now())
    for line in done[1:]:  # the first is the state's message
        get_run_logger().info(line)
    create_markdown_artifact("\n".join(f"- {line}" for line in done), key="upkeep", description="What upkeep did")
    return Completed(message=done[0]) if healthy else Failed(message=done[0])


def care(config: Config, *, now: datetime) -> tuple[list[str], bool]:
    """Look after the archive; says what was done, and whether it is sound."""
    with Archive.open(config.archive) as archive:
        problems = archive.check()
        if problems:
            return [f"archive damaged: {problems}; restore the newest file of {_folder(config)}"], False
        if not room(config, config.archive.stat().st_size):
            return [f"no backup: {_left(config)}; make room, nothing was removed"], False
        done = _backup(config, archive, now)
        gone = archive.prune(now - timedelta(days=config.keep.articles_days), _by_feed(config, now))
        done.append(f"{gone} articles older than {config.keep.articles_days} days, or than their feed keeps, removed")
        forgotten = archive.prune_alerts(now - timedelta(days=KEEP_ALERT_DAYS))
        done.append(f"{forgotten} deliveries about events that ended {KEEP_ALERT_DAYS} days ago removed")
        archive.optimise()
        size = config.archive.stat().st_size
    if not room(config, SOON * size):
        done.insert(0, f"{_left(config)}, room for fewer than {SOON} more backups: make room before it is too late")
    return done, True


def _backup(config: Config, archive: Archive, now: datetime) -> list[str]:
    """A new backup, opened once to see that it can be; then the oldest beyond ``keep.backups`` go."""
    backup = _folder(config) / f"tocsin-{now:%Y%m%d-%H%M%S}.db"
    archive.backup(backup)
    with Archive.open(backup) as copy:
        wrong = copy.check()
    if wrong:
        raise ArchiveError(str(backup), f"the backup cannot be read back: {wrong[0]}; look at the disk")
    done = [f"integrity ok, backup {backup.name} ({backup.stat().st_size / 1e6:.1f} MB) written and read back"]
    for old in sorted(backup.parent.glob("tocsin-*.db"))[: -config.keep.backups]:
        old.unlink()
        done.append(f"old backup {old.name} removed")
    for beside in (*backup.parent.glob("tocsin-*.db-wal"), *backup.parent.glob("tocsin-*.db-shm")):
        beside.unlink()  # of the look at it: a backup is one file
    return done


def room(config: Config, wanted: int) -> bool:
    """True when the disk of the archive holds ``wanted`` bytes more and ``keep.free_disk_gb`` stay free."""
    return shutil.disk_usage(config.archive.parent).free - wanted >= config.keep.free_disk_gb * GB


def _left(config: Config) -> str:
    free = shutil.disk_usage(config.archive.parent).free
    return f"only {free / GB:.1f} GB of disk left beside the archive of {config.archive.stat().st_size / GB:.1f} GB"


def _by_feed(config: Config, now: datetime) -> dict[str, datetime]:
    return {feed.id: now - timedelta(days=feed.keep_days) for feed in config.feeds if feed.keep_days}


def _folder(config: Config) -> Path:
    return config.archive.parent / "backups"
