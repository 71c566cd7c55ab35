"""The flow ``brief``: the situation brief of the last 24 hours, as an artifact and as a file."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from prefect import flow
from prefect.artifacts import create_markdown_artifact
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows import cockpit, lifeline, run
from tocsin.archive import Archive
from tocsin.config import Config, reading
from tocsin.model import Event


@flow(
    name="brief",
    flow_run_name=lambda: f"brief {run.utc_now():%Y-%m-%d}",
    persist_result=False,
    on_running=[lifeline.hold],
)
def brief(config_path: str) -> State[Any]:
    """Write the brief."""
    config = reading.load(Path(config_path))
    now = run.utc_now()
    text, count = write(config, now=now)
    folder = config.archive.parent / "briefs"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{now:%Y-%m-%d}.md").write_text(text, encoding="utf-8")
    create_markdown_artifact(text, key="brief", description=f"{count} events in 24 hours")
    return Completed(message=f"{count} events in 24 hours")


def write(config: Config, *, now: datetime) -> tuple[str, int]:
    """The brief in markdown, gravest events first, and how many events it tells of."""
    since = now - timedelta(hours=24)
    with Archive.open(config.archive) as archive:
        found = [e for watch in config.watches for e in archive.open_events(watch.id, since) if e.last_seen >= since]
    found.sort(key=lambda event: (-event.severity.rank, event.first_seen))
    lines = [f"# Situation brief, {now:%d %B %Y %H:%M} UTC", "", _counts(found), ""]
    for event in found:
        links = ", ".join(cockpit.link(source) for source in event.sources[:5])
        lines.append(f"- **{event.severity.value}** {cockpit.text(event.gist)} · {links}")
    return "\n".join(lines) + "\n", len(found)


def _counts(found: list[Event]) -> str:
    if not found:
        return "No event was flagged in the last 24 hours."
    by = Counter(event.severity.value for event in found)
    return f"{len(found)} events: " + ", ".join(f"{n} {name}" for name, n in by.most_common())
