"""What holds for every text: folding, prints, keys, and that the order of arrival does not decide who is whose copy."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.wire_texts import EXECUTION, FLOOD, OTHER, PLANE, ROCKETS
from tocsin.archive import Archive
from tocsin.archive.rows import pack_prints, unpack_prints
from tocsin.archive.search import expression
from tocsin.dedup import diff, keys
from tocsin.dedup.keys import LEAST, MOST, prints, words
from tocsin.model import Article, Outcome
from tocsin.text import fold, fold_text, letters
from tocsin.urls import canonical

NOW = datetime(2026, 3, 14, 18, 0, tzinfo=UTC)
texts = st.text(alphabet=st.characters(codec="utf-8") | st.sampled_from("بغداد ـًٌ\u200bأإآىة٣é’«» \n"), max_size=200)


@given(texts)
def test_the_quick_folding_is_the_folding(text: str) -> None:
    assert fold_text(text) == fold(text).text


@given(texts, st.sampled_from(["", "Two ROCKETS, said 'a source', hit Erbil at 4:12. " * 40]))
def test_folding_is_done_letter_by_letter(text: str, around: str) -> None:
    """Also where a text is nearly all ASCII, which is folded in another way."""
    text = around + text + around
    assert fold_text(text) == "".join(map(fold_text, text))
    assert letters(text) == re.sub(r"\W+", "", fold_text(unicodedata.normalize("NFC", text)))


@given(texts)
def test_folding_is_done_once(text: str) -> None:
    text = unicodedata.normalize("NFKC", text).lower()  # letters that are signs, such as a double-struck S
    assert words(" ".join(words(text))) == words(text)


@given(texts, texts)
def test_keys_do_not_see_case_and_spaces(title: str, text: str) -> None:
    one = keys(Article("https://a.example/1", title, text))
    other = keys(Article("https://a.example/1", f" {title} ", text.replace(" ", "   ")))
    assert one == other


@given(st.lists(st.sampled_from(["rocket", "hit", "the", "zone", "بغداد", "3", "of", "erbil"]), max_size=300))
def test_prints_are_few_sorted_and_fit_six_bytes(folded: list[str]) -> None:
    found = prints(tuple(folded))
    assert list(found) == sorted(set(found))
    assert len(found) <= MOST + LEAST
    assert not found or 0 <= found[0] <= found[-1] < 2**47
    assert unpack_prints(pack_prints(found)) == found


@given(texts)
def test_a_canonical_address_is_stable(text: str) -> None:
    for url in (text, f"https://example.com/{text}", f"https://www.example.com/a?{text}"):
        assert canonical(canonical(url)) == canonical(url)


@given(texts)
@settings(max_examples=50)
def test_no_query_is_an_error(text: str) -> None:
    ARCHIVE.search(text)
    ARCHIVE.search(expression(text))


@given(texts, texts)
@settings(max_examples=50)
def test_a_diff_says_whether_words_changed(old: str, new: str) -> None:
    assert (diff.words(old, new) == "") == (old.split() == new.split())


FAMILY = [
    ROCKETS,
    f"By our staff\n{ROCKETS}\n(AFP)",
    "\n".join(ROCKETS.split("\n")[:3]),
    FLOOD,
    f"{FLOOD}\nRead more on our site.",
    OTHER,
]


TRUTH = [[0, 1, 2], [3, 4], [5]]


@given(st.permutations(range(6)), st.lists(st.integers(0, 48 * 60), min_size=6, max_size=6))
@settings(max_examples=40, deadline=None)
def test_families_do_not_depend_on_the_order_of_arrival(order: list[int], minutes: list[int]) -> None:
    """Copies that come before their original, after it, out of the order of their dates, or with equal dates."""
    families: dict[int, set[int]] = {}
    with Archive.memory() as archive:
        for n, which in enumerate(order):
            at = NOW + timedelta(minutes=minutes[which])
            article = Article(f"https://s{which}.example/{n}", "News", FAMILY[which], published=at)
            found = keys(article)
            decision = archive.decide(article, found, now=NOW)
            stored = archive.store(article, found, decision, now=NOW)
            families.setdefault(
                decision.of if decision.outcome is Outcome.COPY and decision.of else stored.id, set()
            ).add(which)
    assert sorted(map(sorted, families.values())) == TRUTH


PIECES = [
    ROCKETS,
    FLOOD,
    OTHER,
    f"{PLANE}\n{EXECUTION}\n{FLOOD}\n{ROCKETS}",
    f"{ROCKETS}\n(AFP)",
    f"{OTHER}\nAll rights reserved.",
]
HEADED = [
    "Rockets in Baghdad",
    "Floods in Duhok",
    "Ceyhan exports",
    "The day",
    "Sirens at the embassy",
    "Oil via Ceyhan",
]
SHARED = {frozenset({0, 3}), frozenset({1, 3})}  # the long one contains two stories of the others


@given(st.permutations(range(6)), st.lists(st.integers(0, 48 * 60), min_size=6, max_size=6))
@settings(max_examples=25, deadline=None)
def test_what_stories_share_does_not_depend_on_the_order_of_arrival(order: list[int], minutes: list[int]) -> None:
    """Whether the round-up comes first, last or between, each family says the same of each other family."""
    with Archive.memory() as archive:
        numbers: dict[int, int] = {}
        for n, which in enumerate(order):
            at = NOW + timedelta(minutes=minutes[which])
            article = Article(f"https://s{which}.example/{n}", HEADED[which], PIECES[which], published=at)
            found = keys(article)
            numbers[archive.store(article, found, archive.decide(article, found, now=NOW), now=NOW).id] = which
        story = {0: 0, 1: 1, 2: 2, 3: 3, 4: 0, 5: 2}
        told = [(number, row) for number in numbers for row in archive.parts_of(number)]
        assert {frozenset({story[numbers[a]], story[numbers[row["id"]]]}) for a, row in told} == SHARED
        assert all(row["contains"] == (story[numbers[row["article"]]] == 3) for _, row in told)


ARCHIVE = Archive.memory()
_FIRST = Article("https://a.example/1", "Rockets", ROCKETS)
ARCHIVE.store(_FIRST, keys(_FIRST), ARCHIVE.decide(_FIRST, keys(_FIRST), now=NOW), now=NOW)
