"""The steps of a poll, as the flow and the command take them: whatever calls them, they know no Prefect."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from threading import BoundedSemaphore

from flows import bugs, operators, outgoing
from flows.gathered import Gathered
from flows.gathering import gather
from flows.pipeline import Desk, Settled
from scrapers import schedule
from scrapers.http import Http
from tocsin.alerts import channels, dispatch
from tocsin.archive import Archive, owners
from tocsin.archive.hosts import HostLedger
from tocsin.archive.leases import LASTS
from tocsin.archive.outbox import Outbox
from tocsin.bugs import KIND
from tocsin.config import Config, Feed
from tocsin.config import Http as HttpSettings
from tocsin.errors import ArchiveError, ParseError
from tocsin.model import FeedRun, FeedState, FlaggedEvent, RunReport
from tocsin.urls import host

Say = Callable[[str], None]
BATCH = 10  # feeds a Prefect task; more where one host has more
RENEW = LASTS / 3  # how often the leases of what is still being gathered are renewed
DELIVER_SECONDS = 60.0  # at the end of a poll; what is left waits for the next delivery


def utc_now() -> datetime:
    """The one clock of the flows."""
    return datetime.now(UTC)


def poll_direct(config: Config, *, restored: bool = False, say: Say | None = None) -> RunReport:
    """The poll without Prefect: instant, for cron and recovery.

    Args:
        restored: The archive came back from a backup: what it did not send, it may have sent after the backup.
    """
    started = utc_now()
    with Archive.open(config.archive) as archive, archive.lock("poll") as mine:
        if not mine:
            return skipped(started, "another poll is running")
        feeds = due(config, archive, now=started)
        before = shared_http(config.http, config.archive).tally
        settled = poll_feeds(config, feeds, say=say)
        if say and settled:
            say(str(shared_http(config.http, config.archive).tally.since(before)))
        if restored:
            _doubt(config, archive, say)
        delivered = deliver(config, archive)
        return finish(config, archive, settled, delivered, started=started)


def _doubt(config: Config, archive: Archive, say: Say | None) -> None:
    """Look every open delivery up before it is sent, where its channel can; say so where it cannot."""
    for name, channel in open_channels(config).items():
        if channel.looks_up:
            n = Outbox(archive).doubt_all(name, now=utc_now())
            words = f"{n} alerts are looked up before they are sent"
        else:
            words = "cannot be asked what it got: what it was sent after the backup comes again"
        if say:
            say(f"{name}: {words}")


def due(config: Config, archive: Archive, *, now: datetime) -> list[Feed]:
    """The feeds whose time has come."""
    return schedule.due([f for f in config.feeds if f.enabled], archive.feed_states(), now)


def batches(feeds: Iterable[Feed], size: int = BATCH) -> list[list[Feed]]:
    """Feeds in portions of about that size, in their order; those of one host stay together, with the first of them."""
    of_host: dict[str, list[Feed]] = {}
    for feed in feeds:
        of_host.setdefault(host(feed.url) or feed.url, []).append(feed)
    made: list[list[Feed]] = []
    for together in of_host.values():
        if made and len(made[-1]) < size:
            made[-1] += together
        else:
            made.append(together)
    return made


def poll_feeds(config: Config, feeds: Sequence[Feed], *, say: Say | None = None) -> list[Settled]:
    """Gather feeds side by side and settle each as it comes in, so that a hanging one delays no other."""
    if not feeds:
        return []
    owner = owners.new_owner()
    with Archive.open(config.archive) as archive:
        try:
            return _poll_claimed(config, feeds, archive, owner, say)
        finally:
            with suppress(ArchiveError):  # they end by themselves
                archive.release(owner)


def _poll_claimed(
    config: Config,
    feeds: Sequence[Feed],
    archive: Archive,
    owner: str,
    say: Say | None,
) -> list[Settled]:
    """Poll those of the feeds that are ours and still due: another run may just have ended with them."""
    states = archive.claim([feed.id for feed in feeds], owner, now=utc_now())
    feeds = schedule.due([feed for feed in feeds if feed.id in states], states, utc_now())
    if not feeds:
        return []
    desk = Desk(archive, config, recipients(config))
    http = shared_http(config.http, config.archive)
    done: list[Settled] = []
    seats, hung = _seats(config.http.workers), Counter[tuple[str, str]]()

    def take(feed: Feed) -> Gathered:
        with seats:
            return gather(feed, states[feed.id], archive, http, config, clock=utc_now, hung=hung)

    with ThreadPoolExecutor(min(config.http.workers, len(feeds)), thread_name_prefix="feed") as pool:
        jobs = {pool.submit(take, feed): feed for feed in feeds}
        left, renewed = set(jobs), utc_now()
        while left:
            ready, left = wait(left, timeout=RENEW.total_seconds(), return_when=FIRST_COMPLETED)
            if utc_now() - renewed >= RENEW:
                archive.renew(owner, now=utc_now())
                renewed = utc_now()
            came = [_result(job, jobs[job], states[jobs[job].id], config) for job in ready]
            for settled in _settle_all(desk, archive, came, states):
                done.append(settled)
                if say:
                    say(line(settled))
    return done


@lru_cache(maxsize=4)
def _seats(workers: int) -> BoundedSemaphore:
    """So many feeds are gathered side by side in this process, one request each, over all batches that run."""
    return BoundedSemaphore(workers)


def _result(job: Future[Gathered], feed: Feed, state: FeedState, config: Config) -> Gathered:
    """What a feed gave; a bug that its words laid bare is the feed's alone."""
    came = bugs.apart(job.result, feed.id, config, known=state.status == KIND)
    return _broken(feed, state, came) if isinstance(came, bugs.Bug) else came


