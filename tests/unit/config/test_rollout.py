"""`rollout:` in .hotlap.yml: phases by name, kinds that exist, and only what the default branch says."""

import pytest

from bot.config import Config, in_force, parse
from bot.domain.errors import ConfigError
from bot.domain.rollout import Phase, Rollout


def value(text):
    return parse(text.encode(), ".hotlap.yml").rollout.value


def test_merge_requests_are_the_default():
    assert value("") == Rollout(Phase.APPROVE, {})


def test_phases_of_the_project_and_of_kinds():
    found = value("rollout:\n  phase: auto\n  kinds:\n    cache: off\n    hoisting: auto\n")
    assert found == Rollout(Phase.AUTO, {"cache": Phase.OFF, "hoisting": Phase.AUTO})


@pytest.mark.parametrize(
    "text",
    [
        "rollout:\n  phase: always\n",
        "rollout:\n  kinds:\n    caches: off\n",
        "rollout:\n  kinds:\n    cache: true\n",
        "rollout:\n  on: 1\n",
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(ConfigError, match=r"\.hotlap\.yml:[123]"):
        value(text)


def test_a_merge_request_cannot_let_itself_be_merged():
    here = parse(b"rollout:\n  phase: auto\n  kinds: {cache: auto}\n", ".hotlap.yml")
    decided, notes = in_force(here, Config(), "main")
    assert decided.rollout.value == Rollout()
    assert any("rollout" in note for note in notes)
