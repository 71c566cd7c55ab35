"""Copies, revisions, siblings and round-ups: one row for each rule, both sides of each limit."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from benchmarks.siblings import edits
from tests.fakes.wire_texts import AR, BOILER_ONE, BOILER_TWO, EXECUTION, FLOOD, OTHER, PLANE, ROCKETS
from tocsin.dedup import Known, decide, keys
from tocsin.model import Article, Decision, Outcome, Signal, TextStatus, Wire

NOW = datetime(2026, 3, 14, 18, 0, tzinfo=UTC)


def article(
    text: str, title: str = "Rockets land near Green Zone in Baghdad", url: str = "https://b.example/2", **more: object
) -> Article:
    """An article as a second outlet may bring it."""
    return replace(Article(url, title, text, published=NOW), **more)


def known(
    of: Article, id_: int = 1, *, key: str | None = None, root: int | None = None, round_up: bool = False
) -> Known:
    """The archived form of an article."""
    k = keys(of)
    at = of.published or NOW
    return Known(
        id_, root or id_, key, k.text_hash, k.version_hash, k.prints, of.title, of.text, at, of.status, round_up
    )


FIRST = article(ROCKETS, url="https://a.example/1")
ARABIC = article(AR, "إصابة جنديين بانفجار يسبق اجتماع السبت المقبل", url="https://a.example/1")
DAY = article("\n".join([ROCKETS, FLOOD, OTHER, PLANE]), "Saturday in Iraq", url="https://a.example/1")


SAME_DAY = "the form, another province, the same day"


def ask(new: Article, *old: Known) -> Decision:
    """Decide about ``new`` against ``old``."""
    return decide(new, keys(new), old, now=NOW)


def edited(old: str, new: str) -> Article:
    """The first article with one stretch replaced, elsewhere."""
    assert old in ROCKETS
    return article(ROCKETS.replace(old, new))


COPIES = {
    "the same text elsewhere": (article(ROCKETS), "copy"),
    "under another title": (article(ROCKETS, "Sirens at the American embassy"), "copy"),
    "in capitals, with curly quotes and soft hyphens": (article(ROCKETS.upper().replace("'", "’")), "copy"),
    "entities left by a broken feed": (article(ROCKETS.replace(" near ", "&nbsp;near ")), "copy"),
    "with a byline": (article("By our correspondent in Iraq\n" + ROCKETS), "copy"),
    "with a credit and an advertisement": (
        article(ROCKETS + "\n(AFP)\nSubscribe to our newsletter for the day's headlines."),
        "copy",
    ),
    "cut to three paragraphs": (article("\n".join(ROCKETS.split("\n")[:3])), "copy"),
    "the first sentence only": (article(ROCKETS.split("\n")[0]), "excerpt"),
    "half of it, under a title about the same": (
        article("\n".join(ROCKETS.split("\n")[:2]) + "\n" + FLOOD, "Two rockets land in Baghdad near the Green Zone"),
        "expanded",
    ),
    "with three paragraphs of background": (article(ROCKETS + "\n" + FLOOD), "copy"),
    "paragraphs in another order": (article("\n".join(sorted(ROCKETS.split("\n")))), "copy"),
    "long, with its parts in another order": (article("\n".join([PLANE, OTHER, FLOOD, ROCKETS]), "The day"), "copy"),
    "typing mistakes": (edited("embassy across the river", "embasy acros the river"), "copy"),
    "a name spelt otherwise": (
        article(ROCKETS.replace("Baghdad", "Bagdad"), "Rockets land near Green Zone in Bagdad"),
        "copy",
    ),
    "an Arabic headline with another word for the same": (
        article(AR + "\nانتهى.", "إصابة جنديين بانفجار يسبق اجتماع السبت القادم"),
        "copy",
    ),
    "a new toll": (edited("caused no casualties", "killed 3 people and wounded 7"), "update"),
    "a new toll in words": (article(ROCKETS.replace("Two rockets", "Five rockets")), "update"),
    "a lead put before it": (article("The toll rose to 4 dead, officials said.\n" + ROCKETS), "update"),
}

NOT_COPIES = {
    "another story": (article(OTHER, "Exports through Ceyhan rise"), FIRST),
    "the next of a series": (
        article(PLANE.replace("fourth", "fifth").replace("Sunday", "Tuesday"), "Fifth relief plane lands in Aden"),
        article(PLANE, "Fourth relief plane lands in Aden"),
    ),
    "the same form, another province": (
        article(EXECUTION.replace("Basra", "Wasit"), "Man executed in Wasit for drugs"),
        article(EXECUTION, "Man executed in Basra for drugs"),
    ),
    "the same form in Arabic, another province": (
        article(AR.replace("نينوى", "ديالى").replace("الموصل", "بعقوبة"), "إصابة جنديين بانفجار في ديالى"),
        article(AR, "إصابة جنديين بانفجار في نينوى"),
    ),
    "the same headline, another town": (
        article("A bomb went off in Dibis at noon.\n" + OTHER, "Bomb wounds soldiers in Dibis market"),
        article("A bomb went off in Tuz at dusk.\n" + OTHER, "Bomb wounds soldiers in Tuz market"),
    ),
    "the same headline in Arabic, another town": (
        article(AR.split("\n")[0].replace("نينوى", "ديالى"), "عبوة ناسفة تستهدف دورية في ديالى"),
        article(AR, "عبوة ناسفة تستهدف دورية في نينوى"),
    ),
    "only the ordinal is another": (
        article(PLANE.replace("fourth", "fifth"), "Relief plane lands"),
        article(PLANE, "Relief plane lands"),
    ),
    "only the town of the title is another": (
        article(OTHER + "\n(INA)", "Bomb wounds soldiers in Dibis market"),
        article(OTHER, "Bomb wounds soldiers in Tuz market"),
    ),
    "Arabic, the province only in the text": (
        article(AR.replace("نينوى", "ديالى").replace("الموصل", "بعقوبة"), "إصابة جنديين بانفجار عبوة"),
        article(AR, "إصابة جنديين بانفجار عبوة"),
    ),
    "a whole story at the end of a longer one": (
        article("\n".join([OTHER, FLOOD, PLANE, ROCKETS]), "Exports through Ceyhan rise"),
        FIRST,
    ),
    "alerts of one sentence": (
        article("", "URGENT: Drone attack targets oil field in Duhok province"),
        article("", "URGENT: Drone attack targets oil field in Kirkuk province"),
    ),
    "old background in a new story": (
        article(OTHER + "\n" + "\n".join(ROCKETS.split("\n")[3:]), "Exports rise"),
        FIRST,
    ),
    "only the boilerplate of the site": (
        article(BOILER_ONE, "Bridge collapses in Hilla town"),
        article(BOILER_TWO, "Bread prices rise sharply again"),
    ),
    "one story of a round-up": (
        article(FLOOD, "Floods cut road to Duhok"),
        article(FLOOD + "\n" + OTHER + "\n" + ROCKETS, "Live: the day in Iraq"),
    ),
}


@pytest.mark.parametrize(("new", "relation"), COPIES.values(), ids=COPIES)
def test_copies(new: Article, relation: str) -> None:
    first = DAY if new.title == "The day" else ARABIC if new.text.startswith(AR) else FIRST
    decision = ask(new, known(first))
    assert (decision.outcome, decision.of, decision.relation) == (Outcome.COPY, 1, relation), decision.why


def test_a_figure_with_a_capital_is_no_name() -> None:
    """Seven die where the other has three: a new toll, not another happening."""
    three, seven = (
        article(f"BAGHDAD.- {n} men died there, a doctor said.\n{ROCKETS}", f"{n} die as rockets land near Green Zone")
        for n in ("Three", "Seven")
    )
    decision = ask(seven, known(replace(three, url="https://a.example/1")))
    assert (decision.outcome, decision.relation) == (Outcome.COPY, "update"), decision.why


def test_a_headline_of_its_own_hides_no_sibling() -> None:
    """Another province's beside the original, it is so beside a copy whose title names none."""
    claimed, other = ((p.first, p.second) for p in edits() if p.kind in {"the group's claim added", SAME_DAY})
    first = claimed[0]
    copy = known(claimed[1], 2, root=1)
    assert ask(other[1], copy).outcome is Outcome.COPY
    assert ask(other[1], known(first), copy).outcome is Outcome.NEW


