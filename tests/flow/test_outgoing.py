"""A night at the desk, from article to a recording Slack: quiet hours, silences, reactions, escalation, operations.

Truth is what the Slack server holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from demo.desk_slack import SlackDesk
from flows import outgoing, run
from flows.pipeline import Desk
from tests.fakes.reports import CLASH, GREEN_ZONE, HAWIJA, IED, KIRKUK, KIRKUK_GOVERNORATE, article, assessment, facts
from tocsin.alerts import dispatch
from tocsin.archive import Archive
from tocsin.archive.backlog import Backlog
from tocsin.archive.orders import Orders
from tocsin.archive.outbox import Outbox
from tocsin.config import Config, reading
from tocsin.model import Ack, Facts, Severity, Silence

LOW, HIGH, CRITICAL = Severity.LOW, Severity.HIGH, Severity.CRITICAL
EVENING = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)  # 21:00 in Baghdad
NIGHT = EVENING + timedelta(hours=3)
MORNING = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


class Shift:
    """One desk over some hours: what comes in, what goes out, and what Slack has."""

    def __init__(self, archive: Archive, config: Config, slack: SlackDesk) -> None:
        self.archive, self.config, self.slack = archive, config, slack
        self.channels = run.open_channels(config)
        self.desk = Desk(archive, config, run.recipients(config))
        self._n = 0

    def report(
        self, now: datetime, severity: Severity, coded: Facts | None = None, *, title: str = "", apart: bool = False
    ) -> str:
        """An article comes in; the id of its event, which is a new one if it is said to be ``apart``."""
        self._n += 1
        hours = (now - EVENING).total_seconds() / 3600
        words = " ".join(f"word{self._n}x{i}" for i in range(60))  # like no other text
        title = title or f"Headline{self._n} of story{self._n} from town{self._n}"
        one = article(self._n, hours, title, text=words)
        coded = coded or facts(IED, KIRKUK)
        thought = assessment(coded, severity, gist=f"gist {self._n}")
        joining = patch("tocsin.events.joining.best_match", return_value=None) if apart else nullcontext()
        with joining, self.archive.transaction():
            _, _, touched = self.desk.take(one, [thought], age=timedelta(0), now=now)
        return touched[0].event.id

    def deliver(self, now: datetime) -> Any:
        """One delivery at a time."""
        return outgoing.send(self.archive, self.config.alerts, self.channels, clock=lambda: now, seconds=1)

    def said(self, channel: str = "C0IRAQDESK") -> list[str]:
        """The first line of each message in a Slack channel."""
        return [m["text"] for m in self.slack.messages() if m["channel"] == channel]

    def states(self, event: str) -> list[str]:
        """Where the deliveries about an event stand, oldest first."""
        return [row["state"] for row in reversed(Outbox(self.archive).list_alerts(event=event))]


@pytest.fixture
def shift(tmp_path: Path) -> Iterator[Shift]:
    with SlackDesk(tmp_path / "slack.jsonl") as slack:
        file = tmp_path / "config.yaml"
        file.write_text(
            f"""
archive: t.db
http: {{user_agent: "T/1.0 (+https://t.example; t@t.example)"}}
alerts:
  channels:
    desk:
      {{kind: slack, token: {slack.token}, channel: "#iraq-desk", api_url: "{slack.api_url}", pace_seconds: 0,
       quiet: {{from: "22:00", to: "06:00"}}}}
    phone: {{kind: slack, token: {slack.token}, channel: "#alerts", api_url: "{slack.api_url}", pace_seconds: 0}}
  routes: [{{to: [desk]}}]
  escalate: {{after_minutes: 10, to: [phone]}}
  inhibit: {{}}