def _settle_all(
    desk: Desk, archive: Archive, came: Sequence[Gathered], states: Mapping[str, FeedState]
) -> list[Settled]:
    """Settle each feed that came in; those without news share a transaction, for each costs a wait for the disk."""
    quiet = [gathered for gathered in came if not gathered.gleaned]
    settled = [_settle(desk, gathered, states) for gathered in came if gathered.gleaned]
    if not quiet:
        return settled

    def together() -> list[Settled]:
        with archive.transaction():
            return [desk.settle(gathered, now=utc_now()) for gathered in quiet]

    made = bugs.apart(together, "feeds without news", desk.config)
    return settled + ([_settle(desk, each, states) for each in quiet] if isinstance(made, bugs.Bug) else made)


def _settle(desk: Desk, gathered: Gathered, states: Mapping[str, FeedState]) -> Settled:
    """Settle one feed; where that meets a bug nothing of it is stored but the bug, and all of it comes again."""
    feed = gathered.feed
    state = states.get(feed.id) or FeedState(feed.id)
    made = bugs.apart(lambda: desk.settle(gathered, now=utc_now()), feed.id, desk.config)
    if isinstance(made, bugs.Bug):
        broken = _broken(feed, state, made)
        made = bugs.apart(lambda: desk.settle(broken, now=utc_now()), feed.id, desk.config)
    return unsettled(feed, made.words) if isinstance(made, bugs.Bug) else made


def unsettled(feed: Feed, why: str, *, status: str = KIND) -> Settled:
    """The fate of a feed of which nothing could be stored, not even that: it is due again at the next poll."""
    words = why.removeprefix(f"{KIND}: ")
    return Settled(FeedRun(feed=feed.id, url=feed.url, status=status, detail=words, items=0, down=True))


@lru_cache(maxsize=4)
def shared_http(http: HttpSettings, archive: Path) -> Http:
    """One client a process; what hosts are owed is kept beside the archive, for other processes and later ones."""
    return Http(http, ledger=HostLedger.beside(archive))


def _broken(feed: Feed, state: FeedState, bug: bugs.Bug) -> Gathered:
    """A feed that met a bug: down, and its items come again, for its validators stay as they were."""
    error = ParseError(feed.id, bug.words)
    return Gathered(feed, schedule.next_state(feed, state, now=utc_now(), error=error))


