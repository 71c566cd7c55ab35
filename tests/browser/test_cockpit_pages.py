"""What an operator sees in a real browser: the run, its tables, the schedules; and that nothing hostile acts there.

``TOCSIN_PICTURES=docs/pictures pytest tests/browser`` also takes the README's pictures.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.browser.conftest import AUTH, SITE, demo_poll, hostile_poll
from tests.fakes.serving import Served, until

pytestmark = pytest.mark.browser
SEEN_SECONDS = 25.0
PICTURES = os.environ.get("TOCSIN_PICTURES")


def _page(browser: Any, served: Served, path: str, *words: str) -> str:
    """Open a page of the UI and give its text once all words stand in it."""
    browser.get(f"http://{SITE}:{served.port}{path}")
    if not browser.execute_script("return window.localStorage.getItem('prefect-password')"):
        _log_in(browser, AUTH)
    return _seen(browser, lambda text: all(word in text for word in words), f"{path} with {words}")


def _seen(browser: Any, enough: Callable[[str], bool], what: str) -> str:
    end = time.monotonic() + SEEN_SECONDS
    text = ""
    while time.monotonic() < end:
        text = browser.execute_script("return document.body.innerText") or ""
        if enough(text):
            return text
        time.sleep(0.2)
    raise AssertionError(f"{what}: not seen in\n{text[:3000]}")


def _click(browser: Any, words: str) -> None:
    """Click the visible element that holds these words and no other element that does."""
    code = """const words = arguments[0];
        const holds = e => e.innerText && e.innerText.trim() === words && e.offsetParent !== null;
        const found = [...document.querySelectorAll('body *')].filter(holds);
        const last = found[found.length - 1];
        if (last) last.click();
        return Boolean(last);"""
    assert browser.execute_script(code, words), f"nothing to click says {words!r}"


def _artifacts(served: Served, run: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = served.ask("artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [run["id"]]}}})
    return {artifact["key"]: artifact for artifact in found}


def _picture(browser: Any, name: str, width: int = 1400, height: int = 900) -> None:
    if PICTURES:
        browser.set_window_size(width, height)
        time.sleep(2.0)  # charts draw themselves
        browser.save_screenshot(str(Path(PICTURES) / f"{name}.png"))


def _log_in(browser: Any, password: str) -> None:
    _seen(browser, lambda text: "Login" in text, "the page to log in")
    field = browser.find_element("css selector", "input[type=password]")
    field.clear()
    field.send_keys(password, "\n")


def test_the_password_opens_the_ui_and_no_other_does(browser: Any, served: Served) -> None:
    """From a name that is not loopback: nothing is shown without; a wrong one is refused; the right one opens it."""
    browser.get(f"http://{SITE}:{served.port}/runs")
    browser.execute_script("window.localStorage.clear()")
    browser.get(f"http://{SITE}:{served.port}/deployments")
    for wrong in ("desk:wrong", "wrong"):
        _log_in(browser, wrong)
        refused = _seen(browser, lambda text: "failed" in text or "Invalid" in text, "a refusal")
        assert "Login" in refused
        assert "Automations" not in refused
        browser.refresh()
    _log_in(browser, AUTH)
    _seen(browser, lambda text: "Automations" in text and "Login" not in text, "the menu")


def test_the_run_page_tells_time_outcome_and_batches(browser: Any, served: Served, day: Path) -> None:
    """Name with time and outcome, tags, a task per batch, the log once."""
    run = demo_poll(served)
    text = _page(browser, served, f"/runs/flow-run/{run['id']}", "events", "feeds", "Completed", "Task Run")
    assert run["state"]["message"] in str(run["name"])
    assert str(run["name"]) in text
    _seen(browser, lambda shown: "Finished in state" in shown, "the log")
    log = served.ask("logs/filter", {"logs": {"flow_run_id": {"any_": [run["id"]]}}, "limit": 200})
    lines = [row["message"] for row in log]
    own = [line for line in lines if ": " in line and not line.startswith(("Beginning", "Finished", "Created"))]
    assert len(own) == len(set(own)), own
    _picture(browser, "run")


def test_a_dead_feed_is_red_and_the_run_is_not(browser: Any, served: Served) -> None:
    """The feed that is down is a failed task of its own; the run completes and says how many."""
    run = hostile_poll(served)
    assert run["state"]["type"] == "COMPLETED"
    assert "1/2 feeds down" in run["state"]["message"]
    failed = {"flow_runs": {"id": {"any_": [run["id"]]}}, "task_runs": {"state": {"type": {"any_": ["FAILED"]}}}}
    # Prefect writes task runs down behind the run, and the page of an ended run never asks again
    until("the failed task's record", lambda: served.ask("task_runs/filter", failed))
    _page(browser, served, f"/runs/flow-run/{run['id']}", "1/2 feeds down", "Task Runs", "Subflow Runs")
    _click(browser, "Task Runs")
    _seen(browser, lambda shown: "down: dead" in shown and "Failed" in shown, "the red task")


def test_the_flagged_table_shows_events_with_their_links(browser: Any, served: Served, day: Path) -> None:
    """Gist, severity, place, sources and links of the day's events, as the archive has them."""
    artifact = _artifacts(served, demo_poll(served))["flagged-events"]
    rows = json.loads(artifact["data"])
    assert len(rows) > 5
    _page(browser, served, f"/artifacts/artifact/{artifact['id']}", "severity", "gist", "place", "sources")
    first = rows[0]["gist"].replace("\\", "")[:30]
    _seen(browser, lambda text: first in text.replace("\\", ""), f"the gist {first!r}")  # rows come after their heads
    until("links to sources", lambda: browser.find_elements("css selector", "table a[href^='http']"), SEEN_SECONDS)
    _picture(browser, "flagged")