""",
            encoding="utf-8",
        )
        config = reading.load(file, {})
        with Archive.open(config.archive) as archive:
            yield Shift(archive, config, slack)


def test_a_night_is_one_summary_in_the_morning(shift: Shift) -> None:
    """Two held events, the one that grew told once as it stands; by day each message stands alone again."""
    shift.report(NIGHT, LOW)
    grown = shift.report(NIGHT, LOW, facts(CLASH, GREEN_ZONE), apart=True)
    shift.report(NIGHT + timedelta(minutes=30), HIGH, facts(CLASH, GREEN_ZONE, killed=3))
    report = shift.deliver(NIGHT + timedelta(minutes=31))
    assert (report.sent, report.waiting, report.held, shift.said()) == (0, 2, 2, [])
    assert shift.deliver(MORNING).sent == 2
    (summary,) = shift.said()
    assert "2 alerts waiting" in summary
    assert shift.states(grown) == ["merged", "sent"]
    shift.report(MORNING, LOW, facts(IED, HAWIJA), apart=True)
    shift.deliver(MORNING)
    assert "First report" in shift.said()[1]


def test_critical_passes_quiet_hours_and_overtakes_what_is_held(shift: Shift) -> None:
    """The morning's summary does not tell it again."""
    event = shift.report(NIGHT, LOW)
    shift.report(NIGHT + timedelta(minutes=5), CRITICAL, facts(IED, KIRKUK, killed=30))
    shift.deliver(NIGHT + timedelta(minutes=5))
    assert len(shift.said()) == 1
    assert "CRITICAL" in shift.said()[0]
    shift.deliver(MORNING)
    assert len(shift.said()) == 1
    assert shift.states(event)[:2] == ["merged", "sent"]


def test_one_held_alert_is_a_message_of_its_own(shift: Shift) -> None:
    """With a thread: a list of one helps nobody."""
    shift.report(MORNING - timedelta(minutes=9), LOW)
    shift.deliver(MORNING)
    shift.report(MORNING + timedelta(minutes=5), HIGH, facts(IED, KIRKUK, killed=2))
    shift.deliver(MORNING + timedelta(minutes=5))
    first, second = shift.slack.messages()
    assert second["thread_ts"] == first["ts"]


def test_a_withdrawal_passes_quiet_hours_to_who_was_told(shift: Shift) -> None:
    """What was only held is told to nobody at all."""
    told = shift.report(EVENING, LOW, title="Bomb beside a road west of Kirkuk")
    shift.deliver(EVENING)
    held = shift.report(
        NIGHT, LOW, facts(CLASH, GREEN_ZONE), title="Clash in the Green Zone of the capital", apart=True
    )
    shift.report(NIGHT, LOW, title="KILL: Bomb beside a road west of Kirkuk")
    shift.report(NIGHT, LOW, facts(CLASH, GREEN_ZONE), title="KILL: Clash in the Green Zone of the capital")
    shift.deliver(NIGHT)
    shift.deliver(MORNING)
    assert shift.states(held) == ["dead"]
    assert shift.states(told) == ["sent", "sent"]
    assert len(shift.said()) == 2  # the first, edited since, and the withdrawal in its thread
    assert all("Withdrawn" in text for text in shift.said())


def test_a_correction_passes_quiet_hours_to_who_was_told(shift: Shift) -> None:
    """They may be acting on what it corrects; who hears of the event for the first time waits like others."""
    shift.report(EVENING, HIGH, facts(IED, KIRKUK, killed=9), title="Bomb beside a road west of Kirkuk kills nine")
    shift.deliver(EVENING)
    corrected = facts(IED, KIRKUK, killed=1)
    shift.report(NIGHT, HIGH, corrected, title="CORRECTION: Bomb beside a road west of Kirkuk kills one")
    shift.deliver(NIGHT)
    assert "Corrected" in shift.said()[1]


def test_a_silenced_alert_is_kept_and_not_told(shift: Shift) -> None:
    """When the silence is over, what comes rings."""
    noon = EVENING - timedelta(hours=6)
    Orders(shift.archive).add_silence(
        Silence(0, "amal", "known", noon, noon + timedelta(hours=1), governorate="Kirkuk")
    )
    event = shift.report(noon, LOW)
    shift.deliver(noon)
    assert (shift.said(), shift.states(event)) == ([], ["silenced"])
    later = noon + timedelta(minutes=59)
    shift.report(later, HIGH, facts(IED, KIRKUK, killed=2))
    shift.deliver(later)
    assert shift.said() == []
    later = noon + timedelta(minutes=62)
    shift.report(later, HIGH, facts(IED, KIRKUK, killed=4))
    shift.deliver(later)
    assert shift.states(event) == ["silenced", "silenced", "sent"]


