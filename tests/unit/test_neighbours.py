"""Where a paragraph stands, and what no article says: what is put back, what is cut off, what is struck."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from scrapers import blocks, neighbours, noise, pages, registry
from scrapers.neighbours import Block
from tocsin.model import Page

NOW = datetime(2026, 7, 20, 12, tzinfo=UTC)
TITLE = "Drones hit oil field near Zakho"
STORY = [
    "Two drones struck a pumping station of the Sarsang oil field near Zakho on Tuesday night, the regional "
    "counter-terrorism service said.",
    "A fire broke out and was put out before dawn, and the field's operator halted production as a precaution.",
    "The ministry of natural resources in Erbil spoke of an attack on the livelihood of all Iraqis.",
    "Earlier in the month a radar at a nearby military base had been damaged by an explosive drone.",
    "No group claimed the attack, and both governments said that they would investigate it together.",
    "Crude for export flowed on through the second line, an engineer at the field told reporters.",
]


def blocks_of(body: str) -> list[Block]:
    """The innermost blocks of a body."""
    tree = blocks.parse(f"<html><body>{body}</body></html>")
    assert tree is not None
    return blocks._blocks(tree)[0]


def text_of(body: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """What is read from a page with the story's headline, no site known."""
    monkeypatch.setattr(registry, "all_sites", dict)
    html = f'<html lang="en"><body><article><h1>{TITLE}</h1>{body}</article></body></html>'
    return pages.read(Page("https://outlet.example/a", html, NOW), now=NOW).text


def paragraphs(names: str = "par") -> str:
    """The story, each paragraph in boxes of the same names."""
    return "".join(f'<div class="block"><p class="{names}">{p}</p></div>' for p in STORY)


def test_a_paragraph_among_those_of_the_text_is_put_back_where_it_stood() -> None:
    text = "\n".join(STORY[:2] + STORY[3:])
    assert neighbours.complete(text, blocks_of(paragraphs())) == "\n".join(STORY)


def test_the_first_and_the_last_paragraph_are_put_back() -> None:
    assert neighbours.complete("\n".join(STORY[1:-1]), blocks_of(paragraphs())) == "\n".join(STORY)


def test_a_heading_above_a_paragraph_of_the_text_is_put_back() -> None:
    body = f"<main><p>{STORY[0]}</p><p>{STORY[1]}</p><h3>Earlier attacks</h3><p>{STORY[3]}</p><p>{STORY[4]}</p></main>"
    text = "\n".join([STORY[0], STORY[1], STORY[3], STORY[4]])
    assert neighbours.complete(text, blocks_of(body)).split("\n")[2] == "Earlier attacks"


@pytest.mark.parametrize(
    "more",
    [
        f'<div class="block"><p class="hint">{STORY[2]}</p></div>',
        f'<div class="block"><figure><p class="par">{STORY[2]}</p></figure></div>',
        f'<div class="block"><p class="par"><a href="/x">{STORY[2]}</a></p></div>',
        '<div class="block"><p class="par">Short.</p></div>',
    ],
    ids=["another place", "a caption", "a link", "hardly a word"],
)
def test_what_stands_elsewhere_or_is_no_text_is_not_put_back(more: str) -> None:
    body = "".join(f'<div class="block"><p class="par">{p}</p></div>' for p in STORY[:2] + STORY[3:])
    text = "\n".join(STORY[:2] + STORY[3:])
    assert neighbours.complete(text, blocks_of(body + more)) == text


def test_a_paragraph_with_a_note_for_screen_readers_is_no_other_one() -> None:
    noted = STORY[3].replace("damaged", '<a href="/r">damaged</a><span>, opens new tab</span>')
    body = paragraphs().replace(STORY[3], noted)
    assert neighbours.complete("\n".join(STORY), blocks_of(body)) == "\n".join(STORY)


