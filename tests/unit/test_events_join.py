"""Which reports are one event: every pair both ways round, so that the order of arrival never decides."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.fakes.reports import (
    AIRPORT,
    AT,
    BAGHDAD,
    CLASH,
    ERBIL,
    ERBIL_AIRPORT,
    ERBIL_GOVERNORATE,
    GREEN_ZONE,
    HAWIJA,
    IED,
    IRAQ,
    KIRKUK,
    KIRKUK_GOVERNORATE,
    MOSUL,
    NEW,
    ROCKETS,
    STRIKE,
    article,
    assessment,
    facts,
    take,
)
from tocsin.model import Event, Place

SUNDAY = AT.replace(hour=9)  # noon in Baghdad: a day without an hour
SUNDAY_EVENING = AT.replace(hour=16)
KATYUSHA = ("Katyusha rocket", 2)
EMBASSY = Place("US Embassy in Baghdad", 33.2995, 44.3965, "site", "IQ", "Baghdad")
GARA = Place("Gara", 36.95, 43.4, "site", "IQ", "Duhok")
AMADIYA = Place("Amadiya", 37.092, 43.488, "town", "IQ", "Duhok")
SPEICHER = Place("Camp Speicher", 34.674, 43.543, "site", "IQ", "Salah al-Din")
WADI = Place("Wadi Hauran", 33.4, 41.2, "site", "IQ", "Anbar")
ANBAR = Place("Anbar", 32.9, 41.6, "governorate", "IQ", "Anbar")
TIKRIT = Place("Tikrit", 34.6, 43.68, "town", "IQ", "Salah al-Din")

# (hours, title, language, facts) of two reports
JOINED = {
    "French and English, same rockets": (
        (0, "Irak: deux roquettes visent la zone verte", "fr", facts(ROCKETS, GREEN_ZONE, BAGHDAD, weapon=KATYUSHA)),
        (0.7, "Two rockets hit Green Zone", "en", facts(ROCKETS, GREEN_ZONE, weapon=("rocket", 2), killed=0)),
    ),
    "Arabic calls it an attack, Dutch a rocket attack": (
        (0, "هجوم على السفارة الأمريكية في بغداد", "ar", facts("Attack", GREEN_ZONE, BAGHDAD, target="US embassy")),
        (
            1,
            "Raketten op ambassade VS in Bagdad",
            "nl",
            facts(ROCKETS, BAGHDAD, weapon=("rocket", 3), target="US embassy"),
        ),
    ),
    "German names the town, English the airport in it": (
        (0, "Drohne schlägt in Erbil ein", "de", facts(STRIKE, ERBIL, weapon=("drone", 1))),
        (2, "Drone hits Erbil airport", "en", facts(STRIKE, ERBIL_AIRPORT, weapon=("armed drone", 1), wounded=1)),
    ),
    "Arabic names the governorate, French the town in it": (
        (0, "انفجار عبوة في محافظة كركوك", "ar", facts(IED, KIRKUK_GOVERNORATE, weapon=("IED", None), killed=2)),
        (1, "Irak: une bombe tue deux personnes à Hawija", "fr", facts(IED, HAWIJA, weapon=("IED", None), killed=2)),
    ),
    "the toll has grown": (
        (0, "Gunmen attack checkpoint in Kirkuk", "en", facts(CLASH, KIRKUK, killed=2, wounded=3)),
        (5, "Irak: le bilan de l'attaque monte à cinq morts", "fr", facts("Attack", KIRKUK, killed=5, wounded=3)),
    ),
    "next morning, the same toll and target": (
        (0, "Bomb hits army patrol", "en", facts(IED, HAWIJA, weapon=("IED", None), killed=3, target="Iraqi army")),
        (14, "Drie doden bij aanslag", "nl", facts(IED, HAWIJA, weapon=("bomb", None), killed=3, target="Iraqi army")),
    ),
    "place unknown, but two Katyushas in the same hour": (
        (0, "عاجل: سقوط صاروخين", "ar", facts(ROCKETS, weapon=KATYUSHA)),
        (0.3, "Deux roquettes à Bagdad", "fr", facts(ROCKETS, BAGHDAD, weapon=KATYUSHA)),
    ),
    "both say Sunday evening, published ten hours apart": (
        (0, "Rockets near airport", "en", facts(ROCKETS, AIRPORT, weapon=("rocket", None), when=SUNDAY_EVENING)),
        (10, "Roquettes sur l'aéroport", "fr", facts(ROCKETS, BAGHDAD, weapon=("rocket", 3), when=SUNDAY_EVENING)),
    ),
    "one attack in two towns, told from either end": (
        (0, "Missiles hit Erbil and Mosul", "en", facts(ROCKETS, ERBIL, MOSUL, weapon=("missile", 6))),
        (1, "صواريخ على الموصل وأربيل", "ar", facts(ROCKETS, MOSUL, ERBIL, weapon=("missile", 6))),
    ),
    "explosions first, then rockets": (
        (0, "ALERTE: explosions dans la Zone verte", "fr", facts(IED, GREEN_ZONE, BAGHDAD, target="Green Zone")),
        (
            0.4,
            "Trois roquettes vers l'ambassade",
            "fr",
            facts(ROCKETS, EMBASSY, BAGHDAD, weapon=KATYUSHA, target="embassy"),
        ),
    ),
    "a statement needs no place": (
        (
            0,
            "فصائل تمهل القوات الأجنبية",
            "ar",
            facts("Other", IRAQ, target="Coalition troops", actors=["Kataib Hezbollah"]),
        ),
        (
            1,
            "Factions scrap truce",
            "en",
            facts("Agreement", BAGHDAD, target="Coalition troops", actors=["Kataib Hezbollah"]),
        ),
    ),
    "one of two towns is all that the other report has": (
        (0, "Missiles hit Ain al-Asad and Erbil", "en", facts(ROCKETS, AIRPORT, ERBIL, weapon=("missile", None))),
        (1, "صواريخ على أربيل", "ar", facts(ROCKETS, ERBIL, weapon=("missile", None))),
    ),
    "a word for bomb and for grenade": (
        (0, "قنبلة صوتية على منزل في الحويجة", "ar", facts("Grenade", HAWIJA, weapon=("grenade", 1), killed=0)),
        (5, "Stun bomb at house in Hawija", "en", facts(IED, HAWIJA, weapon=("bomb", 1), killed=0)),
    ),
    "the police and the checkpoint they were at": (
        (0, "Gunmen kill policemen", "en", facts("Attack", HAWIJA, target="checkpoint")),
        (1, "هجوم على الشرطة", "ar", facts(CLASH, HAWIJA, target="Iraqi police")),
    ),
    "hangings are no statement": (
        (0, "تنفيذ حكم الإعدام", "ar", facts("Other", HAWIJA, killed=11, actors=["insurgents"])),
        (3, "Irak: onze exécutions", "fr", facts("Other", HAWIJA, killed=11, actors=["Islamic State"])),
    ),
    "troops leave a base": (
        (0, "Letzte Soldaten verlassen Erbil", "de", facts("Change to group/activity", ERBIL)),
        (1, "Last German troops leave Erbil", "en", facts("Change to group/activity", ERBIL)),
    ),
    "a jailbreak foiled, with dead": (
        (0, "Guards killed in jailbreak", "en", facts("Disrupted weapons use", TIKRIT, killed=2)),
        (1, "محاولة هروب من السجن", "ar", facts("Disrupted weapons use", TIKRIT, killed=5)),
    ),
    "an arrest at one site": (
        (0, "القبض على متهم", "ar", facts("Arrests", SPEICHER, TIKRIT)),
        (1.5, "Man wanted over massacre held", "en", facts("Arrests", SPEICHER, TIKRIT)),
    ),
    "fourteen dead, the valley and its province": (
        (0, "مقتل 14 إرهابيا في الوادي", "ar", facts(STRIKE, WADI, killed=14, actors=["Islamic State"])),
        (4, "Mueren 14 yihadistas", "es", facts(CLASH, ANBAR, killed=14, actors=["Islamic State"])),
    ),
}
APART = {
    "a market bombed, and gunmen there on the evening of that day": (
        (-9, "تفجير سوق الحويجة", "ar", facts(IED, HAWIJA, killed=8, actors=["Islamic State"], when=SUNDAY)),
        (2, "هجوم في الحويجة", "ar", facts("Attack", HAWIJA, killed=2, actors=["Islamic State"], when=SUNDAY_EVENING)),
    ),
    "villagers hurt in the valley, fighters killed on the mountain": (
        (0, "Air strikes kill six", "en", facts(STRIKE, GARA, killed=6, actors=["Turkish forces"])),
        (1, "Two villagers hurt", "en", facts(STRIKE, AMADIYA, wounded=2, actors=["Turkish forces"])),
    ),
    "men shot in two quarrels of one town": (
        (0, "Clan feud kills three", "en", facts(CLASH, BAGHDAD, weapon=("gun", None), killed=3, wounded=5)),
        (4, "Lawyer shot dead", "en", facts("Attack", BAGHDAD, weapon=("gun", None), killed=1)),
    ),
    "no casualties in the morning, many in the afternoon": (
        (-6, "Bomb hits convoy", "en", facts(IED, BAGHDAD, weapon=("IED", 1), target="convoy", wounded=0, killed=0)),
        (1, "Depot blows up", "en", facts("Disrupted weapons use", BAGHDAD, weapon=("explosives", None), wounded=7)),
    ),
    "what factions say in a town is not what was fired at it that day": (
        (0, "Rockets fired at Green Zone", "en", facts(ROCKETS, GREEN_ZONE, BAGHDAD, weapon=KATYUSHA)),
        (0.3, "Factions give foreign troops ten days", "en", facts("Other", BAGHDAD, actors=["Kataib Hezbollah"])),
    ),
    "a town that the other report only mentions": (
        (0, "Curfew in Tikrit after shooting", "en", facts("Attack", TIKRIT, weapon=("gun", None), wounded=5)),
        (1, "Engineers freed in Hawija", "ar", facts("Abduction/forced disappearance", HAWIJA, KIRKUK, TIKRIT)),
    ),
    "two statements by different factions": (
        (0, "Faction threatens", "en", facts("Other", IRAQ, actors=["Kataib Hezbollah"])),
        (1, "Iran denies", "en", facts("Other", IRAQ, actors=["IRGC"])),
    ),
    "a shooting and a bomb in one city within the hour": (
        (0, "Lawyer shot dead in Baghdad", "en", facts("Attack", BAGHDAD, weapon=("pistol", 1), killed=1)),
        (1, "Bomb wounds three in Baghdad", "en", facts(IED, BAGHDAD, weapon=("IED", 1), wounded=3)),
    ),
    "a judge and a market in one town in one hour": (
        (0, "Judge killed in Hawija", "en", facts("Attack", HAWIJA, target="judge", killed=1)),
        (1, "Blast in Hawija", "fr", facts(IED, HAWIJA, target="market")),
    ),
    "same hour, same weapon, different cities": (
        (0, "Rocket hits Baghdad", "en", facts(ROCKETS, BAGHDAD, weapon=("rocket", 1))),
        (0.2, "Rocket hits Kirkuk", "en", facts(ROCKETS, KIRKUK, weapon=("rocket", 1))),
    ),
    "same city, ten hours apart, other weapons": (
        (0, "Rockets hit Baghdad", "en", facts(ROCKETS, BAGHDAD, weapon=KATYUSHA)),
        (10, "Drone attack in Baghdad", "en", facts(STRIKE, BAGHDAD, weapon=("drone", 1))),
    ),
    "same city, ten hours apart, other weapons, both on Sunday": (
        (0, "Rockets hit Baghdad", "en", facts(ROCKETS, BAGHDAD, weapon=KATYUSHA, when=SUNDAY)),
        (10, "Drone attack in Baghdad", "en", facts(STRIKE, BAGHDAD, weapon=("drone", 1), when=SUNDAY)),
    ),
    "two towns of one governorate": (
        (0, "Bomb kills two in Hawija", "en", facts(IED, HAWIJA, weapon=("IED", None), killed=2)),
        (0.5, "Bomb kills two in Kirkuk", "en", facts(IED, KIRKUK, weapon=("IED", None), killed=2)),
    ),
    "two airports": (
        (0, "Drone at airport", "en", facts(STRIKE, AIRPORT, weapon=("drone", 1))),
        (1, "Drone at airport", "en", facts(STRIKE, ERBIL_AIRPORT, weapon=("drone", 1))),
    ),
    "a town and another governorate": (
        (0, "Bomb in Hawija", "en", facts(IED, HAWIJA, weapon=("IED", None))),
        (0.5, "Bomb in Erbil governorate", "en", facts(IED, ERBIL_GOVERNORATE, weapon=("IED", None))),
    ),
    "same town, abduction and arrests": (
        (0, "Engineer abducted in Tikrit", "en", facts("Abduction/forced disappearance", TIKRIT)),
        (3, "Police arrest two in Tikrit", "en", facts("Arrests", TIKRIT)),
    ),
    "same town, arrests of two days": (
        (0, "Three arrested in Mosul", "en", facts("Arrests", MOSUL)),
        (20, "Suspect held in Mosul", "en", facts("Arrests", MOSUL)),
    ),
    "only the country in common": (
        (0, "Soldiers killed in Iraq", "en", facts(CLASH, IRAQ, killed=2)),
        (3, "Bombe à Mossoul", "fr", facts(IED, MOSUL, killed=1)),
    ),
    "the same place four days later": (
        (0, "Two rockets hit Green Zone", "en", facts(ROCKETS, GREEN_ZONE, weapon=KATYUSHA)),
        (96, "Two rockets hit Green Zone", "en", facts(ROCKETS, GREEN_ZONE, weapon=KATYUSHA)),
    ),
    "same city and kind, other target, count and toll, eight hours apart": (
        (0, "Rockets on base", "en", facts(ROCKETS, BAGHDAD, weapon=("rocket", 2), target="US base", killed=1)),
        (8, "Rockets on market", "fr", facts(ROCKETS, BAGHDAD, weapon=("rocket", 5), target="market", killed=0)),
    ),
}
PAIRS = [pytest.param(*pair, True, id=name) for name, pair in JOINED.items()] + [
    pytest.param(*pair, False, id=name) for name, pair in APART.items()
]


def run(*reports: tuple) -> list[Event]:
    events: list[Event] = []
    for n, (hours, title, language, coded) in enumerate(reports, 1):
        take(events, n, article(n, hours, title, language=language, origin=f"agency {n}"), assessment(coded))
    return events


@pytest.mark.parametrize(("a", "b", "together"), PAIRS)
def test_two_reports(a, b, together):
    """As they came, one event or two."""
    assert len(run(a, b)) == (1 if together else 2)


@pytest.mark.parametrize(("a", "b", "together"), PAIRS)
def test_two_reports_the_other_way_round(a, b, together):
    """The later report may reach us first."""
    assert len(run(b, a)) == (1 if together else 2)


def test_the_why_names_the_evidence():
    """An analyst reads why a report joined."""
    events: list[Event] = []
    (h1, t1, l1, f1), (h2, t2, l2, f2) = JOINED["French and English, same rockets"]
    take(events, 1, article(1, h1, t1, language=l1), assessment(f1))
    update = take(events, 2, article(2, h2, t2, language=l2), assessment(f2))
    assert update is not None
    assert update.why.startswith("same place (Green Zone), 42 min apart")
    assert "2 Katyusha rockets" in update.why


def test_what_is_not_flagged_opens_nothing():
    """Background and other news pass by."""
    events: list[Event] = []
    assert take(events, 1, article(1), assessment(facts(ROCKETS, BAGHDAD), flagged=False)) is None
    assert events == []


def test_another_watch_has_its_own_events():
    """Events of one desk are not another's."""
    events: list[Event] = []
    coded = facts(ROCKETS, GREEN_ZONE, weapon=KATYUSHA)
    first = take(events, 1, article(1), assessment(coded))
    assert first is not None
    other = [type(first.event)(**{**{f: getattr(first.event, f) for f in first.event.__slots__}, "watch": "other"})]
    update = take(other, 2, article(2), assessment(coded))
    assert update is not None
    assert update.is_new


