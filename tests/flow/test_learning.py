"""From a verdict of the desk to a scorer that heeds it: review, label, train, use, backtest, on a small archive."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from flows import cockpit
from flows.pipeline import Desk
from tests.fakes.outlet import Outlet, Story
from tests.unit.test_cli import tocsin
from tests.unit.test_config_reading import AGENT
from tocsin import flagging
from tocsin.archive import Archive, verdicts
from tocsin.config import Watch, reading
from tocsin.flagging import learn
from tocsin.flagging.scorer import weights
from tocsin.model import Article

NOW = datetime.now(UTC).replace(microsecond=0)
QUARRELS = [
    ("land", "Maysan", 2), ("water", "Basra", 3), ("a grave", "Dhi Qar", 1), ("money", "Wasit", 2),
    ("cattle", "Diyala", 4), ("a fence", "Muthanna", 2), ("a road", "Qadisiyah", 1), ("a well", "Anbar", 2),
]  # fmt: skip
CLASHES = [
    (f"Tribal clash over {what} in {where} leaves {dead} dead",
     f"Two tribes exchanged fire in {where} on Monday, police said, in a quarrel over {what}.")
    for what, where, dead in QUARRELS
]  # fmt: skip
ATTACKS = [
    ("Two rockets hit Baghdad airport", "Nobody claimed the attack, a security source said on Tuesday."),
    ("Drone strikes base near Erbil, two soldiers wounded", "The army said that the drone was one of three."),
    ("Bomb kills three soldiers in Kirkuk", "The patrol was in the south of the province, the police said."),
    ("IS gunmen attack a checkpoint in Diyala", "One policeman was killed and two wounded on Friday."),
]
DOUBTFUL = ("Turkish jets bomb PKK in Sinjar, Ankara says", "")
LATER = ("Tribal clash over a canal in Maysan leaves one dead", "The police sent a patrol to separate the tribes.")


def fill(config: Path, stories: Sequence[tuple[str, str]]) -> None:
    """Put articles through the pipeline into the config's archive."""
    found = reading.load(config)
    with Archive.open(found.archive) as archive:
        desk = Desk(archive, found, {})
        for n, (title, text) in enumerate(stories):
            article = Article(
                url=f"https://wire.example/{n}", title=title, text=text, language="en", publisher="Wire",
                published=NOW - timedelta(days=2, minutes=n),
            )  # fmt: skip
            judged = [
                flagging.assess(title, text, language="en", published=article.published, watch=watch)
                for watch in found.watches
            ]
            with archive.transaction():
                desk.take(article, judged, age=timedelta(hours=1), now=NOW - timedelta(days=1) + timedelta(minutes=n))


