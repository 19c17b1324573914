"""The diffs that git itself writes: merge base, renames, quoted names, line ends and missing final newlines."""

import git
import pytest

from bot.adapters.git import GitCheckout
from bot.localize.diff import DiffReader
from bot.localize.exclude import Exclusions
from bot.localize.index import Index

BODY = "".join(f"def f{number}(x):\n    y = x + {number}\n    return y\n\n\n" for number in range(8))


@pytest.fixture
def repo(tmp_path):
    found = git.Repo.init(tmp_path, initial_branch="main")
    with found.config_writer() as config:
        config.set_value("user", "name", "A")
        config.set_value("user", "email", "a@example.com")
        config.set_value("core", "autocrlf", "false")
    return found


def commit(repo, files, gone=()):
    root = repo.working_tree_dir
    for path, body in files.items():
        with open(f"{root}/{path}", "wb") as file:  # noqa: PTH123
            file.write(body if isinstance(body, bytes) else body.encode())
    if gone:
        repo.git.rm("-q", "--", *gone)
    repo.git.add("-A")
    repo.git.commit("-q", "-m", "change")
    return repo.head.commit.hexsha


def touched(repo, old, new):
    checkout = GitCheckout(repo.working_tree_dir)
    head = checkout.snapshot(new)
    found = DiffReader(Index(head), Exclusions(head)).touched(checkout.diff(old, new))
    return [str(one.function) for one in found.targets], found.notes


def test_a_branch_is_compared_with_its_merge_base(repo):
    start = commit(repo, {"a.py": BODY, "b.py": BODY})
    main = commit(repo, {"a.py": BODY.replace("x + 1", "x * 1")})
    repo.git.checkout("-q", "-b", "work", start)
    work = commit(repo, {"b.py": BODY.replace("x + 5", "x * 5")})
    assert touched(repo, main, work) == (["b.py::f5"], ())


def test_a_renamed_and_changed_file(repo):
    old = commit(repo, {"a.py": BODY})
    new = commit(repo, {"b c.py": BODY.replace("x + 3", "x - 3")}, gone=["a.py"])
    assert touched(repo, old, new) == (["b c.py::f3"], ())


def test_names_and_bytes_beyond_ascii(repo):
    latin = b"# coding: latin-1\nNAME = '\xe9'\ndef f():\n    return '\xe9'\ndef g():\n    return NAME\n"
    old = commit(repo, {"grün.py": BODY, "latin.py": latin})
    new = commit(
        repo, {"grün.py": BODY.replace("x + 2", "x"), "latin.py": latin.replace(b"return '\xe9'", b"return 1")}
    )
    assert touched(repo, old, new) == (["grün.py::f2", "latin.py::f"], ())


def test_line_ends_and_a_missing_final_newline(repo):
    dos = BODY.replace("\n", "\r\n").rstrip()
    old = commit(repo, {"a.py": dos, "b.py": BODY.rstrip()})
    new = commit(repo, {"a.py": dos.replace("x + 7", "x"), "b.py": BODY.rstrip() + "\n"})
    assert touched(repo, old, new) == (
        ["a.py::f7"],
        ("b.py changes in comments, layout, docstrings or removed functions only",),
    )


def test_removed_binary_and_linked_files(repo):
    old = commit(repo, {"a.py": BODY, "b.py": BODY, "x.py": b"\0\1\2"})
    new = commit(
        repo, {"a.py": BODY.replace("    y = x + 6\n    return y\n", "    return x + 6\n"), "x.py": b"\0\3"}, ["b.py"]
    )
    assert touched(repo, old, new) == (["a.py::f6"], ("x.py was left out: it is binary",))


def test_a_submodule_and_a_link_are_said(repo):
    other = "0123456789" * 4
    old = commit(repo, {"a.go": "package p\nfunc F() {}\n"})
    repo.git.update_index("--add", "--cacheinfo", f"160000,{other},lib")
    repo.git.update_index("--add", "--cacheinfo", f"120000,{repo.git.hash_object('-w', 'a.go')},l.go")
    repo.git.commit("-q", "-m", "change")
    found, notes = touched(repo, old, repo.head.commit.hexsha)
    assert found == []
    assert notes == (
        "l.go was left out: it is no regular file of this tree",
        "lib was left out: not source code in which functions are found",
    )


def test_the_functions_that_git_names_are_found_in_other_languages(repo):
    go = "package p\n\n" + "".join(f"func F{n}() int {{\n\tx := {n}\n\treturn x\n}}\n\n" for n in range(6))
    old = commit(repo, {"a.go": go})
    new = commit(repo, {"b.go": go.replace("x := 4", "x := 44")}, gone=["a.go"])
    assert touched(repo, old, new) == (["b.go::F4"], ())
