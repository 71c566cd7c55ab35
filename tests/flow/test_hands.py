"""Events corrected by hand: written, told, remembered, taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from flows import hands
from flows.assessing import assess
from flows.pipeline import Desk
from tocsin.archive import Archive
from tocsin.archive.rows import unpack
from tocsin.config import Alerts, ChannelSpec, Config, Http, Route, Watch
from tocsin.errors import ConfigError
from tocsin.events.areas import areas_of
from tocsin.model import Alert, Article

T0 = datetime(2026, 4, 14, 6, 0, tzinfo=UTC)
CAFE = (
    "Four killed as bomb rips through Baquba cafe",
    "A bomb exploded in a crowded cafe in Baquba on Tuesday morning, killing four people and wounding 11, police said.",
)
MOSUL = (
    "Gunmen kill two soldiers in Mosul",
    "Gunmen opened fire on a checkpoint in the Iraqi city of Mosul on Tuesday and killed two soldiers, a security "
    "source said.",
)


@pytest.fixture
def desk():
    alerts = Alerts(channels={"desk": ChannelSpec(kind="terminal")}, routes=(Route(to=("desk",)),))
    config = Config(http=Http(user_agent="tocsin-test/1"), watches=(Watch(id="iraq-security"),), alerts=alerts)
    with Archive.memory() as archive:
        yield Desk(archive, config, {"desk": ("",)})


def take(desk: Desk, n: int, story: tuple[str, str], minutes: int = 0) -> tuple[int, str | None]:
    at = T0 + timedelta(minutes=minutes)
    title, text = story
    url, outlet = f"https://n{n}.example.org/{n}", f"outlet {n}"
    one = Article(url=url, title=title, text=text, language="en", published=at, publisher=outlet, seen=at)
    with desk.archive.transaction():
        _, number, _ = desk.take(one, assess(one, desk.config), age=timedelta(0), now=at)
    return number, desk.archive.event_of_article(number, "iraq-security")


def rang(desk: Desk) -> list[tuple[str, str]]:
    return sorted((row["event"], row["reason"]) for row in desk.outbox.list_alerts(limit=50))


def both(desk: Desk) -> tuple[str, str]:
    (_, cafe), (_, mosul) = take(desk, 1, CAFE), take(desk, 2, MOSUL, 10)
    assert cafe is not None
    assert mosul is not None
    assert cafe != mosul
    return cafe, mosul


def merge(desk: Desk, kept: str, gone: str, minutes: int = 20):
    return hands.merge(desk, kept, gone, by="amal", note="one attack", now=T0 + timedelta(minutes=minutes))


def test_a_merge_is_one_event_with_both_tellings(desk):
    """Sources, articles and lists agree; the other id says where it went."""
    cafe, mosul = both(desk)
    one = merge(desk, cafe, mosul)
    assert [s.title for s in one.sources] == [CAFE[0], MOSUL[0]]
    assert [row["id"] for row in desk.archive.list_events(10)] == [cafe]
    assert desk.archive.merged_into(mosul) == cafe
    assert desk.archive.event_of_article(2, "iraq-security") == cafe
    [hand] = desk.archive.list_hands(mosul)
    assert (hand["verb"], hand["by"], hand["note"], hand["articles"]) == ("merge", "amal", "one attack", [2])


def test_a_merge_is_told_where_the_merged_event_rang(desk):
    """Who follows its thread hears that it is another's now; the kept one's hear what figures it has since."""
    cafe, mosul = both(desk)
    merge(desk, cafe, mosul)
    rows = desk.archive.query("SELECT payload FROM alert WHERE reason = 'corrected'")
    told = {alert.event.id: alert.changes for alert in (unpack(Alert, row["payload"]) for row in rows)}
    [where] = told[mosul]
    assert (where.field, where.old) == ("event", mosul)
    assert where.new.startswith(f"{cafe}: ")
    assert [change.field for change in told[cafe]] == ["killed"]


def test_nobody_is_told_of_what_nobody_heard(desk):
    """Events that never rang are corrected silently."""
    desk.recipients = {}
    cafe, mosul = both(desk)
    merge(desk, cafe, mosul)
    assert rang(desk) == []


LATER_CAFE = (
    "Anschlag auf Café im Irak",
    "Bei der Explosion einer Bombe in einem Café in der irakischen Stadt Bakuba sind am Dienstagmorgen vier Menschen "
    "getötet worden, elf wurden verletzt, wie ein Arzt mitteilte.",
)
LATER_MOSUL = (
    "Irak: deux soldats tués à Mossoul",
    "Deux militaires ont été tués mardi par des hommes armés qui ont ouvert le feu sur un point de contrôle à Mossoul, "
    "dans le nord de l'Irak.",
)


@pytest.mark.parametrize("story", [LATER_CAFE, LATER_MOSUL], ids=["like the kept one", "like the merged one"])
def test_a_later_report_of_either_joins_the_merged_event(desk, story):
    """A later article in another language does not undo the hand."""
    cafe, mosul = both(desk)
    merge(desk, cafe, mosul)
    _, event = take(desk, 3, story, 60)
    assert event == cafe
    assert len(desk.archive.list_events(10)) == 1


def test_a_merged_event_is_found_where_the_other_was(desk):
    """Its own places leave no room for the other's; a report of there finds it all the same."""
    cafe, mosul = both(desk)
    there = areas_of(desk.archive.event(mosul).facts)
    merge(desk, cafe, mosul)
    one = desk.archive.event(cafe)
    desk.archive.keep_event(replace(one, facts=replace(one.facts, places=one.facts.places[:1])))
    assert [event.id for event in desk.archive.open_events("iraq-security", T0, areas=there)] == [cafe]


