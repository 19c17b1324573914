"""What the supervisor makes of drivers that break the protocol; real drivers are met in the contract tests."""

import contextlib
import json

import pytest

from bot.domain.code import File, Snapshot
from bot.domain.errors import SandboxError
from bot.domain.job import Project
from bot.localize.profile import Profiler, ProfileSettings
from bot.ports import Reply

TREE = Snapshot("", {"a.py": File(b"def f(): pass\n")})
PROJECT = Project("/usr/bin/python3", ("",), None, (("functions", "bench_a.py"),))
PROFILE = {
    "frames": [["a.py", 1, "f"]],
    "stacks": [[[0], 900]],
    "counts": [],
    "seconds": 0.5,
    "cpu_seconds": 0.5,
    "samples": 900,
    "threads": 1,
    "waits": 0,
}
DONE = {"done": True, "errors": []}


class FakeChannel:
    """Answers from a script; an exception in it is raised."""

    def __init__(self, script) -> None:
        self.script = list(script)
        self.asked = []
        self.closed = False

    def ask(self, payload, timeout):
        self.asked.append((json.loads(payload), timeout))
        answer = self.script.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return Reply(answer if isinstance(answer, bytes) else json.dumps(answer).encode(), 0.0)

    def close(self):
        self.closed = True


class FakeSandbox:
    """Opens one session, whose drivers follow one script each."""

    def __init__(self, *scripts) -> None:
        self.channels = [FakeChannel(one) for one in scripts]
        self.started = []

    @contextlib.contextmanager
    def open(self, tree, limits):
        yield self

    def talk(self, argv, *, env, fixed_layout=False):
        self.started.append((argv, env))
        return self.channels[len(self.started) - 1]


def profile(*scripts, wanted=None, **settings):
    sandbox = FakeSandbox(*scripts)
    profiler = Profiler(sandbox, PROJECT, lambda _session: {"A": "1"}, ProfileSettings(**settings))
    return profiler.profile(TREE, wanted), sandbox


def test_the_driver_is_asked_for_one_benchmark_after_the_other():
    script = [{"ready": "bench_a.py::one"}, PROFILE, {"ready": "bench_a.py::two"}, {"error": "ValueError: no"}, DONE]
    found, sandbox = profile(script, start=7.0, timeout=3.0)
    assert [(one.name, one.error) for one in found.benchmarks] == [
        ("bench_a.py::one", None),
        ("bench_a.py::two", "ValueError: no"),
    ]
    assert sandbox.started == [(("/usr/bin/python3", "-m", "hotlap_inside.profile"), {"A": "1"})]
    asked = sandbox.channels[0].asked
    assert asked[0][0]["sources"] == [{"kind": "functions", "path": "bench_a.py"}]
    assert [timeout for _, timeout in asked] == [7.0, 3.0, 7.0, 3.0, 7.0]
    assert sandbox.channels[0].closed


def test_after_a_death_a_new_driver_takes_the_rest():
    first = [{"ready": "b::one"}, PROFILE, {"ready": "b::two"}, SandboxError("it hung")]
    second = [{"ready": "b::three"}, PROFILE, {"done": True, "errors": [{"name": "b::two", "error": "AlreadyDone"}]}]
    found, sandbox = profile(first, second)
    assert {one.name: one.error for one in found.benchmarks} == {"b::one": None, "b::two": "it hung", "b::three": None}
    assert sandbox.channels[1].asked[0][0]["skip"] == ["b::one", "b::two"]
    assert all(one.closed for one in sandbox.channels)


def test_deaths_are_not_endless():
    scripts = [[{"ready": f"b::{number}"}, SandboxError("it died")] for number in range(3)]
    found, _ = profile(*scripts, attempts=3)
    assert len(found.benchmarks) == 3
    assert found.notes[0] == "profiling was given up after 3 benchmarks that died or hung"


@pytest.mark.parametrize(
    "script",
    [
        [b"no json"],
        [b"[]"],
        [{}],
        [{"done": True}],
        [{"done": True, "errors": [3]}],
        [{"done": True, "errors": [{"name": "x"}]}],
        [b"[" * 100_000],
    ],
)
def test_a_broken_protocol_is_said(script):
    found, sandbox = profile(script)
    assert (found.benchmarks, found.notes) == ((), ("the profiling driver broke its protocol",))
    assert sandbox.channels[0].closed


def test_a_profile_that_cannot_be_understood_is_an_entry_and_the_rest_goes_on():
    found, _ = profile([{"ready": "b::one"}, {"frames": 1}, {"ready": "b::two"}, PROFILE, DONE])
    assert [one.error for one in found.benchmarks] == ["the profiling driver's answer could not be understood", None]


def test_a_driver_that_cannot_start_is_the_infrastructures_fault():
    class Broken(FakeSandbox):
        def talk(self, argv, *, env, fixed_layout=False):
            raise SandboxError("python could not be started")

    with pytest.raises(SandboxError):
        Profiler(Broken(), PROJECT, lambda _session: {}).profile(TREE)


def test_few_samples_are_said():
    found, _ = profile([{"ready": "b::one"}, {**PROFILE, "samples": 3}, DONE])
    assert found.notes == ("b::one: only 3 samples, so that shares are rough",)
