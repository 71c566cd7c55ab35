"""Bugs of ours that the words of one item or feed lay bare: they cost that item, are told once, and nothing else."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from prefect.futures import PrefectConcurrentFuture
from prefect.states import Failed

from flows import bugs, gathering, poll, run
from flows.pipeline import Desk
from scrapers import pages
from tests.fakes.newsroom import rss, slug
from tests.fakes.sink import HttpSink
from tests.fakes.site import Site, reply, serve
from tests.flow.test_fetching import DRONE, ROCKETS
from tests.flow.test_operators import told
from tocsin.archive import Archive
from tocsin.bugs import FILE
from tocsin.config import Config, reading
from tocsin.errors import ArchiveError
from tocsin.model import Outcome, RunReport

WATER = (
    "Tigris rises for the third week",
    "Dates fetch less at Basra's market",
    "Museum of Mosul shows its winged bull",
)
WORDS = [
    first + last for first in ("har", "win", "gold", "mar", "sun") for last in ("bour", "ter", "field", "ket", "day")
]


def page(title: str) -> bytes:
    """A page with a text of its own: no copy of another's."""
    chance = random.Random(title)
    text = f"{title}. " + " ".join(f"The {' and '.join(chance.sample(WORDS, 8))}." for _ in range(9))
    return f"<html><title>{title}</title><article><h1>{title}</h1><p>{text}</p></article></html>".encode()


@dataclass
class World:
    """Feeds of one site, a clock that the test turns, and what operators get."""

    site: Site
    hook: HttpSink
    config: Config
    at: list[datetime] = field(default_factory=lambda: [run.utc_now()])

    def poll(self, *, after: timedelta = timedelta()) -> RunReport:
        """One poll, some time later."""
        self.at[0] += after
        return run.poll_direct(self.config)

    def items(self, columns: str = "outcome, detail", *, of: str = "") -> list[tuple[Any, ...]]:
        """The rows of items, those of one title or all."""
        with Archive.open(self.config.archive) as archive:
            rows = archive.query(f"SELECT {columns} FROM item WHERE title LIKE ? ORDER BY title", [f"{of}%"])
        return [tuple(row.values()) for row in rows]

    def log(self) -> str:
        """What stands in the log of bugs."""
        file = self.config.archive.parent / FILE
        return file.read_text(encoding="utf-8") if file.exists() else ""


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., World]]:
    """Makes a world of so many feeds, all with the same items but the first, which has those given."""
    monkeypatch.setattr(bugs, "_TOLD", set())
    with serve({"/robots.txt": reply(404)}) as site, HttpSink() as hook:

        def make(*titles: str, feeds: int = 1) -> World:
            path = tmp_path / "config.yaml"
            lines = "".join(f'  - {{id: f{n}, url: "{site.base}/{n}.xml", language: en}}\n' for n in range(feeds))
            path.write_text(
                'archive: tocsin.db\nhttp:\n  user_agent: "Tocsin/1.0 (+https://tocsin.example/; t@tocsin.example)"\n'
                '  per_host_delay_seconds: 0\n  allow_private_addresses: ["127.0.0.0/8"]\n'
                f"feeds:\n{lines}alerts:\n"
                f"  channels: {{ops: {{kind: webhook, url: '{hook.url}'}}, terminal: {{kind: terminal}}}}\n"
                "  routes: [{to: [terminal]}]\n  operators: [ops]\n",
                encoding="utf-8",
            )
            made = World(site, hook, reading.load(path))
            monkeypatch.setattr(run, "utc_now", lambda: made.at[0])
            for n in range(feeds):
                shown = titles if n == 0 else (f"Feed {n}: council meets",)
                site.routes[f"/{n}.xml"] = reply(200, rss(*shown, base=site.base, at=made.at[0]))
                site.routes |= {f"/{slug(title)}": reply(200, page(title)) for title in shown}
            return made

        yield make


def broken_for(words: str, real: Callable[..., Any], error: Exception) -> Callable[..., Any]:
    """The function, which raises for whatever holds those words."""

    def call(*args: Any, **kwargs: Any) -> Any:
        if words in repr((args, kwargs)):
            raise error
        return real(*args, **kwargs)

    return call


