"""The command: help for each, exit codes, and an error that is one line, never a stack trace."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from tests.unit.test_config_reading import AGENT, FEED
from tocsin import cli
from tocsin.cli import reading
from tocsin.cli.options import moment
from tocsin.cli.testalert import test_delivery as make_test_delivery

COMMANDS = sorted(cli.main.commands)
TOCSIN = Path(sys.executable).with_name("tocsin")


def tocsin(*args: str, stdin: str | bytes = "") -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(cli.main, [str(arg) for arg in args], input=stdin)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A config file with one feed."""
    file = tmp_path / "config.yaml"
    file.write_text(AGENT + FEED + "archive: t.db\n", encoding="utf-8")
    return file


def test_the_commands_are_those_of_the_design() -> None:
    """A name that people have learnt never goes."""
    named = {"run", "serve", "check", "demo", "feeds", "events", "alerts", "search", "show"}
    named |= {"explain", "extract", "assess", "replay", "version", "review", "label", "train", "backtest"}
    assert named <= set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_explains_itself(name: str) -> None:
    """With an example that can be typed, and the --config option."""
    result = tocsin(name, "--help")
    assert result.exit_code == 0
    if name != "version":
        assert "Example" in result.output
        assert f"tocsin {name}" in result.output.split("Example")[1]
        assert "--config FILE" in result.output


def test_help_imports_nothing_heavy() -> None:
    """--help and the filters start at once: no Prefect, no pydantic, no rich."""
    heavy = {"prefect", "pydantic", "rich", "requests", "sqlite_utils", "yaml"}
    code = f"import sys, tocsin.cli; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_the_archive_brings_no_numpy_along() -> None:
    """sqlite-utils would load it for column types that we do not have; other code still finds it."""
    code = "import sys, flows.replay; print('numpy' in sys.modules); import numpy; print(numpy.int64(1))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "1"]


@pytest.mark.parametrize(
    ("args", "code", "word"),
    [
        pytest.param(["nonsense"], 2, "No such command", id="an unknown command"),
        pytest.param(["run", "--fast"], 2, "No such option", id="an unknown option"),
        pytest.param(["events", "--limit", "0"], 2, "limit", id="a limit of none"),
        pytest.param(["events", "--since", "yesterday"], 2, "24h", id="a time that is none"),
        pytest.param(["search"], 2, "Missing argument", id="a search for nothing"),
        pytest.param(["assess", "no-such-file.jsonl"], 2, "no-such-file.jsonl", id="a file that is not there"),
        pytest.param(["check", "--feed", "b"], 2, "no feed is called 'b'; known: a", id="a feed that is not there"),
        pytest.param(
            ["check", "--send-test", "slak"], 2, "no channel is called 'slak'", id="a channel that is not there"
        ),
        pytest.param(["explain", "no-such-file.txt"], 2, "a web address or a file", id="nothing to explain"),
    ],
)
def test_a_wrong_call_is_2(config: Path, args: list[str], code: int, word: str) -> None:
    """And says what was wrong with it."""
    result = tocsin("--config", str(config), *args)
    assert result.exit_code == code
    assert word in result.output


@pytest.mark.parametrize("name", ["run", "serve", "check", "feeds", "events", "alerts", "search", "show"])
def test_a_wrong_config_is_2_and_one_line(name: str, tmp_path: Path) -> None:
    """--config counts on the command as on the group."""
    missing = tmp_path / "nowhere.yaml"
    words = ["x"] if name in {"search", "show"} else []
    for args in (["--config", missing, name, *words], [name, "--config", missing, *words]):
        result = tocsin(*args)
        assert result.exit_code == 2
        mend = "run tocsin in the folder that holds it, or name it with --config FILE"
        assert result.output == f"tocsin: {missing}: no such file; {mend}\n"


def test_an_unusable_archive_is_1(config: Path) -> None:
    """A file that is no database."""
    (config.parent / "t.db").write_bytes(b"this is no database, but long enough to be one" * 50)
    result = tocsin("--config", config, "events")
    assert result.exit_code == 1
    assert "t.db" in result.output
    assert "Traceback" not in result.output


def test_nothing_polled_yet_is_an_empty_answer(config: Path) -> None:
    """JSON stays JSON; the hint goes to standard error."""
    for name in ("events", "alerts"):
        done = tocsin("--config", config, name, "--json")
        assert (done.exit_code, done.stdout) == (0, "[]\n")
        assert "tocsin run makes it" in done.stderr


def test_show_of_nothing_is_1_without_an_archive_and_2_with_one(config: Path) -> None:
    """There is no such article or event."""
    from tocsin.archive import Archive

    assert tocsin("--config", config, "show", "12").exit_code == 1
    Archive.open(config.parent / "t.db").close()
    for name in ("12", "ev-none", "99999999999999999999999"):
        result = tocsin("--config", config, "show", name)
        assert result.exit_code == 2
        assert "no such article or event" in result.output


def test_feeds_lists_what_was_never_polled(config: Path) -> None:
    """From the config, with every key that a polled one has."""
    import json

    found = json.loads(tocsin("--config", config, "feeds", "--json").stdout)
    assert [(row["id"], row["url"], row["status"]) for row in found] == [("a", "https://a.example/rss", "never")]


def test_a_password_in_an_address_is_masked(config: Path) -> None:
    """Whoever reads the list need not know it."""
    config.write_text(AGENT + FEED.replace("https://", "https://me:hunter2@"), encoding="utf-8")
    for args in (["feeds"], ["feeds", "--json"]):
        assert "hunter2" not in tocsin("--config", config, *args).output


