"""The flow ``upkeep``: logs, integrity, backup with rotation, retention, optimise."""

from __future__ import annotations

import os
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from prefect import flow, get_run_logger
from prefect.artifacts import create_markdown_artifact
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows import lifeline, run, settings
from tocsin import bugs
from tocsin.archive import Archive
from tocsin.config import Config, reading
from tocsin.errors import ArchiveError

GB = 10**9
SOON = 3  # backups that must still fit, else it is time to warn
KEEP_ALERT_DAYS = 90  # of what was told about events that ended before
LOG_BYTES = 10_000_000  # of a log; of a longer one the last so many are set aside, and it begins anew


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
    """Look after the archive and the logs beside it; says what was done, and whether the archive is sound.

    Raises:
        ArchiveError: The archive is damaged past asking, or the backup cannot be written or read back.
    """
    rotated = [line for log in _logs(config) if (line := _rotate(log))]
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
    return done + rotated, True


def _backup(config: Config, archive: Archive, now: datetime) -> list[str]:
    """A new backup, which gets its name once it was read back; then the oldest beyond ``keep.backups`` go."""
    folder = _folder(config)
    backup, fresh = folder / f"tocsin-{now:%Y%m%d-%H%M%S}.db", folder / "tocsin.unread"
    archive.backup(fresh)
    wrong = _wrong_with(fresh)
    for beside in folder.glob(f"{fresh.name}-*"):
        beside.unlink()  # of the look at it: a backup is one file
    if wrong:
        bad = backup.with_suffix(".bad")
        for older in folder.glob("tocsin-*.bad"):
            older.unlink()
        fresh.rename(bad)
        raise ArchiveError(str(bad), f"the backup cannot be read back: {wrong}; look at the disk, older ones are kept")
    fresh.replace(backup)
    done = [f"integrity ok, backup {backup.name} ({backup.stat().st_size / 1e6:.1f} MB) written and read back"]
    for old in sorted(folder.glob("tocsin-*.db"))[: -config.keep.backups]:
        old.unlink()
        done.append(f"old backup {old.name} removed")
    return done


def _wrong_with(backup: Path) -> str:
    """Why a backup could not be put in the archive's place; "" where it could."""
    try:
        with Archive.open(backup) as copy:
            return next(iter(copy.check()), "")
    except ArchiveError as error:
        return error.detail


def _logs(config: Config) -> list[Path]:
    """The files that only grow: what ``serve`` and its children say, and the stacks of bugs."""
    return [*sorted(settings.home(config).glob("*.log")), config.archive.parent / bugs.FILE]


def _rotate(log: Path) -> str:
    """Set the end of a long log aside as ``.1``, over an older one, and empty it: its writers keep it open."""
    try:
        if not log.exists() or (size := log.stat().st_size) <= LOG_BYTES:
            return ""
        with log.open("rb") as whole:
            whole.seek(size - LOG_BYTES)
            log.with_name(f"{log.name}.1").write_bytes(whole.read(LOG_BYTES))
        os.truncate(log, 0)
    except OSError as exc:
        return f"{log.name} could not be set aside ({exc.strerror})"
    return f"{log.name} had {size / 1e6:.0f} MB: its end is in {log.name}.1"


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
