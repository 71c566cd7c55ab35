"""The block ``alerts`` of config.yaml: what it may say, and what each mistake in it is told as."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest

from tests.unit.test_config_reading import AGENT, load, wrong
from tocsin.config import Alerts, Route
from tocsin.config.mistakes.alerts import EVENT_TYPES, never_reached
from tocsin.flagging import severity
from tocsin.model import Severity

DESK = "alerts: {channels: {desk: {kind: terminal}}, %s}\n"


def alerts(text: str) -> str:
    return AGENT + DESK % text


def case(name: str, text: str, *words: str) -> object:
    return pytest.param(alerts(text), words, id=name)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        case("an event type misspelt", "routes: [{event_types: [Arests], to: [desk]}]", "event_types[0]", "'Arrests'?"),
        case(
            "an event type like no other: all are listed",
            "routes: [{event_types: [rockets], to: [desk]}]",
            "known: Abduction/forced disappearance, Agreement",
        ),
        case("a country by its name", "routes: [{countries: [Iraq], to: [desk]}]", "ISO code", "such as IQ", "'Iraq'"),
        case("a language by its name", "routes: [{languages: [arabic], to: [desk]}]", "languages[0]", "language code"),
        case("continue misspelt", "routes: [{contine: false, to: [desk]}]", "contine", "'continue'?"),
        case(
            "a key as python has it", "routes: [{to: [desk], digest: {evry: 5}}]", "known: every_minutes, at, timezone"
        ),
        case("a digest that is nothing", "routes: [{to: [desk], digest: {}}]", "digest: must be given as either"),
        case(
            "a digest that is two things",
            "routes: [{to: [desk], digest: {every_minutes: 5, at: ['07:00']}}]",
            "either every_minutes or at",
        ),
        case("a digest every zero minutes", "routes: [{to: [desk], digest: {every_minutes: 0}}]", "at least 1, not 0"),
        case(
            "an hour that is none",
            "routes: [{to: [desk], quiet: {from: '25:00', to: '06:00'}}]",
            'such as "22:00", not',
        ),
        case("quiet without an end", "routes: [{to: [desk], quiet: {from: '22:00'}}]", "quiet.to: missing"),
        case("quiet for ever", "routes: [{to: [desk], quiet: {from: '06:00', to: '06:00'}}]", "two different times"),
        case(
            "an exception that is no severity",
            "routes: [{to: [desk], quiet: {from: '22:00', to: '06:00', except: grave}}]",
            "one of 'low', 'medium', 'high', 'critical', 'none', not 'grave'",
        ),
        case(
            "a route's time zone",
            "routes: [{to: [desk], quiet: {from: '22:00', to: '06:00', timezone: Bagdad}}]",
            "quiet.timezone",
            "'Asia/Baghdad'?",
        ),
        case(
            "at once, and held", "routes: [{to: [desk], immediate: true, quiet: {from: 1, to: 2}}]", "nothing to hold"
        ),
        case("escalation to nobody", "escalate: {after_minutes: 10, to: [phone]}", "no channel is called 'phone'"),
        case("escalation without minutes", "escalate: {to: [desk]}", "after_minutes"),
        case(
            "escalation in a list",
            "escalate: [{after_minutes: 0, to: [desk]}]",
            "escalate[0].after_minutes",
            "at least 1",
        ),
        case("escalation of no watch", "escalate: {after_minutes: 9, to: [desk], watch: x}", "no watch is called 'x'"),
        case("high events muted", "inhibit: {max_severity: high}", "one of 'low', 'medium', not 'high'"),
        case("a muted type misspelt", "inhibit: {mutes: [Arests]}", "inhibit.mutes[0]", "'Arrests'?"),
    ],
)
def test_a_mistake_is_told_by_line_key_and_mend(tmp_path: Path, text: str, words: tuple[str, ...]) -> None:
    """Each names the key and what it may be."""
    said = wrong(tmp_path, text)
    assert "config.yaml line 2: alerts." in said
    for word in words:
        assert word in said


def test_a_channel_that_is_wrong_twice_is_told_twice(tmp_path: Path) -> None:
    """Its own keys, and those that every channel has."""
    said = wrong(
        tmp_path, AGENT + "alerts: {channels: {d: {kind: terminal, colr: x, quiet: {from: x, to: '06:00'}}}}\n"
    )
    assert "channels.d.quiet.from: must be a time of day" in said
    assert "channels.d.colr: unknown key" in said


def test_all_of_it(tmp_path: Path) -> None:
    """As docs/alerting.md writes it; a bare 22:00 is a time, too."""
    config = load(
        tmp_path,
        AGENT
        + """alerts:
  channels:
    desk: {kind: terminal, quiet: {from: 22:00, to: 06:00, except: high}}
    mail: {kind: terminal, digest: {at: ["07:00", 19:00], timezone: Europe/Brussels}}
  routes:
    - {min_severity: critical, to: [desk, mail], immediate: true, continue: false}
    - {languages: [ar, ckb], origins: [INA], countries: [IQ], to: [desk], digest: {every_minutes: 15}}
  escalate: {after_minutes: 10, to: [mail]}
  inhibit: {max_severity: medium}
