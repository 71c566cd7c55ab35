"""What every channel kind keeps, whatever it sends through; a new kind is taken up by its line in channel_cases.py."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result
from pydantic import ValidationError

from tests.contract.channel_cases import CANARY, CASES, SPEAKS, Running, speaking
from tests.fakes import alerts
from tocsin import cli
from tocsin.alerts.channels import build, kinds, load
from tocsin.alerts.channels.base import Channel
from tocsin.alerts.labels import languages
from tocsin.config import ChannelSpec
from tocsin.errors import ConfigError, DeliveryError
from tocsin.model import Delivery, Severity


@pytest.fixture(params=kinds())
def running(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Running]:
    assert request.param in set(CASES) & set(SPEAKS), f"add {request.param} to tests/contract/channel_cases.py"
    with CASES[request.param](tmp_path) as case:
        yield case


def nothing() -> None:
    """A committing mark that nobody keeps."""


def deliver(case: Running, delivery: Delivery) -> None:
    """Send to the channel's first recipient."""
    case.channel.send(replace(delivery, recipient=case.channel.recipients()[0]), committing=nothing)


def test_an_alert_arrives_once_with_its_evidence(running: Running) -> None:
    deliver(running, alerts.delivery(alerts.update()))
    (message,) = running.received()
    for words in (
        "2 Katyusha rockets landed near",
        "Deux soldats irakiens ont",
        "https://news3.example.org/irak/3?lang=ar",
    ):
        assert words.replace(" ", "") in message.replace("\n", "").replace(" ", ""), words


def test_the_mark_comes_once_and_before_the_message(running: Running) -> None:
    seen: list[int] = []
    running.channel.send(alerts.delivery(), committing=lambda: seen.append(len(running.received())))
    assert (seen, len(running.received())) == ([0], 1)


def test_a_hostile_alert_still_goes_out_once(running: Running) -> None:
    deliver(running, alerts.delivery(alerts.hostile()))
    (message,) = running.received()
    for never in ("\x1b", "\u202e", "\u2066", 'href="javascript:', "<script>alert", "user:pw@"):
        if never == "<script>alert" and running.channel.kind != "email":
            continue  # inert in plain text, JSON and rich_text; the mail's HTML is looked at in its own test
        if never == "<script>alert":
            message = message[message.index("<!doctype") :]
        assert never not in message, never


def test_a_digest_lists_every_alert_the_gravest_first(running: Running) -> None:
    made = []
    for n in range(running.channel.digest_limit):
        severity = Severity.CRITICAL if n == 33 else Severity.LOW
        event = alerts.event(id=f"ev-{n}", gist=f"event number {n:03d} near Taji", severity=severity)
        made.append(alerts.delivery(alerts.alert(event=event), id=n + 1, recipient=running.channel.recipients()[0]))
    marks: list[int] = []
    running.channel.send_digest(tuple(made), committing=lambda: marks.append(1))
    (message,) = running.received()
    found = [message.find(f"event number {n:03d}") for n in range(len(made))]
    assert min(found) >= 0
    assert marks == [1]
    assert min(found) == found[33]


def test_a_hostile_digest_goes_out(running: Running) -> None:
    made = tuple(alerts.delivery(alerts.hostile(), id=n) for n in range(1, 51))
    running.channel.send_digest(made, committing=nothing)
    assert len(running.received()) == 1


@pytest.mark.parametrize("running", speaking("http"), indirect=True)
@pytest.mark.parametrize(
    "status", [300, 302, 400, 401, 403, 404, 408, 409, 410, 413, 418, 421, 423, 425, 429, 500, 502, 503, 504]
)
def test_every_http_status_has_a_meaning(running: Running, status: int) -> None:
    """429 and refusals are sure; after a 5xx nobody knows; only a refusal of the message itself is for good."""
    running.fail(f"http:{status}")
    with pytest.raises(DeliveryError) as caught:
        deliver(running, alerts.delivery())
    assert caught.value.retryable is (status not in (400, 413))
    assert caught.value.sure is (status < 500 and status not in (408, 409, 425))
    waits = caught.value.retry_after is not None and caught.value.retry_after >= 900
    assert waits is (status in (300, 302, 401, 403, 404, 410, 418))
    assert ("secret" in caught.value.detail) is (status in (401, 403, 404, 410))
    if status in (401, 403, 404, 410):
        assert caught.value.retry_after == 900
    assert running.received() == []


