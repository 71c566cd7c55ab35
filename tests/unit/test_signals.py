"""Corrections, kills and repeats as wires head them, and the headlines that only look like it."""

from __future__ import annotations

import pytest

from tocsin.model import Article, Signal, Wire
from tocsin.signals import signal_of


@pytest.mark.parametrize(
    ("title", "text", "signal"),
    [
        ("CORRECTION: Two rockets hit Baghdad", "", Signal.CORRECTION),
        ("RECTIFICATIF Irak: deux roquettes", "", Signal.CORRECTION),
        ("Rectificatif - Irak: deux roquettes", "", Signal.CORRECTION),
        ("تصحيح: قتيلان في بغداد", "", Signal.CORRECTION),
        ("عاجل - تصحيح: قتيلان في بغداد", "", Signal.CORRECTION),
        ("Berichtigung: Zwei Tote in Bagdad", "", Signal.CORRECTION),
        ("Rectificatie: twee doden in Bagdad", "", Signal.CORRECTION),
        ("Rockets hit base north of Baghdad (CORRECTED)", "", Signal.CORRECTION),
        ("UPDATE 2-CORRECTED-Rockets hit base", "", Signal.CORRECTION),
        ("Irak: deux roquettes", "Cette dépêche annule et remplace la précédente.", Signal.CORRECTION),
        ("ANNULATION - Irak/roquettes", "", Signal.KILL),
        ("Irak/roquettes", "Prière d’annuler notre dépêche diffusée à 20h10.", Signal.KILL),
        ("KILL: Iraq/rockets", "", Signal.KILL),
        ("Iraq rockets", "MANDATORY KILL\nThe story on rockets must not be used.", Signal.KILL),
        ("WITHDRAWN: Rockets hit Baghdad", "", Signal.KILL),
        ("إلغاء: سقوط صاروخين", "", Signal.KILL),
        ("سقوط صاروخين", "يرجى إلغاء الخبر السابق", Signal.KILL),
        ("Zurückgezogen: Raketen in Bagdad", "", Signal.KILL),
        ("RPT-Rockets hit base", "", Signal.REPEAT),
        ("ATTENTION USERS: our Iraq coverage today", "", Signal.ADVISORY),
        ("2e LEAD - Irak: trois morts", "", Signal.LEAD),
        ("Update: drie doden in Bagdad", "", Signal.UPDATE),
        # only look like it
        ("Kill team of Islamic State found in Mosul", "", Signal.NEW),
        ("KILL LIST FOUND IN ISIS HIDEOUT", "", Signal.NEW),
        ("Withdrawn US troops came under fire", "", Signal.NEW),
        ("Correctional facility attacked in Baghdad", "", Signal.NEW),
        ("Correction facility attacked in Baghdad", "", Signal.NEW),
        ("تصحيح مسار العملية السياسية", "", Signal.NEW),
        ("إلغاء حظر التجوال في بغداد", "", Signal.NEW),
        ("Annulation du couvre-feu à Bagdad", "", Signal.NEW),
        ("Three killed in Baghdad", "The army said it had withdrawn from the base.", Signal.NEW),
        ("Leaders meet in Baghdad", "", Signal.NEW),
        ("", "", Signal.NEW),
    ],
)  # fmt: skip
def test_signal_of(title, text, signal):
    """The head words set off by punctuation or capitals, and whole phrases near the top."""
    assert signal_of(Article("https://x.example/1", title, text)) is signal


def test_the_format_goes_before_the_words():
    """A wire's own field is no matter of words."""
    article = Article("https://x.example/1", "Rockets hit base", "", wire=Wire(signal=Signal.CORRECTION))
    assert signal_of(article) is Signal.CORRECTION
