"""Slack with a bot token against a Slack on 127.0.0.1: threads, edits, look-ups, and what each answer means."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from demo.desk_slack import SlackDesk
from tests.fakes import alerts
from tocsin.alerts.channels import build
from tocsin.alerts.channels.base import Channel
from tocsin.config import ChannelSpec
from tocsin.errors import DeliveryError
from tocsin.model import AlertReason, Delivery, Thread


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[SlackDesk]:
    with SlackDesk(tmp_path / "slack.jsonl") as running:
        yield running


def slack(desk: SlackDesk, **more: Any) -> Channel:
    settings = {"token": desk.token, "channel": "#iraq-desk", "api_url": desk.api_url, "timeout_seconds": 5, **more}
    return build("desk-slack", ChannelSpec(kind="slack", **settings))


def nothing() -> None:
    """A committing mark that nobody keeps."""


def delivery(alert: Any = None, n: int = 1, thread: Thread | None = None) -> Delivery:
    """Made now, as the history is asked from then on."""
    made = alerts.delivery(alert, id=n, thread=thread, recipient="#iraq-desk")
    return replace(made, created_at=datetime.now(UTC), claimed_at=datetime.now(UTC))


def test_an_update_replies_in_the_thread_and_edits_the_first_message(desk: SlackDesk) -> None:
    channel = slack(desk)
    first = channel.send(delivery(), committing=nothing)
    second = channel.send(delivery(alerts.update(), 2, first.thread), committing=nothing)
    root, reply = desk.messages()
    assert first.remote_id == f"C0IRAQDESK/{root['ts']}"
    assert second.thread == first.thread
    assert reply["thread_ts"] == root["ts"]
    assert "CRITICAL: Casualties changed" in root["text"]
    assert root["metadata"]["event_payload"] == {"idem": delivery().idem, "event": "ev-taji-1"}
    assert "edited" in root
    assert "unfurls" not in root


def test_the_key_is_in_metadata_and_in_client_msg_id(desk: SlackDesk) -> None:
    channel = slack(desk)
    for _ in range(2):
        channel.send(delivery(), committing=nothing)
    channel.send(delivery(n=2), committing=nothing)
    ids = [m["client_msg_id"] for m in desk.messages()]
    assert ids[0] == ids[1] != ids[2]


@pytest.mark.parametrize(
    ("reason", "seen_by_all"),
    [
        (AlertReason.ESCALATED, True),
        (AlertReason.WITHDRAWN, True),
        (AlertReason.CORRECTED, True),
        (AlertReason.CONFIRMED, False),
        (AlertReason.CASUALTIES, False),
    ],
)
def test_grave_news_in_a_thread_is_shown_in_the_channel_too(
    desk: SlackDesk, reason: AlertReason, seen_by_all: bool
) -> None:
    channel = slack(desk)
    thread = channel.send(delivery(), committing=nothing).thread
    channel.send(delivery(alerts.alert(reason), 2, thread), committing=nothing)
    assert bool(desk.messages()[1].get("reply_broadcast")) is seen_by_all


def test_an_edit_that_fails_costs_nothing(desk: SlackDesk) -> None:
    channel = slack(desk)
    thread = channel.send(delivery(), committing=nothing).thread
    desk.fail_next("", "500_before")
    receipt = channel.send(delivery(alerts.update(), 2, thread), committing=nothing)
    assert receipt.remote_id
    assert len(desk.messages()) == 2


def test_a_thread_whose_root_was_deleted_starts_anew(desk: SlackDesk) -> None:
    channel = slack(desk)
    gone = Thread("C0IRAQDESK/1000000000.000100")
    receipt = channel.send(delivery(alerts.update(), 2, gone), committing=nothing)
    (message,) = desk.messages()
    assert "thread_ts" not in message
    assert receipt.thread == Thread(f"C0IRAQDESK/{message['ts']}")


@pytest.mark.parametrize(
    ("code", "missing"),
    [("invalid_blocks", "blocks"), ("msg_blocks_too_long", "blocks"), ("metadata_too_large", "metadata")],
)
def test_what_slack_refuses_is_left_out_so_that_the_alert_goes_out(desk: SlackDesk, code: str, missing: str) -> None:
    desk.fail_next(f"error:{code}")
    slack(desk).send(delivery(), committing=nothing)
    (message,) = desk.messages()
    assert missing not in message
    assert "HIGH: First report" in message["text"]


def test_what_is_refused_even_so_is_given_up(desk: SlackDesk) -> None:
    desk.fail_next("error:invalid_blocks", "error:invalid_blocks")
    with pytest.raises(DeliveryError) as caught:
        slack(desk).send(delivery(), committing=nothing)
    assert (caught.value.retryable, caught.value.sure) == (False, True)


@pytest.mark.parametrize(
    ("fault", "retryable", "sure", "pause"),
    [
        ("429", True, True, 1.0),
        ("error:ratelimited", True, True, 30.0),
        ("fatal_error", True, False, None),
        ("error:internal_error", True, False, None),
        ("error:service_unavailable", True, False, None),
        ("error:request_timeout", True, False, None),
        ("error:duplicate_message_not_found", True, False, None),
        ("500_before", True, False, None),
        ("500_after", True, False, None),
        ("html", True, False, None),
        ("reset_before", True, False, None),
        ("reset_after", True, False, None),
        ("error:invalid_auth", True, True, 900.0),
        ("error:token_revoked", True, True, 900.0),
        ("error:not_in_channel", True, True, 900.0),
        ("error:channel_not_found", True, True, 900.0),
        ("error:is_archived", True, True, 900.0),
        ("error:missing_scope", True, True, 900.0),
        ("error:something_new", True, True, 900.0),
        ("error:no_text", False, True, None),
        ("error:msg_too_long", False, True, None),
    ],
)
def test_what_an_answer_means(desk: SlackDesk, fault: str, retryable: bool, sure: bool, pause: float | None) -> None:
    desk.fail_next(fault)
    with pytest.raises(DeliveryError) as caught:
        slack(desk).send(delivery(), committing=nothing)
    assert (caught.value.retryable, caught.value.sure, caught.value.retry_after) == (retryable, sure, pause)
    assert desk.calls == ["chat.postMessage"], "posted again by itself"


@pytest.mark.parametrize(("fault", "arrived"), [("hang", 0), ("hang_after", 1)])
def test_a_time_out_is_doubtful(desk: SlackDesk, fault: str, arrived: int) -> None:
    desk.fail_next(fault)
    began = time.monotonic()
    with pytest.raises(DeliveryError) as caught:
        slack(desk, timeout_seconds=0.3).send(delivery(), committing=nothing)
    assert (caught.value.retryable, caught.value.sure) == (True, False)
    assert time.monotonic() - began < 3
    assert len(desk.messages()) == arrived


@pytest.mark.parametrize("fault", ["500_after", "reset_after", "hang_after"])
@pytest.mark.parametrize("in_thread", [False, True])
def test_a_doubtful_message_that_arrived_is_found(desk: SlackDesk, fault: str, in_thread: bool) -> None:
    channel = slack(desk, timeout_seconds=0.5)
    thread = channel.send(delivery(n=9), committing=nothing).thread if in_thread else None
    doubtful = delivery(alerts.update(), 1, thread)
    assert channel.find(doubtful) is None
    desk.fail_next(fault)
    with pytest.raises(DeliveryError):
        channel.send(doubtful, committing=nothing)
    receipt = slack(desk).find(doubtful)  # by a process that knows nothing yet
    assert receipt
    assert receipt.remote_id == f"C0IRAQDESK/{desk.messages()[-1]['ts']}"
    assert receipt.thread == (thread or Thread(str(receipt.remote_id)))


def test_a_message_that_history_does_not_show_yet_is_the_reason_to_settle(desk: SlackDesk) -> None:
    desk.lag_seconds = 60.0
    channel = slack(desk)
    channel.send(delivery(), committing=nothing)
    assert channel.find(delivery()) is None
    desk.lag_seconds = 0.0
    assert channel.find(delivery())
    assert slack(desk).settle_seconds > 2 * 5 + 5


def test_the_look_up_reads_every_page(desk: SlackDesk) -> None:
    desk.page = 2
    channel = slack(desk)
    for n in range(1, 8):
        channel.send(delivery(n=n), committing=nothing)
    assert channel.find(delivery(n=1))
    assert desk.calls.count("conversations.history") == 4


def test_the_look_up_bears_a_clock_that_is_hours_fast(desk: SlackDesk) -> None:
    channel = slack(desk)
    made = replace(delivery(), created_at=datetime.now(UTC) + timedelta(hours=2))
    channel.send(made, committing=nothing)
    assert channel.find(made)


def test_a_channel_given_by_its_id_needs_no_list(desk: SlackDesk) -> None:
    channel = slack(desk, channel="C0IRAQDESK")
    channel.send(replace(delivery(), recipient="C0IRAQDESK"), committing=nothing)
    assert channel.find(replace(delivery(), recipient="C0IRAQDESK"))
    assert "conversations.list" not in desk.calls


def test_a_look_up_that_fails_is_not_an_answer(desk: SlackDesk) -> None:
    with pytest.raises(DeliveryError, match="no channel #elsewhere") as caught:
        slack(desk, channel="#elsewhere").find(replace(delivery(), recipient="#elsewhere"))
    assert caught.value.retryable
    with pytest.raises(DeliveryError, match="invalid_auth"):
        slack(desk, token="xoxb-wrong").find(delivery())


def test_a_digest_is_found_by_each_of_its_deliveries_and_is_nobodys_thread(desk: SlackDesk) -> None:
    channel = slack(desk)
    made = tuple(delivery(alerts.update(), n) for n in range(1, 31))
    receipt = channel.send_digest(made, committing=nothing)
    assert receipt.thread is None
    for one in made:
        found = channel.find(one)
        assert found == receipt
    assert channel.find(delivery(n=77)) is None


def test_the_clients_own_retry_is_off(desk: SlackDesk) -> None:
    """slack_sdk posts again after a reset unless told not to: with it, half of all resets double a message."""
    desk.fail_next("reset_after")
    with pytest.raises(DeliveryError):
        slack(desk).send(delivery(), committing=nothing)
    assert len(desk.messages()) == 1


def test_probe_names_the_workspace_or_what_is_wrong(desk: SlackDesk) -> None:
    assert "#iraq-desk is C0IRAQDESK" in slack(desk).probe("desk-slack")
    with pytest.raises(DeliveryError, match="desk-slack: invalid_auth"):
        slack(desk, token="xoxb-wrong").probe("desk-slack")
    with pytest.raises(DeliveryError, match="no channel #nowhere"):
        slack(desk, channel="#nowhere").probe("desk-slack")


def test_the_record_outlives_the_server(desk: SlackDesk) -> None:
    slack(desk).send(delivery(), committing=nothing)
    desk.stop()
    with SlackDesk(desk.record) as again:
        assert slack(again).find(delivery())


def test_slack_sdk_logs_no_token(desk: SlackDesk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    desk.fail_next("html")
    with pytest.raises(DeliveryError):
        slack(desk).send(delivery(), committing=nothing)
    assert desk.token not in caplog.text


def test_an_update_that_went_out_in_a_list_is_found_although_its_event_has_a_thread(desk: SlackDesk) -> None:
    """A list stands in the channel, in nobody's thread; looked for in the thread alone it would come twice."""
    channel = slack(desk)
    thread = channel.send(delivery(), committing=nothing).thread
    listed = (delivery(alerts.update(), 2, thread), delivery(n=3))
    channel.send_digest(listed, committing=nothing)
    found = channel.find(listed[0])
    assert found is not None
    assert found.thread == thread


def test_an_update_whose_thread_was_deleted_is_looked_for_in_the_channel(desk: SlackDesk) -> None:
    channel = slack(desk)
    update = delivery(alerts.update(), 2, Thread("C0IRAQDESK/1111.000001"))
    assert channel.find(update) is None
    sent = channel.send(update, committing=nothing)
    found = channel.find(update)
    assert found is not None
    assert found.remote_id == sent.remote_id
