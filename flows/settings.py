"""Prefect's settings, set by the project before Prefect is imported: nothing for the user to edit.

What the environment already says wins. The measured reasons: analytics phones out and locks the
database on a fresh home; the temporary server needs longer than 20 s on a busy machine; small
recorder batches cost four times the server time per task.
"""

from __future__ import annotations

import json
import os
import urllib.request
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values

from tocsin.config import Config
from tocsin.errors import ArchiveError, ConfigError

AUTH = "TOCSIN_UI_AUTH"  # "user:password", in the environment or in .env

DEFAULTS = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",  # else its database only grows
    "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": "P2D",  # most of its database; an automation looks back hours
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",  # seconds, the least there is: a dead run is seen within 90
    "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "false",
    "PREFECT_LOGGING_LEVEL": "INFO",
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "ERROR",  # the run report tells the rest, and the UI has every line
    "PREFECT_CLI_PROMPT": "false",
}


def home(config: Config) -> Path:
    """Where Prefect keeps its own database: beside the archive, never in the user's home."""
    return (config.archive.parent / "prefect").resolve()


def apply(config: Config) -> None:
    """Set Prefect's environment; to be called before the first import of Prefect.

    Raises:
        ArchiveError: The folder for Prefect's database cannot be made.
    """
    os.environ.setdefault("PREFECT_HOME", str(home(config)))
    try:
        home(config).mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        mend = "Prefect keeps its database there, beside the archive; --direct does without"
        raise ArchiveError(str(home(config)), f"the folder cannot be made ({exc.strerror}): {mend}") from None
    kept = {"PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(config.keep.runs_days * 86_400)}
    for name, value in (DEFAULTS | kept).items():
        os.environ.setdefault(name, value)
    if "PREFECT_API_URL" not in os.environ and (api := running_server(config)):
        os.environ |= {"PREFECT_API_URL": api, **direct(api)}
        for name, value in guard(config).items():
            os.environ.setdefault(name, value)


def guard(config: Config) -> dict[str, str]:
    """Password and CSRF protection for server and clients, always together; empty without a password.

    Raises:
        ConfigError: The password is not ``user:password``.
    """
    beside = dotenv_values(config.path.parent / ".env", interpolate=False) if config.path else {}
    secret = os.environ.get(AUTH) or beside.get(AUTH) or ""
    if not secret:
        return {}
    user, _, password = secret.partition(":")
    if not user or not password:
        raise ConfigError(AUTH, "must be user:password, with something on both sides of the colon")
    return {
        "PREFECT_SERVER_API_AUTH_STRING": secret,
        "PREFECT_API_AUTH_STRING": secret,
        "PREFECT_SERVER_CSRF_PROTECTION_ENABLED": "true",
        "PREFECT_CLIENT_CSRF_SUPPORT_ENABLED": "true",
    }


def server_file(config: Config) -> Path:
    """Where ``tocsin serve`` writes down the address of its server."""
    return home(config) / "server.json"


def running_server(config: Config) -> str | None:
    """The API of the server that ``tocsin serve`` runs, when it answers."""
    try:
        said = json.loads(server_file(config).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    api = said.get("api") if isinstance(said, dict) else None
    return api if isinstance(api, str) and answers(api) else None


def answers(api: str) -> bool:
    """True when a Prefect server of ours answers there; asked past any proxy, which knows nothing of this machine."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{api}/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except (OSError, ValueError, HTTPException):  # nobody there, no address, or something that is no HTTP
        return False


def direct(api: str) -> dict[str, str]:
    """What keeps Prefect's clients from asking a proxy for this machine and for the host of our server."""
    said = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    hosts = [*filter(None, map(str.strip, said.split(","))), "127.0.0.1", "localhost", "::1", urlsplit(api).hostname]
    value = ",".join(dict.fromkeys(host for host in hosts if host))
    return {"NO_PROXY": value, "no_proxy": value}