def test_words_that_fell_out_of_a_sentence_are_put_back() -> None:
    body = "".join(
        f"<p>{p}</p>" for p in [*STORY[:3], STORY[3].replace("a nearby", '<a class="x">a nearby</a>'), *STORY[4:]]
    )
    holed = "\n".join(STORY).replace("a nearby military base", "military base")
    assert neighbours.complete(holed, blocks_of(body)) == "\n".join(STORY)


def test_what_follows_the_text_in_another_place_is_cut_off_but_no_list() -> None:
    donate = "Independent journalism needs your support. Give today, and keep our reporters on the road."
    after = f'<ul><li>Thirteen drones since May.</li></ul><div class="appeal"><p>{donate}</p></div>'
    body = f"<main>{paragraphs()}{after}</main>"
    text = "\n".join([*STORY, "- Thirteen drones since May.", donate])
    assert neighbours.without_tail(text, blocks_of(body)) == "\n".join([*STORY, "- Thirteen drones since May."])


def test_a_text_that_stands_in_two_places_loses_neither() -> None:
    first, second = ("".join(f"<p>{p}</p>" for p in half) for half in (STORY[:3], STORY[3:]))
    body = f'<div class="one">{first}</div><section>{second}</section>'
    assert neighbours.without_tail("\n".join(STORY), blocks_of(body)) == "\n".join(STORY)


def test_numbered_boxes_are_one_kind_of_place() -> None:
    first, last = ("".join(f"<p>{p}</p>" for p in part) for part in (STORY[:-1], STORY[-1:]))
    body = f'<div class="part-1">{first}</div><div class="ad">Advertisement</div><div class="part-2">{last}</div>'
    assert neighbours.without_tail("\n".join(STORY), blocks_of(body)) == "\n".join(STORY)


@pytest.mark.parametrize(
    "extra",
    [
        '<ul><li><a href="/b"><div><p>RISK: An official said that rockets could fall on Kirkuk again, as they did in '
        "March, when four people died there and the airport was closed.</p></div></a></li></ul>",
        '<p>READ IT HERE | <a href="/c">Five held over rocket attack on base in Anbar</a></p>',
        '<div class="media_image-widget__x1"><img src="a.jpg"><p>Smoke rises above the field on Tuesday, in a still '
        "from a resident's video.</p></div>",
        '<div class="author__biography"><p>Our reporter has covered Iraq for twenty years.</p></div>',
        '<div class="c-inlineSignup"><p>Get the news of the day in your mail every single morning.</p></div>',
        '<p><a href="/1">Rockets found beside the road to Sinjar</a> [<b>VIDEO]<br></b>'
        '<a href="/2">Erbil airport shut for an hour after alarm</a> [<b>PICTURES]<br></b></p>',
        "<p>Get full access to the Gulf Briefing for one dinar a week.</p>",
        "<p>Follow us on Facebook, and never miss a story from the region again.</p>",
        "<p>(Reporting by Ahmed Saleh in Baghdad; editing by Ann Porter)</p>",
        "<p>Associated Press writers Jane Roe in Baghdad and Ali Hadi in Mosul contributed to this report.</p>",
        "<p>(إعداد أحمد صالح للنشرة العربية - تحرير علي هادي)</p>",
        "<p>(Reportage de Jean Dupont à Bagdad, édité par Anne Martin)</p>",
        "<h3>Most read in Middle East</h3>",
        "<p>You may also like</p>",
    ],
    ids=["card", "pointer", "picture", "life", "sign-up", "row",
         "offer", "follow", "credit en", "credit AP", "credit ar", "credit fr", "most read", "more"],
)  # fmt: skip
def test_what_is_linked_pictured_or_credited_never_enters_the_text(extra: str, monkeypatch: pytest.MonkeyPatch) -> None:
    body = "".join(f"<p>{p}</p>" for p in STORY)
    assert text_of(f"<div>{body}{extra}</div>", monkeypatch) == "\n".join(STORY)
    assert text_of(f"<div><p>{STORY[0]}</p>{extra}{''.join(f'<p>{p}</p>' for p in STORY[1:])}</div>", monkeypatch) == (
        "\n".join(STORY)
    )


