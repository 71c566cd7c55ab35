"""Killed and wounded in every language; None is "the text does not say", 0 is "the text says none"."""

from __future__ import annotations

import pytest

from tocsin.flagging.coder import code
from tocsin.flagging.reading import read
from tocsin.model import Count, Said

Toll = tuple[int, int] | int | None


def _plain(said: Said[Count] | None) -> Toll:
    if said is None:
        return None
    return said.value.min if said.value.min == said.value.max else (said.value.min, said.value.max)


CASES = [
    # language, text, killed, wounded
    ("en", "A car bomb killed 14 people and wounded 30 others in Baquba on Tuesday.", 14, 30),
    ("en", "Gunmen shot dead two policemen at a checkpoint south of Kirkuk.", 2, None),
    ("en", "The blast left five dead and at least a dozen injured.", 5, 12),
    ("en", "A roadside bomb killed a soldier and wounded three more near Tuz Khurmatu.", 1, 3),
    ("en", "Four guards and two drivers were killed when mortar rounds hit the depot.", 6, None),
    ("en", "The bombing killed nine people, including two children.", 9, None),
    ("en", "The death toll from the Basra market bombing rose to 41.", 41, None),
    ("en", "Between five and seven fighters died in the clash.", (5, 7), None),
    ("en", "Six rockets landed near the airport without causing casualties.", 0, 0),
    ("en", "No one was hurt when a drone crashed near Harir.", 0, 0),
    ("en", "A suicide bomber blew himself up at a mosque, killing three worshippers.", 3, None),
    ("en", "Dozens were killed in Sinjar, officials said.", (24, 99), None),
    ("en", "More than 40 people were killed or wounded in Hilla.", None, None),
    ("en", "Security forces arrested 12 suspects in Mosul.", None, None),
    ("en", "Two mortar bombs hit a house in Taji, killing a family of four people.", 4, None),
    ("en", "Turkish jets struck two villages near Amadiya, 30 km from the border.", None, None),
    ("fr", "Une bombe a tué sept soldats et en a blessé une dizaine à Tikrit.", 7, 10),
    ("fr", "Neuf morts et vingt et un blessés dans un attentat à Kirkouk.", 9, 21),
    ("fr", "Un policier et deux civils ont été tués lundi à Bassora.", 3, None),
    ("fr", "Les tirs n'ont fait ni mort ni blessé, selon la police.", 0, 0),
    ("fr", "L'explosion a coûté la vie à trois démineurs.", 3, None),
    ("fr", "Le bilan de l'attentat de Samarra est passé à 32 morts.", 32, None),
    ("fr", "Six personnes, dont deux enfants, ont péri dans l'incendie criminel.", 6, None),
    ("nl", "Bij een bomaanslag in Mosul zijn acht mensen gedood en vijftien gewond geraakt.", 8, 15),
    ("nl", "De aanslag kostte twaalf soldaten het leven.", 12, None),
    ("nl", "Een agent kwam om en drie burgers raakten gewond.", 1, 3),
    ("nl", "Er vielen geen slachtoffers bij de raketaanval op Erbil.", 0, 0),
    ("nl", "Tientallen doden bij gevechten rond Fallujah.", (20, 99), None),
    ("de", "Bei einem Anschlag in Bagdad sind mindestens elf Menschen getötet worden.", 11, None),
    ("de", "Vier Soldaten starben, sechs weitere wurden verletzt.", 4, 6),
    ("de", "Drei Zivilisten und ein Polizist wurden verletzt.", None, 4),
    ("de", "Der Angriff forderte neunzehn Tote und 40 Verletzte.", 19, 40),
    ("de", "Verletzt wurde niemand, teilte die Armee mit.", 0, 0),
    ("ar", "مقتل خمسة جنود وإصابة عشرة آخرين بانفجار عبوة ناسفة في كركوك", 5, 10),
    ("ar", "قتل جنديان وأصيب ثلاثة آخرون في هجوم غرب الأنبار", 2, 3),
    ("ar", "مقتل ضابط وإصابة جنديين في ديالى", 1, 2),
    ("ar", "أسفر الهجوم عن سقوط 12 قتيلا و25 جريحا", 12, 25),
    ("ar", "سقط صاروخان قرب المطار دون وقوع إصابات", 0, 0),
    ("ar", "قتل 8 أشخاص بينهم طفلان وأصيب 15 في بغداد", 8, 15),
    ("es", "Un atentado en Bagdad dejó siete muertos y veinte heridos.", 7, 20),
    ("it", "Tre soldati uccisi e cinque feriti in un attacco a Kirkuk.", 3, 5),
    ("tr", "Kerkük'te düzenlenen saldırıda 4 asker hayatını kaybetti, 6 kişi yaralandı.", 4, 6),
    ("fa", "در انفجار بمب در بغداد پنج نفر کشته و ده نفر زخمی شدند", 5, 10),
    ("ckb", "لە هێرشەکەدا چوار پێشمەرگە شەهید بوون و شەش کەسی دیکە بریندار بوون", 4, 6),
]


@pytest.mark.parametrize(
    ("language", "text", "killed", "wounded"), [pytest.param(*c, id=f"{c[0]}: {c[1][:60]}") for c in CASES]
)
def test_tolls(language: str, text: str, killed: Toll, wounded: Toll) -> None:
    facts = code(read("", text, language), None)
    assert (_plain(facts.killed), _plain(facts.wounded)) == (killed, wounded)


@pytest.mark.parametrize(
    ("title", "text", "killed"),
    [
        pytest.param("Blast kills 3", "A bomb killed three in Kut. Two more died in hospital.", 5, id="later deaths"),
        pytest.param("Toll rises to 12", "A bomb killed 12. Police had earlier said nine died.", 12, id="superseded"),
        pytest.param("Bomb in Kut", "A bomb killed two in Kut. Last month 40 people died there.", 2, id="background"),
        pytest.param("Bomb in Kut", "A bomb killed four. The bomber was killed, one attacker died.", 4, id="attacker"),
        pytest.param("", "One attacker was killed in a raid near Kut.", 1, id="the attackers' are the only deaths"),
        pytest.param("Several dead in Kut", "A bomb killed several people. Police counted 6 dead.", 6, id="exact wins"),
    ],
)
def test_which_toll_counts(title: str, text: str, killed: int) -> None:
    assert _plain(code(read(title, text, "en"), None).killed) == killed