def test_nobody_answers_and_the_phone_rings_once(shift: Shift) -> None:
    """After ten minutes, not before; not again, whatever runs or changes."""
    event = shift.report(EVENING, CRITICAL)
    for minutes in (0, 9):
        shift.deliver(EVENING + timedelta(minutes=minutes))
    assert shift.said("C0ALERTS") == []
    for minutes in (10, 11, 12):
        shift.deliver(EVENING + timedelta(minutes=minutes))
    shift.report(EVENING + timedelta(minutes=13), CRITICAL, facts(IED, KIRKUK, killed=9))
    shift.deliver(EVENING + timedelta(minutes=40))
    (called,) = shift.said("C0ALERTS")
    assert "Nobody has acknowledged it" in called
    assert shift.states(event).count("sent") == 3


def test_a_reaction_acknowledges(shift: Shift) -> None:
    """The phone stays silent; the first message names who looks after it at its next edit."""
    event = shift.report(EVENING, CRITICAL)
    shift.deliver(EVENING)
    (first,) = shift.slack.messages()
    shift.slack.react(first["ts"], "thumbsup")
    shift.deliver(EVENING + timedelta(minutes=1))
    assert Orders(shift.archive).ack(event) is None
    shift.slack.react(first["ts"], "eyes::skin-tone-3")
    later = EVENING + timedelta(minutes=2)
    shift.deliver(later)
    assert Orders(shift.archive).ack(event) == Ack(event, "Amal", later, "desk")
    shift.report(EVENING + timedelta(minutes=13), CRITICAL, facts(IED, KIRKUK, killed=9))
    shift.deliver(EVENING + timedelta(minutes=13))
    assert shift.said("C0ALERTS") == []
    assert "Acknowledged by Amal" in str(shift.slack.messages()[0]["blocks"])


