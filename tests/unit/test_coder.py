"""What the coder makes of whole stories: type, places, weapons, interception, target, damage, claim, time."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tocsin.flagging.coder import code
from tocsin.flagging.gist import write
from tocsin.flagging.reading import read
from tocsin.flagging.severity import rate
from tocsin.model import Facts, Said, Severity, Span

SHARED = Path(os.environ.get("TOCSIN_SHARED", Path(__file__).parents[3] / "shared"))
PUBLISHED = datetime(2024, 1, 21, 9, tzinfo=UTC)  # a Sunday

# Our own story in the shape of a French wire report: lead, communique, source, then months of background.
STORY = (
    "(Belga) Trois drones piégés ont visé tard samedi la base de Harir, près d'Erbil, qui abrite des soldats "
    "américains, a annoncé le service antiterroriste du Kurdistan.\n\n"
    '"La base a été la cible de trois drones piégés. Deux ont été abattus par la défense aérienne, le troisième '
    'est tombé sur un entrepôt, endommageant quatre camions", selon le communiqué. Plus tôt ce service avait '
    "d'abord indiqué que les trois drones avaient été abattus. L'attaque n'a pas été revendiquée. Ces dernières "
    "semaines, des dizaines de roquettes ont visé des bases dans le pays, tuant neuf personnes. L'attaque de samedi "
    "intervient alors que le Parlement débat du départ de la coalition. Début octobre, un tir de roquettes Grad "
    "avait tué deux soldats à Bassora. En 2020, des missiles balistiques avaient frappé la base d'Aïn al-Assad."
)


def _values(said: tuple[Said[object], ...]) -> list[object]:
    return [s.value for s in said]


def _coded(text: str, language: str, title: str = "") -> Facts:
    return code(read(title, text, language), PUBLISHED)


def test_a_wire_story_and_none_of_its_background() -> None:
    """The facts are those of Saturday's three drones: no Grad, no deaths, no Basra, no ballistic missiles."""
    facts = _coded(STORY, "fr")
    assert facts.event_type
    assert facts.event_type.value == "Air/drone strike"
    assert facts.places[0].value.name == "Harir"
    assert not {"Basra", "Ain al-Asad Air Base"} & {p.value.name for p in facts.places}
    assert [(w.value.name, w.value.count) for w in facts.weapons] == [("armed drone", 3)]
    assert facts.intercepted
    assert facts.intercepted.value == 2
    assert facts.damage
    assert facts.damage.value == "4 vehicles damaged"
    assert facts.killed is None
    assert facts.claim
    assert facts.claim.value == "unclaimed"
    assert facts.when
    assert facts.when.value == datetime(2024, 1, 20, 19, tzinfo=UTC)


@pytest.mark.skipif(not (SHARED / "seed.txt").exists(), reason="the exemplar is not part of the project")
def test_the_exemplar() -> None:
    """Sunday's two rockets alone, with the gist a desk expects: of casualties the text reports none."""
    reading = read("", (SHARED / "seed.txt").read_text(encoding="utf-8"), "fr")
    facts = code(reading, datetime(2021, 12, 19, 10, tzinfo=UTC))
    severity, _ = rate(reading, facts)
    assert facts.killed is None or facts.killed.value.max == 0
    assert severity is Severity.HIGH
    assert [w.value.name for w in facts.weapons] == ["Katyusha rocket"]
    assert [p.value.name for p in facts.places] == ["Green Zone", "Baghdad"]
    assert write(facts, ("Belga", "AFP")) == (
        "Rocket attack, Baghdad (Green Zone): 2 Katyusha rockets, 1 intercepted; 2 vehicles damaged; "
        "no casualties reported; unclaimed (Belga, AFP)"
    )


