"""What ties a run to the runner that started it: when the runner is gone, the run ends too.

A runner that is killed leaves its runs behind as orphans. They would poll on unseen while the next
runner starts its own; the archive's lock keeps the two apart, but the new poll would find nothing to do.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import Any

from prefect import Flow
from prefect.client.schemas.objects import FlowRun, State

RUNNER = "TOCSIN_RUNNER"  # the process id of the runner, in the environment of what it starts
LOOK_SECONDS = 1.0


def hold(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:  # noqa: ARG001 Prefect's signature
    """Hook ``on_running``: end this process with the runner; a run that another program started is left alone."""
    if os.environ.get(RUNNER) == str(os.getppid()):
        threading.Thread(target=_watch, args=(os.getppid(),), name="lifeline", daemon=True).start()


def _watch(runner: int) -> None:
    while os.getppid() == runner:
        time.sleep(LOOK_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)  # an orderly end: open transactions are rolled back, the state is told