@pytest.mark.parametrize(("new", "old"), NOT_COPIES.values(), ids=NOT_COPIES)
def test_no_copies(new: Article, old: Article) -> None:
    old = replace(old, url="https://a.example/1")
    decision = ask(new, known(old))
    assert (decision.outcome, decision.of) == (Outcome.NEW, None), decision.why


@pytest.mark.parametrize(
    ("hours", "outcome"), [(71.9, Outcome.COPY), (72.1, Outcome.NEW)], ids=["inside the window", "outside"]
)
def test_a_near_copy_is_near_in_time(hours: float, outcome: Outcome) -> None:
    new = edited("across the river", "over the Tigris")
    old = replace(FIRST, published=NOW - timedelta(hours=hours))
    assert ask(new, known(old)).outcome is outcome


def test_the_very_same_text_has_no_window() -> None:
    assert ask(article(ROCKETS), known(replace(FIRST, published=NOW - timedelta(days=90)))).outcome is Outcome.COPY


@pytest.mark.parametrize(
    ("hours", "outcome"), [(11.9, Outcome.COPY), (12.1, Outcome.NEW)], ids=["the same alert", "the next explosion"]
)
def test_equal_headlines_are_one_story_for_half_a_day(hours: float, outcome: Outcome) -> None:
    title = "URGENT: Explosion heard in the centre of Baghdad, cause unknown"
    old = replace(article("", title, url="https://a.example/1"), published=NOW - timedelta(hours=hours))
    assert ask(article("", title), known(old)).outcome is outcome


