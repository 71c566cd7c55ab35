"""When the runner starts a delivery: only when a message can be sent now."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from flows import lookout, run
from tests.fakes.alerts import alert
from tests.flow.test_pipeline import _config
from tocsin.archive import Archive
from tocsin.archive.outbox import Outbox
from tocsin.config import Config
from tocsin.model import DeliveryState, Planned

NOW = run.utc_now()
LATER = NOW + timedelta(hours=1)


def _enqueue(planned: Planned) -> Callable[[Archive], object]:
    return lambda archive: Outbox(archive).enqueue(alert(), [planned], now=NOW)


def _put_off(archive: Archive) -> None:
    _enqueue(Planned("terminal", "stderr"))(archive)
    (waiting,) = Outbox(archive).waiting("terminal", now=NOW)
    Outbox(archive).mark([waiting.id], DeliveryState.PENDING, error="later", not_before=LATER)


def _sending(archive: Archive) -> None:
    _enqueue(Planned("terminal", "stderr"))(archive)
    Outbox(archive).claim([Outbox(archive).waiting("terminal", now=NOW)[0].id], now=NOW)


@pytest.mark.parametrize(
    ("before", "due"),
    [
        pytest.param(lambda _: None, False, id="nothing was ever to be sent"),
        pytest.param(_enqueue(Planned("terminal", "stderr")), True, id="an alert that is due"),
        pytest.param(_enqueue(Planned("terminal", "stderr", held_until=LATER)), False, id="held for quiet hours"),
        pytest.param(_enqueue(Planned("terminal", "stderr", DeliveryState.SILENCED)), False, id="silenced"),
        pytest.param(_enqueue(Planned("gone", "#desk")), False, id="waits for a channel that is off"),
        pytest.param(_put_off, False, id="failed, to be tried later"),
        pytest.param(_sending, True, id="left in the middle by a process that died"),
    ],
)
def test_due(config: Config, before: Callable[[Archive], object], due: bool) -> None:
    """What waits on purpose, or in vain, starts no run."""
    with Archive.open(config.archive) as archive:
        before(archive)
    assert lookout.due(config, now=NOW) is due


def test_what_waits_is_due_when_its_time_comes(config: Config) -> None:
    """Held messages at the end of the hold, failed ones at the end of their pause."""
    with Archive.open(config.archive) as archive:
        _put_off(archive)
    assert not lookout.due(config, now=LATER - timedelta(seconds=1))
    assert lookout.due(config, now=LATER)


def test_a_delivery_at_work_is_left_alone(config: Config) -> None:
    """It sends what there is; no second run."""
    with ExitStack() as stack:
        archive = stack.enter_context(Archive.open(config.archive))
        _enqueue(Planned("terminal", "stderr"))(archive)
        stack.enter_context(archive.lock("deliver"))
        assert not lookout.due(config, now=NOW)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """Of one terminal channel; nothing was polled yet."""
    return _config(tmp_path, "http://127.0.0.1:9")
