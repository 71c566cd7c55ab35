"""The terminal channel: the whole alert, or two or three lines of it."""

from __future__ import annotations

import io

import pytest

from tests.fakes.alerts import alert, delivery
from tocsin.alerts.channels.terminal import Terminal


@pytest.mark.parametrize(
    ("brief", "least", "most"), [pytest.param(False, 12, 80, id="whole"), pytest.param(True, 2, 4, id="brief")]
)
def test_how_much_is_said(brief: bool, least: int, most: int) -> None:
    """Both tell severity, gist and an address; only the whole one quotes the evidence."""
    channel, out = Terminal(brief=brief), io.StringIO()
    channel.write_to(out)
    one = alert()
    channel.send(delivery(one), committing=lambda: None)
    shown = out.getvalue()
    assert least <= len([line for line in shown.splitlines() if line.strip()]) <= most
    assert one.event.severity.value.upper() in shown
    assert one.event.sources[0].url in shown
    assert ("“" in shown) is not brief
