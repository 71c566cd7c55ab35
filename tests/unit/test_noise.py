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
