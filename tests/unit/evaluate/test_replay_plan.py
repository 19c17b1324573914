"""Deriving calls: a process that fails is tried once more, and what is left then is said."""

import json
from types import SimpleNamespace

import pytest

from bot.domain.errors import SandboxError
from bot.domain.job import Project
from bot.evaluate.replay import ReplaySettings
from bot.evaluate.replay_calls import Call, Captured, Kind
from bot.evaluate.replay_plan import derive

MADE = {
    "captured": [""],
    "derived": [{"data": "d", "said": "f(2)"}],
    "edge": [],
    "grown": [],
    "ordered": [],
    "errors": [],
}


class Session:
    tree, tools, scratch = "/box/tree", "/box/tools", "/box/scratch"

    def __init__(self, *answers) -> None:
        self.answers, self.closed = list(answers), 0

    def talk(self, argv, *, env):
        return self

    def ask(self, payload, timeout):
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return SimpleNamespace(payload=answer)

    def close(self):
        self.closed += 1


def derived(*answers):
    session = Session(*answers)
    captured = Captured(None, {}, (Call("c", Kind.CAPTURED, "f(1)"),))
    found = derive(session, Project("/py", ("",), None, ()), captured, ReplaySettings(), 1)
    assert session.answers == []
    assert session.closed == len(answers)
    return found


def test_a_process_that_fails_once_is_replaced():
    found = derived(SandboxError("it ended"), json.dumps(MADE).encode())
    assert ([call.data for call in found.made], found.why_none) == (["d"], "")


@pytest.mark.parametrize("bad", [SandboxError("it ended"), b"{", b"[]", b'{"derived": 1}'])
def test_what_fails_twice_leaves_the_captured_calls_and_says_so(bad):
    found = derived(bad, bad)
    assert ([call.data for call in found.captured], found.made) == (["c"], ())
    assert found.why_none.startswith("no further calls could be derived: ")