def test_a_page_without_paragraphs_loses_its_caption_and_the_links_at_its_foot(monkeypatch: pytest.MonkeyPatch) -> None:
    """Old layouts: boxes alone, the text parted by <br>, which the extractor joins with what stands before it."""
    picture = (
        '<div class="photo"><img src="a.jpg"><br><span class="legende">The field on Sunday. Photo: A.S.</span></div>'
    )
    foot = '<div id="foot"><a href="#">About us</a> - <a href="#">Law</a> - <a href="#">Us</a><br>&copy; The Post</div>'
    body = f'{picture}<div class="text">{"<br> <br>".join(STORY)}</div>{foot}'
    assert text_of(f'<div id="page">{body}</div>', monkeypatch) == "\n".join(STORY)


def test_a_name_under_a_portrait_is_not_cut_from_the_sentences_that_begin_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name = " ".join(STORY[0].split()[:3])
    picture = f'<div class="photo"><img src="a.jpg"><span class="caption">{name}</span></div>'
    assert text_of(picture + "".join(f"<p>{p}</p>" for p in STORY), monkeypatch) == "\n".join(STORY)


def test_a_paragraph_that_is_a_caption_too_is_text(monkeypatch: pytest.MonkeyPatch) -> None:
    body = f"<figure><img><figcaption>{STORY[1]}</figcaption></figure>" + "".join(f"<p>{p}</p>" for p in STORY)
    assert text_of(body, monkeypatch) == "\n".join(STORY)


def test_a_credit_says_whose_it_is_though_it_is_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "all_sites", dict)
    body = "".join(f"<p>{p}</p>" for p in [*STORY, "Agence France-Presse contributed to this report."])
    page = Page("https://outlet.example/a", f"<html><body><article><h1>{TITLE}</h1>{body}</article></body></html>", NOW)
    article = pages.read(page, now=NOW)
    assert article.text == "\n".join(STORY)
    assert article.origins == ("AFP",)


@pytest.mark.parametrize(
    "line",
    [
        "Reporting by night, the patrol found three more devices under the bridge.",
        "The reports were compiled by the ministry from hospitals in Basra and Amara.",
        "Email traffic between the two militias was read out in court on Monday.",
        "Follow-up raids led to eleven arrests in Hawija, the police said.",
        "Get out of the Green Zone now, the embassy told its citizens.",
        "The AP said two of its drivers were hurt in the blast.",
    ],
)
def test_a_sentence_of_news_is_neither_noise_nor_credit(line: str) -> None:
    assert not noise.is_noise(line)
    assert not noise.is_credit(line)


def test_captions_in_the_html_of_a_feed_are_no_text() -> None:
    picture = (
        '<div class="editor-img-box"><img src="a.jpg"><div class="caption"><p>Soldiers at the field.</p></div></div>'
    )
    assert blocks.html_text(f"{picture}<p>{STORY[0]}</p>") == STORY[0]


@pytest.mark.parametrize(
    "note",
    [", opens new tab", " (opens in a new window)", "(öffnet im neuen Fenster)", " (s'ouvre dans un nouvel onglet)",
     "Link wird in einem neuen Tab geöffnet"],
)  # fmt: skip
def test_what_links_tell_screen_readers_is_no_text(note: str, monkeypatch: pytest.MonkeyPatch) -> None:
    noted = STORY[3].replace("damaged", f'<a href="/r">damaged<span class="go-vh">{note}</span></a>')
    body = "".join(f"<p>{p}</p>" for p in [*STORY[:3], noted, *STORY[4:]])
    assert text_of(f"<div>{body}</div>", monkeypatch) == "\n".join(STORY)
