import contextlib
import json
import os
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest

from bot.adapters.sandbox.choose import Deferred, Wish, choose
from bot.adapters.sandbox.probe import Backend, probe
from bot.domain.code import Snapshot
from bot.domain.errors import Refused, SandboxError
from bot.domain.evidence import Isolation
from bot.ports import End, Limits, RunResult


@dataclass
class Box:
    """A sandbox whose looks around give prepared answers."""

    isolation: Isolation
    answer: object
    fixes_layout: bool = True
    notes: tuple = ()
    opened: int = 0

    @contextlib.contextmanager
    def open(self, tree, limits):
        self.opened += 1
        yield self

    def run(self, argv, *, env, timeout):
        if isinstance(self.answer, RunResult):
            return self.answer
        answer = self.answer(argv) if callable(self.answer) else self.answer
        data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        return RunResult(End.EXITED, 0, data, b"", 0.1)


GOOD = {
    "python": "/usr/bin/python3",
    "version": [3, 11, 2],
    "file": False,
    "pytest": True,
    "network": False,
    "process": "",
}


def backend(isolation, answer=GOOD, mend="", error=None):
    def make():
        if error is not None:
            raise error
        return Box(isolation, answer)

    return Backend(isolation, make, lambda: "python3", mend)


def looked(one):
    return probe(one, Limits())


def own_start(argv):
    return GOOD | {"process": Path(f"/proc/{argv[-1]}/stat").read_text().rpartition(")")[2].split()[19]}


CONTAINER, NAMESPACE, PROCESS = Isolation.CONTAINER, Isolation.NAMESPACE, Isolation.PROCESS


def test_what_works_is_taken_with_its_interpreter():
    found = choose(Wish("auto", "main"), [backend(CONTAINER), backend(NAMESPACE)], looked)
    assert (found.sandbox.isolation, found.python, found.notes) == (CONTAINER, "/usr/bin/python3", ())


def test_the_next_one_is_taken_and_that_is_said():
    down = backend(CONTAINER, error=SandboxError("no daemon answers"))
    found = choose(Wish("auto", "main"), [down, backend(NAMESPACE), backend(PROCESS)], looked)
    assert found.sandbox.isolation is NAMESPACE
    assert found.notes == ("isolation by docker does not work here: no daemon answers",)


def test_no_isolation_is_never_taken_in_silence():
    missing = backend(NAMESPACE, error=SandboxError("there is no bwrap"), mend="install bubblewrap")
    with pytest.raises(Refused) as caught:
        choose(Wish("auto", "trunk"), [missing, backend(PROCESS)], looked)
    for part in ("namespace: there is no bwrap", "install bubblewrap", "`isolation: process`", "on trunk"):
        assert part in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_demo_may_do_without_but_says_so():
    missing = backend(NAMESPACE, error=SandboxError("there is no bwrap"))
    found = choose(Wish("auto", "main", process=True), [missing, backend(PROCESS)], looked)
    assert (found.sandbox.isolation, len(found.notes)) == (PROCESS, 1)


def test_a_yes_in_the_configuration_is_enough_and_nothing_else_is_looked_at():
    found = choose(Wish("process", "main"), [backend(CONTAINER, error=AssertionError()), backend(PROCESS)], looked)
    assert found.sandbox.isolation is PROCESS


def test_what_was_named_is_not_replaced_by_anything_else():
    down = backend(CONTAINER, error=SandboxError("no daemon answers"), mend="start Docker")
    with pytest.raises(SandboxError, match="`isolation: docker` does not work here: no daemon answers; start Docker"):
        choose(Wish("docker", "main"), [down, backend(NAMESPACE), backend(PROCESS)], looked)


def test_what_nobody_asked_for_is_not_missed():
    no_image = replace(backend(CONTAINER, error=Refused("no image"), mend="name an image"), wanted=False)
    found = choose(Wish("auto", "main"), [no_image, backend(NAMESPACE)], looked)
    assert (found.sandbox.isolation, found.notes) == (NAMESPACE, ())
    with pytest.raises(Refused, match="`isolation: docker` cannot be had: name an image"):
        choose(Wish("docker", "main"), [no_image, backend(NAMESPACE), backend(PROCESS)], looked)
    with pytest.raises(Refused, match="docker: no image"):
        choose(Wish("auto", "main"), [no_image, backend(PROCESS)], looked)


@pytest.mark.parametrize(
    ("answer", "part"),
    [
        (GOOD | {"file": True}, "files of this machine can be read"),
        (GOOD | {"network": True}, "the network can be reached"),
        (own_start, "processes of this machine can be seen"),
        (GOOD | {"version": [3, 7, 9]}, "3.8 is the oldest"),
        (GOOD | {"version": None}, "3.8 is the oldest"),
        (b"", "no Python"),
        (b"[]", "no Python"),
        (RunResult(End.EXITED, 127, b"", b"x\nno such file", 0.0), "exited 127: no such file"),
        (RunResult(End.TIMED_OUT, 0, b"", b"", 30.0), "timed-out"),
        (RunResult(End.UNAVAILABLE, 1, b"", b"", 0.0), "unavailable"),
    ],
)
def test_a_box_that_does_not_hold_is_not_taken(answer, part):
    found = looked(backend(NAMESPACE, answer))
    assert found.sandbox is None
    assert part in found.why


def test_a_process_is_not_asked_to_hide_anything():
    assert looked(backend(PROCESS, GOOD | {"file": True, "network": True})).sandbox is not None


def test_the_choice_is_made_when_it_is_needed_and_once():
    made = []

    @cache
    def chosen():
        made.append(os.getpid())
        return choose(Wish("auto", "main"), [backend(NAMESPACE)], looked).untimed

    sandbox = Deferred(chosen)
    assert not made
    assert (sandbox.isolation, sandbox.fixes_layout) == (NAMESPACE, True)
    with sandbox.open(Snapshot("", {}), Limits()) as session:
        assert session.opened == 2
    assert len(made) == 1
