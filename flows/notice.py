"""The flow ``notice``: an automation speaks to the operator, as a red run and as a line where ``serve`` runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Failed

from flows import lifeline
from tocsin.config import reading
from tocsin.text import clean_line

LONGEST = 300  # characters


@flow(
    name="notice",
    flow_run_name="notice: {subject}",
    persist_result=False,
    on_running=[lifeline.hold],
)
def notice(config_path: str, subject: str = "test", text: str = "nothing is wrong") -> State[Any]:
    """Tell the operator of trouble: it ends as failed on purpose, red in the list and seen by your automations."""
    reading.load(Path(config_path))
    line = clean_line(f"{subject}: {text}", LONGEST)
    print(f"NOTICE {line}", flush=True)  # noqa: T201 the runner's output is that of `tocsin serve`
    return Failed(message=line)
