"""Counts before compounds and hyphens, drones that are no bombers, words that only look like weapons."""

from __future__ import annotations

import pytest

from tocsin.flagging.coder import code
from tocsin.flagging.reading import read
from tocsin.model import Facts

DRONES = [
    ("en", "Two one-way drones hit a fuel depot near Basra, police said.", 2),
    ("en", "Two one-way attack drones were fired at Harir base near Erbil.", 2),
    ("en", "Three one way attack drones struck Erbil airport.", 3),
    ("en", "Four two-man crews launched 12 attack drones at Harir base near Erbil.", 12),
    ("fr", "Deux drones kamikazes ont visé la base de Harir près d'Erbil.", 2),
    ("fr", "Trois drones à usage unique ont visé l'aéroport d'Erbil.", 3),
    ("de", "Zwei Einwegdrohnen schlugen nahe dem Flughafen Erbil ein.", 2),
    ("de", "Zwei Ein-Weg-Drohnen schlugen nahe dem Flughafen Erbil ein.", 2),
    ("de", "Drei Angriffsdrohnen haben den Stützpunkt Harir bei Erbil angegriffen.", 3),
    ("nl", "Twee eenrichtingsdrones troffen de luchthaven van Erbil.", 2),
    ("nl", "Drie aanvalsdrones vielen de basis Harir bij Erbil aan.", 3),
    ("es", "Dos drones kamikaze atacaron el aeropuerto de Erbil.", 2),
    ("it", "Due droni kamikaze hanno colpito l'aeroporto di Erbil.", 2),
    ("pt", "Dois drones kamikaze atingiram o aeroporto de Erbil.", 2),
    ("tr", "İki tek yönlü saldırı İHA'sı Erbil Havalimanı'nı hedef aldı.", 2),
    ("ar", "استهدفت طائرتان مسيرتان انتحاريتان مطار أربيل.", 2),
    ("ar", "استهدفت ثلاث مسيرات انتحارية قاعدة حرير قرب أربيل.", 3),
    ("fa", "دو پهپاد انتحاری به فرودگاه اربیل حمله کردند.", 2),
    ("ckb", "دوو درۆنی خۆکوژ هێرشیان کردە سەر فڕۆکەخانەی هەولێر.", 2),
]


def _facts(language: str, text: str) -> Facts:
    return code(read("", text, language), None)


@pytest.mark.parametrize(("language", "text", "count"), DRONES)
def test_drones_are_counted_and_are_no_suicide_bombing(language: str, text: str, count: int) -> None:
    facts = _facts(language, text)
    assert [(said.value.name, said.value.count) for said in facts.weapons] == [("armed drone", count)]
    assert facts.event_type is not None
    assert facts.event_type.value == "Air/drone strike"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Gunmen opened fire in Basra. Police collected shell casings from the scene."),
        ("en", "Gunmen shot dead a teacher in Basra who had exposed shell companies."),
        ("en", "Gunmen shot dead a teacher in Basra; bullet casings littered the street."),
        ("de", "Bewaffnete erschossen in Basra einen Händler, der Granatäpfel verkaufte."),
        ("nl", "Schutters schoten in Basra een man dood naast lege watertanks."),
        ("ar", "اغتال مسلحون في البصرة ناشطا مدافعا عن حقوق الإنسان."),
    ],
)
def test_what_only_looks_like_artillery(language: str, text: str) -> None:
    assert "artillery" not in [said.value.name for said in _facts(language, text).weapons]


@pytest.mark.parametrize("text", ["Artillery shells hit Zakho.", "Dozens of shells fell on Zakho at dawn."])
def test_shells_are_artillery(text: str) -> None:
    assert "artillery" in [said.value.name for said in _facts("en", text).weapons]


@pytest.mark.parametrize(
    ("language", "text", "killed"),
    [
        ("en", 'A shepherd was killed near Zakho. The ministry said it had "neutralized" three PKK members.', 1),
        ("en", "Turkish jets neutralized three PKK members near Zakho, the ministry said.", 3),
        ("fr", "Un berger a été tué près de Zakho. Ankara dit avoir neutralisé trois membres du PKK.", 1),
        ("de", "Ein Hirte wurde bei Zacho getötet. Drei Kämpfer der PKK seien neutralisiert worden, so Ankara.", 1),
        ("tr", "Zaho yakınlarında bir çoban öldü. Bakanlık üç PKK'lının etkisiz hale getirildiğini açıkladı.", 1),
        ("ar", 'قُتل راعي أغنام بقصف تركي قرب زاخو. وأعلنت الوزارة "تحييد" ثلاثة من عناصر حزب العمال.', 1),
    ],
)
def test_what_an_army_says_of_its_enemies_yields_to_the_dead(language: str, text: str, killed: int) -> None:
    found = _facts(language, text).killed
    assert found is not None
    assert found.value.min == killed
