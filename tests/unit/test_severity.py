"""The rubric, from both sides of each limit."""

from __future__ import annotations

import pytest

from tocsin.flagging.coder import code
from tocsin.flagging.reading import read
from tocsin.flagging.severity import rate


@pytest.mark.parametrize(
    ("language", "text", "level", "rule"),
    [
        ("en", "A car bomb killed 10 people in Baquba.", "critical", "severity.killed_10"),
        ("en", "A car bomb killed nine people in Baquba.", "high", "severity.killed_1"),
        ("en", "A roadside bomb killed a soldier near Kirkuk.", "high", "severity.killed_1"),
        ("en", "Several soldiers were killed in an attack near Kirkuk.", "high", "severity.deaths"),
        ("ar", "سقط صاروخان داخل المنطقة الخضراء وأصيب حارس واحد.", "high", "severity.target_foreign"),
        ("en", "Gunmen kidnapped two engineers in Basra.", "high", "severity.hostages"),
        ("en", "Kidnappers freed a hostage in Basra on Monday.", "medium", "severity.release"),
        ("en", "Two rockets were fired at the US embassy, causing no casualties.", "high", "severity.target_foreign"),
        ("en", "Rockets landed in the Green Zone without causing casualties.", "high", "severity.target_foreign"),
        ("en", "Rockets landed in a field near Hawija without causing casualties.", "medium", "severity.event"),
        ("en", "Troops launched an offensive to retake Hawija.", "high", "severity.battle"),
        ("en", "A grenade wounded two policemen in Amara.", "high", "severity.wounded"),
        ("en", "Police arrested a suspected militant in Samarra.", "low", "severity.small_arrest"),
        ("en", "Police arrested nine members of an Islamic State cell in Samarra.", "medium", "severity.event"),
        ("en", "The Netherlands will withdraw its troops from Iraq next year.", "low", "severity.posture"),
        ("en", "Police arrested a senior Islamic State commander in Samarra.", "medium", "severity.event"),
        ("en", "Police found four mortar shells in a cache west of Samarra.", "low", "severity.small_arrest"),
        (
            "en",
            "A blast hit a supply convoy of the coalition near Hilla, nobody was hurt.",
            "high",
            "severity.target_foreign",
        ),
        ("en", "Protesters stormed the Green Zone and camped there.", "medium", "severity.event"),
        ("en", "The minister expects the liberation of Mosul before the summer.", "medium", "severity.event"),
        ("en", "Islamic State militants seized the town of Rutba on Friday.", "critical", "severity.city_lost"),
        ("en", "The governor of Diwaniyah was assassinated on Friday.", "critical", "severity.leader_killed"),
        ("en", "An Iraqi militia threatened to strike US bases.", "low", "severity.statement"),
        ("fr", "Une milice irakienne menace de frapper les bases américaines.", "low", "severity.statement"),
        ("en", "Missiles fell near the US consulate in Erbil, hurting nobody.", "high", "severity.target_foreign"),
        ("ar", "كتائب سيد الشهداء تهدد القوات الأمريكية في العراق.", "low", "severity.statement"),
        ("en", "Armed factions end truce, threaten US forces in Iraq.", "medium", "severity.event"),
        ("en", "Iraq hanged 21 men convicted of terrorism at Nasiriyah prison.", "medium", "severity.judicial"),
        ("en", "A bomb damaged an oil pipeline near Baiji.", "medium", "severity.event"),
        ("fr", "Une voiture piégée a tué onze personnes à Kirkouk.", "critical", "severity.killed_10"),
        (
            "nl",
            "Raketten ingeslagen bij de luchthaven van Erbil, geen slachtoffers.",
            "high",
            "severity.target_foreign",
        ),
        ("de", "Bei einem Anschlag in Mossul wurden zwölf Menschen getötet.", "critical", "severity.killed_10"),
        ("ar", "مقتل ثلاثة جنود بانفجار عبوة ناسفة في كركوك", "high", "severity.killed_1"),
    ],
)
def test_rate(language: str, text: str, level: str, rule: str) -> None:
    reading = read("", text, language)
    severity, reasons = rate(reading, code(reading, None))
    assert (severity.value, reasons[0].rule) == (level, rule)


def test_the_reason_shows_its_words() -> None:
    text = "A car bomb killed 10 people in Baquba."
    reading = read("", text, "en")
    _, (reason,) = rate(reading, code(reading, None))
    assert reason.span is not None
    assert reason.span.quote == "killed 10"
    assert reason.note == "critical: 10 or more killed"