def test_a_merged_event_that_lost_an_article_still_says_where_it_went(desk):
    """It is no event of its own again: nobody can merge it a second time, or split it."""
    cafe, mosul = both(desk)
    _, event = take(desk, 3, LATER_MOSUL, 20)
    assert event == mosul
    merge(desk, cafe, mosul, 30)
    _, new = hands.split(desk, cafe, [3], by="amal", now=T0 + timedelta(minutes=40))
    assert new.id not in {cafe, mosul}
    assert desk.archive.merged_into(mosul) == cafe
    assert desk.archive.faces("iraq-security", T0) == {}
    with pytest.raises(ConfigError, match=f"was merged into {cafe}"):
        merge(desk, cafe, mosul, 50)


def test_a_split_takes_a_merge_back(desk):
    """The merged event has its id, its facts and its threads again, and later reports find it."""
    cafe, mosul = both(desk)
    before = desk.archive.event(mosul)
    one = merge(desk, cafe, mosul)
    rest, again = hands.split(desk, cafe, [2], by="amal", now=T0 + timedelta(minutes=30))
    assert again.id == mosul
    assert before is not None
    assert again.facts == before.facts
    assert rest.version > one.version
    assert desk.archive.merged_into(mosul) is None
    assert {row["id"] for row in desk.archive.list_events(10)} == {cafe, mosul}
    assert (mosul, "corrected") in rang(desk)
    _, event = take(desk, 3, (MOSUL[0] + " checkpoint", MOSUL[1].replace("a security source", "an officer")), 60)
    assert event == mosul


def test_what_is_split_off_rings_as_news_and_its_copies_follow_it(desk):
    """A swallowed attack gets its alert; both sides tell their own toll; the wrong event's readers hear of it."""
    (cafe, other), number = both(desk), 2
    merge(desk, cafe, other)
    desk.archive.execute("DELETE FROM event_merged")  # as if the matcher had joined them
    rest, new = hands.split(desk, cafe, [number], by="amal", now=T0 + timedelta(minutes=30))
    assert new.id not in {cafe, other}
    assert rest.facts.killed is not None
    assert new.facts.killed is not None
    assert (rest.facts.killed.value.min, new.facts.killed.value.min) == (4, 2)
    assert {(new.id, "first"), (cafe, "corrected")} <= set(rang(desk))
    _, event = take(desk, 3, MOSUL, 60)
    assert event == new.id


def test_what_was_merged_moves_on_with_its_target(desk):
    """A into B, B into C: A is C."""
    cafe, mosul = both(desk)
    drone = "A drone hit the Sarsang oil field in Iraq's Duhok province on Tuesday, starting a fire, the ministry said."
    _, third = take(desk, 3, ("Drone hits oil field in Duhok", drone), 15)
    assert third is not None
    merge(desk, mosul, cafe)
    merge(desk, third, mosul, 25)
    assert desk.archive.merged_into(cafe) == third
    _, event = take(desk, 4, (CAFE[0] + ", police say", CAFE[1].replace("crowded", "busy")), 60)
    assert event == third


@pytest.mark.parametrize(
    ("kept", "gone", "words"),
    [
        ("ev-none", "second", "no such event"),
        ("first", "first", "is the same event"),
        ("second", "first", "was merged into"),
    ],
)
def test_what_cannot_be_merged(desk, kept, gone, words):
    """Each says what is wrong and what to name instead."""
    cafe, mosul = both(desk)
    merge(desk, cafe, mosul)
    names = {"first": cafe, "second": mosul}
    with pytest.raises(ConfigError, match=words):
        merge(desk, names.get(kept, kept), names.get(gone, gone), 30)


@pytest.mark.parametrize(
    ("articles", "words"),
    [([99], "articles 99: not of this event"), ([], "none"), ([1], "would leave nothing")],
    ids=["another event's", "none", "all"],
)
def test_what_cannot_be_split(desk, articles, words):
    """An event keeps at least one article that tells it."""
    cafe, _ = both(desk)
    with pytest.raises(ConfigError, match=words):
        hands.split(desk, cafe, articles, by="amal", now=T0)


def test_a_failed_correction_changes_nothing(desk, monkeypatch):
    """One transaction: events, articles, memory and outbox together."""
    cafe, mosul = both(desk)
    before = (desk.archive.list_events(10), rang(desk))

    def broken(*_args, **_kwargs):
        raise ConfigError("outbox", "broken on purpose")

    monkeypatch.setattr(desk, "ring", broken)
    with pytest.raises(ConfigError, match="on purpose"):
        merge(desk, cafe, mosul)
    assert (desk.archive.list_events(10), rang(desk)) == before
    assert desk.archive.merged_into(mosul) is None
