"""A consent wall is known by each of its forms, in whatever letters, and a short story about privacy is let through."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from scrapers import quality
from tocsin.errors import ParseError
from tocsin.model import Page

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "words",
    [
        "Accept all cookies", "Manage cookies", "REJECT ALL COOKIES", "Before you continue", "Privacy gate",
        "Cookiewall", "We value your privacy", "Accepter et continuer", "Acceptez les cookies",
        "Continuer sans accepter", "Alles accepteren", "Alle akzeptieren", "Zustimmen und weiter",
        "Je privacy-instellingen", "Vos choix en matière de cookies", "VOS CHOIX EN MATIÈRE DE CONFIDENTIALITÉ",
    ],
)  # fmt: skip
def test_a_consent_wall_is_refused(words: str) -> None:
    with pytest.raises(ParseError, match="consent"):
        quality.refuse_walls(Page("https://outlet.example/a", "<html></html>", NOW), f"Welcome. {words}. Settings.")


def test_a_short_story_about_privacy_is_no_wall() -> None:
    text = "The court accepted on Monday that the privacy of the three witnesses comes first."
    quality.refuse_walls(Page("https://outlet.example/a", f"<html><p>{text}</p></html>", NOW), text)
