"""`hotlap learn --replay` and `hotlap lessons` as a user types them: lines of JSON, exit codes, sentences."""

import json
import subprocess

import pytest

from bot.adapters.git import GitCheckout
from bot.cli import boundary
from bot.domain.lesson import Lesson, Polarity

LINE = {
    "id": "one",
    "project": "acme/shop",
    "mr": {"iid": 3, "state": "merged", "author": {"id": 1, "username": "hotlap"}},
    "change": {"path": "a.py", "function": "f", "language": "python", "kind": "cache", "diff": ""},
    "members_all": [{"id": 2, "username": "mona", "access_level": 40}],
    "discussions": [
        {"notes": [{"id": 9, "body": "No numba, please.", "author": {"id": 2, "username": "mona"}}]},
    ],
    "award_emoji": [],
    "approvals": [],
    "later_commits": [],
}


def test_one_object_for_each_merge_request(tmp_path, capsys):
    file = tmp_path / "export.jsonl"
    file.write_text(f"{json.dumps(LINE)}\n\n{json.dumps(LINE | {'id': 2, 'discussions': []})}\n")
    assert boundary.run(["learn", "--replay", str(file), "--json", "-"]) == 0
    out = capsys.readouterr()
    first, second = map(json.loads, out.out.splitlines())
    assert first == {
        "id": "one",
        "outcome": "accepted",
        "lessons": [
            {
                "scope": "project",
                "scope_value": "acme/shop",
                "polarity": "avoid",
                "sentence": "No numba, please.",
                "status": "active",
                "evidence": [9],
            }
        ],
    }
    assert second == {"id": 2, "outcome": "accepted", "lessons": []}
    assert "2 merge requests, 1 lessons" in out.err


@pytest.mark.parametrize(
    ("text", "sentence"), [("{", "export.jsonl:1: is not JSON"), ('{"mr": 1}', 'export.jsonl:1: needs "mr"')]
)
def test_a_bad_line_is_a_mistake_of_the_user(tmp_path, capsys, text, sentence):
    file = tmp_path / "export.jsonl"
    file.write_text(text)
    assert boundary.run(["learn", "--replay", str(file), "--json", "-"]) == 2
    out = capsys.readouterr()
    assert sentence in out.err
    assert out.out == ""


def test_a_file_is_asked_for(tmp_path, capsys):
    assert boundary.run(["learn"]) == 2
    assert boundary.run(["learn", "--replay", str(tmp_path / "none")]) == 2
    assert "cannot be read" in capsys.readouterr().err


@pytest.fixture
def repository(tmp_path):
    def git(*arguments):
        subprocess.run(
            ["git", "-C", str(tmp_path), "-c", "user.name=x", "-c", "user.email=x@y", *arguments], check=True
        )

    git("init", "-q")
    git("commit", "-q", "--allow-empty", "-m", "one")
    return tmp_path


def test_lessons_are_listed_shown_activated_and_retired(repository, capsys):
    from bot import wiring

    at = ["--repo", str(repository)]
    assert GitCheckout(repository).root == repository
    assert boundary.run(["lessons", *at]) == 1
    wiring.lesson_book(repository).learn([Lesson("project:x", "No numba.", ("x!1#note_2",), polarity=Polarity.AVOID)])
    capsys.readouterr()
    assert boundary.run(["lessons", "list", *at, "--json", "-"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["status"], found["evidence"]) == ("proposed", ["x!1#note_2"])
    for verb, state in (("activate", "active"), ("retire", "retired"), ("show", "retired")):
        assert boundary.run(["lessons", verb, found["id"][:5], *at, "--json", "-"]) == 0
        assert json.loads(capsys.readouterr().out)["status"] == state
    assert boundary.run(["lessons", *at]) == 1
    assert boundary.run(["lessons", "list", "--all", *at]) == 0
    assert boundary.run(["lessons", "retire", "zzz", *at]) == 2
    assert "no lesson called 'zzz'" in capsys.readouterr().err
