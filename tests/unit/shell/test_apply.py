"""`hotlap apply` from outside: exit codes, JSON, and that a refusal touches nothing."""

import json

import pytest

from bot.cli import boundary

GOOD = "pkg/a.py\n<<<<<<< SEARCH\n    return 1\n=======\n    return 2\n>>>>>>> REPLACE\n"
TWICE = "def f():\n    return 1\n\ndef g():\n    return 1\n"


@pytest.fixture
def repo(tmp_path):
    place = tmp_path / "repo"
    (place / "pkg").mkdir(parents=True)
    (place / "pkg" / "a.py").write_text("def f():\n    return 1\n")
    return place


def run(repo, text, *flags):
    reply = repo.parent / "reply.md"
    reply.write_text(text)
    return boundary.run(["apply", str(reply), "--repo", str(repo), *flags])


def test_a_good_reply_is_written(repo, capsys):
    assert run(repo, GOOD, "--json", "-") == 0
    assert (repo / "pkg" / "a.py").read_text() == "def f():\n    return 2\n"
    assert json.loads(capsys.readouterr().out) == {
        "applied": True,
        "files": ["pkg/a.py"],
        "blocks": [{"index": 1, "path": "pkg/a.py", "result": "applied", "rung": "exact", "line": 2}],
        "feedback": "",
    }


def test_twice_is_refused_the_second_time(repo, capsys):
    assert run(repo, GOOD) == 0
    assert run(repo, GOOD, "--json", "-") == 1
    shown = capsys.readouterr()
    found = json.loads(shown.out.removeprefix("changed pkg/a.py\n"))
    assert (found["applied"], found["files"], found["blocks"][0]["result"]) == (False, [], "not-found")
    assert "already in the file" in found["feedback"]
    assert "already in the file" in shown.err


def test_check_writes_nothing(repo, capsys):
    assert run(repo, GOOD, "--check") == 0
    assert "would change pkg/a.py" in capsys.readouterr().out
    assert (repo / "pkg" / "a.py").read_text() == "def f():\n    return 1\n"


def test_a_span_decides(repo):
    (repo / "pkg" / "a.py").write_text(TWICE)
    assert run(repo, GOOD) == 1
    assert run(repo, GOOD, "--span", "pkg/a.py:4:5") == 0
    assert (repo / "pkg" / "a.py").read_text() == "def f():\n    return 1\n\ndef g():\n    return 2\n"


@pytest.mark.parametrize(
    "path", ["../x.py", ".git/hooks/x", ".gitlab-ci.yml", ".Hotlap.yml", ".github/x.yml", "empty/"]
)
def test_what_must_not_be_touched_is_not(repo, path):
    (repo / "empty").mkdir()
    assert run(repo, f"{path}\n<<<<<<< SEARCH\n=======\nx\n>>>>>>> REPLACE\n") == 1
    assert sorted(one.name for one in repo.rglob("*")) == ["a.py", "empty", "pkg"]


def test_a_directory_in_the_way_is_found_by_the_disk(repo, capsys):
    (repo / "empty.py").mkdir()
    assert run(repo, "empty.py\n<<<<<<< SEARCH\n=======\nx\n>>>>>>> REPLACE\n") == 1
    assert "already there" in capsys.readouterr().out


@pytest.mark.parametrize("flags", [["--span", "a.py"], ["--span", "a.py:3:1"], ["--span", "a.py:0:1"], ["--nonsense"]])
def test_wrong_usage_is_one_sentence(repo, capsys, flags):
    assert run(repo, GOOD, *flags) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert len(shown.err.splitlines()) == 1


def test_a_missing_or_unreadable_reply_is_wrong_usage(repo, tmp_path):
    assert boundary.run(["apply", str(tmp_path / "none"), "--repo", str(repo)]) == 2
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    assert boundary.run(["apply", str(tmp_path / "bytes"), "--repo", str(repo)]) == 2
    assert boundary.run(["apply", str(tmp_path / "bytes"), "--repo", str(tmp_path / "none")]) == 2
