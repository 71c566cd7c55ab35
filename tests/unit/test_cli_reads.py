"""One poll of a real loopback outlet into a real archive, then every command that reads it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.outlet import Outlet, Story
from tests.unit.test_cli import tocsin

ROCKETS = Story(
    "rockets-balad",
    "Four rockets hit Balad air base, three Iraqi soldiers wounded",
    [
        "Four Katyusha rockets struck Balad air base north of Baghdad on Tuesday night, wounding three Iraqi soldiers, "
        "the Security Media Cell said in a statement.",
        "The rockets were fired from a farm east of the Tigris. No group claimed responsibility for the attack, "
        "a security source told the agency.",
    ],
)
TULIPS = Story(
    "tulips",
    "Flower growers of Sulaymaniyah open their spring market",
    [
        "Growers brought tulips and roses to the old market square on Tuesday, a little later than in other years.",
        "The rain came late this spring, one of them said, and the prices are higher than people would like.",
    ],
)


@pytest.fixture(scope="module")
def polled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, Any], Outlet]]:
    """A config whose archive holds one poll, and the report of that poll."""
    file = tmp_path_factory.mktemp("desk") / "config.yaml"
    with Outlet([ROCKETS, TULIPS]) as outlet:
        file.write_text(
            f"""
archive: t.db
http:
  user_agent: "Test/1.0 (+https://t.example; t@t.example)"
  per_host_delay_seconds: 0
  allow_private_addresses: ["127.0.0.0/8"]
feeds:
  - {{id: outlet, url: "{outlet.address}/feed.xml", language: en, publisher: Outlet}}
  - {{id: gone, url: "{outlet.address}/nothing.xml"}}