@pytest.mark.parametrize("running", speaking("smtp"), indirect=True)
@pytest.mark.parametrize(
    ("fault", "retryable", "pause"),
    [
        ("greet:421", True, None), ("greet:554", True, 900.0),
        ("mail:451", True, None), ("mail:550", True, 900.0), ("mail:530", True, 900.0),
        ("rcpt:421", True, None), ("rcpt:450", True, None), ("rcpt:452", True, None),
        ("rcpt:550", False, None), ("rcpt:553", False, None),
        ("data:451", True, None), ("data:554", False, None),
        ("dot:421", True, None), ("dot:452", True, None), ("dot:552", False, None), ("dot:554", False, None),
        ("reset_before", True, None),
    ],
)  # fmt: skip
def test_every_smtp_code_has_a_meaning(running: Running, fault: str, retryable: bool, pause: float | None) -> None:
    """4xx is later; 5xx is for good at the recipient and the content, and for a person to mend before them."""
    running.fail(fault)
    with pytest.raises(DeliveryError) as caught:
        deliver(running, alerts.delivery())
    assert (caught.value.retryable, caught.value.retry_after) == (retryable, pause)
    assert caught.value.sure is (fault != "reset_before")  # that reset comes after the final dot was sent
    assert running.received() == []


@pytest.mark.parametrize("running", speaking("http", "smtp"), indirect=True)
def test_a_reset_after_sending_is_doubtful(running: Running) -> None:
    running.fail("reset_after")
    with pytest.raises(DeliveryError) as caught:
        deliver(running, alerts.delivery())
    assert (caught.value.retryable, caught.value.sure) == (True, False)
    assert len(running.received()) == 1


@pytest.mark.parametrize("running", speaking("http", "smtp"), indirect=True)
def test_what_cannot_be_reached_surely_did_not_arrive(running: Running) -> None:
    with pytest.raises(DeliveryError) as caught:
        build("desk", ChannelSpec(**running.unreachable)).send(alerts.delivery(), committing=nothing)
    assert (caught.value.retryable, caught.value.sure) == (True, True)


def test_no_secret_in_any_word(running: Running, caplog: pytest.LogCaptureFixture) -> None:
    """Not in repr, errors, tracebacks or logs, whatever fails."""
    caplog.set_level(logging.DEBUG, logger="tocsin")
    words = [repr(running.channel), str(running.channel), running.channel.model_dump_json()]
    faults = {"http": ["http:500", "http:403", "reset_after"], "smtp": ["rcpt:550", "mail:530", "reset_after"], "": []}[
        SPEAKS[running.channel.kind]
    ]
    attempts: list[Channel] = [running.channel] * len(faults)
    if running.unreachable:
        attempts.append(build("desk", ChannelSpec(**running.unreachable)))
    for channel, fault in zip(attempts, [*faults, ""], strict=False):
        if fault:
            running.fail(fault)
        for act in (lambda c=channel: c.send(alerts.delivery(), committing=nothing), lambda c=channel: c.probe("desk")):
            try:
                words.append(repr(act()))
            except DeliveryError as exc:
                words += [str(exc), repr(exc), repr(exc.args), "".join(traceback.format_exception(exc))]
    for bad in ({"no_such_key": CANARY}, {"timezone": CANARY}, {"language": CANARY}, {"pace_seconds": CANARY}):
        try:
            build("desk", ChannelSpec(**{**running.settings, **bad}))
        except ConfigError as exc:
            words += [str(exc), "".join(traceback.format_exception(exc))]
        with pytest.raises(ValidationError) as caught:
            type(running.channel).model_validate({**running.settings, **bad})
        words.append(str(caught.value))
    words += [record.getMessage() for record in caplog.records]
    assert CANARY not in "\n".join(words)


@pytest.mark.parametrize("language", languages())
def test_preview_is_text_in_every_language(running: Running, language: str) -> None:
    channel = build("desk", ChannelSpec(**running.settings), language=language)
    for alert in (alerts.alert(), alerts.update(), alerts.withdrawn(), alerts.hostile()):
        text = channel.preview(alert)
        assert alert.event.gist[:10] in text
        assert not any(ord(char) < 32 and char != "\n" for char in text)


@pytest.mark.parametrize("key", ["language", "timezone"])
def test_a_language_or_zone_that_does_not_exist_is_named(running: Running, key: str) -> None:
    with pytest.raises(ConfigError, match=rf"alerts\.channels\.desk\.{key}"):
        build("desk", ChannelSpec(**{**running.settings, key: "Nowhere/Land"}))


@pytest.mark.parametrize("running", [kind for kind in kinds() if load(kind).can_look_up], indirect=True)
def test_a_doubtful_message_is_found_where_that_can_be(running: Running) -> None:
    delivery = replace(alerts.delivery(), recipient=running.channel.recipients()[0])
    assert running.channel.find(delivery) is None
    running.fail("reset_after")
    with suppress(DeliveryError):
        running.channel.send(delivery, committing=nothing)
    assert running.channel.find(delivery) is not None
    assert running.channel.find(replace(delivery, idem="another")) is None