@pytest.fixture(autouse=True)
def _login(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who says so where no --by is given."""
    monkeypatch.setenv("USER", "amal")


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A config whose archive holds quarrels of tribes and attacks."""
    file = tmp_path / "config.yaml"
    file.write_text(AGENT + "archive: t.db\n", encoding="utf-8")
    fill(file, [*CLASHES, *ATTACKS])
    return file


def said(desk: Path, *args: object) -> Any:
    """What a command prints as JSON."""
    done = tocsin("--config", desk, *map(str, args), "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def numbers(desk: Path) -> dict[str, int]:
    """The numbers of the articles by their titles."""
    with Archive.open(reading.load(desk).archive) as archive:
        return {a.title: n for n, a, _ in archive.articles_since(NOW - timedelta(days=9))}


def teach(desk: Path) -> None:
    """Label everything: tribes are not wanted here, attacks are."""
    ids = numbers(desk)
    for stories, verdict in ((CLASHES, "not-relevant"), (ATTACKS, "relevant")):
        for title, _ in stories:
            assert tocsin("--config", desk, "label", ids[title], verdict).exit_code == 0


def later(desk: Path) -> bool:
    """Whether an article that nobody labelled is flagged now."""
    watch = reading.load(desk).watches[0]
    return flagging.assess(*LATER, language="en", watch=watch).flagged


def test_label_train_use(desk: Path) -> None:
    """Labels change nothing, training tells what it would change, --use does it, removing the file undoes it."""
    teach(desk)
    assert later(desk)
    report = said(desk, "train")
    assert report["labels"] == 12
    assert report["after"]["own"]["f1"] > report["before"]["own"]["f1"]
    assert report["after"]["own"]["brier"] < report["before"]["own"]["brier"]
    assert report["after"]["shipped"]["f1"] > report["before"]["shipped"]["f1"] - 0.02
    assert sum(each["own"] and each["after"] < 0.5 for each in report["changed"]) >= 6
    assert (report["written"], report["refused"]) == ([], False)
    assert later(desk), "nothing is switched without --use"

    used = said(desk, "train", "--use")
    assert used["written"] == [str(desk.parent / "weights.json")]
    assert reading.load(desk).watches[0].weights == desk.parent / "weights.json"
    assert not later(desk)
    watch = reading.load(desk).watches[0]
    assert flagging.assess("Two rockets hit Ain al-Asad", "", language="en", watch=watch).flagged

    (desk.parent / "weights.json").unlink()
    assert later(desk)


def test_out_keeps_the_weights_for_a_backtest(desk: Path) -> None:
    """The backtest lists the alerts that those weights would not have rung, with gist and reason."""
    teach(desk)
    out = desk.parent / "new.json"
    said(desk, "train", "--out", out)
    assert later(desk)
    found = said(desk, "backtest", "--weights", out)
    lost = {each["title"] for each in found["lost"]}
    assert lost <= {title for title, _ in CLASHES}
    assert len(lost) >= 6
    assert all(each["gist"] and not each["why_there"].startswith("Flagged") for each in found["lost"])
    assert not found["gained"]


def test_backtest_of_another_config(desk: Path) -> None:
    """A word excluded and a watch added: what is lost and gained, by watch; the archive stays as it is."""
    new = desk.parent / "new.yaml"
    watches = "watches:\n  - {id: iraq-security, exclude: [rocket*]}\n  - {id: north, places: [Erbil, Kirkuk]}\n"
    new.write_text(AGENT + watches, encoding="utf-8")
    before = numbers(desk)
    found = said(desk, "backtest", "--since", "90d", "--config", new)
    assert [(each["watch"], each["title"]) for each in found["lost"]] == [("iraq-security", ATTACKS[0][0])]
    assert 'it says "rocket' in found["lost"][0]["why_there"]
    assert {(each["watch"], each["title"]) for each in found["gained"]} == {
        ("north", ATTACKS[1][0]), ("north", ATTACKS[2][0])
    }  # fmt: skip
    counts = found["watches"]
    assert counts["iraq-security"]["before"]["flagged"] == counts["iraq-security"]["after"]["flagged"] + 1
    assert counts["north"]["before"] is None
    assert numbers(desk) == before
    told = tocsin("--config", desk, "backtest", "--config", new)
    assert "1 alerts lost." in told.output
    assert "2 alerts gained." in told.output


def test_the_same_config_gains_and_loses_nothing(desk: Path) -> None:
    """Two sides of one kind agree."""
    found = said(desk, "backtest", "--config", desk)
    assert (found["gained"], found["lost"], found["articles"]) == ([], [], 12)


def test_the_review_shelf_is_listed_counted_and_emptied_by_a_label(tmp_path: Path) -> None:
    """What is between the thresholds is never silent, and leaves the shelf when the desk has spoken."""
    file = tmp_path / "config.yaml"
    shelf = "watches: [{id: iraq-security, threshold: 0.9999, review: 0.3}]\n"
    file.write_text(AGENT + "archive: t.db\n" + shelf, encoding="utf-8")
    fill(file, [ATTACKS[2], DOUBTFUL])
    rows = said(file, "review")
    assert rows
    assert all(0.3 <= row["score"] < 0.9999 and row["gist"] and "For review" in row["verdict"] for row in rows)
    assert "tocsin label" in tocsin("--config", file, "review").output
    with Archive.open(tmp_path / "t.db") as archive:
        assert archive.count_review() == len(rows)
        assert archive.count_review(NOW + timedelta(days=1)) == 0
    assert cockpit.review_row({**rows[0], "title": "<b>x</b>"})["title"] == cockpit.text("<b>x</b>")
    assert tocsin("--config", file, "label", rows[0]["id"], "relevant").exit_code == 0
    assert len(said(file, "review")) == len(rows) - 1


def test_a_run_says_how_many_went_to_the_shelf(tmp_path: Path) -> None:
    """In the report for programs, for people and for the cockpit."""
    story = Story("rockets", ATTACKS[1][0], [ATTACKS[1][1] * 3, "The base is north of the city, the ministry said."])
    file = tmp_path / "config.yaml"
    with Outlet([story]) as outlet:
        feeds = f'feeds: [{{id: o, url: "{outlet.address}/feed.xml", language: en}}]\n'
        local = AGENT.rstrip().rstrip("}") + ', allow_private_addresses: ["127.0.0.0/8"], per_host_delay_seconds: 0}\n'
        shelf = "watches: [{id: iraq-security, threshold: 0.99999, review: 0.2}]\n"
        file.write_text(local + feeds + shelf + "archive: t.db\n", encoding="utf-8")
        assert said(file, "run", "--direct")["review"] == 1
    with Archive.open(tmp_path / "t.db") as archive:
        report = archive.runs(1)[0]
    assert report.review == 1
    assert "Review shelf: 1 articles" in cockpit.summary(report)


def test_articles_are_read_in_batches_each_once(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Oldest first, whatever the size of a batch; those before the time are left out."""
    monkeypatch.setattr(verdicts, "BATCH", 5)
    with Archive.open(desk.parent / "t.db") as archive:
        found = list(archive.articles_since(NOW - timedelta(days=9)))
        assert [number for number, _, _ in found] == list(range(1, 13))
        assert [number for number, _, _ in archive.articles_since(found[10][2])] == [11, 12]


def test_held_out_items_are_judged_by_weights_that_never_saw_them() -> None:
    """A lone label cannot vouch for itself."""
    row = {"title": "Tribal clash over land in Maysan", "text": "Two were hurt.", "label": "negative", "lang": "en"}
    watches = {"w": Watch(id="w")}
    given = learn.items([row] * 3, watches, own=True) + learn.items(learn.shipped(), watches, own=False)
    found = learn.trial(given, weights(), {"w": 0.5})
    fitted = learn.score(given[0], learn.refit(given, weights()))
    assert found.after["own"].brier > fitted**2 + 0.1


def test_an_event_is_labelled_by_the_article_of_its_facts(desk: Path) -> None:
    """The verdict keeps who, why, the watch, the score and the words, whatever becomes of the article."""
    event = said(desk, "events", "--limit", "1")[0]
    row = said(desk, "label", event["id"], "wrong-place", "--note", "Mosul, not Erbil", "--by", "amal")[0]
    assert (row["event"], row["watch"]) == (event["id"], "iraq-security")
    assert (row["verdict"], row["note"], row["by"]) == ("wrong-place", "Mosul, not Erbil", "amal")
    assert row["score"] > 0.5
    with Archive.open(desk.parent / "t.db") as archive:
        assert archive.labelled() == [], "wrong-place is not learned from"
        archive.prune(NOW + timedelta(days=400))
        assert archive.list_verdicts()[0]["title"] == row["title"]


def test_what_is_stored_can_be_explained(desk: Path) -> None:
    """By its number or by its event, as it was assessed; what is not there is told."""
    event = said(desk, "events", "--limit", "1")[0]
    for name in (event["sources"][0]["article"], event["id"]):
        found = said(desk, "explain", name)[0]
        assert (found["title"], found["flagged"]) == (event["sources"][0]["title"], True)
        assert found["turn"].startswith("It would be not flagged without")
    assert tocsin("--config", desk, "explain", "99999").exit_code == 2
    assert tocsin("--config", desk, "explain", "ev-none").exit_code == 2


def test_a_verdict_is_somebodys(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The login where no name is given; where there is none, nothing is stored and the call says what is missing."""
    tocsin("--config", desk, "label", 1, "relevant")
    monkeypatch.delenv("USER")
    refused = tocsin("--config", desk, "label", 1, "not-relevant")
    assert (refused.exit_code, "who says so? give a name" in refused.output) == (2, True)
    assert tocsin("--config", desk, "label", 1, "not-relevant", "--by", "  ").exit_code == 2
    assert [row["by"] for row in said(desk, "label", "--list")] == ["amal"]


def test_the_last_word_counts(desk: Path) -> None:
    """Relevant after all: one label, not two."""
    for verdict in ("not-relevant", "relevant"):
        tocsin("--config", desk, "label", 1, verdict)
    with Archive.open(desk.parent / "t.db") as archive:
        assert [row["label"] for row in archive.labelled()] == ["positive"]
    assert len(said(desk, "label", "--list")) == 2


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        pytest.param(["label", "99999", "relevant"], 2, "no such article", id="no such article"),
        pytest.param(["label", "ev-none", "relevant"], 2, "no such article or event", id="no such event"),
        pytest.param(["label", "1", "fine"], 2, "not-relevant", id="no such verdict"),
        pytest.param(["label", "1"], 2, "a verdict", id="no verdict"),
        pytest.param(["label", "1", "relevant", "--watch", "irak"], 2, "no watch is called", id="no such watch"),
        pytest.param(["train"], 2, "no labels yet", id="nothing to learn from"),
        pytest.param(["train", "--labels", "none.jsonl"], 2, "cannot be read", id="no such labels"),
        pytest.param(["backtest"], 2, "Say what to try", id="nothing to try"),
        pytest.param(["backtest", "--weights", "none.json"], 2, "no weights of the scorer", id="no such weights"),
    ],
)
def test_a_wrong_call_says_how_to_mend_it(desk: Path, args: list[str], code: int, words: str) -> None:
    """One line, the exit code of a wrong call."""
    done = tocsin("--config", desk, *args)
    assert (done.exit_code, words in done.output) == (code, True), done.output


def test_a_label_file_with_a_bad_line_names_it(tmp_path: Path) -> None:
    """File, line and what a line needs."""
    file = tmp_path / "l.jsonl"
    file.write_text('{"title": "a", "label": "positive"}\n{"title": "b", "label": "yes"}\n', encoding="utf-8")
    with pytest.raises(Exception, match=r"l\.jsonl line 2: needs"):
        learn.labels(file)


def test_without_labels_nothing_moves() -> None:
    """The corpus holds the model where it is: only its own wrong lines pull a little."""
    start = weights()
    items = learn.items(learn.shipped(), {"w": Watch(id="w")}, own=False)
    right = [item for item in items if (learn.score(item, start) >= 0.5) == item.wanted]
    assert len(right) > 0.95 * len(items)
    moved = learn.refit(right, start)
    assert max(abs(moved.weight.get(n, 0.0) - w) for n, w in start.weight.items()) < 0.02
    assert abs(moved.intercept - start.intercept) < 0.02


@pytest.mark.parametrize(
    ("f1", "brier", "worse"),
    [(0.4, 0.3, True), (0.4, 0.1, False), (0.6, 0.3, False), (0.5, 0.2, False)],
    ids=["both worse", "surer", "more often right", "the same"],
)
def test_weights_are_worse_by_both_figures(f1: float, brier: float, worse: bool) -> None:
    """Only then does --use refuse."""
    was, now = (learn.Figures(9, 4, 0.5, 0.5, *each) for each in ((0.5, 0.2), (f1, brier)))
    assert learn.Trial({"own": was}, {"own": now}, ()).worse is worse


def test_worse_weights_are_not_used(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 1 and no file, unless --anyway."""
    teach(desk)
    monkeypatch.setattr(learn.Trial, "worse", True)
    done = tocsin("--config", desk, "train", "--use")
    assert (done.exit_code, "--anyway" in done.output) == (1, True)
    assert not (desk.parent / "weights.json").exists()
    assert tocsin("--config", desk, "train", "--use", "--anyway").exit_code == 0
    assert (desk.parent / "weights.json").exists()
