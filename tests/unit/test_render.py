"""What an alert says: clean lines, both figures where they differ, every label in every language, within each limit."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.fakes import alerts
from tocsin.alerts import labels, render_json, render_mail, render_slack, render_terminal
from tocsin.alerts.render import line, moment, view, views, web_address
from tocsin.model import AlertReason, Change, Count, Severity

ALL = [alerts.alert(), alerts.update(), alerts.withdrawn(), alerts.hostile()]
LABELS = Path(labels.__file__).parent


def keys(table: dict[str, Any], prefix: str = "") -> set[str]:
    """The dotted keys of a label file; plural forms count as one key, as each language has its own."""
    found: set[str] = set()
    for key, value in table.items():
        nested = isinstance(value, dict) and key not in {"articles", "origins", "event_types"}
        found |= keys(value, f"{prefix}{key}.") if nested else {f"{prefix}{key}"}
    return found


@pytest.mark.parametrize("language", labels.languages())
def test_every_language_says_everything(language: str) -> None:
    own = yaml.safe_load((LABELS / f"{language}.yaml").read_text(encoding="utf-8"))
    assert keys(own) == keys(yaml.safe_load((LABELS / "en.yaml").read_text(encoding="utf-8")))
    loaded = labels.load(language)
    assert set(loaded.severity) == set(Severity)
    assert set(loaded.reason) == set(AlertReason)
    assert all(loaded.plural(forms, n) for forms in (loaded.articles, loaded.origins) for n in range(12))


def test_the_translated_event_types_are_the_same_in_every_language() -> None:
    translated = [set(labels.load(code).event_types) for code in labels.languages() if code != "en"]
    assert all(names == translated[0] for names in translated)


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("a\r\nBcc: b", "a Bcc: b"),
        ("a\x0b\x0c\x85\u2028b", "a b"),
        ("\u202egnp.exe\u2066", "gnp.exe"),
        ("\ud800x", "x"),
        ("\x1b]0;title\x07", "]0;title"),
        ("e\u0301", "é"),
        ("سقوط صاروخ", "سقوط صاروخ"),
        ("x" * 50, "x" * 19 + "…"),
        ("x" * 20, "x" * 20),
    ],
)
def test_line(raw: str, clean: str) -> None:
    assert line(raw, 20) == clean


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://example.org/a?b=1#c", True),
        ("HTTPS://example.org/", True),
        ("http://[::1]/", True),
        ("javascript:alert(1)", False),
        ("java\nscript:alert(1)", False),
        ("data:text/html,x", False),
        ("//example.org/", False),
        ("https:///path", False),
        ("https://user:pw@example.org/", False),
        ('https://example.org/"onclick=', False),
        ("https://example.org/<b>", False),
        ("https://example.org/a|b", False),  # ends a link in Slack's mrkdwn
        ("https://example.org/\u202egro", False),
        ("https://[oops/", False),
        ("https://example.org/" + "x" * 2000, False),
    ],
)
def test_only_plain_web_addresses_become_links(url: str, kept: bool) -> None:
    assert web_address(url) == (url if kept else "")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "22 Nov 2026, 21:40 Baghdad (18:40 UTC)"),
        ("fr", "22 nov. 2026, 21:40 Bagdad (18:40 UTC)"),
        ("ar", "22 تشرين الثاني 2026, 21:40 بغداد (18:40 UTC)"),
    ],
)
def test_times_are_shown_at_the_desk_and_in_utc(language: str, said: str) -> None:
    assert moment(alerts.AT, labels.load(language), "Asia/Baghdad") == said


def test_a_day_that_differs_between_the_zones_is_the_desks_day() -> None:
    late = datetime(2026, 12, 31, 22, 30, tzinfo=UTC)
    assert moment(late, labels.load("en"), "Asia/Baghdad").startswith("1 Jan 2027, 01:30")


GOLDEN = {
    "en": ("HIGH: First report", "Wounded", "1 article, 1 origin (AFP)", "nobody has claimed it"),
    "fr": (
        "ÉLEVÉE: Premier signalement",
        "Blessés",
        "1 article, 1 source d’origine (AFP)",
        "personne ne l’a revendiquée",
    ),
    "nl": ("HOOG: Eerste melding", "Gewond", "1 artikel, 1 oorspronkelijke bron (AFP)", "door niemand opgeëist"),
    "de": ("HOCH: Erste Meldung", "Verletzt", "1 Artikel, 1 Ursprungsquelle (AFP)", "niemand hat sich bekannt"),
    "ar": ("عالٍ: أول بلاغ", "الجرحى", "مقال واحد، مصدر أصلي واحد (\u2068AFP\u2069)", "لم تتبنّه أي جهة"),
}


@pytest.mark.parametrize("language", labels.languages())
def test_the_first_alert_in_every_language(language: str) -> None:
    """Labels are translated; the gist, the quotes and the figures are not touched."""
    seen = view(alerts.alert(), language=language)
    wounded = next(fact for fact in seen.facts if fact.key == "wounded")
    claim = next(fact for fact in seen.facts if fact.key == "claim")
    assert (seen.headline, wounded.label, seen.coverage, claim.value) == GOLDEN[language]
    assert [fact.key for fact in seen.facts] == ["event_type", "place", "weapons", "target", "wounded", "claim"]
    assert (wounded.value, wounded.quote.text) == ("2", "Deux soldats irakiens ont été blessés")
    assert seen.gist.text == alerts.event().gist
    assert seen.place
    assert seen.place.map_url.startswith("https://www.openstreetmap.org/?mlat=33.52390&mlon=44.25670")
    assert len(seen.times) == 5
    assert [quote.text for quote in seen.quotes] == [span.quote for span in alerts.alert().quotes]


@pytest.mark.parametrize("language", labels.languages())
@pytest.mark.parametrize("alert", ALL, ids=lambda a: f"{a.event.id}-{a.reason}")
def test_every_layout_takes_every_alert_in_every_language(language: str, alert: Any) -> None:
    seen = view(alert, language=language)
    blocks = render_slack.message(seen)["blocks"]
    assert len(blocks) <= render_slack.MAX_BLOCKS
    assert render_slack.weight(blocks) <= render_slack.BUDGET
    assert len(blocks[0]["text"]["text"]) <= render_slack.MAX_HEADER
    assert len(render_mail.content(seen).html.encode()) < render_mail.MAX_HTML
    text = render_terminal.message(seen)
    assert all(render_terminal.columns(row) <= 100 or "http" in row for row in text.splitlines())


def test_figures_that_differ_are_both_shown_with_who_says_them() -> None:
    wounded = next(fact for fact in view(alerts.update()).facts if fact.key == "wounded")
    assert wounded.value == "2 (AFP), 3 (INA): figures differ"


def test_a_name_that_runs_the_other_way_is_fenced_off() -> None:
    first, _, third, _ = alerts.sources()
    seen = view(alerts.alert(event=alerts.event(sources=(first, replace(third, origins=("واع",))))))
    assert (
        next(fact.value for fact in seen.facts if fact.key == "wounded")
        == "2 (AFP), 3 (\u2068واع\u2069): figures differ"
    )
    assert seen.coverage == "2 articles, 2 origins (AFP, \u2068واع\u2069)"


def test_an_origin_that_raised_its_own_figure_contradicts_nobody() -> None:
    first, *_ = alerts.sources()
    later = replace(first, article=7, wounded=Count(5, 5), relation="update")
    seen = view(alerts.alert(event=alerts.event(sources=(first, later))))
    assert next(fact.value for fact in seen.facts if fact.key == "wounded") == "2"


def test_a_withdrawn_figure_does_not_count() -> None:
    first, _, third, _ = alerts.sources()
    seen = view(alerts.alert(event=alerts.event(sources=(first, replace(third, relation="kill")))))
    assert next(fact.value for fact in seen.facts if fact.key == "wounded") == "2"


def test_no_casualties_is_said_and_silence_is_not() -> None:
    nobody = replace(alerts.facts(), killed=alerts.said(Count(0, 0), "Deux soldats"))
    shown = {fact.key: fact.value for fact in view(alerts.alert(event=alerts.event(facts=nobody))).facts}
    assert shown["killed"] == "none"
    assert "killed" not in {fact.key for fact in view(alerts.alert()).facts}


def test_changes_are_old_to_new_in_the_readers_words() -> None:
    seen = view(alerts.update(), language="fr")
    assert [(c.label, c.old, c.new) for c in seen.changes] == [
        ("Blessés", "2", "2-3"),
        ("Gravité", "ÉLEVÉE", "CRITIQUE"),
        ("Revendication", "inconnu", "personne ne l’a revendiquée"),
    ]


def test_a_change_without_a_label_is_still_shown() -> None:
    seen = view(alerts.alert(changes=(Change("new_thing", "a", "b"),)))
    assert (seen.changes[0].label, seen.changes[0].old, seen.changes[0].new) == ("New thing", "a", "b")


def test_coverage_counts_articles_and_origins() -> None:
    assert view(alerts.update()).coverage == "4 articles, 2 origins (AFP, INA)"
    arabic = view(alerts.update(), language="ar").coverage
    assert arabic == "4 مقالات، مصدران أصليان (\u2068AFP\u2069، \u2068INA\u2069)"


def test_more_sources_than_fit_are_counted() -> None:
    seen = view(alerts.hostile())
    assert (len(seen.sources), seen.more_sources) == (8, 52)
    html = render_mail.content(seen).html
    shown = html.count("<li style")
    assert f"and {60 - shown} more" in html


def test_views_are_ordered_by_severity_then_age() -> None:
    low = alerts.alert(event=alerts.event(id="low", severity=Severity.LOW))
    assert [seen.event_id for seen in views([low, alerts.alert(), alerts.update()])] == [
        "ev-taji-1",
        "ev-taji-1",
        "low",
    ]
    assert views([alerts.withdrawn(), alerts.alert()])[0].reason is AlertReason.FIRST


def test_slack_keeps_its_budget_by_leaving_out_the_least() -> None:
    """Long facts and addresses of 2,000 characters: the message shrinks, the gist and the first facts stay."""
    long = "https://example.org/" + "a" * 1900
    sources = tuple(replace(alerts.sources()[0], article=n, url=long + str(n), title="t" * 300) for n in range(9))
    seen = view(alerts.alert(event=alerts.event(sources=sources)))
    message = render_slack.message(seen)
    assert render_slack.weight(message["blocks"]) <= render_slack.BUDGET
    text = json.dumps(message["blocks"])
    assert "and 5 more" in text
    assert "Deux soldats irakiens ont" in text


def _elements(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        return [value, *(e for v in value.values() for e in _elements(v))]
    return [e for v in value for e in _elements(v)] if isinstance(value, list) else []


@pytest.mark.parametrize("reply", [True, False])
def test_slack_never_parses_what_comes_from_outside(reply: bool) -> None:
    message = render_slack.message(view(alerts.hostile()), reply=reply)
    kinds = {e["type"] for e in _elements(message["blocks"]) if "type" in e}
    assert "mrkdwn" not in kinds
    assert "broadcast" not in kinds
    assert kinds <= {
        "header", "plain_text", "context", "rich_text", "rich_text_section", "rich_text_list", "rich_text_quote",
        "text", "link",
    }  # fmt: skip
    assert all(e.get("emoji") is False for e in _elements(message["blocks"]) if e.get("type") == "plain_text")
    assert all(e["text"] for e in _elements(message["blocks"]) if "text" in e)
    assert not re.search(r"[<>]", message["text"])
    assert "&lt;!channel&gt;" in message["text"]


def test_a_reply_says_what_changed_and_not_the_rest() -> None:
    whole = json.dumps(render_slack.message(view(alerts.update())))
    reply = json.dumps(render_slack.message(view(alerts.update()), reply=True))
    assert "Katyusha rocket" in whole
    assert "2 \\u00d7 Katyusha rocket" not in reply
    assert "figures differ" in reply
    assert "and 1 more" in reply
    confirmed = json.dumps(render_slack.message(view(alerts.alert(AlertReason.CONFIRMED)), reply=True))
    assert "What is reported" not in confirmed
    assert alerts.event().gist in confirmed


class Page(HTMLParser):
    """Tags, links and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in {"href", "src"}]