def test_ids_are_the_same_on_every_run():
    """A replayed poll gives the event the id it had."""
    coded = facts(ROCKETS, GREEN_ZONE)
    ids = {run((0, "Rockets", "en", coded))[0].id for _ in range(3)}
    assert len(ids) == 1
    assert next(iter(ids)).startswith("ev-")


def test_a_page_that_tells_of_something_else_by_now_opens_its_own_event():
    """A live blog keeps its address; its second attack must not overwrite the first."""
    events: list[Event] = []
    take(events, 1, article(1, 0), assessment(facts(ROCKETS, BAGHDAD)))
    again = article(1, 60)
    take(events, 7, again, assessment(facts(IED, MOSUL)))
    assert len({e.id for e in events}) == 2


@pytest.mark.parametrize("wait", [timedelta(hours=71), timedelta(hours=73)], ids=["71 h: open", "73 h: closed"])
def test_the_window(wait):
    """An event takes reports for three days."""
    coded = facts(ROCKETS, GREEN_ZONE, weapon=KATYUSHA, when=SUNDAY_EVENING, killed=2, target="US embassy")
    hours = wait / timedelta(hours=1) - 2
    events = run((-2, "Two rockets hit Green Zone", "en", coded), (hours, "Two rockets hit Green Zone", "en", coded))
    assert len(events) == (1 if wait < timedelta(hours=72) else 2)


def test_a_copy_joins_its_originals_event_whatever_it_says():
    """The text is the evidence, not the coding of its cut-down form."""
    events: list[Event] = []
    first = take(events, 1, article(1), assessment(facts(ROCKETS, GREEN_ZONE)))
    assert first is not None
    copy = type(NEW)(outcome=type(NEW.outcome).COPY, of=1, relation="excerpt")
    update = take(events, 2, article(2, 1), assessment(facts(), flagged=False), copy, original=first.event.id)
    assert update is not None
    assert (update.event.id, update.why, update.changes) == (first.event.id, "excerpt of article 1", ())
    assert update.event.origins == ("AFP",)


def test_a_late_copy_of_a_closed_event_rings_nothing():
    """Its event is over and was told."""
    copy = type(NEW)(outcome=type(NEW.outcome).COPY, of=1, relation="copy")
    assert take([], 2, article(2, 100), assessment(facts(ROCKETS, GREEN_ZONE)), copy, original="ev-long-gone") is None