def test_a_bug_in_reading_reactions_stops_no_escalation(
    shift: Shift, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The phone rings as if nobody had answered; the log tells of the bug."""

    def broken(*_: object) -> dict[str, str]:
        raise IndexError("list index out of range")

    shift.report(EVENING, CRITICAL)
    shift.deliver(EVENING)
    monkeypatch.setattr(type(shift.channels["desk"]), "acks", broken)
    shift.deliver(EVENING + timedelta(minutes=10))
    assert ["Nobody has acknowledged it" in words for words in shift.said("C0ALERTS")] == [True]
    assert "desk: reactions could not be read (IndexError in the channel" in caplog.text


def test_messages_leave_before_reactions_are_asked_for(shift: Shift) -> None:
    """A history that hangs delays no alert; one that fails is asked again."""
    shift.report(EVENING, HIGH)
    shift.deliver(EVENING)
    shift.slack.calls.clear()
    shift.slack.token = "xoxb-changed"
    shift.report(EVENING, HIGH, facts(CLASH, GREEN_ZONE), apart=True)
    shift.deliver(EVENING + timedelta(minutes=1))
    assert shift.slack.calls == ["chat.postMessage", "conversations.history"]


def test_a_token_that_may_not_ask_for_names_gives_ids(shift: Shift) -> None:
    """An acknowledgement is worth more than the name."""
    shift.slack.people = {}
    event = shift.report(EVENING, CRITICAL)
    shift.deliver(EVENING)
    shift.slack.react(shift.slack.messages()[0]["ts"], "white_check_mark", "U0OMAR")
    shift.deliver(EVENING)
    ack = Orders(shift.archive).ack(event)
    assert ack is not None
    assert ack.by == "U0OMAR"


def test_slack_down_does_not_stop_the_escalation(shift: Shift) -> None:
    """The desk's message waits; the phone, through another channel, rings after ten minutes."""
    shift.slack.fail_next("error:not_in_channel")
    event = shift.report(EVENING, CRITICAL)
    shift.deliver(EVENING)
    shift.deliver(EVENING + timedelta(minutes=10))
    assert shift.states(event) == ["pending", "sent"]
    assert (len(shift.said()), len(shift.said("C0ALERTS"))) == (0, 1)


def test_an_escalation_is_decided_once_whatever_dies(shift: Shift, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that ends between the decision and the sending leaves a row; one that ends before it leaves none."""
    event = shift.report(EVENING, CRITICAL)
    shift.deliver(EVENING)
    late = EVENING + timedelta(minutes=11)

    def die(*_: object, **__: object) -> None:
        assert shift.archive.connection.in_transaction, "what is decided on may change before it is written"
        raise KeyboardInterrupt

    sending = dispatch.dispatch
    turns = iter((sending,))

    def end(*args: Any, **more: Any) -> Any:
        return next(turns, die_now)(*args, **more)

    def die_now(*_: object, **__: object) -> Any:
        raise KeyboardInterrupt

    places = {"tocsin.alerts.escalation.due": die, "tocsin.archive.outbox.Outbox._add": die}
    for where, how in (places | {"tocsin.alerts.dispatch.dispatch": end}).items():
        with monkeypatch.context() as patched:
            patched.setattr(where, how)
            with pytest.raises(KeyboardInterrupt):
                shift.deliver(late)
    assert shift.states(event) == ["sent", "pending"]
    shift.deliver(late)
    shift.deliver(late)
    assert len(shift.said("C0ALERTS")) == 1


def test_an_operation_mutes_its_parts_for_those_who_know_of_it(shift: Shift) -> None:
    """Named on the record; a part that is graver rings."""
    operation = shift.report(EVENING, HIGH, facts(CLASH, KIRKUK_GOVERNORATE))
    shift.deliver(EVENING)
    later = EVENING + timedelta(minutes=30)
    part = shift.report(later, LOW, facts("Arrests", HAWIJA), apart=True)
    shift.deliver(later)
    assert len(shift.said()) == 1
    (row,) = Outbox(shift.archive).list_alerts(event=part)
    assert (row["state"], row["why"]) == ("inhibited", f"part of {operation}: gist 1")
    assert [each["event"] for each in Outbox(shift.archive).muted_by(operation)] == [part]
    shift.report(later, HIGH, facts("Arrests", HAWIJA, killed=2), apart=True)
    shift.deliver(later)
    assert len(shift.said()) == 2


def test_what_a_channel_told_before_it_was_gone_is_taken_back_through_another(shift: Shift) -> None:
    """Its readers believe what it said: the withdrawal waits for it, and can be sent another way."""
    event = shift.report(EVENING, LOW, title="Bomb beside a road west of Kirkuk")
    shift.deliver(EVENING)
    gone = shift.channels.pop("desk")
    shift.desk = Desk(shift.archive, shift.config, {"phone": ("#alerts",)})
    later = EVENING + timedelta(minutes=10)
    shift.report(later, LOW, title="KILL: Bomb beside a road west of Kirkuk")
    shift.deliver(later)
    assert (shift.states(event), len(shift.said())) == (["sent", "pending"], 1)
    assert Backlog(shift.archive).reroute("desk", "phone", ["#alerts"], by="amal", now=later).new == 1
    shift.channels["desk"] = gone
    shift.deliver(later)
    assert (shift.states(event), len(shift.said())) == (["sent", "dead", "sent"], 1)
    assert ["Withdrawn" in text for text in shift.said("C0ALERTS")] == [True]


def test_a_channel_that_is_gone_is_told_once(shift: Shift, caplog: pytest.LogCaptureFixture) -> None:
    """With what to do; not every minute."""
    shift.report(EVENING, LOW)
    del shift.channels["desk"]
    for _ in range(3):
        shift.deliver(EVENING)
    told = [record.message for record in caplog.records if "wait for channel desk" in record.message]
    assert len(told) == 1


def test_after_an_outage_old_alerts_come_as_one_list(shift: Shift) -> None:
    """The gravest first; what is fresh comes as a message of its own."""
    config = shift.config.alerts.model_copy(update={"escalate": ()})
    shift.config = shift.config.model_copy(update={"alerts": config})
    for n, place in enumerate((KIRKUK, GREEN_ZONE, HAWIJA)):
        shift.report(EVENING, CRITICAL if n == 1 else HIGH, facts(IED, place), apart=True)
    later = MORNING + timedelta(minutes=10)
    shift.report(later, LOW, facts(CLASH, GREEN_ZONE), apart=True)
    shift.deliver(later)
    listed = [text for text in shift.said() if "3 alerts waiting" in text]
    assert len(shift.said()) == 2
    assert "gist 2" in listed[0]