@pytest.mark.parametrize(
    ("language", "text", "kind"),
    [
        ("en", "A car bomb exploded in a market in Baquba.", "Remote explosive/landmine/IED"),
        ("en", "A suicide bomber struck a checkpoint in Kirkuk.", "Suicide bomb"),
        ("en", "Turkish warplanes bombed PKK positions near Amadiya.", "Air/drone strike"),
        ("en", "Mortar rounds landed in a village near Makhmour.", "Shelling/artillery/missile attack"),
        ("en", "Gunmen kidnapped two engineers in Basra.", "Abduction/forced disappearance"),
        ("en", "Police arrested five members of an Islamic State cell in Mosul.", "Arrests"),
        ("en", "Clashes broke out between army units and militants near Hawija.", "Armed clash"),
        (
            "en",
            "Security forces opened fire on protesters in Nasiriyah, killing two.",
            "Excessive force against protesters",
        ),
        ("en", "US combat mission in Iraq ends as troops leave the base.", "Change to group/activity"),
        ("en", "Police found four car bombs and a mortar tube in Samarra.", "Disrupted weapons use"),
        ("fr", "Une voiture piégée a explosé à Kirkouk.", "Remote explosive/landmine/IED"),
        ("fr", "Des hommes armés ont enlevé un ingénieur à Bassora.", "Abduction/forced disappearance"),
        ("fr", "Un drone a visé l'aéroport d'Erbil.", "Air/drone strike"),
        ("nl", "Drie raketten zijn neergekomen bij de luchthaven van Erbil.", "Shelling/artillery/missile attack"),
        ("nl", "Een zelfmoordterrorist heeft zich opgeblazen in Bagdad.", "Suicide bomb"),
        ("de", "Türkische Kampfjets haben Stellungen der PKK im Nordirak bombardiert.", "Air/drone strike"),
        ("de", "In Bagdad ist eine Autobombe explodiert.", "Remote explosive/landmine/IED"),
        ("ar", "سقوط ثلاثة صواريخ كاتيوشا على المنطقة الخضراء", "Shelling/artillery/missile attack"),
        ("ar", "اعتقال أربعة من عناصر داعش في الموصل", "Arrests"),
        ("ar", "انفجار عبوة ناسفة في ديالى", "Remote explosive/landmine/IED"),
        ("ar", "هجوم فجر اليوم الأحد على نقطة تفتيش", "Attack"),
    ],
)
def test_event_type(language: str, text: str, kind: str) -> None:
    said = _coded(text, language).event_type
    assert said is not None
    assert said.value == kind


@pytest.mark.parametrize(
    ("language", "text", "names"),
    [
        pytest.param("en", "A bomb went off in Sadr City, Baghdad.", ["Sadr City", "Baghdad"], id="quarter and town"),
        pytest.param("en", "BAGHDAD (Reuters) - A bomb killed two in Mosul.", ["Mosul"], id="dateline"),
        pytest.param("en", "A bomb went off in Taji, north of Baghdad.", ["Taji"], id="reference point"),
        pytest.param("en", "A bomb killed two soldiers in Iraq.", ["Iraq"], id="country for want of better"),
        pytest.param("en", "A bomb killed two Iraqi soldiers.", ["Iraq"], id="demonym"),
        pytest.param("en", "A bomb went off in the Iraqi capital.", ["Baghdad"], id="the capital"),
        pytest.param("en", "A suicide bomber hit a market in Kirkuk.", ["Kirkuk"], id="hit is not the town of Hit"),
        pytest.param("en", "A bomb went off in the town of Hit on Friday.", ["Hit"], id="the town of Hit"),
        pytest.param("ar", "انفجار في المقدادية شمال بغداد", ["Muqdadiya"], id="ar reference point"),
        pytest.param("fr", "Une bombe a explosé à Tal Afar.", ["Tal Afar"], id="fr"),
        pytest.param("en", "A bomb went off in Sadr City.", ["Sadr City", "Baghdad"], id="the town of a quarter"),
        pytest.param("en", "A raid took place in Rutba, Anbar province.", ["Rutba"], id="town without governorate"),
        pytest.param("ar", "هجوم في قضاء مخمور", ["Makhmur"], id="a name that is a word, in context"),
        pytest.param("en", "Jets struck militias in Iraq and Syria.", ["Iraq", "Syria"], id="two countries"),
        pytest.param(
            "en", "A bomb killed one in Mosul. In Kirkuk, two were killed.", ["Mosul", "Kirkuk"], id="a second scene"
        ),
        pytest.param("en", "Jets struck Sinjar after a bombing in Erbil that killed 9.", ["Sinjar"], id="answered"),
    ],
)
def test_places(language: str, text: str, names: list[str]) -> None:
    assert [p.value.name for p in _coded(text, language).places] == names