@pytest.mark.parametrize(
    ("settings", "subject", "words"),
    [
        ({"kind": "slak"}, "alerts.channels.desk.kind", "did you mean slack?"),
        ({"kind": "../base"}, "alerts.channels.desk.kind", "email, slack, slack-webhook, terminal, webhook"),
        ({"kind": "base"}, "alerts.channels.desk.kind", "The kinds are"),
        ({"kind": "slack", "token": "xoxb-1"}, "alerts.channels.desk.channel", "is missing"),
        ({"kind": "slack", "token": "x", "channel": "iraq-desk"}, "alerts.channels.desk.channel", 'write "#iraq-desk"'),
        (
            {"kind": "slack", "token": "x", "channel": None},
            "alerts.channels.desk.channel",
            "begins with # needs quotes",
        ),
        ({"kind": "slack", "token": " ", "channel": "#a"}, "alerts.channels.desk.token", "is empty"),
        (
            {"kind": "slack", "token": "x", "channel": "#a", "chanel": 1},
            "alerts.channels.desk.chanel",
            "did you mean channel?",
        ),
        ({"kind": "slack-webhook", "url": "http://hooks.example.org/x"}, "alerts.channels.desk.url", "in clear"),
        ({"kind": "webhook", "url": "ftp://example.org"}, "alerts.channels.desk.url", "must be an https:// address"),
        (
            {"kind": "email", "smtp": "mail.example.org", "from": "a@example.org", "to": "b@example.org"},
            "alerts.channels.desk.smtp",
            "must be smtp://host:port",
        ),
        (
            {"kind": "email", "smtp": "smtp://localhost", "from": "a@example.org", "to": ["b@example.org", "c"]},
            "alerts.channels.desk.to.1",
            "is not a mail address",
        ),
        (
            {"kind": "email", "smtp": "smtp://localhost", "from": "a@example.org", "to": []},
            "alerts.channels.desk.to",
            "at least 1",
        ),
    ],
)
def test_a_bad_block_names_its_key_and_the_mend(settings: dict[str, object], subject: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        build("desk", ChannelSpec(**settings))
    assert caught.value.subject == subject
    assert words in caught.value.detail


@pytest.mark.parametrize("running", ["slack", "slack-webhook"], indirect=True)
@pytest.mark.parametrize("storm", [False, True], ids=["one", "a list"])
def test_what_slack_limits_is_kept(running: Running, storm: bool) -> None:
    """Block Kit's published limits, and the total that is not; the server would refuse, this says which."""
    if storm:
        running.channel.send_digest(
            tuple(alerts.delivery(alerts.hostile(), id=n) for n in range(1, 51)), committing=nothing
        )
    else:
        deliver(running, alerts.delivery(alerts.hostile()))
    message = json.loads(running.received()[0])
    limits = {"header": 150, "section": 3000, "context": 2000}
    todo, total = [(block, block["type"]) for block in message["blocks"]], 0
    assert (len(todo) <= 50, len(message["text"]) <= 4000) == (True, True)
    while todo:
        value, kind = todo.pop()
        text = value.get("text")
        if isinstance(text, str):
            total += len(text)
            assert 0 < len(text) <= limits.get(kind, 3000)
        assert len(value.get("fields", ())) <= 10
        assert all(len(each.get("text", "")) <= 2000 for each in value.get("fields", ()))
        assert value.get("type") != "link" or value["url"].startswith(("http://", "https://"))
        inner = [each for each in (text, *value.get("elements", ())) if isinstance(each, dict)]
        assert value.get("type") != "context" or len(inner) <= 10
        todo += [(each, kind) for each in inner]
    assert total < 13_000


def command(folder: Path, settings: dict[str, object], *words: str) -> Result:
    """``tocsin check`` with one channel."""
    config = folder / "config.yaml"
    block = {
        "archive": "t.db",
        "http": {"user_agent": "Tocsin/1.0 (+https://desk.example/)"},
        "alerts": {"channels": {"desk": settings}, "routes": [{"to": ["desk"]}]},
    }
    config.write_text(yaml.safe_dump(block, allow_unicode=True), encoding="utf-8")
    return CliRunner().invoke(cli.main, ["--config", str(config), "check", *words], catch_exceptions=False)


def test_a_test_alert_goes_out_by_the_command(running: Running, tmp_path: Path) -> None:
    """``tocsin check --send-test`` sends a real message and says what it was."""
    result = command(tmp_path, running.settings, "--send-test", "desk")
    assert result.exit_code == 0, result.output
    assert "Test alert sent through desk" in result.output
    text = running.received()[0] if running.channel.kind != "terminal" else result.output
    assert "this is a test alert" in text
    assert "Baghdad" in text


@pytest.mark.parametrize("running", speaking("http", "smtp"), indirect=True)
def test_a_test_alert_that_fails_says_why_and_no_secret(running: Running, tmp_path: Path) -> None:
    running.fail("http:403" if SPEAKS[running.channel.kind] == "http" else "smtp:mail:550")
    result = command(tmp_path, running.settings, "--send-test", "desk")
    assert result.exit_code == 1
    assert "desk: " in result.output
    assert CANARY not in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize("running", speaking("http", "smtp"), indirect=True)
def test_check_says_what_a_channel_promises(running: Running, tmp_path: Path) -> None:
    said = running.channel.probe("desk")
    assert CANARY not in said
    if running.channel.kind == "slack-webhook":
        assert "cannot thread, edit or promise once" in said
