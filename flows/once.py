"""One poll of all due feeds for whoever asks: through Prefect, or directly with the same steps."""

from __future__ import annotations

import os

from flows import run, settings
from tocsin.config import Config
from tocsin.model import RunReport


def poll(config: Config, *, direct: bool = False, restored: bool = False, say: run.Say | None = None) -> RunReport:
    """Poll every due feed once, deliver what was found, and report.

    Args:
        direct: Without Prefect, which is not even imported then.
        restored: As for ``run.poll_direct``, which it implies.
    """
    if direct or restored:
        return run.poll_direct(config, restored=restored, say=say)
    settings.apply(config)
    if say and "PREFECT_API_URL" not in os.environ:
        say("Starting Prefect's temporary server: some ten seconds (--direct does without) ...")
    from flows.poll import poll_and_report

    return poll_and_report(config, say=say)
