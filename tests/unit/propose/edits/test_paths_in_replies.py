"""Which file a block means: decorations are taken off, nothing is guessed, nothing leads out of the tree."""

import pytest

from bot.domain.code import File

ABC = "a = 1\nb = 2\nc = 3\n"
FILES = {"f.py": ABC, "sub/g.py": ABC, "x/h.py": ABC, "y/h.py": ABC, "lnk.py": File(link="f.py"), "out": File(link="/")}


def edited(reply, line, files=FILES):
    answer = reply.apply(files, f"Text.\n\n{line}\n```python\n" + reply.block("b = 2\n", "b = 4\n") + "```\n")
    return answer.changes[0].path if answer.applied else answer.blocks[0].result


@pytest.mark.parametrize(
    "line",
    [
        "f.py", "./f.py", "`f.py`", "**f.py**", "f.py:", "### f.py", "# `f.py`:", "1. f.py", "- **`f.py`**", '"f.py"',
        "File: f.py", "**File:** `f.py`", "*** Update File: f.py", "// f.py", "<!-- f.py -->", "f.py (modified)",
    ],
)  # fmt: skip
def test_decorations_are_taken_off(reply, line):
    assert edited(reply, line) == "f.py"


@pytest.mark.parametrize("info", ["python f.py", "python:f.py", "f.py", 'python title="f.py"', "python {f.py}"])
def test_the_info_string_of_a_fence_may_name_the_file(reply, info):
    answer = reply.apply(FILES, f"Text\n\n```{info}\n" + reply.block("b = 2\n", "b = 4\n") + "```\n")
    assert [one.path for one in answer.changes] == ["f.py"]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("g.py", "sub/g.py"),
        ("h.py", "unknown-path"),
        ("F.py", "unknown-path"),
        ("f_py", "no-path"),
        ("b/f.py", "unknown-path"),
        ("lnk.py", "refused-path"),
        ("out/etc/passwd", "refused-path"),
        ("sub/", "refused-path"),
        ("This is about f.py and more", "no-path"),
    ],
)
def test_a_name_is_exact_or_the_only_ending(reply, line, found):
    assert edited(reply, line) == found


@pytest.mark.parametrize(
    "path",
    [
        "/etc/x.py", "//etc/x.py", "~/x.py", "../x.py", "sub/../x.py", "sub/./x.py", "sub//x.py", "C:/x.py", "C:\\x.py",
        "a\\b.py", "https://a.b/x.py", "file://x.py", ".git/config", ".GIT/hooks/x", "sub/.git/x", ".git./x", "git~1/x",
        "a\0.py", "a\u202e.py", "out/x.py", "f.py/x.py", "F.PY", "sub/", "lnk.py",
    ],
)  # fmt: skip
def test_no_file_is_created_outside_or_through_something_else(reply, path):
    assert reply.code(reply.apply(FILES, f"{path}\n" + reply.block("", "x\n"))) == ["refused-path"]


@pytest.mark.parametrize("line", ["Sure.", "OK", "...", "`my_function`:", "Here is the new module:"])
def test_prose_is_not_the_name_of_a_new_file(reply, line):
    assert reply.code(reply.apply(FILES, f"{line}\n" + reply.block("", "x\n"))) == ["no-path"]


def test_a_file_is_created_only_where_there_is_none(reply):
    answer = reply.apply(FILES, "new/dir/z.py\n" + reply.block("", "x\n"))
    assert [(one.path, one.before, one.after) for one in answer.changes] == [("new/dir/z.py", None, b"x\n")]
    assert reply.code(reply.apply(FILES, "f.py\n" + reply.block("", "x\n"))) == ["exists"]
    assert reply.apply({"e.py": b""}, "e.py\n" + reply.block("", "x\n")).changes[0].after == b"x\n"


def test_the_next_block_takes_the_file_over_unless_another_one_is_named(reply):
    first = "f.py\n" + reply.block("a = 1\n", "x\n")
    second = reply.block("b = 2\n", "y\n")
    assert reply.apply(FILES, first + "\nAnd another change:\n\n" + second).changes[0].after == b"x\ny\nc = 3\n"
    for between in ("In sub/g.py it is the same:\n", "g_py\n"):
        codes = reply.code(reply.apply(FILES, first + "\n" + between + second))
        assert codes[0] == "not-applied"
        assert codes[1] in {"no-path", "unknown-path"}


def test_two_names_before_one_block_are_refused(reply):
    assert edited(reply, "- f.py\n- sub/g.py") == "no-path"


def test_protected_paths_stay_as_they_are(reply):
    files = {"ci/tests/a.py": ABC, "b.py": ABC}
    text = "ci/tests/a.py\n" + reply.block("a = 1\n", "x\n") + "b.py\n" + reply.block("a = 1\n", "x\n")
    assert reply.code(reply.apply(files, text, protected=("**/tests/**",))) == ["protected-path", "not-applied"]


@pytest.mark.parametrize("path", [".Hotlap.yml", ".GITLAB-CI.YML", "CI/Tests/a.py"])
def test_no_case_of_letters_gets_around_a_protected_path(reply, path):
    globs = (".gitlab-ci.yml", ".hotlap.yml", "**/tests/**")
    for files, old in (({path: ABC}, "a = 1\n"), ({}, "")):
        assert reply.code(reply.apply(files, f"{path}\n" + reply.block(old, "x\n"), protected=globs)) == [
            "protected-path"
        ]


def test_files_are_deleted_and_moved_only_by_name(reply):
    answer = reply.apply(FILES, "*** Delete File: f.py\nsub/g.py\n*** Move to: g2.py\n" + reply.block("b = 2\n", "y\n"))
    found = {one.path: one.after for one in answer.changes}
    assert found == {"f.py": None, "sub/g.py": None, "g2.py": b"a = 1\ny\nc = 3\n"}
    for text, code in [
        ("*** Delete File: missing.py\n", "unknown-path"),
        ("*** Delete File: lnk.py\n", "refused-path"),
        ("*** Delete File: g.py\n", "unknown-path"),
        ("f.py\n*** Move to: sub/g.py\n", "conflict"),
        ("f.py\n*** Move to: ../g.py\n", "refused-path"),
    ]:
        assert reply.code(reply.apply(FILES, text)) == [code]


def test_a_file_cannot_be_deleted_and_changed(reply):
    delete, change = "*** Delete File: f.py\n", "f.py\n" + reply.block("a = 1\n", "x\n")
    assert reply.code(reply.apply(FILES, delete + change)) == ["not-applied", "conflict"]
    assert reply.code(reply.apply(FILES, change + delete)) == ["not-applied", "conflict"]