@pytest.mark.parametrize(
    ("language", "text", "weapon", "count"),
    [
        ("en", "Two Katyusha rockets landed near Balad.", "Katyusha rocket", 2),
        ("en", "Five mortar rounds hit Taji.", "mortar", 5),
        ("en", "A drone crashed near Erbil airport.", "drone", 1),
        ("en", "Rockets landed near Balad.", "rocket", None),
        ("fr", "Quatre tirs de roquettes ont visé la base.", "rocket", 4),
        ("fr", "Une dizaine de missiles balistiques sont tombés près d'Erbil.", "ballistic missile", 10),
        ("nl", "Zes raketten zijn ingeslagen bij Balad.", "rocket", 6),
        ("en", "Rockets hit Taji. A policeman fell. Police later seized two machine guns.", "rocket", None),
        ("de", "Drei Raketen schlugen in der Grünen Zone ein.", "rocket", 3),
        ("ar", "قصف القاعدة بصاروخين", "rocket", 2),
        ("ar", "سقوط 4 صواريخ كاتيوشا قرب المطار", "Katyusha rocket", 4),
        ("ar", "هجوم بطائرتين مسيرتين على مطار أربيل", "drone", 2),
    ],
)
def test_weapons(language: str, text: str, weapon: str, count: int | None) -> None:
    assert [(w.value.name, w.value.count) for w in _coded(text, language).weapons] == [(weapon, count)]


@pytest.mark.parametrize(
    ("language", "text", "number"),
    [
        ("en", "Air defences shot down one of three rockets fired at the embassy.", 1),
        ("en", "Two drones were intercepted over Erbil.", 2),
        ("en", "A drone was shot down near Ain al-Asad.", 1),
        ("en", "Three rockets fell near Balad.", None),
        ("fr", "La première roquette a été interceptée, la deuxième est tombée sur une place.", 1),
        ("es", "Uno fue derribado y el otro cohete cayó en una plaza.", 1),
        ("nl", "Eén raket werd onderschept, de andere kwam neer op een plein.", 1),
        ("de", "Zwei Drohnen wurden abgeschossen.", 2),
        ("ar", "إسقاط طائرة مسيرة فوق مطار أربيل", 1),
        ("ar", "تم اعتراض صاروخين", 2),
        ("ar", "طائرتان مسيرتان استهدفتا القاعدة وتم إسقاطهما", 2),
        ("en", "Four drones approached the base. They were shot down.", 4),
    ],
)
def test_intercepted(language: str, text: str, number: int | None) -> None:
    said = _coded(text, language).intercepted
    assert (said.value if said else None) == number


@pytest.mark.parametrize(
    ("language", "text", "damage"),
    [
        ("en", "The blast damaged three houses and a shop.", "3 houses damaged"),
        ("en", "A rocket fell by a house damaging three cars.", "3 vehicles damaged"),
        ("en", "Two vehicles were destroyed.", "2 vehicles destroyed"),
        ("en", "The rockets caused minor damage.", "material damage"),
        ("en", "The rockets caused no casualties or damage.", "no damage"),
        ("fr", "Une voiture a été endommagée.", "1 vehicle damaged"),
        ("de", "Es entstand Sachschaden.", "material damage"),
        ("nl", "Drie huizen raakten beschadigd.", "3 houses damaged"),
        ("ar", "وألحق أضرارا بسيارتين", "2 vehicles damaged"),
        ("ar", "وألحق القصف أضرارا مادية بالمبنى", "material damage"),
        ("en", "A bomb went off.", None),
    ],
)
def test_damage(language: str, text: str, damage: str | None) -> None:
    said = _coded(text, language).damage
    assert (said.value if said else None) == damage


