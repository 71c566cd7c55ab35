"""Who claims an attack: what is denied quotes its denial, in every language."""

from __future__ import annotations

import pytest

from tocsin.flagging.coder import code
from tocsin.flagging.reading import read

DENIED = [
    ("en", "No group has claimed responsibility for the rocket attack in Baghdad.", "No group has claimed responsib"),
    ("en", "No armed group or militia in the province has so far claimed responsibility for the blast.", "No armed gr"),
    ("en", "Nobody has yet claimed responsibility for the rocket attack in Baghdad.", "Nobody has yet claimed"),
    ("fr", "Aucun groupe n'a revendiqué l'attaque à la roquette à Bagdad.", "Aucun groupe n'a revendiqué"),
    ("de", "Zu dem Raketenangriff in Bagdad bekannte sich zunächst niemand.", "bekannte sich zunächst niemand"),
    ("de", "Keine Gruppe hat sich bislang zu dem Raketenangriff in Bagdad bekannt.", "Keine Gruppe hat sich"),
    ("nl", "Geen enkele groep heeft de raketaanval in Bagdad opgeëist.", "Geen enkele groep heeft"),
    ("es", "Ningún grupo se ha atribuido el ataque con cohetes en Bagdad.", "Ningún grupo se ha atribuido"),
    ("it", "Nessun gruppo ha rivendicato l'attacco con razzi a Baghdad.", "Nessun gruppo ha rivendicato"),
    ("pt", "Nenhum grupo reivindicou o ataque com foguetes em Bagdade.", "Nenhum grupo reivindicou"),
    ("tr", "Bağdat'taki roket saldırısını henüz hiçbir grup üstlenmedi.", "hiçbir grup üstlenmedi"),
    ("ar", "ولم تتبن أي جهة مسؤوليتها عن الهجوم الصاروخي في بغداد.", "لم تتبن"),
    ("ar", "ولم تعلن أي جهة مسؤوليتها عن الهجوم الصاروخي في بغداد حتى الآن.", "لم تعلن أي جهة"),
    ("fa", "هیچ گروهی مسئولیت حمله راکتی در بغداد را بر عهده نگرفته است.", "هیچ گروهی مسئولیت"),
    ("ckb", "هیچ گرووپێک بەرپرسیارێتی هێرشە مووشەکییەکەی بەغدای لە ئەستۆ نەگرتووە.", "هیچ گرووپێک"),
]


@pytest.mark.parametrize(("language", "text", "words"), DENIED)
def test_unclaimed_quotes_the_denial(language: str, text: str, words: str) -> None:
    found = code(read("", text, language), None).claim
    assert found is not None
    assert found.value == "unclaimed"
    assert words in found.span.quote


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Islamic State claimed responsibility for the Baghdad bombing.", "claimed"),
        ("No one was hurt and Islamic State claimed responsibility for the Baghdad bombing.", "claimed"),
        ("Police gave no figures, but Islamic State claimed the bombing in Baghdad hours later.", "claimed"),
        ("Kataib Hezbollah denied responsibility for the rocket attack in Baghdad.", "denied"),
        ("A group claimed responsibility for the Baghdad bombing while others denied involvement.", "claimed"),
    ],
)
def test_a_negation_of_something_else_leaves_a_claim(text: str, value: str) -> None:
    found = code(read("", text, "en"), None).claim
    assert found is not None
    assert found.value == value
