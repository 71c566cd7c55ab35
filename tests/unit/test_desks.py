"""The demo's Slack and mail server as processes of their own, the page of the channel, and the signed webhook."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from demo import desk_view
from demo.desk_slack import SlackDesk, messages
from tests.fakes import alerts
from tests.fakes.sink import HttpSink
from tocsin.alerts.channels import build
from tocsin.config import ChannelSpec
from tocsin.errors import DeliveryError

ROOT = Path(__file__).parents[2]


def nothing() -> None:
    """A committing mark that nobody keeps."""


@contextmanager
def running(module: str, *args: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """A desk in another process, and the addresses that it printed."""
    command = [sys.executable, "-m", module, "--port", "0", *args]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout
        try:
            yield process, process.stdout.readline().split()
        finally:
            process.kill()


def test_a_killed_desk_keeps_what_it_accepted(tmp_path: Path) -> None:
    record = tmp_path / "slack.jsonl"
    with running("demo.desk_slack", "--record", str(record)) as (process, (api_url, hook_url)):
        channel = build("d", ChannelSpec(kind="slack", token="xoxb-demo", channel="#iraq-desk", api_url=api_url))
        channel.send(alerts.delivery(), committing=nothing)
        build("d", ChannelSpec(kind="slack-webhook", url=hook_url)).send(alerts.delivery(), committing=nothing)
        os.kill(process.pid, signal.SIGKILL)
    assert len(messages(record)) == 2


def test_a_mail_desk_with_faults_by_rate(tmp_path: Path) -> None:
    record = tmp_path / "mail.jsonl"
    with running("demo.desk_smtp", "--record", str(record), "--fault", "greylist=1") as (_, (url,)):
        block = {"kind": "email", "smtp": url, "from": "a@example.org", "to": "b@example.org"}
        with pytest.raises(DeliveryError, match="SMTP 450"):
            build("d", ChannelSpec(**block)).send(alerts.delivery(), committing=nothing)
    assert not record.exists()


def test_a_fault_that_is_not_known_is_named(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no fault 'oops'; the faults are: greylist"):
        __import__("demo.desk_smtp").desk_smtp.main(["--record", str(tmp_path / "x"), "--fault", "oops=1"])


def test_the_desk_asks_for_a_pause_as_slack_does(tmp_path: Path) -> None:
    with SlackDesk(tmp_path / "slack.jsonl", per_second=1.0) as desk:
        block = {"kind": "slack", "token": desk.token, "channel": "#iraq-desk", "api_url": desk.api_url}
        channel = build("d", ChannelSpec(**block))
        channel.send(alerts.delivery(), committing=nothing)
        with pytest.raises(DeliveryError) as caught:
            channel.send(alerts.delivery(id=2), committing=nothing)
    assert (caught.value.retry_after, caught.value.sure) == (1.0, True)


def test_the_page_shows_threads_and_edits_and_nothing_acts_in_it(tmp_path: Path) -> None:
    with SlackDesk(tmp_path / "slack.jsonl") as desk:
        block = {"kind": "slack", "token": desk.token, "channel": "#iraq-desk", "api_url": desk.api_url}
        channel = build("d", ChannelSpec(**block))
        thread = channel.send(alerts.delivery(), committing=nothing).thread
        channel.send(alerts.delivery(alerts.update(), id=2, thread=thread), committing=nothing)
        channel.send(alerts.delivery(alerts.hostile(), id=3), committing=nothing)
    html = desk_view.page(tmp_path / "slack.jsonl")
    assert html.count("<article") == 3
    assert "1 reply" in html
    assert "(edited)" in html
    assert "<script" not in html
    assert 'href="javascript' not in html


def test_the_page_of_an_empty_channel(tmp_path: Path) -> None:
    desk_view.main([str(tmp_path / "none.jsonl"), str(tmp_path / "out.html")])
    assert "No message yet." in (tmp_path / "out.html").read_text(encoding="utf-8")


def test_a_webhook_is_signed_and_keyed() -> None:
    with HttpSink() as sink:
        channel = build("d", ChannelSpec(kind="webhook", url=sink.url, secret="shared"))
        for _ in range(2):
            channel.send(alerts.delivery(), committing=nothing)
        made = (alerts.delivery(), alerts.delivery(id=2))
        channel.send_digest(made, committing=nothing)
        channel.send_digest(made[::-1], committing=nothing)
    headers, body = sink.got[0]
    assert headers["X-Tocsin-Signature"] == "sha256=" + hmac.new(b"shared", body, hashlib.sha256).hexdigest()
    assert json.loads(body)["alerts"][0]["event"] == "ev-taji-1"
    keys = [headers["Idempotency-Key"] for headers, _ in sink.got]
    assert keys[0] == keys[1] == alerts.delivery().idem
    assert keys[2] == keys[3] != keys[0]


def test_a_webhook_without_a_secret_is_not_signed_and_follows_no_redirect() -> None:
    with HttpSink() as sink:
        channel = build("d", ChannelSpec(kind="webhook", url=sink.url))
        for status in (302, 308):
            sink.orders.append(status)
            with pytest.raises(DeliveryError, match=f"HTTP {status}"):
                channel.send(alerts.delivery(), committing=nothing)
        sink.orders.append(429)
        with pytest.raises(DeliveryError) as caught:
            channel.send(alerts.delivery(), committing=nothing)
        assert caught.value.retry_after == 7
        channel.send(alerts.delivery(), committing=nothing)
    (only,) = sink.got
    assert "X-Tocsin-Signature" not in only[0]