@pytest.mark.parametrize(
    ("language", "text", "claim"),
    [
        ("en", "Islamic State claimed responsibility for the bombing.", "claimed"),
        ("en", "No group has claimed responsibility.", "unclaimed"),
        ("en", "The attack was not claimed.", "unclaimed"),
        ("en", "Kataib Hezbollah denied any involvement in the attack.", "denied"),
        ("en", "A bomb went off.", None),
        ("fr", "L'attaque n'a pas été revendiquée.", "unclaimed"),
        ("fr", "L'attaque a été revendiquée par le groupe Etat islamique.", "claimed"),
        ("nl", "De aanslag is nog niet opgeëist.", "unclaimed"),
        ("nl", "De aanslag is opgeëist door Islamitische Staat.", "claimed"),
        ("de", "Zu dem Anschlag bekannte sich zunächst niemand.", "unclaimed"),
        ("de", "Die IS-Miliz bekannte sich zu dem Anschlag.", "claimed"),
        ("ar", "ولم تتبن أي جهة الهجوم", "unclaimed"),
        ("ar", "وتبنى تنظيم داعش الهجوم", "claimed"),
    ],
)
def test_claim(language: str, text: str, claim: str | None) -> None:
    said = _coded(text, language).claim
    assert (said.value if said else None) == claim


@pytest.mark.parametrize(
    ("language", "text", "moment"),
    [
        ("en", "A bomb went off early on Sunday in Mosul.", datetime(2024, 1, 21, 5, tzinfo=UTC)),
        ("en", "A bomb went off on Friday evening in Mosul.", datetime(2024, 1, 19, 16, tzinfo=UTC)),
        ("en", "A bomb went off overnight in Mosul.", datetime(2024, 1, 20, 19, tzinfo=UTC)),
        ("fr", "Une bombe a explosé samedi à l'aube à Mossoul.", datetime(2024, 1, 20, 2, tzinfo=UTC)),
        ("nl", "Een bom ontplofte zaterdagavond in Mosul.", datetime(2024, 1, 20, 16, tzinfo=UTC)),
        ("de", "Eine Bombe explodierte am Donnerstagabend in Mossul.", datetime(2024, 1, 18, 16, tzinfo=UTC)),
        ("ar", "انفجرت عبوة فجر اليوم الأحد في الموصل", datetime(2024, 1, 21, 2, tzinfo=UTC)),
        ("en", "A bomb went off on January 14 in Mosul.", datetime(2024, 1, 14, 9, tzinfo=UTC)),
        ("en", "A bomb went off on 30 December in Mosul.", datetime(2023, 12, 30, 9, tzinfo=UTC)),
        ("fr", "Une bombe a explosé le 9 janvier au matin à Mossoul.", datetime(2024, 1, 9, 5, tzinfo=UTC)),
        ("de", "Eine Bombe explodierte am 9. Januar in Mossul.", datetime(2024, 1, 9, 9, tzinfo=UTC)),
        ("ar", "انفجرت عبوة يوم 9 كانون الثاني في الموصل", datetime(2024, 1, 9, 9, tzinfo=UTC)),
        (
            "en",
            "A bomb went off on Friday in Mosul, a week after the polls of January 12.",
            datetime(2024, 1, 19, 9, tzinfo=UTC),
        ),
        ("en", "A bomb went off on Friday, January 12, in Mosul.", datetime(2024, 1, 12, 9, tzinfo=UTC)),
        ("en", "A bomb went off on February 31 in Mosul.", None),
        ("en", "A bomb went off in Mosul.", None),
    ],
)
def test_when(language: str, text: str, moment: datetime | None) -> None:
    said = _coded(text, language).when
    assert (said.value if said else None) == moment


