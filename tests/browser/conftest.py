"""A Chromium that talks to this machine only, and a served sample day for it to look at."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.fakes.outlet import Outlet, Story
from tests.fakes.serving import TOCSIN, Served, environment, until
from tests.flow.test_pipeline import ROCKETS, _config

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")

AUTH = "desk:correct horse"
SITE = "tocsin.example"  # a name that is not this machine's to the browser; its address is

HOSTILE = '<img src=x onerror="window.rang=1"><script>window.rang=1</script>[tap](javascript:window.rang=1)'
TRAP = Story(
    "trap",
    f"{ROCKETS.title} {HOSTILE}",
    [f"{HOSTILE} {ROCKETS.paragraphs[0]}", *ROCKETS.paragraphs[1:]],
)


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """Headless, without background traffic; every other host than this one is not found."""
    if CHROMIUM is None or DRIVER is None:
        pytest.skip("Chromium and its driver are not installed (apt-get install chromium chromium-driver)")
    from selenium import webdriver
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service

    options = Options()
    options.binary_location = CHROMIUM
    names = f"MAP {SITE} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    for flag in (
        "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic",
        "--no-first-run", "--hide-scrollbars", "--disable-background-networking", "--disable-component-update",
        "--disable-sync", "--window-size=1400,1000", f"--host-resolver-rules={names}",
    ):  # fmt: skip
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    driver.set_page_load_timeout(60)
    try:
        yield driver
    finally:
        driver.quit()


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """``tocsin serve`` with one poll: of a hostile outlet and of a dead feed; bound everywhere, so with a password."""
    with Outlet([TRAP]) as outlet:
        config = _config(tmp_path_factory.mktemp("browser"), outlet.address).path
        assert config is not None
        words = yaml.safe_load(config.read_text(encoding="utf-8"))
        words["feeds"] = [
            {"id": "trap", "url": f"{outlet.address}/feed.xml", "language": "en", "publisher": f"Trap {HOSTILE}"},
            {"id": "dead", "url": f"{outlet.address}/gone.xml", "language": "en", "publisher": "Dead"},
        ]
        words["schedule"] = {"poll_minutes": 60, "deliver_minutes": 60}
        words["alerts"] = {"channels": {"terminal": {"kind": "terminal", "brief": True}}}
        config.write_text(yaml.safe_dump(words, allow_unicode=True), encoding="utf-8")
        with Served(config, host="0.0.0.0", auth=AUTH) as running:
            yield running


@pytest.fixture(scope="session")
def day(served: Served) -> Path:
    """The sample wire day, polled through the Prefect of ``served``; its folder."""
    folder = served.folder / "day"
    words = [*TOCSIN, "demo", "--folder", str(folder)]
    known = {"PREFECT_API_AUTH_STRING": AUTH, "PREFECT_CLIENT_CSRF_SUPPORT_ENABLED": "true"}
    there = environment(PREFECT_API_URL=served.api, **known)
    done = subprocess.run(words, env=there, capture_output=True, text=True, timeout=150, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return folder


def hostile_poll(running: Served) -> dict[str, Any]:
    """The run that polled the hostile outlet, once it has ended."""

    def ended() -> dict[str, Any] | None:
        return next((run for run in running.runs("poll", "COMPLETED", "FAILED") if run["deployment_id"]), None)

    found: dict[str, Any] = until("the poll of the hostile outlet", ended)
    return found


def demo_poll(running: Served) -> dict[str, Any]:
    """The first run of the sample day: the one that found the most."""
    return next(
        run for run in running.runs("poll", "COMPLETED") if "events" in run["tags"] and not run["deployment_id"]
    )