@pytest.mark.parametrize(
    ("title", "text", "outcome"),
    [
        pytest.param("x" * 39, "", Outcome.TOO_SHORT, id="39 characters"),
        pytest.param("x" * 40, "", Outcome.NEW, id="40 characters"),
        pytest.param("", "", Outcome.TOO_SHORT, id="nothing"),
        pytest.param("انفجار عبوة ناسفة في كركوك وسقوط جرحى من الشرطة", "", Outcome.NEW, id="a headline"),
        pytest.param("Blast", "A bomb went off in Kirkuk on Sunday.", Outcome.NEW, id="a short title with a sentence"),
    ],
)
def test_too_short(title: str, text: str, outcome: Outcome) -> None:
    assert ask(article(text, title)).outcome is outcome


FLASH = article("", "Blast in Baghdad")
TOLD = article("A blast in Baghdad killed five people on Sunday.", "Blast in Baghdad kills five")
SHOTS = article("Shots fired in the centre of Baghdad", "Shots fired in the centre of Baghdad")  # as feeds tell it
AFTER = article(
    "Shots fired in the centre of Baghdad. Five people died on Sunday near the market, police said, and the road to "
    "the bridge is shut until the evening as soldiers search the houses beside the river for more gunmen.",
    "Shots fired in the centre of Baghdad kill five",
)


def earlier(of: Article, hours: int) -> list[Known]:
    """What the archive has of an article that was published some hours before."""
    return [known(replace(of, published=NOW - timedelta(hours=hours)))]


FLASHES = {
    "nothing like it": (FLASH, [], Outcome.NEW),
    "the same within hours": (FLASH, earlier(FLASH, 12), Outcome.COPY),
    "the same a day before": (FLASH, earlier(FLASH, 13), Outcome.NEW),
    "its words stand in a story of hours before": (FLASH, earlier(TOLD, 5), Outcome.NEW),
    "a story that begins like a flash of hours before": (AFTER, earlier(SHOTS, 12), Outcome.COPY),
    "a story that begins like a flash of the day before": (AFTER, earlier(SHOTS, 30), Outcome.NEW),
    "a flash with the words of an older story": (SHOTS, earlier(AFTER, 30), Outcome.NEW),
}


@pytest.mark.parametrize(("new", "old", "outcome"), FLASHES.values(), ids=FLASHES)
def test_a_flash_that_is_flagged_is_never_too_short(new: Article, old: list[Known], outcome: Outcome) -> None:
    assert decide(new, keys(new), old, now=NOW, flagged=True).outcome is outcome
    if new is FLASH:
        assert decide(new, keys(new), old, now=NOW).outcome is Outcome.TOO_SHORT


URL = keys(FIRST).url_key
AGAIN = replace(FIRST, text=ROCKETS.replace("caused no casualties", "killed one guard"))
WIRE = Wire("AFP", "urn:afp:1", "1")
WIRED = replace(FIRST, wire=WIRE)
FEED_ONLY = replace(FIRST, text="Two rockets landed in Baghdad, says the feed.", status=TextStatus.FEED_ONLY)

WHEAT = replace(FIRST, text=OTHER, title="Wheat price falls")

