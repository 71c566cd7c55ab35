"""The terminal channel: the whole alert, or two or three lines of it."""

from __future__ import annotations

import io

import pytest

from tests.fakes.alerts import AT, alert, delivery
from tocsin.alerts import labels
from tocsin.alerts.channels.terminal import Terminal
from tocsin.model import Ack, AlertReason


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


@pytest.mark.parametrize("language", labels.languages())
def test_who_looks_after_it_is_named(language: str) -> None:
    """In the reader's language; a name from outside is one clean line."""
    channel, out = Terminal(language=language, colour="never"), io.StringIO()
    channel.write_to(out)
    one = alert(AlertReason.CASUALTIES)
    ack = Ack(one.event.id, "Amal\x1b[31m\r\nBcc: x\u202e" + "l" * 100, AT)
    channel.send(delivery(one, acked=ack), committing=lambda: None)
    (line,) = [line for line in out.getvalue().splitlines() if "Amal" in line]
    assert labels.load(language).text["acked"].split("{by}")[0] in line
    assert not {"\x1b", "\r", "\u202e"} & set(line)
    assert len(line) < 140