def test_a_page_that_meets_a_bug_costs_no_other_and_its_item_rings_on_its_words(
    world: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stack is told once, operators hear of it once; the page comes again, later each time, until it is mended."""
    here = world(*WATER, ROCKETS)
    with monkeypatch.context() as broken:
        broken.setattr(pages, "read", broken_for(slug(ROCKETS), pages.read, RecursionError("too deep")))
        report = here.poll()
        assert report.outcomes == {"new": 3, "blocked": 1}
        assert len(report.events) == 1, "it rings on the feed's words"
        assert here.items(of="Three rockets") == [("blocked", "bug: RecursionError: too deep")]
        asked = [1]
        for minutes in (9, 20, 16, 30):
            here.poll(after=timedelta(minutes=minutes))
            asked.append(here.site.paths().count(f"/{slug(ROCKETS)}"))
    assert asked[1:] == [1, 2, 2, 3]
    assert here.log().count("Traceback") == 1
    assert "in call\n    raise error" in here.log()
    words = "F0 (f0): a bug in Tocsin met 1 item, tried again later: RecursionError: too deep"
    assert told(here.hook) == [("trouble", words)]
    here.poll(after=timedelta(hours=1))
    assert here.items("outcome, retry_at", of="Three rockets") == [("revision", None)]
    assert told(here.hook)[1:] == [("cleared", f"Over: f{words[1:]}")]


def test_an_item_that_cannot_even_be_judged_is_marked_and_comes_again(
    world: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither its page nor its words get through; the others of its feed are as if it were not there."""
    here = world(*WATER, ROCKETS)
    with monkeypatch.context() as broken:
        broken.setattr(gathering, "assess", broken_for("rockets", gathering.assess, KeyError("links")))
        assert here.poll().outcomes == {"new": 3, "failed": 1}
        assert here.poll(after=timedelta(minutes=30)).outcomes.get("failed") == 1, (
            "tried again behind an unchanged feed"
        )
    report = here.poll(after=timedelta(hours=1))
    assert [len(event.reasons) for event in report.events] == [1]
    assert here.items("retry_at", of="Three rockets") == [(None,)]


def test_a_bug_in_an_old_item_is_told_and_tried_again_too(
    world: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other old items are not: of those nothing is to be mended here."""
    here = world(*WATER)
    here.site.routes["/0.xml"] = reply(200, rss(ROCKETS, at=here.at[0] - timedelta(days=3)))
    monkeypatch.setattr(gathering, "assess", broken_for("rockets", gathering.assess, KeyError("links")))
    assert here.poll().outcomes == {"failed": 1}
    assert here.items("retry_at IS NULL") == [(0,)]
    assert [reason for reason, _ in told(here.hook)] == ["trouble"]


@pytest.mark.parametrize(("owner", "step"), [(Desk, "_event"), (Desk, "take"), (Archive, "save_item")])
def test_an_article_that_cannot_be_settled_costs_itself(
    owner: type, step: str, world: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Undone alone, whatever was stored of it by then; other items and feeds are settled, and it comes again."""
    here = world(*WATER, ROCKETS, feeds=5)
    unbroken = getattr(owner, step)

    def broken(*args: Any, **kwargs: Any) -> Any:
        done = unbroken(*args, **kwargs)
        if ROCKETS in repr(args) and Outcome.FAILED not in args:
            raise IndexError("out of range")
        return done

    with monkeypatch.context() as patched:
        patched.setattr(owner, step, broken)
        report = here.poll()
    assert report.outcomes == {"new": 7, "failed": 1}
    assert [feed.status for feed in report.feeds] == ["ok"] * 5
    assert here.items(of="Three rockets") == [("failed", "bug: IndexError: out of range")]
    with Archive.open(here.config.archive) as archive:
        assert archive.value("SELECT count(*) FROM article WHERE title LIKE 'Three rockets%'") == 0
        assert archive.value("SELECT count(*) FROM article") == 7
    report = here.poll(after=timedelta(minutes=30))
    assert [event.is_new for event in report.events] == [True]
    assert here.items("outcome", of="Three rockets") == [("new",)]


def test_a_statement_of_ours_that_sqlite_refuses_is_a_bug_of_one_item(
    world: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An archive that cannot be used is none: that ends the poll."""
    here = world(*WATER, ROCKETS)
    unbroken = Desk.take

    def take(desk: Desk, article: Any, *args: Any, **kwargs: Any) -> Any:
        if article.title == ROCKETS:
            desk.archive.execute("INSERT INTO item (feed) VALUES (NULL)")
        return unbroken(desk, article, *args, **kwargs)

    monkeypatch.setattr(Desk, "take", take)
    assert here.poll().outcomes == {"new": 3, "failed": 1}
    assert "NOT NULL constraint failed" in here.items(of="Three rockets")[0][1]

    def full(*_: Any, **__: Any) -> Any:
        raise ArchiveError("tocsin.db", "the disk is full")

    monkeypatch.setattr(Desk, "take", full)
    here.site.routes["/0.xml"] = reply(200, rss(DRONE, base=here.site.base, at=here.at[0]))
    with pytest.raises(ArchiveError, match="disk is full"):
        here.poll(after=timedelta(hours=1))


@pytest.mark.parametrize("news", [True, False], ids=["with news", "without"])
def test_a_feed_that_cannot_be_settled_costs_itself(
    news: bool, world: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its state tells the bug and when it is asked again; not as a fault of the feed or of the network."""
    here = world(*WATER, feeds=3)
    if not news:
        here.poll()
    settle = Desk.settle

    def broken(desk: Desk, gathered: Any, **kwargs: Any) -> Any:
        if gathered.feed.id == "f1" and not gathered.down:
            raise ValueError("embedded null character")
        return settle(desk, gathered, **kwargs)

    monkeypatch.setattr(Desk, "settle", broken)
    report = here.poll(after=timedelta(hours=2))
    assert [(feed.feed, feed.down) for feed in report.feeds] == [("f0", False), ("f1", True), ("f2", False)]
    with Archive.open(here.config.archive) as archive:
        state = archive.feed_states()["f1"]
    assert (state.status, state.detail, state.etag) == ("bug", "ValueError: embedded null character", None)
    assert state.next_attempt_at is not None
    assert state.next_attempt_at > here.at[0] + timedelta(minutes=10)
    assert [gist for _, gist in told(here.hook)] == [
        "F1 (f1): a bug in Tocsin stops it: ValueError: embedded null character"
    ]
    monkeypatch.setattr(Desk, "settle", settle)
    assert not any(feed.down for feed in here.poll(after=timedelta(hours=1)).feeds)
    assert len(here.items(of="Feed 1")) == 1


def test_a_feed_whose_fate_cannot_be_stored_is_told_all_the_same(
    world: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others are settled, delivered and reported."""
    here = world(ROCKETS, feeds=2)
    save = Archive.save_feed_state
    monkeypatch.setattr(Archive, "save_feed_state", broken_for("feed='f1'", save, OverflowError("int too large")))
    report = here.poll()
    assert [(feed.feed, feed.status) for feed in report.feeds] == [("f0", "ok"), ("f1", "bug")]
    assert report.sent >= 1


def test_a_batch_that_breaks_down_costs_neither_delivery_nor_report(
    world: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its feeds are told as down with the reason; what the other batches found is rung, and the report is written."""
    here = world(ROCKETS, feeds=4)
    monkeypatch.setattr(run, "batches", lambda feeds: [[feed] for feed in feeds])
    faults = {"f1": ArchiveError("tocsin.db", "locked for 30 seconds"), "f2": ZeroDivisionError("of course")}

    def batch(_: str, feed_ids: list[str]) -> Any:
        if (fault := faults.get(feed_ids[0])) is not None:
            return Failed(data=fault, message="broke down")
        if feed_ids == ["f3"]:
            raise RuntimeError("Prefect's engine itself")
        return run.poll_feeds(here.config, [feed for feed in here.config.feeds if feed.id in feed_ids])

    def deliver(_: str, seconds: float) -> Any:
        with Archive.open(here.config.archive) as archive:
            return run.deliver(here.config, archive, seconds=seconds)

    with ThreadPoolExecutor(4) as pool:
        submit = lambda *args: PrefectConcurrentFuture(uuid4(), pool.submit(batch, *args))  # noqa: E731
        monkeypatch.setattr(poll.tasks, "poll_batch", SimpleNamespace(submit=submit))
        monkeypatch.setattr(poll.tasks, "deliver", deliver)
        down: list[tuple[str, str]] = []
        monkeypatch.setattr(poll.tasks, "feed_down", lambda feed, why, **_: down.append((feed, why)))
        for name in ("publish", "tell_deliveries", "name_run"):
            monkeypatch.setattr(poll.cockpit, name, lambda *_: None)
        monkeypatch.setattr(poll.cockpit, "Progress", lambda _: SimpleNamespace(show=lambda _: None))
        state = poll.poll.fn(str(here.config.path))
    report = state.data
    assert isinstance(report, RunReport)
    assert {feed.feed: feed.status for feed in report.feeds} == {"f0": "ok", "f1": "archive", "f2": "bug", "f3": "bug"}
    assert dict(down)["f1"] == "archive: tocsin.db: locked for 30 seconds"
    assert dict(down)["f2"] == "bug: ZeroDivisionError: of course"
    assert report.sent == 1
    with Archive.open(here.config.archive) as archive:
        assert [found.feeds for found in archive.runs(5)] == [report.feeds]


def test_a_bug_in_a_line_tells_no_secret_of_an_address() -> None:
    """What stands in operators' messages and in Prefect."""
    fault = ValueError("cannot read https://me:hunter2@a.example/x?token=5f3759df\nand more")
    assert bugs.apart(
        lambda: (_ for _ in ()).throw(fault), "f0", Config.model_construct(archive=Path("/nowhere/x"))
    ) == (bugs.Bug("bug: ValueError: cannot read https://a.example/x?token=***"))