@pytest.mark.parametrize("alert", ALL, ids=lambda a: f"{a.event.id}-{a.reason}")
def test_mail_html_holds_nothing_that_acts(alert: Any) -> None:
    for html in (render_mail.content(view(alert)).html, render_mail.digest(views([alert] * 3), "en").html):
        page = Page()
        page.feed(html)
        assert not page.tags & {"script", "img", "iframe", "form", "svg", "object", "i"}
        assert not {name for name in page.attributes if name.startswith("on")}
        assert all(link.startswith("https://") for link in page.links)


def test_mail_directions_follow_the_words() -> None:
    html = render_mail.content(view(alerts.update(), language="ar")).html
    assert '<html lang="ar" dir="rtl">' in html
    assert f'<span dir="rtl">{alerts.ARABIC}</span>' in html
    assert '<h1 dir="auto"' in html


def test_arabic_words_are_fenced_in_plain_text() -> None:
    assert f"\u2068{alerts.ARABIC}\u2069" in render_terminal.message(view(alerts.update())).replace("\n    ", " ")


@pytest.mark.parametrize(
    ("thread_subject", "subject"),
    [
        ("", "[Tocsin] 2 Katyusha rockets landed near Camp Taji, north of Baghdad; 2 wounded, unclaimed"),
        ("[Tocsin] Rockets near Taji", "Re: [Tocsin] Rockets near Taji"),
    ],
)
def test_the_subject_keeps_the_thread_together(thread_subject: str, subject: str) -> None:
    """Severity and reason change from mail to mail, so the subject has neither."""
    assert render_mail.content(view(alerts.update()), thread_subject=thread_subject).subject == subject


