import json

import pytest

from bot.evaluate.contexts import read

GOOD = {"tests": ["t.py::a"], "codes": [["w.py", 3, "f"]], "reached": [[0]], "shared": []}


def test_what_the_plugin_writes_is_read():
    found = read(json.dumps(GOOD).encode())
    assert found.reason == ""
    assert found.entered == {"w.py": {3: frozenset({0})}}


@pytest.mark.parametrize(
    "change",
    [
        {"tests": [1]},
        {"tests": 1},
        {"codes": [["w.py", "3", "f"]]},
        {"codes": [["w.py", 3]]},
        {"reached": [[1]]},
        {"reached": [[-1]]},
        {"reached": [[True]]},
        {"reached": []},
        {"shared": None},
    ],
)
def test_what_does_not_fit_is_a_reason(change):
    assert read(json.dumps({**GOOD, **change}).encode()).reason == "what the tests' tracer wrote cannot be read"


@pytest.mark.parametrize("data", [b"", b"3", b"[]", b"\xff", b"[" * 100_000])
def test_other_bytes_are_a_reason(data):
    assert read(data).reason


def test_an_error_of_the_plugin_is_the_reason():
    assert read(b'{"error": "no"}').reason == "no"
