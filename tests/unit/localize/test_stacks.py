import json
import marshal

import pytest

from bot.domain.code import File, Snapshot
from bot.domain.errors import Refused
from bot.localize.index import Index
from bot.localize.profile import read_answer
from bot.localize.recorded import read_profile
from bot.localize.stacks import Frame

TREE = Snapshot(
    "", {path: File(b"def f(): pass\n") for path in ("src/pkg/core.py", "pkg/core.py", "utils.py", "src/one.py")}
)


def read(text):
    return read_profile(text if isinstance(text, bytes) else text.encode(), Index(TREE))


def test_collapsed_stacks_are_read_and_added_up():
    (found,) = read(
        "main (pkg/core.py:3);f (src/one.py:10) 40\r\nmain (pkg/core.py:3);f (src/one.py:10) 2\n\n[native] 8\n"
    ).benchmarks
    assert found.samples == 50
    assert found.stacks == {
        (Frame("pkg/core.py", 3, "main", exact=False), Frame("src/one.py", 10, "f", exact=False)): 42,
        (Frame("", 0, "[native]", exact=False),): 8,
    }


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/builds/group/project/src/pkg/core.py", "src/pkg/core.py"),
        ("C:\\work\\project\\src\\one.py", "src/one.py"),
        ("./utils.py", "utils.py"),
        ("one.py", "src/one.py"),
        ("pkg/core.py", "pkg/core.py"),
        ("core.py", ""),
        ("/usr/lib/python3.11/utils.py", ""),
        ("/venv/lib/python3.11/site-packages/pkg/core.py", ""),
        ("<frozen runpy>", ""),
    ],
)
def test_files_are_matched_by_their_end(path, expected):
    (found,) = read(f"f ({path}:3) 1\n").benchmarks
    assert [frame.path for stack in found.stacks for frame in stack] == [expected]


def test_names_with_spaces_and_brackets_are_read():
    (found,) = read("<lambda> (one.py:3);operator() (x) (src/one.py:4) 5").benchmarks
    assert [frame.name for stack in found.stacks for frame in stack] == ["<lambda>", "operator() (x)"]


def test_a_profile_of_something_else_is_said():
    assert read("f (other.py:1) 3").notes == ("profile has no frame in this repository's files",)


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (b"", "holds no samples"),
        (b"f (a.py:1) 0\n", "holds no samples"),
        (b"hello\n", "profile:1: expected collapsed stacks"),
        (b"f (a.py:1) 3\n{\n", "profile:2: expected"),
        (b"f (a.py:1) " + b"9" * 5000, "profile:1: expected collapsed stacks"),
        (marshal.dumps({("a.py", 1 << 6_000_000, "f"): (1, 1, 0.1, 0.1, {})}), "a number is too long"),
        (marshal.dumps({("a.py", 1, "f"): (1, 1 << 100, 0.1, 0.1, {})}), "a count is no number"),
        (b"\xff\xfe\x00", "neither collapsed stacks nor"),
        (marshal.dumps({("~", 0): (1, 1, 0.1, 0.1, {})}), "no whole cProfile file"),
    ],
)
def test_other_files_are_refused(data, part):
    with pytest.raises(Refused, match=part):
        read(data)


TREE_OF_ONE = {"function": "f", "file_path": "src/one.py", "line_no": 1, "time": 1.0, "children": []}


@pytest.mark.parametrize("number", [float("inf"), float("-inf"), float("nan"), 10**4000, "9" * 5000, [1]])
@pytest.mark.parametrize("place", ["line_no", "sample_count", "line", "time", "weight"])
def test_numbers_that_no_profile_has_are_refused(place, number):
    if place in ("line", "weight"):
        frame = {"name": "f", "file": "src/one.py", "line": number if place == "line" else 1}
        sampled = {"type": "sampled", "samples": [[0]], "weights": [number if place == "weight" else 1]}
        raw = {"shared": {"frames": [frame]}, "profiles": [sampled]}
    else:
        root = {**TREE_OF_ONE, **({} if place == "sample_count" else {place: number})}
        raw = {"root_frame": root, "sample_count": number if place == "sample_count" else 1}
    with pytest.raises(Refused, match=r"does not hold what|holds a weight|holds no samples|no whole JSON"):
        read(json.dumps(raw))


def evented(events):
    frames = [{"name": str(one)} for one in range(2000)]
    return json.dumps({"shared": {"frames": frames}, "profiles": [{"type": "evented", "events": events}]})


def deep(tops):
    """Return the events of stacks of 2,900 frames that differ in the innermost one."""
    events = [{"type": "O", "at": at, "frame": 0} for at in range(2900)]
    for at, top in enumerate(tops):
        events += [{"type": kind, "at": 3000 + 2 * at + (kind == "C"), "frame": top} for kind in "OC"]
    return events


def test_stacks_that_are_too_deep_are_refused():
    with pytest.raises(Refused, match="more than 3,000 frames are open at once"):
        read(evented([{"type": "O", "at": at, "frame": 0} for at in range(50_000)]))


def test_stacks_that_are_too_many_are_refused_and_the_same_ones_are_few():
    assert read(evented(deep([1, 2] * 1000))).benchmarks[0].stacks
    with pytest.raises(Refused, match="more than 5,000,000 frames in all"):
        read(evented(deep(range(2000))))


GOOD = {
    "frames": [["utils.py", 1, "f"], ["../etc/passwd", 3, "g"]],
    "stacks": [[[0, 1], 5]],
    "counts": [[0, 3, 2, 0.5, 0.25]],
    "seconds": 0.1,
    "cpu_seconds": 0.1,
    "samples": 5,
    "threads": 1,
    "waits": 0,
}


def test_a_drivers_answer_is_read():
    found = read_answer("b", GOOD, frozenset(TREE.paths()))
    assert found.error is None
    assert found.stacks == {(Frame("utils.py", 1, "f"), Frame("", 0, "g")): 5.0}
    assert found.calls[Frame("utils.py", 1, "f")].primitive == 2


@pytest.mark.parametrize(
    "change",
    [
        {"frames": 3},
        {"frames": [["utils.py", "1", "f"]]},
        {"frames": [[None, 1, "f"], ["a", 1, "g"]]},
        {"stacks": [[[7], 5]]},
        {"stacks": [[[-1], 5]]},
        {"stacks": [[[0], -5]]},
        {"stacks": [[[0], True]]},
        {"stacks": [[[0]]]},
        {"counts": [[0, 1, 1, float("nan"), 0.0]]},
        {"counts": [[0, 1, 1, "x", 0.0]]},
        {"seconds": float("inf")},
        {"samples": None},
    ],
)
def test_an_answer_that_does_not_fit_is_an_error_entry(change):
    found = read_answer("b", {**GOOD, **change}, frozenset(TREE.paths()))
    assert found.error == "the profiling driver's answer could not be understood"
    assert not found.stacks