alerts: {{channels: {{hook: {{kind: slack-webhook, url: "${{NO_SUCH_NAME}}"}}}}}}
""",
            encoding="utf-8",
        )
        done = tocsin("--config", file, "run", "--direct", "--json")
        assert done.exit_code == 0, done.output
        yield file, json.loads(done.stdout), outlet


def read(polled: tuple[Path, dict[str, Any], Outlet], *args: str) -> Any:
    """What a command prints as JSON."""
    done = tocsin("--config", polled[0], *args, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_the_run_report_has_its_keys(polled: Any) -> None:
    """One object with everything that a person is told."""
    report = polled[1]
    assert {"started", "finished", "seconds", "skipped", "feeds", "outcomes", "events", "deliveries"} <= set(report)
    assert {run["id"]: run["down"] for run in report["feeds"]} == {"outlet": False, "gone": True}
    assert report["outcomes"] == {"new": 2}
    assert [event["alerts"] for event in report["events"]] == [["first"]]
    assert report["events"][0]["gist"]
    assert report["channels_off"] == ["hook (NO_SUCH_NAME is not set)"]


def test_feeds(polled: Any) -> None:
    """Each with its state."""
    feeds = {row["id"]: row for row in read(polled, "feeds")}
    assert feeds["outlet"]["status"] == "ok"
    assert feeds["outlet"]["last_success"]
    assert feeds["gone"]["status"] == "not_found"
    table = tocsin("--config", polled[0], "feeds", "--bad").output
    assert "gone" in table
    assert "outlet" not in table
    assert "2 feeds, 1 in trouble" in table


def test_events(polled: Any) -> None:
    """Typed, placed, with its sources; filters filter."""
    [event] = read(polled, "events", "--since", "24h")
    assert event["id"].startswith("ev-")
    assert event["wounded"] == {"min": 3, "max": 3}
    assert event["sources"][0]["title"] == ROCKETS.title
    assert read(polled, "events", "--since", "2100-01-01") == []
    assert read(polled, "events", "--watch", "iraq-security") == [event]
    assert tocsin("--config", polled[0], "events", "--watch", "other").exit_code == 2
    assert event["id"] in tocsin("--config", polled[0], "events").output


def test_alerts(polled: Any) -> None:
    """Where each went."""
    [alert] = read(polled, "alerts")
    assert (alert["reason"], alert["channel"], alert["state"]) == ("first", "terminal", "sent")
    assert read(polled, "alerts", "--state", "dead") == []
    assert "terminal" in tocsin("--config", polled[0], "alerts").output


def test_search(polled: Any) -> None:
    """Words of titles and texts."""
    [found] = read(polled, "search", "Balad", "rockets")
    assert found["title"] == ROCKETS.title
    assert ROCKETS.title in tocsin("--config", polled[0], "search", "katyusha").output
    assert tocsin("--config", polled[0], "search", "--json", "katyusha", "--", "-balad").stdout == "[]\n"
    assert read(polled, "search", "zeppelin") == []
    assert tocsin("--config", polled[0], "search", "zeppelin").output == "Nothing found.\n"


def test_show_an_event_quotes_its_evidence(polled: Any) -> None:
    """Each fact with the words that say it, at their place in the article."""
    event_id = polled[1]["events"][0]["id"]
    [event] = read(polled, "show", event_id)
    assert event["type"] == "event"
    assert {"event_type", "places", "wounded"} <= {fact["fact"] for fact in event["evidence"]}
    for fact in event["evidence"]:
        [article] = read(polled, "show", str(fact["article"]))
        assert article[fact["field"]][fact["start"] : fact["end"]] == fact["quote"]
    page = tocsin("--config", polled[0], "show", event_id).output
    assert "wounded" in page
    assert ROCKETS.title in page


def test_show_an_article(polled: Any) -> None:
    """Its text, its verdict, its event."""
    [event] = read(polled, "events")
    number = str(event["sources"][0]["article"])
    [article] = read(polled, "show", number)
    assert article["assessments"][0]["flagged"] is True
    assert article["events"][0]["id"] == event["id"]
    page = tocsin("--config", polled[0], "show", number).output
    assert "FLAGGED" in page
    assert "No group claimed responsibility" in page


def test_explain_a_page_over_the_network(polled: Any) -> None:
    """Fetched through the guard, read by the scrapers."""
    [story] = read(polled, "explain", f"{polled[2].address}/rockets-balad.html")
    assert story["flagged"] is True
    assert story["title"] == ROCKETS.title


@pytest.mark.parametrize(
    ("name", "body", "flagged"),
    [
        pytest.param("a.txt", f"{ROCKETS.title}\n\n{ROCKETS.paragraphs[0]}", [True], id="text with a title"),
        pytest.param("b.txt", f"{TULIPS.title}\n{TULIPS.paragraphs[0]}", [False], id="text that is not flagged"),
        pytest.param("c.json", json.dumps({"title": ROCKETS.title, "text": ROCKETS.paragraphs[0]}), [True], id="JSON"),
        pytest.param(
            "d.jsonl",
            "\n".join(json.dumps({"title": s.title, "text": s.paragraphs[0]}) for s in (ROCKETS, TULIPS)),
            [True, False],
            id="lines",
        ),
        pytest.param(
            "e.html",
            f"<html><body><article><h1>{ROCKETS.title}</h1><p>{'</p><p>'.join(ROCKETS.paragraphs)}</p></article></body></html>",
            [True],
            id="HTML",
        ),
    ],
)
def test_explain_a_file(tmp_path: Path, name: str, body: str, flagged: list[bool], monkeypatch: Any) -> None:
    """The sum of the weights is the score, and every quote stands where it is said to."""
    import math

    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_text(body, encoding="utf-8")
    stories = json.loads(tocsin("explain", name, "--json").stdout)
    assert [story["flagged"] for story in stories] == flagged
    for story in stories:
        total = sum(reason["weight"] for reason in story["reasons"])
        assert story["score"] == pytest.approx(1 / (1 + math.exp(-total)), abs=0.02)
    shown = tocsin("explain", name).output
    assert ("FLAGGED" in shown) == flagged[0]
    assert "sum, in log-odds" in shown


def test_explain_reads_what_assess_reads(tmp_path: Path, monkeypatch: Any) -> None:
    """The day of publication and the declared language decide there as they do when an article is judged."""
    monkeypatch.chdir(tmp_path)
    text = "Gunmen attacked a checkpoint near Kirkuk, police said. At dawn on Sunday, five soldiers were killed there."
    line = {"title": "Attack near Kirkuk", "text": text, "language": "en", "published": "2026-03-31T21:40:00Z"}
    (tmp_path / "a.json").write_text(json.dumps(line), encoding="utf-8")
    [explained] = json.loads(tocsin("explain", "a.json", "--json").stdout)
    assessed = json.loads(tocsin("assess", stdin=json.dumps(line)).stdout)
    assert {key: explained[key] for key in ("score", "severity", "killed", "when", "gist", "language")} == {
        key: assessed[key] for key in ("score", "severity", "killed", "when", "gist", "language")
    }
    assert assessed["when"]
    (tmp_path / "a.json").write_text(json.dumps({**line, "published": "soon"}), encoding="utf-8")
    assert "published is not an ISO 8601 time: 'soon'" in tocsin("explain", "a.json").output


def test_run_again_says_why_nothing_was_polled(polled: Any) -> None:
    """No feed is due yet."""
    done = tocsin("--config", polled[0], "run", "--direct")
    assert done.exit_code == 0
    assert "Nothing polled: no feed is due until" in done.output


def test_check_probes_feeds_and_channels(polled: Any) -> None:
    """What answers, what does not, and how to mend it."""
    found = read(polled, "check")
    feeds = {row["id"]: row for row in found["feeds"]}
    assert (feeds["outlet"]["ok"], feeds["outlet"]["items"]) == (True, 2)
    assert (feeds["gone"]["ok"], feeds["gone"]["status"]) == (False, "not_found")
    assert "address" in feeds["gone"]["mend"]
    assert [row["id"] for row in found["channels"]] == ["terminal"]
    shown = tocsin("--config", polled[0], "check")
    assert "Feeds: 1 of 2 fine" in shown.output
    assert tocsin("--config", polled[0], "check", "--feed", "gone").exit_code == 1


def test_alive(polled: Any, tmp_path: Path) -> None:
    """A dead man's switch for cron."""
    done = tocsin("--config", polled[0], "check", "--alive", "5")
    assert (done.exit_code, "0 minutes ago" in done.output) == (0, True)
    other = tmp_path / "config.yaml"
    other.write_text(polled[0].read_text(), encoding="utf-8")
    assert tocsin("--config", other, "check", "--alive", "5").exit_code == 1


def test_every_feed_failing_is_1_and_says_what_to_do(tmp_path: Path) -> None:
    """Grouped, with counts."""
    feeds = "".join(f'  - {{id: f{i}, url: "http://127.0.0.1:9/{i}"}}\n' for i in range(5))
    (tmp_path / "config.yaml").write_text(
        'http: {user_agent: "Test/1.0 (+https://t.example; t@t.example)", per_host_delay_seconds: 0}\nfeeds:\n' + feeds,
        encoding="utf-8",
    )
    done = tocsin("--config", tmp_path / "config.yaml", "run", "--direct", "--quiet")
    assert done.exit_code == 1
    assert "f0, f1, f2, f3, f4" in " ".join(done.output.split())
    assert "make demo" in done.output
    assert "Not one feed could be read" in done.output
