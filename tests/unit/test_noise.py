"""Lines that no article says are known in whatever letters they are written, and prose about the same words is kept."""

from __future__ import annotations

import re

import pytest

from scrapers import noise


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("READ ALSO: Two held after the attack", id="teaser"),
        pytest.param("Advertisement", id="advertisement"),
        pytest.param("À LIRE AUSSI Bagdad rouvre la zone verte", id="accents-in-capitals"),
        pytest.param("Sign up for our weekly NEWSLETTER and get the day's stories in your inbox", id="newsletter"),
        pytest.param("Jeden Morgen neu: abonnieren Sie hier unsere kostenlosen Newsletter", id="newsletter-behind"),
        pytest.param("The convoy near Taji this morning pic.twitter.com/Ab3dE9", id="tweet"),
        pytest.param("Meridian News Agency - All rights reserved", id="rights"),
        pytest.param("Nachrichten Rhein © 2026", id="year-of-rights"),
        pytest.param("جميع الحقوق محفوظة لوكالة الرافدين", id="rights-ar"),
        pytest.param("Do you live there? Get in touch with the desk: news@outlet.example", id="get-in-touch"),
    ],
)
def test_noise_is_known_in_any_letters(line: str) -> None:
    assert noise.is_noise(line)
    assert noise.is_noise(line.upper())


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(
            "The newsletter of the ministry said on Sunday that the road to Qaim had been reopened.", id="letter"
        ),
        pytest.param("All rights of the detainees were respected, the ministry said on Sunday.", id="rights-of-people"),
        pytest.param("He said that his men would get in touch with the families of the three guards.", id="in-touch"),
        pytest.param(
            "Readers were told on pic.twitter.com/a that the bridge stood, which police denied.", id="tweet-cited"
        ),
    ],
)
def test_prose_with_the_same_words_is_kept(line: str) -> None:
    assert not noise.is_noise(line)


def test_patterns_that_see_small_letters_are_in_small_letters() -> None:
    """A capital letter in one of them would match nothing, without a word."""
    patterns = [p for p in vars(noise).values() if isinstance(p, re.Pattern) and not p.flags & re.I]
    for pattern in (*patterns, *noise._NOISE_WITH.values()):
        letters = re.sub(r"\\.", "", pattern.pattern)
        assert letters == letters.lower()
    assert all(word == word.lower() for word in noise._NOISE_WITH)


_CREDITS = [
    "Reporting by Karim Saad and Lena Vos", "Additional reporting by Karim Saad", "Writing by Lena Vos in Amman",
    "EDITING BY Karim Saad", "Compiled by Lena Vos", "Translated by Karim Saad", "Edited by Lena Vos",
    "Karim Saad in Mosul contributed to this report.", "AP journalists Karim Saad and Lena Vos reported from Basra.",
    "Reportage de Karim Saad à Bagdad", "Avec la contribution de Lena Vos", "Version française Karim Saad",
    "Rédigé par Karim Saad", "Édité par Lena Vos", "Bericht von Karim Saad", "Berichte von Lena Vos",
    "Geschrieben von Lena Vos", "Redigiert von Karim Saad", "Mitarbeit: Karim Saad", "Met medewerking van Lena Vos",
    "Medewerking: Karim Saad", "Reporte de Karim Saad", "Reportaje de Lena Vos", "Editado en español por Karim Saad",
    "Editado por Lena Vos", "Información de Karim Saad", "إعداد كريم سعد للنشرة العربية", "شارك في التغطية كريم سعد",
    "تغطية صحفية كريم سعد - تحرير لينا", "كتابة كريم سعد - تحرير لينا", "تحرير كريم سعد للنشرة العربية",
]  # fmt: skip


@pytest.mark.parametrize("line", _CREDITS)
def test_a_credit_goes_in_each_of_its_forms(line: str) -> None:
    """The words looked for first must let every form of the pattern through."""
    assert noise.without_credits(f"Two guards died near Taji.\n{line}") == "Two guards died near Taji."


@pytest.mark.parametrize(
    "note",
    [
        "opens in new tab", "(this link opens in a new window)", "Opens New Window", "wird in einem neuen Tab geöffnet",
        "öffnet in einem neuen Fenster", "öffnet sich im neuen Tab", "s'ouvre dans une nouvelle fenêtre",
        "s’ouvre dans un nouvel onglet", "se abre en una nueva ventana", "se abre en una pestaña nueva",
        "opent in een nieuw venster", "opent in een nieuw tabblad", "yeni sekmede açılır",
    ],
)  # fmt: skip
def test_a_note_of_a_link_goes_in_each_of_its_forms(note: str) -> None:
    assert noise.without_notes(f"He told the agency {note}").strip() == "He told the agency"
