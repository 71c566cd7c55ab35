"""The archive when things go wrong: two writers, SIGKILL, damage, no rights, an older and a newer file."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from tests.fakes.wire_texts import ROCKETS
from tocsin.archive import Archive
from tocsin.archive.hosts import HostLedger
from tocsin.archive.migrate import FOLDER
from tocsin.errors import ArchiveError

WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from tocsin.archive import Archive
from tocsin.dedup import keys
from tocsin.model import Article, Outcome

now = datetime(2026, 3, 14, 18, 0, tzinfo=UTC)
new = 0
with Archive.open(Path(sys.argv[1])) as archive:
    print("ready", flush=True)
    sys.stdin.readline()
    for n in range(int(sys.argv[2])):
        text = " ".join(f"word{n}x{i}" for i in range(60))
        article = Article(f"https://{sys.argv[3]}.example/{n}", f"Story {n}", text, published=now)
        found = keys(article)
        with archive.transaction():
            decision = archive.decide(article, found, now=now)
            archive.store(article, found, decision, now=now)
        new += decision.outcome is Outcome.NEW
print(new)
"""

DYING = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from tocsin.archive import Archive
from tocsin.dedup import keys
from tocsin.model import Article

now = datetime(2026, 3, 14, 18, 0, tzinfo=UTC)
with Archive.open(Path(sys.argv[1])) as archive, archive.lock("poll") as mine:
    assert mine
    with archive.transaction():
        for n in range(40):
            text = " ".join(f"word{n}x{i}" for i in range(60))
            article = Article(f"https://a.example/{n}", f"Story {n}", text, published=now)
            found = keys(article)
            archive.store(article, found, archive.decide(article, found, now=now), now=now)
        print("half-way", flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
"""

READING = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from tocsin.archive import Archive
from tocsin.archive import search
from tocsin.dedup import keys
from tocsin.model import Article

now = datetime(2026, 3, 14, 18, 0, tzinfo=UTC)
search.BATCH = 7
with Archive.open(Path(sys.argv[1])) as archive:
    for n in range(20):
        article = Article(f"https://a.example/{n}", f"Story {n}", " ".join(f"word{n}x{i}" for i in range(60)))
        found = keys(article)
        with archive.transaction():
            archive.store(article, found, archive.decide(article, found, now=now), now=now)
    read = iter(range(2 * search.BATCH))
    real = search.searchable
    def dying(title, text):
        if next(read, None) == search.BATCH + 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(title, text)
    search.searchable = dying
    archive.read_new()
"""


def python(code: str, *arguments: str) -> subprocess.Popen[str]:
    """A process of its own that runs a script."""
    command = [sys.executable, "-c", textwrap.dedent(code), *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, cwd=Path(__file__).parents[2])


def test_two_processes_store_each_story_once_and_never_find_it_locked(tmp_path: Path) -> None:
    """Both bring the same 60 texts under their own addresses, at the same time."""
    path = tmp_path / "tocsin.db"
    writers = [python(WRITER, str(path), "60", name) for name in ("one", "two")]
    for writer in writers:  # neither begins before both are there, on a file that both may have made
        assert told(writer) == "ready"
    ended = []
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        out, err = writer.communicate(timeout=60)
        assert (writer.returncode, err) == (0, "")
        ended.append(int(out))
    with Archive.open(path) as archive:
        assert sum(ended) == 60
        assert archive.value("SELECT count(*) FROM article") == 120
        assert archive.value("SELECT count(*) FROM article WHERE copy_of IS NOT NULL") == 60
        assert archive.check() == []


OPENER = """
    import sys, time
    from pathlib import Path
    from tocsin.archive import Archive
    from tocsin.archive.hosts import HostLedger

    print("ready", flush=True)
    for line in sys.stdin:
        what, file, at = line.split()
        make = Archive.open if what == "archive" else HostLedger
        while time.time() < float(at):
            pass
        make(Path(file)).close()
        print("opened", flush=True)
"""


@pytest.mark.parametrize("what", ["archive", "hosts"])
def test_a_file_that_many_processes_make_at_once_opens_for_all(tmp_path: Path, what: str) -> None:
    """The first poll's batches are processes that begin in the same moment, on files that are not there yet."""
    openers = [python(OPENER) for _ in range(6)]
    assert [told(opener) for opener in openers] == ["ready"] * 6
    for n in range(25):
        at = time.time() + 0.02
        for opener in openers:
            assert opener.stdin is not None
            opener.stdin.write(f"{what} {tmp_path / str(n)} {at}\n")
            opener.stdin.flush()
        assert [told(opener) for opener in openers] == ["opened"] * 6
    for opener in openers:
        assert opener.communicate(timeout=20)[1] == ""


def test_a_file_that_is_written_to_is_switched_once_it_was(tmp_path: Path) -> None:
    """SQLite itself refuses at once to change the journal of a file that another is about to write."""
    file = tmp_path / "hosts"
    with closing(sqlite3.connect(file, isolation_level=None)) as writer:
        writer.execute("CREATE TABLE t (a)")
        writer.execute("BEGIN IMMEDIATE")
        with ThreadPoolExecutor(1) as pool:
            opened = pool.submit(HostLedger, file)
            time.sleep(0.2)
            assert not opened.done()
            writer.execute("COMMIT")
            opened.result(timeout=10).close()


def told(process: subprocess.Popen[str]) -> str:
    """The next line that a process of ours prints; its complaint fails the test."""
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, process.communicate()[1]
    return line.strip()


def test_a_kill_in_the_middle_leaves_nothing_half_stored_and_frees_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "tocsin.db"
    dying = python(DYING, str(path))
    out, err = dying.communicate(timeout=60)
    assert (dying.returncode, out, err) == (-signal.SIGKILL, "half-way\n", "")
    with Archive.open(path) as archive, archive.lock("poll") as mine:
        assert mine
        assert archive.value("SELECT count(*) FROM article") == 0
        assert archive.months() == []
        assert archive.value("SELECT count(*) FROM name") == 0
        assert archive.check() == []


def test_a_kill_while_the_search_index_reads_loses_no_article(tmp_path: Path) -> None:
    """Killed in its second batch: the first stays read, the rest is read at the next question."""
    path = tmp_path / "tocsin.db"
    dying = python(READING, str(path))
    _, err = dying.communicate(timeout=60)
    assert (dying.returncode, err) == (-signal.SIGKILL, "")
    with Archive.open(path) as archive:
        assert archive.value("SELECT count(*) FROM unread") == 13
        assert [len(archive.search(f"word{n}x7")) for n in range(20)] == [1] * 20
        assert archive.value("SELECT count(*) FROM unread") == 0
        assert archive.check() == []


def test_a_lock_is_refused_while_another_holds_it(tmp_path: Path) -> None:
    with Archive.open(tmp_path / "tocsin.db") as one, Archive.open(tmp_path / "tocsin.db") as other:
        with one.lock("poll") as mine, other.lock("poll") as theirs, other.lock("deliver") as another:
            assert (mine, theirs, another) == (True, False, True)
        with other.lock("poll") as later:
            assert later


def test_threads_that_share_an_archive_do_not_mix_their_transactions(tmp_path: Path) -> None:
    with Archive.open(tmp_path / "tocsin.db") as archive:
        archive.execute("CREATE TABLE counter (n INTEGER)")
        archive.execute("INSERT INTO counter VALUES (0)")

        def count() -> None:
            for _ in range(25):
                with archive.transaction():
                    n = archive.value("SELECT n FROM counter")
                    archive.execute("UPDATE counter SET n = ?", [n + 1])

        threads = [threading.Thread(target=count) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert archive.value("SELECT n FROM counter") == 100


def test_a_new_file_has_every_migration_and_opening_again_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "tocsin.db"
    for _ in range(2):
        with Archive.open(path) as archive:
            applied = [r["name"] for r in archive.query("SELECT name FROM _sqlite_migrations ORDER BY id")]
            assert applied == sorted(p.stem for p in FOLDER.glob("m[0-9]*.py"))
            assert archive.value("PRAGMA journal_mode") == "wal"
            assert archive.value("PRAGMA foreign_keys") == 1
            assert archive.value("PRAGMA synchronous") == 2


def test_tables_are_strict(tmp_path: Path) -> None:
    with (
        Archive.open(tmp_path / "tocsin.db") as archive,
        pytest.raises(ArchiveError, match=r"tocsin\.db: cannot store TEXT"),
    ):
        archive.execute("INSERT INTO run (started, finished, ok, body) VALUES ('', '', 'yes', '')")


@pytest.mark.parametrize("size", [0, 1], ids=["an empty file", "a file of zero pages"])
def test_an_empty_file_becomes_an_archive(tmp_path: Path, size: int) -> None:
    path = tmp_path / "tocsin.db"
    path.touch()
    if size:
        sqlite3.connect(path).close()
    with Archive.open(path) as archive:
        assert archive.value("SELECT count(*) FROM article") == 0


def _text_file(path: Path) -> None:
    path.write_text("this is no database " * 100)


def _damaged(path: Path) -> None:
    whole = path.with_name("whole.db")
    with Archive.open(whole) as archive:
        for n in range(50):
            archive.execute("INSERT INTO run (started, finished, ok, body) VALUES (?, '', 0, ?)", [str(n), ROCKETS])
        archive.backup(path)
    with path.open("r+b") as file:
        page = path.read_bytes().index(b"makeshift launcher") // 4096  # opening the file alone would not read it
        file.seek(page * 4096)
        file.write(b"\xff" * 256)


def _newer(path: Path) -> None:
    with Archive.open(path) as archive:
        archive.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('tocsin', 'm9999_future', '')"
        )


def _folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize(
    ("spoil", "mend"),
    [
        pytest.param(_text_file, "restore the latest backup", id="no database"),
        pytest.param(_damaged, "restore the latest backup", id="damaged pages"),
        pytest.param(_newer, "m9999_future.*upgrade", id="made by a newer version"),
        pytest.param(_folder, "must name a file", id="a folder"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_the_mend(tmp_path: Path, spoil: object, mend: str) -> None:
    path = tmp_path / "tocsin.db"
    assert callable(spoil)
    spoil(path)
    with pytest.raises(ArchiveError, match=mend) as caught:
        Archive.open(path)
    assert caught.value.subject == str(path)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ArchiveError, match="its folder cannot be made"):
        Archive.open(tmp_path / "file" / "tocsin.db")


def test_a_failed_statement_names_the_file_and_leaves_the_archive_usable(tmp_path: Path) -> None:
    with Archive.open(tmp_path / "tocsin.db") as archive:
        with pytest.raises(ArchiveError, match=r"tocsin\.db: no such table"):
            archive.query("SELECT * FROM missing")
        assert archive.value("SELECT count(*) FROM article") == 0


def test_a_closed_archive_is_an_archive_error(tmp_path: Path) -> None:
    archive = Archive.open(tmp_path / "tocsin.db")
    archive.close()
    archive.close()
    with pytest.raises(ArchiveError, match="closed"):
        archive.feed_states()