IDENTITIES = {
    "same address, same text": (FIRST, FIRST, URL, Outcome.SAME_URL, ""),
    "same address, other spaces": (replace(FIRST, text=ROCKETS.replace(" ", "  ")), FIRST, URL, Outcome.SAME_URL, ""),
    "same address, new text": (AGAIN, FIRST, URL, Outcome.REVISION, "update"),
    "same address, new title": (replace(FIRST, title="One guard killed"), FIRST, URL, Outcome.REVISION, "update"),
    "same address, all else new": (replace(FIRST, text=OTHER), FIRST, URL, Outcome.REVISION, "update"),
    "same address, another story": (WHEAT, FIRST, URL, Outcome.NEW, ""),
    "same address, another story in the feed alone": (
        replace(WHEAT, status=TextStatus.FEED_ONLY),
        FIRST,
        URL,
        Outcome.NEW,
        "",
    ),
    "same address, an alert and then its story": (
        FIRST,
        replace(FIRST, text="", title="Green Zone: rockets"),
        URL,
        Outcome.REVISION,
        "update",
    ),
    "same address, only words to pay by": (
        replace(WHEAT, status=TextStatus.PAYWALLED),
        FIRST,
        URL,
        Outcome.SAME_URL,
        "",
    ),
    "same address, taken back in words of its own": (
        replace(FIRST, title="KILL: withdrawn", text=""),
        FIRST,
        URL,
        Outcome.REVISION,
        "update",
    ),
    "the page came after the feed": (FIRST, FEED_ONLY, URL, Outcome.REVISION, "expanded"),
    "the page is refused this time": (FEED_ONLY, FIRST, URL, Outcome.SAME_URL, ""),
    "a wire correction": (
        replace(AGAIN, url="https://a.example/9", wire=Wire("AFP", "urn:afp:1", "2", signal=Signal.CORRECTION)),
        WIRED,
        keys(WIRED).wire_key,
        Outcome.REVISION,
        "correction",
    ),
    "a wire kill with nothing left": (
        Article("https://a.example/9", "KILL", "", wire=Wire("AFP", "urn:afp:1", "3", signal=Signal.KILL)),
        WIRED,
        keys(WIRED).wire_key,
        Outcome.REVISION,
        "kill",
    ),
    "a feed's id at another address": (
        replace(AGAIN, feed="f", identity="7", url="https://a.example/7"),
        replace(FIRST, feed="f", identity="7"),
        "f:f 7",
        Outcome.REVISION,
        "update",
    ),
    "a feed that uses its ids again": (
        replace(FIRST, feed="f", identity="7", url="https://a.example/7", text=OTHER, title="Oil"),
        replace(FIRST, feed="f", identity="7"),
        "f:f 7",
        Outcome.NEW,
        "",
    ),
}


@pytest.mark.parametrize(("new", "old", "key", "outcome", "relation"), IDENTITIES.values(), ids=IDENTITIES)
def test_identities(new: Article, old: Article, key: str, outcome: Outcome, relation: str) -> None:
    decision = ask(new, known(old, key=key))
    assert (decision.outcome, decision.relation) == (outcome, relation), decision.why
    assert decision.of == (None if outcome is Outcome.NEW else 1)


def test_a_round_up_belongs_to_none_of_its_stories() -> None:
    digest = article(FLOOD + "\n" + OTHER + "\n" + ROCKETS, "Iraq in brief")
    old = (known(article(FLOOD, "Floods"), 1), known(article(OTHER, "Oil"), 2), known(FIRST, 3))
    decision = ask(digest, *old)
    assert (decision.outcome, decision.relation) == (Outcome.NEW, "round-up")
    assert decision.why == "contains the stories 1, 2, 3"


def test_nothing_but_its_own_copy_attaches_to_a_round_up() -> None:
    digest = article(FLOOD + "\n" + OTHER, "Floods cut road to Duhok")
    assert ask(article(FLOOD, "Floods cut road to Duhok"), known(digest, round_up=True)).outcome is Outcome.NEW
    assert ask(replace(digest, text=digest.text + "\n(INA)"), known(digest, round_up=True)).outcome is Outcome.COPY


def test_a_copy_of_a_copy_belongs_to_the_original() -> None:
    second = known(article(ROCKETS + "\nOur staff added this."), 2, root=1)
    assert ask(article(ROCKETS + "\nOur staff added this, too."), known(FIRST), second).of == 1


def test_what_only_a_copy_added_is_a_story_of_its_own() -> None:
    second = known(article(FLOOD + "\n" + ROCKETS, "Floods and rockets"), 2, root=1)
    assert ask(article(FLOOD, "Floods cut road"), known(FIRST), second).outcome is Outcome.NEW


def test_the_reason_names_the_article_and_the_share() -> None:
    assert ask(article(ROCKETS.split("\n")[0]), known(FIRST, 41)).why == "100% of its text is in article 41"


def test_entities_are_decoded_twice() -> None:
    assert keys(article("L&amp;eacute;gion &eacute;trang&egrave;re " * 10)) == keys(article("Légion étrangère " * 10))


@pytest.mark.parametrize(
    ("declared", "key"),
    [
        pytest.param(
            "https://www.b.example/story?utm_source=x", "u:https://b.example/story", id="another address of the site"
        ),
        pytest.param("https://b.example/2/", None, id="its own address"),
        pytest.param("https://b.example/", None, id="the front page"),
        pytest.param("https://a.example/1", None, id="another site: a copy, not the same page"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_what_a_page_declares_names_it_only_within_its_site(declared: str, key: str | None) -> None:
    assert keys(article(ROCKETS, canonical_url=declared)).canonical_key == key