""",
    ).alerts
    quiet, digest = config.channels["desk"].quiet, config.channels["mail"].digest
    assert quiet is not None
    assert (quiet.from_, quiet.to, quiet.timezone, quiet.except_) == (time(22), time(6), "Asia/Baghdad", "high")
    assert digest is not None
    assert (digest.at, digest.except_) == ((time(7), time(19)), "critical")
    assert [route.continue_ for route in config.routes] == [False, True]
    assert [(step.after_minutes, step.min_severity) for step in config.escalate] == [(10, Severity.CRITICAL)]
    assert config.inhibit is not None


def test_escalation_to_a_channel_that_is_off_goes_to_the_terminal(tmp_path: Path) -> None:
    """As routes do: nobody is told by nobody."""
    text = "alerts: {channels: {hook: {kind: slack-webhook, url: '${NO}'}}, escalate: {after_minutes: 5, to: [hook]}}\n"
    assert load(tmp_path, AGENT + text).alerts.escalate[0].to == ("terminal",)


@pytest.mark.parametrize(
    ("routes", "numbers"),
    [
        pytest.param([Route(to=("a",)), Route(to=("b",))], [], id="both go on"),
        pytest.param([Route(to=("a",), continue_=False), Route(to=("b",))], [1], id="all is taken"),
        pytest.param(
            [Route(to=("a",), min_severity=Severity.HIGH, continue_=False), Route(to=("b",))], [], id="the milder go on"
        ),
        pytest.param(
            [Route(to=("a",), governorates=("X",), continue_=False), Route(to=("b",), governorates=("X",))],
            [1],
            id="all of a governorate",
        ),
        pytest.param(
            [Route(to=("a",), governorates=("X",), continue_=False), Route(to=("b",), governorates=("X", "Y"))],
            [],
            id="one of two",
        ),
        pytest.param([Route(to=("a",), watch="x", continue_=False), Route(to=("b",))], [], id="of another watch"),
    ],
)
def test_routes_that_are_never_reached(routes: list[Route], numbers: list[int]) -> None:
    """Told by ``tocsin check``."""
    assert never_reached(Alerts(routes=tuple(routes)).routes) == numbers


def test_every_type_that_is_coded_may_be_routed() -> None:
    """The coder's types and the names that a config may give are the same."""
    rules = Path(severity.__file__).with_name("event_types.yaml").read_text(encoding="utf-8")
    coded = {line.split("type: ", 1)[1].split(", any")[0] for line in rules.splitlines() if "{type: " in line}
    assert coded
    assert coded <= set(EVENT_TYPES)
