"""What is counted and written down of each GET."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from scrapers import attempts
from scrapers.attempts import Attempt, Attempts, Tally
from tests.fakes.site import NOW, get, http, reply, serve
from tocsin.config import reading
from tocsin.errors import FetchError


def test_one_line_of_json_an_attempt_without_its_secrets(tmp_path: Path) -> None:
    """Good, unchanged, failed, and the robots.txt of a page; the sum tells the same."""
    log = tmp_path / "logs" / "attempts.jsonl"
    routes = {"/f": reply(200, b"x" * 100), "/same": reply(304), "/robots.txt": reply(404), "/p": reply(200, b"page")}
    with serve(routes) as site:
        client = http(attempts=log)
        get(client, site.base + "/f?token=hunter2")
        get(client, site.base + "/same", etag='"1"')
        with pytest.raises(FetchError):
            get(client, site.base + "/gone")
        get(client, site.base + "/p", kind="page")
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    told = [(one["kind"], one["status"], one["error"], one["bytes"]) for one in lines]
    assert told == [
        ("feed", 200, "", 100), ("feed", 304, "", 0), ("feed", 404, "HTTP 404", 0), ("robots", 404, "HTTP 404", 0),
        ("page", 200, "", 4),
    ]  # fmt: skip
    assert lines[0]["url"] == f"{site.base}/f?token=***"
    assert set(lines[0]) == {"at", "kind", "url", "status", "error", "bytes", "seconds", "waited"}
    assert "hunter2" not in log.read_text(encoding="utf-8")
    assert str(client.tally).startswith("5 requests, 1 not modified (33% of the feeds), 2 failed, 0.0 MB, 0 s waited")


def test_the_wait_for_a_turn_is_told_apart_from_the_request(tmp_path: Path) -> None:
    """Per-host pauses are not the server's fault."""
    with serve({"/f": reply(200, b"x")}) as site:
        client = http(attempts=tmp_path / "a.jsonl", per_host_delay_seconds=0.6)
        for _ in range(2):
            get(client, site.base + "/f")
    second = json.loads((tmp_path / "a.jsonl").read_text(encoding="utf-8").splitlines()[1])
    assert second["waited"] == pytest.approx(0.6, abs=0.2)
    assert second["seconds"] < 0.4


def test_many_writers_break_no_line_and_a_full_file_is_set_aside_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two clients, as two processes would, in eight threads; what is kept are the last lines."""
    one = Attempt("feed", "https://a.example/" + "x" * 100, 200)
    a_line = len(one.line(NOW)) + 1
    monkeypatch.setattr(attempts, "MAX_BYTES", 75 * a_line - 1)  # the 75th line fills a file
    file = tmp_path / "a.jsonl"
    writers = [Attempts(file), Attempts(file)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: writers[n % 2].note(one), range(400)))
    kept = {path.name: path.read_text().splitlines() for path in tmp_path.glob("a.jsonl*")}
    assert {name: len(lines) for name, lines in kept.items()} == {"a.jsonl": 25, "a.jsonl.1": 75}
    assert all(json.loads(line)["status"] == 200 for lines in kept.values() for line in lines)
    assert sum(writer.tally.requests for writer in writers) == 400


def test_a_file_that_cannot_be_written_costs_no_fetch(tmp_path: Path) -> None:
    """It is told once."""
    (tmp_path / "taken").write_text("a file where a folder should be", encoding="utf-8")
    with serve({"/f": reply(200, b"x")}) as site:
        assert get(http(attempts=tmp_path / "taken" / "a.jsonl"), site.base + "/f").status == 200


def test_the_file_is_relative_to_the_config(tmp_path: Path) -> None:
    """As the archive is."""
    path = tmp_path / "config.yaml"
    path.write_text("http: {user_agent: 'Tocsin/1.0 (+https://x.example/; a@x.example)', attempts: logs/a.jsonl}")
    assert reading.load(path, {}).http.attempts == tmp_path / "logs" / "a.jsonl"


def test_a_sum_since_another() -> None:
    """What one poll added to what the process did before."""
    before = Tally().plus(Attempt("feed", "u", 304))
    after = before.plus(Attempt("page", "u", None, "timeout: x", 0, 3.0, 2.0)).plus(Attempt("feed", "u", 200, "", 10))
    assert after.since(before) == Tally(2, 1, 0, 1, 10, 2.0)
    assert NOW.isoformat() in Attempt("feed", "u", 200).line(NOW).replace(".000", "")
