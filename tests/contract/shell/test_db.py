"""`hotlap db` as its users type it."""

import json
import os
import subprocess

import pytest

from bot.adapters.store.database import connect
from bot.adapters.store.migrate import HEAD, opened
from bot.cli.boundary import run
from bot.domain.evidence import Interval
from bot.domain.ledger import LedgerEntry
from tests.contract.store.conftest import Stores, Ticking, keep
from tests.fakes.store_contents import fill

LINE = LedgerEntry(
    "shop", 7, "a.py::f", "<script>alert(1)</script>", "cpu", Interval(2.0, 1.9, 2.1), "b" * 40, "c" * 40,
    "2026-01-01T00:00:00+00:00",
)  # fmt: skip


@pytest.fixture
def repo(tmp_path, monkeypatch):
    for name in list(os.environ):
        if name.startswith(("HOTLAP_", "CI_")):
            monkeypatch.delenv(name)
    place = tmp_path / "repo"
    subprocess.run(["git", "init", "--quiet", str(place)], check=True)
    return place


@pytest.fixture
def db(repo, capsys):
    def call(*words, code=0):
        got = run(["db", *words, "--repo", str(repo)])
        said = capsys.readouterr()
        assert got == code, said.err
        return said

    return call


def store_of(repo):
    return Stores(opened(connect(str(repo / ".git" / "hotlap" / "store.sqlite"), Ticking(), keep)))


def test_up_and_down_say_where_the_store_is_then(db, repo):
    assert f"store.sqlite: revision {HEAD}" in db("upgrade").out
    assert "as it was" in db("upgrade").out
    found = json.loads(db("downgrade", "--json", "-").out)
    assert (found["before"], found["revision"]) == (HEAD, "0003")
    assert "revision none" in db("downgrade", "base").out
    assert json.loads(db("upgrade", "0002", "--json", "-").out)["revision"] == "0002"


def test_an_unknown_revision_is_a_usage_error(db):
    assert "'0009' is not possible" in db("upgrade", "0009", code=2).err


@pytest.mark.parametrize("name", ["all.jsonl", "all.jsonl.zst"])
def test_an_export_goes_into_another_store(db, repo, tmp_path, monkeypatch, name):
    stores = store_of(repo)
    fill(stores)
    stores.database.close()
    file = tmp_path / name
    assert "written to" in db("export", str(file)).out
    assert file.stat().st_mode & 0o077 == 0
    assert (file.read_bytes()[:4] == b"\x28\xb5\x2f\xfd") == name.endswith(".zst")
    monkeypatch.setenv("HOTLAP_STORE", str(tmp_path / "other.sqlite"))
    assert json.loads(db("import", str(file), "--json", "-").out)["rows"] > 20
    lines = db("export", "-").out
    monkeypatch.delenv("HOTLAP_STORE")
    assert db("export", "-").out == lines
    assert json.loads(lines.splitlines()[0])["hotlap"] == "store"


def test_a_file_that_is_no_export_is_refused(db, tmp_path):
    (tmp_path / "a.jsonl").write_text("hello\n")
    assert "line 1 is not the head" in db("import", str(tmp_path / "a.jsonl"), code=2).err
    (tmp_path / "a.jsonl.zst").write_text("hello\n")
    assert "not a file of zstandard" in db("import", str(tmp_path / "a.jsonl.zst"), code=2).err
    (tmp_path / "b.jsonl").write_bytes(b"\xff\xfe")
    assert "not UTF-8" in db("import", str(tmp_path / "b.jsonl"), code=2).err
    assert "cannot be read" in db("import", str(tmp_path / "none"), code=2).err
    assert "cannot be written" in db("export", str(tmp_path / "no" / "where"), code=2).err


@pytest.mark.parametrize("address", ["mysql://a@b/c", "postgresql://", "sqlite://", "://"])
def test_a_wrong_address_is_a_sentence_that_names_the_variable(db, monkeypatch, address):
    monkeypatch.setenv("HOTLAP_STORE", address)
    said = db("upgrade", code=2).err
    assert said.startswith("HOTLAP_STORE: should be a path")


def test_a_server_that_does_not_answer_is_an_infrastructure_fault_without_the_password(db, monkeypatch, tmp_path):
    pytest.importorskip("psycopg", reason="missing: psycopg")
    monkeypatch.setenv("HOTLAP_STORE", f"postgresql://me:s3cr3t-word@/name?host={tmp_path}")
    said = db("upgrade", code=3).err
    assert "postgresql+psycopg://me:" in said
    assert "s3cr3t-word" not in said


def test_a_damaged_file_is_a_sentence(db, repo):
    place = repo / ".git" / "hotlap"
    place.mkdir()
    (place / "store.sqlite").write_bytes(b"not a database, and long enough to be read as one" * 100)
    assert "file is not a database" in db("export", "-", code=3).err


def test_old_runs_are_forgotten_and_lessons_stay(db, repo):
    stores = store_of(repo)
    fill(stores)
    with stores.database.writing() as connection:
        connection.exec_driver_sql("UPDATE runs SET started_at = '2020-01-01 00:00:00.000000'")
    assert "1 run(s)" in db("prune").out
    assert len(stores.book().lessons()) == 2
    stores.database.close()


def test_the_state_branch_of_origin_is_merged(db, repo, tmp_path):
    assert "no remote called origin" in db("sync", code=2).err
    subprocess.run(["git", "init", "--quiet", "--bare", str(tmp_path / "remote.git")], check=True)
    subprocess.run(["git", "remote", "add", "origin", str(tmp_path / "remote.git")], cwd=repo, check=True)
    assert "0 record(s) merged, 0 pushed, 0 waiting" in db("sync").out


def test_the_ledger_is_a_page_and_data_and_an_empty_one_is_a_no(repo, db, tmp_path):
    assert "Nothing was merged yet" in db("ledger", code=1).out
    store_of(repo).memory(str(repo)).keep_ledger([LINE])
    assert "`a.py::f`" in db("ledger").out
    page = tmp_path / "ledger.html"
    db("ledger", str(page))
    assert "<script>" not in page.read_text()
    assert "1 merged gains" in page.read_text()
    (line,) = json.loads(db("ledger", "--json", "-").out)
    assert (line["mr"], line["standing"], line["claimed"]["estimate"]) == (7, "undecided", 2.0)
