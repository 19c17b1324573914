"""How far the bot goes by itself: the most careful word decides."""

import pytest

from bot.domain.rollout import Phase, Rollout


@pytest.mark.parametrize(
    ("phase", "own", "kinds", "wanted"),
    [
        (Phase.APPROVE, {}, ("cache",), Phase.APPROVE),
        (Phase.OBSERVE, {}, ("cache",), Phase.OBSERVE),
        (Phase.OBSERVE, {"cache": Phase.AUTO}, ("cache",), Phase.OBSERVE),
        (Phase.AUTO, {}, ("cache",), Phase.APPROVE),
        (Phase.AUTO, {"cache": Phase.AUTO}, ("cache",), Phase.AUTO),
        (Phase.AUTO, {"cache": Phase.AUTO}, ("cache", "hoisting"), Phase.APPROVE),
        (Phase.APPROVE, {"cache": Phase.OFF}, ("hoisting", "cache"), Phase.OFF),
        (Phase.APPROVE, {"cache": Phase.SUGGEST}, ("cache",), Phase.SUGGEST),
        (Phase.APPROVE, {"cache": Phase.AUTO}, ("cache",), Phase.APPROVE),
        (Phase.OFF, {"cache": Phase.AUTO}, (), Phase.OFF),
    ],
)
def test_phase_of_a_change(phase, own, kinds, wanted):
    assert Rollout(phase, own).of(kinds) is wanted


OPTED_IN = Rollout(Phase.AUTO, {"hoisting": Phase.AUTO})
GREEN = {"proven": True, "pipeline_sha": "a1", "head_sha": "a1", "succeeded": True}


def test_an_opted_in_kind_merges_itself_when_its_very_commit_is_green():
    assert OPTED_IN.merges(("hoisting",), **GREEN)


@pytest.mark.parametrize(
    "change",
    [
        {"proven": False},
        {"pipeline_sha": "b2"},
        {"succeeded": False},
        {"head_sha": ""},
        {"pipeline_sha": "", "head_sha": ""},
    ],
)
def test_everything_else_waits_for_a_person(change):
    assert not OPTED_IN.merges(("hoisting",), **(GREEN | change))
    assert not OPTED_IN.merges(("cache",), **GREEN)
    assert not Rollout(Phase.APPROVE, {"hoisting": Phase.AUTO}).merges(("hoisting",), **GREEN)
