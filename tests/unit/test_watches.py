"""What each option of a watch does to an article, and that the shipped watch knows nothing of them."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from tests.unit.test_config_reading import AGENT
from tocsin.config import Examples, Watch, Where, reading
from tocsin.errors import ConfigError
from tocsin.flagging import assess
from tocsin.flagging.features import kind
from tocsin.flagging.home import IRAQ, finder, home_of, place, themes
from tocsin.flagging.matcher import load_concepts, matcher
from tocsin.flagging.watching import OUT
from tocsin.model import Assessment

ALEPPO = (
    "Car bomb kills six in Aleppo",
    "A car bomb exploded near a market in the Syrian city on Monday, police said.",
)
MOSUL = ("Car bomb kills six in Mosul", "A car bomb exploded near a market in the Iraqi city on Monday, police said.")
PROTEST = ("Thousands protest in Basra over power cuts", "Demonstrators gathered peacefully on Friday.")
CLASH = ("Tribal clash in Maysan kills one", "Police were sent to separate the tribes on Sunday.")
ZONE = ("Rockets hit Green Zone, two wounded", "")
CAMP = ("Rockets hit Camp Alpha, two soldiers wounded", "")
CAPTAGON = ("Iraqi guards shoot down drone with captagon near al-Qaim", "It carried pills.")
ALPHA = Where(name="Camp Alpha", lat=36.1, lon=44.2, country="IQ")


def watch(**options: Any) -> Watch:
    """A watch with options."""
    return Watch(id="own", **options)


def judge(article: tuple[str, str], **options: Any) -> Assessment:
    """The assessment of an article by a watch with these options."""
    return assess(*article, watch=watch(**options))


@pytest.mark.parametrize(
    ("options", "article", "flagged"),
    [
        pytest.param({"countries": ("SY",)}, ALEPPO, True, id="a country by its code"),
        pytest.param({"countries": ("Syria",)}, ALEPPO, True, id="a country by its name"),
        pytest.param({"countries": ("SY",)}, MOSUL, False, id="Iraq is elsewhere for a Syrian watch"),
        pytest.param({}, ALEPPO, False, id="Syria is elsewhere for the shipped one"),
        pytest.param({"countries": ("SY", "IQ")}, MOSUL, True, id="two countries, the one"),
        pytest.param({"countries": ("SY", "IQ")}, ALEPPO, True, id="two countries, the other"),
        pytest.param({"countries": ("SY",)}, ("غارة إسرائيلية تستهدف مطار دمشق", ""), True, id="in Arabic"),
        pytest.param({"countries": ("SY",)}, ("Syria beat Iraq 2-1 in the Asian Cup", ""), False, id="sport"),
        pytest.param({"places": (Where(name="Nineveh"),)}, MOSUL, True, id="a governorate holds its towns"),
        pytest.param({"places": (Where(name="Basra"),)}, MOSUL, False, id="another town of the same country"),
        pytest.param({"places": (Where(name="Baghdad"),)}, ZONE, True, id="a town holds its quarters"),
        pytest.param({"places": (ALPHA,)}, CAMP, True, id="a place of its own"),
        pytest.param({}, CAMP, False, id="which other watches do not know"),
        pytest.param({"themes": ("protests",)}, PROTEST, True, id="a theme the shipped watch thinks little of"),
        pytest.param({}, PROTEST, False, id="and without it"),
        pytest.param({"themes": ("protests",)}, MOSUL, False, id="none of the themes"),
        pytest.param({"themes": ("act.bombing", "bombs")}, MOSUL, True, id="a concept as a theme"),
        pytest.param({"languages": ("fr",)}, MOSUL, False, id="another language"),
        pytest.param({"languages": ("fr", "en")}, MOSUL, True, id="its language"),
        pytest.param({"exclude": ("market*",)}, MOSUL, False, id="an excluded word"),
        pytest.param({"exclude": ("mark", "arket")}, MOSUL, True, id="a part of a word is no word"),
        pytest.param({"require": ("police", "army")}, MOSUL, True, id="a required word"),
        pytest.param({"require": ("coalition",)}, MOSUL, False, id="no required word"),
    ],
)  # fmt: skip
def test_an_option_decides(options: dict[str, Any], article: tuple[str, str], flagged: bool) -> None:
    """Flagged or not, and the reasons still add up to the score."""
    found = judge(article, **options)
    assert found.flagged is flagged, found.verdict
    total = sum(reason.weight for reason in found.reasons)
    assert found.score == pytest.approx(1 / (1 + math.exp(-total)), abs=1e-9)


@pytest.mark.parametrize(
    ("options", "rule", "words"),
    [
        ({"exclude": ("market*",)}, "watch.exclude", 'it says "market"'),
        ({"require": ("coalition",)}, "watch.require", "required words: coalition"),
        ({"themes": ("protests",)}, "watch.themes", "none of the themes: protests"),
        ({"languages": ("fr", "ar")}, "watch.languages", "en, is not one of fr, ar"),
    ],
)
def test_what_rules_out_says_so(options: dict[str, Any], rule: str, words: str) -> None:
    """As a term with its words, and in the verdict."""
    found = judge(MOSUL, **options)
    term = next(reason for reason in found.reasons if reason.rule == rule)
    assert term.weight == OUT
    assert words in found.verdict
    if term.span:
        assert MOSUL[1][term.span.start : term.span.end] == term.span.quote == "market"


def test_a_watch_speaks_of_its_own_home() -> None:
    """Nothing of Iraq in the reasons, the verdict or the places of a Syrian watch."""
    found = judge(ALEPPO, countries=("SY",))
    assert not [reason for reason in found.reasons if "Iraq" in reason.rule + reason.note]
    assert "Syria" in found.verdict
    assert found.facts.places[0].value.name == "Aleppo"
    assert "Aleppo" in found.gist
    assert "Syria is not in it" in judge(("Floods in Peru", "Rivers rose."), countries=("SY",)).verdict


def test_a_home_of_several_countries_is_named_once_each() -> None:
    """Iraq among them, whose name stands in the notes."""
    found = judge(ALEPPO, countries=("IQ", "SY"))
    said = " ".join([found.verdict, *(reason.note for reason in found.reasons)])
    assert "Iraqi or Syrian" in said
    assert "Syria or Syrian" not in said


def test_where_only_the_people_tell_the_country() -> None:
    """ "Syrian army" is of Syria, not of Iraq."""
    found = judge(
        ("Syrian army shells rebels, ten killed", "It said on Monday it had hit fighters."), countries=("SY",)
    )
    assert found.gist.startswith("Shelling, Syria")


def test_a_militia_of_iraq_is_no_place_in_syria() -> None:
    """Its name alone makes a text Iraqi, not Syrian."""
    text = ("Kataib Hezbollah commander killed in strike on his car", "")
    assert judge(text).flagged
    assert not judge(text, countries=("SY",)).flagged


LIKE = "Border guards seize two drones smuggling captagon near al-Qaim\nThe guards said the drones carried pills."
UNLIKE = "Tribal clash over land in Basra leaves two dead\nTwo tribes exchanged fire in the north, police said."


def examples(**texts: str) -> dict[str, Any]:
    """The option, as the loader fills it."""
    return {"examples": Examples(texts=tuple((way, f"{way}.txt", text) for way, text in texts.items()))}


@pytest.mark.parametrize(
    ("article", "way", "sign"),
    [
        pytest.param(CAPTAGON, "like", 1, id="like"),
        pytest.param(CLASH, "unlike", -1, id="unlike"),
        pytest.param(("اشتباك عشائري في البصرة يوقع قتيلين", ""), "unlike", -1, id="unlike, in another language"),
        pytest.param(("Two rockets hit Baghdad airport", "No one was hurt."), "", 0, id="neither"),
    ],
)  # fmt: skip
def test_examples_shift_the_score(article: tuple[str, str], way: str, sign: int) -> None:
    """By one term that names the example and what is alike."""
    plain, found = judge(article), judge(article, **examples(like=LIKE, unlike=UNLIKE))
    terms = [reason for reason in found.reasons if reason.rule.startswith("watch.examples")]
    assert (found.score > plain.score) - (found.score < plain.score) == sign
    assert [reason.rule for reason in terms] == ([f"watch.examples.{way}"] if way else [])
    assert all(f'"{way}.txt"' in reason.note and "alike" in reason.note for reason in terms)


@pytest.mark.parametrize("order", [1, -1], ids=["nearest first", "nearest last"])
def test_the_nearest_example_counts(order: int) -> None:
    """Whatever their order in the config."""
    texts = (("unlike", "far", "Clash in Maysan\nTwo gunmen were held after a robbery."), ("unlike", "near", UNLIKE))
    found = judge(CLASH, examples=Examples(texts=texts[::order]))
    assert '"near"' in next(r.note for r in found.reasons if r.rule == "watch.examples.unlike")


def test_a_theme_far_down_is_background() -> None:
    """The title and the first sentences decide."""
    text = " ".join(["Police said on Monday that two officers were wounded in the city."] * 6)
    assert judge((MOSUL[0], f"Thousands protest. {text}"), themes=("protests",)).flagged
    assert not judge((MOSUL[0], f"{text} Thousands protest."), themes=("protests",)).flagged


def test_the_country_around_a_place_says_nothing() -> None:
    """For a watch on Baghdad, "Iraq" is neither here nor elsewhere; for one on Syria it is elsewhere."""
    baghdad, syria = home_of(watch(places=(Where(name="Baghdad"),))), home_of(watch(countries=("SY",)))
    assert kind("place:iraq", baghdad).signal == kind("dem.iraq", baghdad).signal == "home country"
    assert kind("place:iraq", baghdad).where == ""
    assert kind("place:iraq", syria).signal == "elsewhere.country"
    assert kind("place:damascus", syria).where == kind("place:baghdad").where


def test_the_example_itself_gains_most() -> None:
    """Whatever else is near, the article that is the example has the whole worth."""
    title, _, text = UNLIKE.partition("\n")
    same = judge((title, text), **examples(unlike=UNLIKE)).reasons
    near = judge(CLASH, **examples(unlike=UNLIKE)).reasons
    weights = [next(r.weight for r in each if r.rule == "watch.examples.unlike") for each in (same, near)]
    assert weights[0] == pytest.approx(-5.0)
    assert weights[0] < weights[1] < -0.5


def test_the_shipped_watch_has_the_shipped_home() -> None:
    """No option, no other home: its scores are those of the model alone."""
    assert home_of(Watch(id="iraq-security")) is IRAQ
    assert home_of(Watch(id="other", threshold=0.7)) is IRAQ
    assert home_of(watch(countries=("SY",))) is home_of(Watch(id="again", countries=("SY",)))


def test_a_place_of_one_watch_is_nothing_to_the_others() -> None:
    """Not even where the language is loaded after that watch was made."""
    before = judge(CAMP).score
    assert judge(CAMP, places=(ALPHA,)).score > before
    matcher.cache_clear()
    finder.cache_clear()
    assert judge(CAMP).score == before


def test_themes_name_concepts_that_exist() -> None:
    """Every one; and a place is found under a name of any language."""
    assert not {concept for group in themes().values() for concept in group} - load_concepts().keys()
    assert place("سنجار").id == place("Sinjar").id


def load(folder: Path, body: str) -> Any:
    """The config of a file with this block of watches."""
    file = folder / "config.yaml"
    file.write_text(AGENT + "watches:\n" + body, encoding="utf-8")
    return reading.load(file)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("  - {id: w, countries: [Syria, Ruritania]}\n", "line 3: watches[0].countries[1]: no country is called"),
        ("  - {id: w, themes: [atacks]}\n", "did you mean 'attacks'?"),
        ("  - {id: w, languages: [en, xx]}\n", "watches[0].languages[1]: no lexicon for 'xx'"),
        ("  - {id: w, places: [Baghdat City Hall]}\n", "{name, lat, lon}"),
        ("  - {id: w, places: [{name: Alpha, lat: 3}]}\n", "both lat and lon"),
        ("  - {id: w, places: [{name: Alpha, lat: 93, lon: 1}]}\n", "at most 90"),
        ("  - {id: w, exclude: football}\n", "must be a list"),
        ("  - {id: w, exclued: [football]}\n", "did you mean 'exclude'?"),
        ("  - id: w\n    examples:\n      like: [gone.txt]\n", "line 5: watches[0].examples.like[0]: 'gone"),
        ("  - {id: w, examples: {texts: []}}\n", "watches[0].examples.texts: unknown key"),
        ("  - {id: w, weights: a.json}\n", "at the top level"),
        ("  - {id: w, examples: {like: ['']}}\n", "is empty"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line_and_mend(tmp_path: Path, body: str, words: str) -> None:
    """Every name that nothing has."""
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, body)
    assert words in str(caught.value)


def test_the_worked_example_of_the_manual_loads(tmp_path: Path) -> None:
    """As it stands on the page; the raid that it wants is flagged, football and Iraq are not."""
    page = (Path(__file__).parents[2] / "docs" / "watches.md").read_text(encoding="utf-8")
    block = page.split("```yaml\n", 1)[1].split("```", 1)[0]
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples" / "hol-raid.txt").write_text("Raid in al-Hol\nTwenty men were held.", encoding="utf-8")
    file = tmp_path / "config.yaml"
    file.write_text(AGENT + block, encoding="utf-8")
    config = reading.load(file, {"SMTP_URL": "smtp://localhost"})
    east = config.watches[1]
    raid = ("SDF arrests 12 Islamic State suspects near Camp Roj", "The force said on Monday that it had raided tents.")
    assert assess(*raid, language="en", watch=east).flagged
    assert not assess(*MOSUL, language="en", watch=east).flagged
    assert "Football" in assess("Football: riot in Aleppo, police shoot", "", language="en", watch=east).verdict


def test_examples_are_files_or_words(tmp_path: Path) -> None:
    """A file's name is relative to the config; of JSON the title and text count."""
    (tmp_path / "a.txt").write_text("Raid in al-Hol\nTwenty men were held.", encoding="utf-8")
    (tmp_path / "b.json").write_text('{"title": "Cup final", "text": "Goal."}', encoding="utf-8")
    config = load(tmp_path, "  - {id: w, examples: {like: [a.txt, 'Rockets hit a base'], unlike: [b.json]}}\n")
    assert config.watches[0].examples.texts == (
        ("like", "a.txt", "Raid in al-Hol\nTwenty men were held."),
        ("like", "Rockets hit a base", "Rockets hit a base"),
        ("unlike", "b.json", "Cup final\nGoal."),
    )