def test_the_report_health_and_ledger_are_shown(browser: Any, served: Served, day: Path) -> None:
    """The run report with its counts, the feed table and the alert table."""
    made = _artifacts(served, demo_poll(served))
    report = _page(browser, served, f"/artifacts/artifact/{made['run-report']['id']}", "outcome", "Alerts:")
    assert "new" in report
    _page(browser, served, f"/artifacts/artifact/{made['feed-health']['id']}", "status", "last success")
    _page(browser, served, f"/artifacts/artifact/{made['alert-ledger']['id']}", "channel", "sent")
    assert "poll-progress" in made
    assert made["poll-progress"]["data"] == 100.0


def test_deployments_are_ready_with_their_schedules(browser: Any, served: Served) -> None:
    """The four schedules in words, and the deployment that the automations start."""
    _page(browser, served, "/deployments", "poll", "deliver", "brief", "upkeep", "notice", "06:00 AM", "03:30 AM")
    _seen(browser, lambda text: sum("hour" in line.lower() for line in text.splitlines()) == 2, "two hourly schedules")


def test_the_automations_are_installed(browser: Any, served: Served) -> None:
    """All four, switched on."""
    _page(browser, served, "/automations", *(f"Tocsin: {name}" for name in ("feed down", "no successful poll")))
    names = {a["name"]: a["enabled"] for a in served.ask("automations/filter", {})}
    assert names == dict.fromkeys(
        ("Tocsin: feed down", "Tocsin: no successful poll", "Tocsin: zombie run", "Tocsin: dead delivery"), True
    )


@pytest.mark.parametrize("key", ["run-report", "flagged-events", "alert-ledger", "feed-health"])
def test_hostile_titles_are_inert(browser: Any, served: Served, key: str) -> None:
    """No script, picture, handler or javascript: link of an outsider lives in the page; words stay words."""
    run = hostile_poll(served)
    artifact = _artifacts(served, run)[key]
    _page(browser, served, f"/artifacts/artifact/{artifact['id']}", str(artifact["description"])[:20])
    if key in {"run-report", "flagged-events"}:
        _seen(browser, lambda text: "Trap" in text.replace("\\", ""), "the words of the trap")
    time.sleep(0.5)
    assert browser.execute_script("return window.rang") is None
    assert not browser.find_elements("css selector", "img[src='x'], [onerror], a[href^='javascript']")


def test_an_alert_as_the_desk_saw_it(browser: Any, day: Path) -> None:
    """The thread of the Green Zone attack: its facts with the words that say them; the page loads nothing."""
    browser.get((day / "slack.html").as_uri())
    messages = browser.find_elements("css selector", "main > article")
    shown = next(message for message in messages if "Rocket attack, Baghdad" in message.text)
    assert "“" in shown.text
    assert not browser.find_elements("css selector", "script, iframe, img[src^='http']")
    if PICTURES:
        browser.set_window_size(860, 1200)
        shown.screenshot(str(Path(PICTURES) / "alert.png"))


def test_the_ui_asks_nobody_else(browser: Any, served: Served) -> None:
    """Every request of the pages above went to this machine."""
    hosts = set()
    for entry in browser.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            address = urlsplit(message["params"]["request"]["url"])
            if address.scheme in {"http", "https", "ws", "wss"}:
                hosts.add(address.hostname)
    assert hosts <= {SITE}
