"""Takes the README's pictures: a real alert of the sample wire day as the desk saw it, and the run in Prefect's UI.

Needs Chromium and its driver, and the development requirements:

    .venv/bin/python docs/pictures/make.py
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

HERE = Path(__file__).parent
BIN = Path(sys.executable).parent
PORT = 4377
API = f"http://127.0.0.1:{PORT}/api"
ALERT = "Green Zone (Baghdad"  # the message to show


def browser(width: int, height: int) -> webdriver.Chrome:
    """A Chromium that talks to nobody but the pages we give it."""
    options = Options()
    for flag in (
        "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        f"--window-size={width},{height}",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ):  # fmt: skip
        options.add_argument(flag)
    return webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))


def ask(path: str, body: dict[str, object]) -> list[dict[str, object]]:
    """One question to Prefect's API."""
    request = urllib.request.Request(
        f"{API}/{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        found: list[dict[str, object]] = json.load(answer)
    return found


def alert_picture(day: Path) -> None:
    """The thread of one event, as the demo's Slack holds it."""
    page = day / "desk.html"
    subprocess.run([sys.executable, "-m", "demo.desk_view", str(day / "slack.jsonl"), str(page)], check=True)
    driver = browser(860, 1200)
    try:
        driver.get(page.as_uri())
        messages = driver.find_elements(By.CSS_SELECTOR, "main > article")
        wanted = next((message for message in messages if ALERT in message.text), messages[0])
        wanted.screenshot(str(HERE / "alert.png"))
    finally:
        driver.quit()


def run_picture() -> None:
    """The newest poll that found something, on its page in the UI."""
    runs = ask("flow_runs/filter", {"limit": 20, "sort": "EXPECTED_START_TIME_DESC"})
    busy = next(r for r in runs if "poll" in str(r["name"]) and r["state_type"] == "COMPLETED" and r["total_run_time"])
    driver = browser(1400, 900)
    try:
        driver.get(f"http://127.0.0.1:{PORT}/runs/flow-run/{busy['id']}")
        time.sleep(8)
        driver.save_screenshot(str(HERE / "run.png"))
    finally:
        driver.quit()


def main() -> None:
    """Play the day, start a server on its records, and take both pictures."""
    with tempfile.TemporaryDirectory() as folder:
        day = Path(folder) / "day"
        subprocess.run([str(BIN / "tocsin"), "demo", "--folder", str(day)], check=False, stdout=subprocess.DEVNULL)
        alert_picture(day)
        server = subprocess.Popen(
            [str(BIN / "tocsin"), "serve", "--config", str(day / "config.yaml"), "--port", str(PORT)],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            assert server.stdout is not None
            server.stdout.readline()
            run_picture()
        finally:
            server.terminate()
            server.wait(60)


if __name__ == "__main__":
    main()
