"""Where ``serve`` says that its server is, and who finds it there: past proxies, over IPv6, and not what is stale."""

from __future__ import annotations

import json
import os
import socketserver
import threading
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from flows import serve, settings
from tests.fakes.site import reply
from tests.fakes.site import serve as site
from tocsin.config import Config, Http


class _Talker(socketserver.BaseRequestHandler):
    """What took the port since: a mail server."""

    def handle(self) -> None:
        self.request.sendall(b"220 mail.example.org ready\r\n")


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """A configuration with its archive in an empty folder."""
    found = Config(http=Http(user_agent="tocsin-test/1"), archive=tmp_path / "tocsin.db")
    settings.home(found).mkdir(parents=True)
    return found


@pytest.fixture(autouse=True)
def _proxied(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment as in many an office: a proxy for everything, which cannot reach this machine."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT_") and k.lower() != "no_proxy"}
    proxy = "http://127.0.0.1:9"
    monkeypatch.setattr(os, "environ", kept | {"http_proxy": proxy, "HTTP_PROXY": proxy, "NO_PROXY": "intern.example"})


def test_a_proxy_is_not_asked_for_our_own_server(config: Config) -> None:
    """Else ``serve`` waits three minutes for a server that is up, and ``run`` starts a second one beside it."""
    with site({"/api/health": reply(200, b"true")}) as server:
        settings.server_file(config).write_text(json.dumps({"api": f"{server.base}/api"}), encoding="utf-8")
        assert settings.running_server(config) == f"{server.base}/api"
        settings.apply(config)
    assert os.environ["PREFECT_API_URL"] == f"{server.base}/api"
    assert os.environ["no_proxy"] == os.environ["NO_PROXY"] == "intern.example,127.0.0.1,localhost,::1"


@pytest.mark.parametrize(
    "said",
    ["[]", '["http://127.0.0.1:1/api"]', "{}", '{"api": 7}', '{"api": "no address"}', '{"api": "http://[/api"}', "{",
     "", '{"api": "http://127.0.0.1:%d/api"}', '{"api": "http://127.0.0.1:1/api"}'],
    ids=["a list", "a list with it", "nothing in it", "a number", "words", "half an address", "cut off", "empty",
         "a mail server there", "nobody there"],
)  # fmt: skip
def test_what_is_stale_is_no_server(config: Config, said: str) -> None:
    """After a kill -9 anything may stand in the file, and anybody may have its port."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Talker) as mail:
        threading.Thread(target=mail.serve_forever, args=(0.02,), daemon=True).start()
        port = mail.server_address[1]
        settings.server_file(config).write_text(said.replace("%d", str(port)), encoding="utf-8")
        assert settings.running_server(config) is None
        mail.shutdown()


@pytest.mark.parametrize(
    ("host", "where"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("::1", "[::1]"),
        ("localhost", "localhost"),
        ("0.0.0.0", "127.0.0.1"),
        ("::", "127.0.0.1"),
        ("10.1.2.3", "10.1.2.3"),
        ("2001:db8::7", "[2001:db8::7]"),
    ],
)
def test_the_children_are_told_an_address_that_clients_take(
    config: Config, monkeypatch: pytest.MonkeyPatch, host: str, where: str
) -> None:
    """IPv6 stands in brackets, and no proxy is asked for it."""
    monkeypatch.setitem(os.environ, settings.AUTH, "user:password")
    environment = serve._environment(config, host, 4200)
    api = environment["PREFECT_API_URL"]
    assert api == f"http://{where}:4200/api"
    assert httpx.URL(api).port == 4200
    assert urlsplit(api).hostname in environment["no_proxy"].split(",")
    assert environment["PREFECT_SERVER_API_HOST"] == host
    os.environ.update({name: environment[name] for name in ("NO_PROXY", "no_proxy")})
    with httpx.Client() as client:
        direct, other = (client._transport_for_url(httpx.URL(url)) for url in (api, "http://example.com/"))
    assert direct is not other