def test_a_hostile_subject_is_one_line_of_200() -> None:
    subject = render_mail.content(view(alerts.hostile())).subject
    assert len(subject) == render_mail.MAX_SUBJECT
    assert subject.isprintable()


def test_colour_only_when_asked() -> None:
    seen = view(alerts.update())
    assert "\x1b[" not in render_terminal.message(seen)
    coloured = render_terminal.message(seen, colour=True)
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == render_terminal.message(seen)


def test_json_has_the_keys_of_assess_and_plain_values() -> None:
    sent = json.loads(json.dumps(render_json.payload(alerts.update())))
    assert sent["wounded"] == {"min": 2, "max": 2}
    assert sent["killed"] is None
    assert sent["places"][0]["name"] == "Camp Taji"
    assert sent["weapons"] == [{"name": "Katyusha rocket", "count": 2}]
    assert sent["fact_quotes"]["claim"] == ["L’attaque n’a pas été revendiquée"]
    assert [source["url"] for source in json.loads(json.dumps(render_json.payload(alerts.hostile())))["sources"]] == [
        None
    ] * 50


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "9 minutes after publication, 8 minutes after it was seen"),
        ("ar", "9 دقائق بعد النشر، 8 دقائق بعد الرصد"),
    ],
)
def test_the_alert_tells_its_own_latency(language: str, said: str) -> None:
    assert view(alerts.alert(), language=language).times[-1][1] == said


def test_a_time_in_the_future_has_no_latency() -> None:
    """A feed whose clock is wrong."""
    late = replace(alerts.sources()[0], published=alerts.AT + timedelta(hours=1), seen=alerts.AT)
    assert view(alerts.alert(article=late)).times[-1][1] == "0 seconds after it was seen"