def test_a_full_date_needs_no_other() -> None:
    facts = code(read("", "A bomb went off on September 8, 2019 in Mosul.", "en"), None)
    assert facts.when is not None
    assert facts.when.value == datetime(2019, 9, 8, 9, tzinfo=UTC)
    assert facts.when.span.quote == "September 8, 2019"


def test_a_weekday_before_publication_in_the_week_before() -> None:
    """On a Tuesday, Friday is four days ago."""
    said = code(read("", "A bomb went off on Friday in Mosul.", "en"), datetime(2024, 1, 23, 12, tzinfo=UTC)).when
    assert said is not None
    assert said.value == datetime(2024, 1, 19, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "names"),
    [("Gunmen of Islamic State attacked a village.", ["Islamic State"]), ("Gunmen attacked a village.", ["gunmen"])],
)
def test_actors(text: str, names: list[str]) -> None:
    assert [said.value for said in _coded(text, "en").actors] == names


def test_no_time_without_a_date_to_count_from() -> None:
    """ "Sunday" alone is no date."""
    assert code(read("", "A bomb went off on Sunday in Mosul.", "en"), None).when is None


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("Rockets were fired at the US embassy in Baghdad.", "US embassy"),
        ("A roadside bomb hit an Iraqi army patrol near Kirkuk.", "patrol"),
        ("Rockets landed in the Green Zone, the army said.", "Green Zone"),
        ("A bomb went off in Mosul, police said.", None),
    ],
)
def test_target(text: str, target: str | None) -> None:
    said = _coded(text, "en").target
    assert (said.value if said else None) == target


def spans(facts: Facts) -> list[Span]:
    """Every span of the facts."""
    singles = (
        facts.event_type, facts.intercepted, facts.target, facts.killed, facts.wounded, facts.damage, facts.claim,
        facts.when,
    )  # fmt: skip
    found = [said.span for said in singles if said is not None]
    return found + [said.span for group in (facts.places, facts.weapons, facts.actors) for said in group]


def test_every_span_quotes_the_text_as_stored() -> None:
    """Also where folding drops characters: a soft hyphen, Arabic marks."""
    for text, language in (
        (STORY, "fr"),
        ("مَقْتَل خمسة جنود بـصاروخين في بَغداد يوم الأحد", "ar"),
        ("A bo\u00admb killed 2 in Mosul", "en"),
    ):
        facts = _coded(text, language)
        assert spans(facts)
        assert all(text[s.start : s.end] == s.quote for s in spans(facts))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        pytest.param(
            "Five rockets hit a base hosting international coalition troops near Baghdad on Sunday.", (), id="hosted"
        ),
        pytest.param(
            "Aircraft of the international coalition bombed an Islamic State hideout in the Hamrin mountains.",
            ("the Coalition", "Islamic State"),
            id="attacking",
        ),
    ],
)
def test_who_is_attacked_is_no_actor(text: str, named: tuple[str, ...]) -> None:
    """Foreign forces named because it was their base did not fire at it."""
    facts = code(read("", text, "en"), None)
    assert tuple(actor.value for actor in facts.actors) == named


@pytest.mark.parametrize(
    ("language", "text", "names"),
    [
        pytest.param(
            "it", "Tre razzi su Erbil: gli ordigni non hanno ferito nessuno.", ["rocket"], id="device: the rocket"
        ),
        pytest.param(
            "en", "Air strikes hit PKK posts near Zakho; jets dropped bombs.", ["air strike"], id="bombs of jets"
        ),
        pytest.param("en", "A judge was shot dead in Basra.", ["gun"], id="a shooting names its gun"),
        pytest.param("en", "Two judges were stabbed and shot in Basra.", ["knife"], id="what is named counts"),
        pytest.param("en", "An explosion was heard in Basra.", [], id="an explosion names nothing"),
    ],
)
def test_what_an_act_says_of_its_means(language: str, text: str, names: list[str]) -> None:
    assert [said.value.name for said in code(read("", text, language), None).weapons] == names
