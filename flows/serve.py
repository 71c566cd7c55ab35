"""``tocsin serve``: Prefect's server with its UI and the runner of every schedule, kept alive by one parent.

Two children: the server, and ``flows.runner`` which serves the deployments. A child that dies is
started again; Ctrl-C and SIGTERM end both and leave the schedules on.
"""

from __future__ import annotations

import ctypes
import ipaddress
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from flows import settings
from tocsin.archive import Archive
from tocsin.config import Config
from tocsin.errors import ConfigError

START_SECONDS = 180.0  # a busy two-core machine was seen to need 53
STOP_SECONDS = 15.0
RESTART_SECONDS = 5.0  # least time between two starts of one child; doubled each time that it soon dies again
RESTART_MOST = 60.0
SITE = "TOCSIN_UI_URL"  # https://tocsin.example.org, where a proxy with TLS stands before it


def serve(config: Config, *, host: str = "127.0.0.1", port: int = 4200, say: Callable[[str], None] = print) -> None:
    """Run server, UI and schedules until told to stop.

    Raises:
        ConfigError: Bound beyond this machine without a password, another ``serve`` has this archive, or the
            server does not come up.
    """
    environment = _environment(config, host, port)
    with Archive.open(config.archive) as archive, archive.lock("serve") as mine:
        if not mine:
            where = settings.running_server(config)
            at = f" at {where.removesuffix('/api')}" if where else ""
            raise ConfigError(str(config.archive), f"another `tocsin serve` polls into it already{at}; stop that first")
        _serve(config, environment, host, port, say)


def _serve(config: Config, environment: dict[str, str], host: str, port: int, say: Callable[[str], None]) -> None:
    api = f"http://{_reach(host)}:{port}/api"
    if why := _taken(host, port):
        raise ConfigError(f"{host} port {port}", f"{why}; stop what listens there, or choose another --port")
    stop = _Stop()
    children = _Children(environment, settings.home(config))
    try:
        children.start("server", ["-m", "prefect", "server", "start", "--host", host, "--port", str(port)])
        _await(api, children, stop)
        _write_address(config, api)
        children.start("runner", ["-m", "flows.runner", str(config.path)])
        say(f"Tocsin is up: {api.removesuffix('/api')} shows the runs; their words are in {settings.home(config)}.")
        say("Ctrl-C stops it; the schedules stay on.")
        while not stop.asked:
            children.revive(say)
            time.sleep(0.5)
    finally:
        settings.server_file(config).unlink(missing_ok=True)
        children.stop()
        say("Stopped.")


def die_with_parent() -> None:
    """In the child: ask the kernel for a SIGTERM when the parent dies, so that kill -9 leaves no orphan polling on."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


class _Stop:
    """Turns SIGINT and SIGTERM into a flag."""

    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self.asked = True


class _Children:
    """The processes we started, by name; only they are ever ended."""

    def __init__(self, environment: dict[str, str], logs: Path) -> None:
        self._environment = environment
        self._logs = logs
        self._running: dict[str, tuple[subprocess.Popen[bytes], list[str], float]] = {}
        self._pauses: dict[str, float] = {}

    def start(self, name: str, arguments: list[str]) -> None:
        """Start one in its own session, so that a Ctrl-C reaches it through us, in order.

        Its words go to a file, but for what the runner's flows print: the alerts of the terminal channel.
        """
        with self.log(name).open("ab") as log:
            child = subprocess.Popen(  # noqa: S603 our own interpreter and words
                [sys.executable, "-P", *arguments],  # -P: no code of the current folder
                env=self._environment,
                start_new_session=True,
                stdin=subprocess.DEVNULL,
                stdout=None if name == "runner" else log,
                stderr=log,
                preexec_fn=die_with_parent if sys.platform == "linux" else None,
            )
        self._running[name] = (child, arguments, time.monotonic())

    def log(self, name: str) -> Path:
        """Where the words of a child go."""
        return self._logs / f"{name}.log"

    def dead(self, name: str) -> bool:
        """True when the child has ended."""
        return self._running[name][0].poll() is not None

    def revive(self, say: Callable[[str], None]) -> None:
        """Start again what died."""
        for name, (child, arguments, started) in list(self._running.items()):
            lived, pause = time.monotonic() - started, self._pauses.get(name, RESTART_SECONDS)
            if child.poll() is not None and lived > pause:
                say(f"The {name} ended with {child.returncode}, see {self.log(name)}; starting it again.")
                self._pauses[name] = min(2 * pause, RESTART_MOST) if lived < 2 * RESTART_MOST else RESTART_SECONDS
                self.start(name, arguments)

    def stop(self) -> None:
        """End all, the runner first, and wait for them."""
        for child, _, _ in reversed(list(self._running.values())):
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)
                try:
                    child.wait(STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    os.killpg(child.pid, signal.SIGKILL)
                    child.wait()


def _environment(config: Config, host: str, port: int) -> dict[str, str]:
    settings.apply(config)
    reach = f"http://{_reach(host)}:{port}"
    environment = dict(os.environ) | settings.direct(reach)
    environment |= {
        "PREFECT_API_URL": f"{reach}/api",
        "PREFECT_SERVER_API_HOST": host,
        "PREFECT_SERVER_API_PORT": str(port),
        "PREFECT_SERVER_UI_API_URL": f"{reach}/api",
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": reach,
        "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
    }
    guard = settings.guard(config)
    if not _loopback(host):
        if not guard:
            where = f"set {settings.AUTH}=user:password in the environment or in .env first"
            raise ConfigError(f"--host {host}", f"others could start runs and read everything: {where}")
        # pages are asked for by whatever name this machine has: the UI speaks to where it came from
        site = os.environ.get(SITE, "").rstrip("/")
        environment |= {
            "PREFECT_SERVER_UI_API_URL": f"{site}/api",
            "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": site or reach,
        }
    return environment | guard


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _reach(host: str) -> str:
    """The host as addresses have it, where clients of this machine reach what listens there."""
    if host in {"0.0.0.0", "::"}:  # noqa: S104 compared, not bound
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _taken(host: str, port: int) -> str:
    """Why nobody can listen there; "" when one can."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, kind, protocol, _, address in found[:1]:
            with socket.socket(family, kind, protocol) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
    except OSError as exc:
        return str(exc.strerror or exc).lower()
    return ""


def _await(api: str, children: _Children, stop: _Stop) -> None:
    give_up = time.monotonic() + START_SECONDS
    while not settings.answers(api):
        if stop.asked:
            raise KeyboardInterrupt
        if children.dead("server") or time.monotonic() > give_up:
            raise ConfigError(api, f"Prefect's server did not come up: see {children.log('server')}")
        time.sleep(0.5)


def _write_address(config: Config, api: str) -> None:
    file = settings.server_file(config)
    file.write_text(json.dumps({"api": api}), encoding="utf-8")
