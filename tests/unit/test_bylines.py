"""Names out of bylines, and what boxes and titles say of who published a page."""

from __future__ import annotations

import pytest
from lxml import html

from scrapers import bylines, masthead
from scrapers.nodes import own_names
from scrapers.sections import outlet_of


@pytest.mark.parametrize(
    ("text", "declared", "shown"),
    [
        ("By Jane Doe and Ali Hassan", ["Jane Doe", "Ali Hassan"], ["Jane Doe", "Ali Hassan"]),
        ("FRANCE 24 avec AFP", ["FRANCE 24 avec AFP"], ["FRANCE 24", "AFP"]),
        ("Par Marc Lenoir avec AFP et Reuters", ["Marc Lenoir avec AFP et Reuters"], ["Marc Lenoir", "AFP", "Reuters"]),
        ("Par 20 Minutes avec AFP", ["20 Minutes avec AFP"], ["20 Minutes", "AFP"]),
        ("mau/dpa/AFP", ["mau/dpa/AFP"], ["dpa", "AFP"]),
        ("Bron: Belga", ["Belga"], ["Belga"]),
        ("ديالى: حسين الكعبي", ["حسين الكعبي"], ["حسين الكعبي"]),
        ("By Bill Amber | July 3, 2026 4:42 PM", ["Bill Amber", "July 3"], ["Bill Amber"]),
        ("by the Russian and Syrian defense ministries", ["the Russian", "Syrian defense ministries"], []),
        ("MEE staff", ["MEE staff"], ["MEE staff"]),
        ("admin", ["admin"], []),
        ("La rédaction", ["La rédaction"], ["La rédaction"]),
        ("بغداد - رويترز", ["بغداد - رويترز"], ["رويترز"]),
        ("أربيل / وكالات", ["أربيل", "وكالات"], ["وكالات"]),
        ("تقرير: رنا الجبوري", ["رنا الجبوري"], ["رنا الجبوري"]),
    ],
    ids=[
        "two", "an outlet with an agency", "a person with agencies", "figures in a name", "initials", "a source",
        "a city before", "a date behind", "a sentence", "staff", "nobody", "a desk",
        "a town and its agency", "a town and agencies", "a report by",
    ],
)  # fmt: skip
def test_names_in_a_byline(text: str, declared: list[str], shown: list[str]) -> None:
    """Declared names are kept whole; shown ones are taken apart, up to the first word that names nobody."""
    got = [name for name in bylines.split_names(text) if ":" not in name]
    assert got == [name for name in declared if ":" not in name]
    assert bylines.shown(text) == shown


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ('<span class="cat">تقارير</span><i>23 فبراير</i><span class="writer">رنا الجبوري</span>', ["رنا الجبوري"]),
        ('<span class="author">By</span> <a>Jane Roe</a>', ["Jane Roe"]),
        ('<span class="infos">09/09/2024 à 10:20 - Nadim Haddad</span>', ["Nadim Haddad"]),
        ('<span class="signature">fournie par <a href="/r"><img alt="Reuters"></a></span>', ["Reuters"]),
    ],
    ids=["a box of its own", "only the word has a box", "behind the date", "a logo"],
)  # fmt: skip
def test_who_signs_a_line_of_several_boxes(line: str, names: list[str]) -> None:
    """The section, the day and the views beside a name are none."""
    page = f"<html><body><h1>Three police killed near Hawija</h1><div class='info'>{line}</div></body></html>"
    heading = html.fromstring(page).find(".//h1")
    assert bylines.of_lines(masthead.read(heading).lines)[1] == names


def test_a_logo_in_the_place_of_a_name_is_a_credit() -> None:
    """Portals show whose copy they carry as a picture."""
    page = (
        '<html><body><h1>Three killed</h1><p class="signature">Via <img src="x.svg" alt="Logo AFP"></p></body></html>'
    )
    around = masthead.read(html.fromstring(page).find(".//h1"))
    assert bylines.credited(around.lines, around.dated) == ("Via AFP",)


@pytest.mark.parametrize(
    ("names", "own"),
    [
        ("post-77 hentry tag-photo category-social wide", "post-77 hentry wide"),
        ("tag-list", "tag-list"),
        ("photo-credit", "photo-credit"),
    ],
)
def test_the_subjects_of_a_story_are_no_names_of_its_box(names: str, own: str) -> None:
    """WordPress writes "tag-photo" on a story about photography; it is no picture's box."""
    assert own_names(names) == own


@pytest.mark.parametrize(
    ("title", "headline", "url", "outlet"),
    [
        ("Four held in Anbar | Peace Watch", "Four held in Anbar", "https://www.peacewatch.org/a", "Peace Watch"),
        ("Weekly | Four held in Anbar", "Four held in Anbar", "https://weekly.example/a", "Weekly"),
        ("Four held in Anbar | Politics", "Four held in Anbar", "https://www.peacewatch.org/a", ""),
        ("أخبار الرافدين: مسيرتان", "مسيرتان", "https://x.example/a", "أخبار الرافدين"),
        ("Four held in Anbar", "", "https://www.peacewatch.org/a", ""),
    ],
    ids=["behind", "before", "a section", "another script", "no headline"],
)
def test_the_outlet_that_a_title_names(title: str, headline: str, url: str, outlet: str) -> None:
    """Only a name that the host bears out, or one in letters that no host has."""
    assert outlet_of(title, headline, url) == outlet