def recipients(config: Config) -> dict[str, tuple[str, ...]]:
    """Who each channel reaches, by channel name."""
    return {name: channel.recipients() for name, channel in open_channels(config).items()}


def open_channels(config: Config) -> dict[str, channels.Channel]:
    """Every channel that is on, ready to send."""
    return {
        name: channels.build(name, spec, language=config.alerts.language)
        for name, spec in config.alerts.channels.items()
    }


def deliver(config: Config, archive: Archive, *, seconds: float = DELIVER_SECONDS) -> dispatch.DispatchReport | None:
    """Look whether operators must hear of something, and empty the outbox; None when another delivery is at it."""
    with archive.lock("deliver") as mine:
        if not mine:
            return None
        opened = open_channels(config)
        operators.tell(config, archive, {name: each.recipients() for name, each in opened.items()}, now=utc_now())
        return outgoing.send(archive, config.alerts, opened, clock=utc_now, seconds=seconds)


def finish(
    config: Config,
    archive: Archive,
    settled: Sequence[Settled],
    delivered: dispatch.DispatchReport | None,
    *,
    started: datetime,
) -> RunReport:
    """Sum a poll up and write the report down."""
    report = RunReport(
        started=started,
        finished=utc_now(),
        feeds=tuple(sorted((s.run for s in settled), key=lambda run: run.feed)),
        events=_latest(event for s in settled for event in s.events),
        sent=delivered.sent if delivered else 0,
        waiting=delivered.waiting if delivered else 0,
        held=delivered.held if delivered else 0,
        failed=delivered.failed + delivered.dead if delivered else 0,
        latency=_latency(Outbox(archive).latencies(started)) if delivered and delivered.sent else None,
        channels_off=tuple(f"{name} ({secret} is not set)" for name, secret in config.channels_off),
        review=archive.count_review(started),
        skipped="" if settled else next_due(config, archive),
    )
    archive.record_run(report)
    return report


def _latest(events: Iterable[FlaggedEvent]) -> tuple[FlaggedEvent, ...]:
    """One entry per event: its newest picture, with every reason of this run."""
    found: dict[str, FlaggedEvent] = {}
    for each in events:
        before = found.get(each.event.id)
        if before is None:
            found[each.event.id] = each
        else:
            newest = max(before.event, each.event, key=lambda e: (len(e.sources), e.version))
            found[each.event.id] = FlaggedEvent(newest, before.reasons + each.reasons, before.is_new or each.is_new)
    return tuple(sorted(found.values(), key=lambda f: (-f.event.severity.rank, f.event.first_seen)))


def _latency(seconds: list[float]) -> tuple[float, float] | None:
    """Median and 95th percentile of sorted values, in tenths; None of none."""
    if not seconds:
        return None
    half, most = (seconds[min(len(seconds) - 1, int(len(seconds) * share))] for share in (0.5, 0.95))
    return round(half, 1), round(most, 1)


def skipped(started: datetime, why: str) -> RunReport:
    """The report of a run that had nothing to do."""
    return RunReport(started=started, finished=utc_now(), feeds=(), events=(), skipped=why)


def next_due(config: Config, archive: Archive) -> str:
    """When the next feed is due, in words; feeds that are off or no longer in the config do not count."""
    states = archive.feed_states()
    times = [schedule.due_at(feed, states.get(feed.id), utc_now()) for feed in config.feeds if feed.enabled]
    if not times:
        return "no feed is configured"
    at = min(times)
    return f"no feed is due until {at:%H:%M} UTC" if at > utc_now() else "no feed is due"


def line(settled: Settled) -> str:
    """One feed's fate in one line, for progress."""
    run = settled.run
    what = ", ".join(f"{n} {name}" for name, n in run.outcomes) or run.status
    return f"{run.feed}: {what}" + (f" ({run.detail})" if run.detail else "")
