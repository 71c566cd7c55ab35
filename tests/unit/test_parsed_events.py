"""Parsed events are kept within bounds, and never stale."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.fakes.alerts import event
from tocsin.archive import parsed
from tocsin.archive.parsed import Parsed
from tocsin.archive.rows import pack
from tocsin.model import Event


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The bodies that were parsed."""
    bodies: list[str] = []
    unpack = parsed.unpack

    def noted(kind: type[Event], body: str) -> Event:
        bodies.append(body)
        return unpack(kind, body)

    monkeypatch.setattr(parsed, "unpack", noted)
    return bodies


def test_a_body_is_parsed_once(read: list[str]) -> None:
    """And each event that was written is read as it was written, whatever else of it stayed the same."""
    cache, one, other = Parsed(), event(), event(gist="another origin was found; version and times are the same")
    for it in (one, one, other, other, one):
        assert cache.event(it.id, pack(it)) == it
    assert read == [pack(one), pack(other), pack(one)]


def test_what_is_kept_is_bounded_by_the_bodies(read: list[str]) -> None:
    """An event that grows takes one place, a hundred events no more than the bound; one beyond it is not kept."""
    size = len(pack(event(id="ev-00")))
    cache = Parsed(most=10 * size + 5)
    for n in range(50):
        cache.event("ev-00", pack(event(id="ev-00", version=10 + n)))
    assert cache.size == size + 1
    for n in range(100):
        cache.event(f"ev-{n:02}", pack(event(id=f"ev-{n:02}")))
    assert cache.size == 10 * size
    read.clear()
    for n in range(90, 100):
        cache.event(f"ev-{n:02}", pack(event(id=f"ev-{n:02}")))
    assert read == []
    huge = event(id="ev-huge", gist="x" * 11 * size)
    assert cache.event("ev-huge", pack(huge)) == huge
    assert cache.size <= 10 * size + 5


def test_many_threads_read_at_once() -> None:
    """As polls of several feeds do."""
    cache = Parsed(most=5000)
    events = [event(id=f"ev-{n % 7}", version=1 + n % 3) for n in range(400)]
    bodies = [pack(it) for it in events]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda n: cache.event(events[n].id, bodies[n]), range(400))) == events
    assert 0 < cache.size <= 5000