def test_a_bug_is_one_line_and_a_log(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stack trace goes to a file beside the archive, whose name is told."""

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("of course")

    monkeypatch.setattr(reading, "opened_if_any", broken)
    result = tocsin("--config", config, "events")
    log = config.parent / "tocsin-bugs.log"
    assert result.exit_code == 1
    assert result.output == f"tocsin: this is a bug: ZeroDivisionError: of course; the details are in {log}\n"
    assert "Traceback" in log.read_text()


def test_an_interrupt_is_130_and_silent(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C is not an error."""

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(reading, "opened_if_any", interrupted)
    result = tocsin("--config", config, "events")
    assert (result.exit_code, result.output.strip()) == (130, "")


def test_a_reader_that_left_is_no_error(tmp_path: Path) -> None:
    """``tocsin feeds | head -1``."""
    feeds = "".join(f'  - {{id: f{i}, url: "https://f{i}.example/rss"}}\n' for i in range(3000))
    (tmp_path / "config.yaml").write_text(AGENT + "feeds:\n" + feeds, encoding="utf-8")
    with subprocess.Popen(
        [TOCSIN, "feeds", "--json"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.readline()
        child.stdout.close()
        said = child.stderr.read().decode()
    assert "Traceback" not in said
    assert "BrokenPipe" not in said
    assert "bug" not in said


def test_the_real_command_has_the_real_exit_codes(tmp_path: Path) -> None:
    """As a shell sees them."""
    environment = {**os.environ, "PYTHONWARNINGS": "error"}
    for args, code in ((["--version"], 0), (["feeds"], 2), (["nonsense"], 2)):
        done = subprocess.run(
            [TOCSIN, *args], cwd=tmp_path, capture_output=True, text=True, env=environment, check=False
        )
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr


def test_an_old_terminal_is_no_error(tmp_path: Path) -> None:
    """What it cannot show becomes a question mark; JSON stays UTF-8."""
    story = tmp_path / "s.txt"
    story.write_text("سقوط صواريخ قرب مطار بغداد", encoding="utf-8")
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    for args in ([], ["--json"]):
        done = subprocess.run(
            [TOCSIN, "explain", story, *args], cwd=tmp_path, capture_output=True, env=environment, check=False
        )
        assert (done.returncode, done.stderr) == (0, b"")
    assert "بغداد" in done.stdout.decode("utf-8")


def test_check_offline_gives_advice(config: Path) -> None:
    """What is allowed but not wise: a user agent that is not one's own, a channel that no route names."""
    text = config.read_text().replace("t.example; t@t.example", "tocsin.example")
    mail = "mail: {kind: email, smtp: 'smtp://127.0.0.1', from: me@desk.example, to: [desk@here.org]}"
    hook = "hook: {kind: slack-webhook, url: '${NO_SUCH_NAME}'}"
    channels = f"alerts:\n  channels: {{odd: {{kind: terminal}}, {mail}, {hook}}}\n"
    routes = "  routes: [{to: [terminal], governorates: [Bagdad]}]\n"
    config.write_text(text + channels + routes, encoding="utf-8")
    result = tocsin("--config", config, "check", "--offline")
    assert result.exit_code == 0
    words = (
        "user_agent",
        "channel mail: me@desk.example is nobody's address",
        "hook is off: NO_SUCH_NAME",
        "channel odd: it will never",
        "'Bagdad'; did you mean 'Baghdad'",
    )
    for word in words:
        assert word in result.output


def test_check_sends_a_test_through_one_channel(config: Path) -> None:
    """Plainly a test, through the very channel."""
    result = tocsin("--config", config, "check", "--send-test", "terminal")
    assert result.exit_code == 0
    assert "TEST" in result.output
    assert "Test alert sent through terminal" in result.output


def test_the_test_alert_quotes_what_stands_there() -> None:
    """Even a test has its evidence."""
    from datetime import UTC, datetime

    alert = make_test_delivery("c", "r", "w", datetime(2026, 1, 1, tzinfo=UTC)).alert
    assert alert.article is not None
    assert [alert.article.title[s.start : s.end] for s in alert.quotes] == [s.quote for s in alert.quotes]


def test_moment() -> None:
    """Spans back from now, and dates."""
    from datetime import UTC, datetime, timedelta

    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert moment("24h", now) == now - timedelta(hours=24)
    assert moment("7d", now) == now - timedelta(days=7)
    assert moment("2026-11-20", now) == datetime(2026, 11, 20, tzinfo=UTC)
    assert moment("2026-11-20T10:00:00+03:00", now) == datetime(2026, 11, 20, 7, tzinfo=UTC)
    with pytest.raises(click.BadParameter):
        moment("h", now)


@pytest.mark.parametrize(
    ("feed", "status", "detail", "why"),
    [
        ("c", "challenge", "a page that asks for a challenge of c", "a page that asks for a challenge of"),
        ("d", "timeout", "not done within 30 s", "not done within 30 s"),
        ("ina-ar", "dns", "ina-ar: the host has no address", "the host has no address"),
        ("ina", "dns", "ina-ar has no address", "ina-ar has no address"),
    ],
)
def test_equal_fates_read_equal(feed: str, status: str, detail: str, why: str) -> None:
    """The feed's own name and status go, and nothing else of the reason."""
    from tocsin.cli.report import _why
    from tocsin.model import FeedRun

    assert _why(FeedRun(feed=feed, url="https://a.example/rss", status=status, detail=detail, items=0)) == why
