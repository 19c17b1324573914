import dataclasses
import json

import pytest

from bot.domain.code import File, Snapshot
from bot.evaluate.replay_calls import Call, How, Kind, Observation, State, Status, observation, state
from bot.evaluate.replay_comparison import Comparison, agreed
from bot.evaluate.replay_plan import planned
from bot.evaluate.replay_rules import (
    added_attributes,
    changed_globals,
    difference,
    introduced_attribute,
    is_doubtful,
    is_ignored,
)

CAPTURED, DERIVED, EDGE = (Call("x", kind, "somewhere") for kind in (Kind.CAPTURED, Kind.DERIVED, Kind.EDGE))
ANSWER = Observation(Status.ANSWERED, "r", "a", "s", "1", effects={"log": "", "random state": "x"})


def raised(message="no", *, explicit=False, error="builtins.ValueError", result="e"):
    return Observation(Status.FAILED, result, "a", "s", error=error, message=message, explicit=explicit)


def differs(call, base, candidate):
    return difference(call, base, base.effects, candidate)


def test_equal_answers_do_not_differ():
    assert differs(CAPTURED, ANSWER, ANSWER) is None
    assert differs(CAPTURED, raised(), raised()) is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"result": "q", "shown": "2"}, "returns 2 instead of 1"),
        ({"result": "q"}, "looks alike"),
        ({"arguments": "q"}, "arguments in another state"),
        ({"sharing": "q"}, "shares"),
        ({"effects": {"log": "x", "random state": "x"}}, "effect on: log"),
        ({"status": Status.OVERRUN}, "does not end"),
        ({"status": Status.DIED, "message": "killed"}, "ends the process (killed)"),
        ({"status": Status.UNLOADABLE, "message": "KeyError"}, "cannot be rebuilt"),
        ({"status": Status.FAILED, "error": "builtins.KeyError", "message": "'a'"}, "raises KeyError: 'a' instead"),
    ],
)
def test_every_difference_has_its_words(change, said):
    for call in (CAPTURED, DERIVED, EDGE):
        assert said in differs(call, ANSWER, dataclasses.replace(ANSWER, **change))


def test_effects_that_the_base_does_not_repeat_are_not_compared():
    assert difference(CAPTURED, ANSWER, {}, dataclasses.replace(ANSWER, effects={"log": "other"})) is None
    assert differs(CAPTURED, ANSWER, dataclasses.replace(ANSWER, effects={})) is None


def test_exceptions_by_kind_of_call():
    stumble, other = raised("list index out of range"), raised("tuple index out of range")
    assert differs(CAPTURED, stumble, other)
    assert differs(DERIVED, stumble, other) is None
    assert differs(DERIVED, stumble, dataclasses.replace(other, error="builtins.KeyError"))
    assert differs(DERIVED, stumble, ANSWER)
    left_behind = dataclasses.replace(other, arguments="q")
    assert "when it fails" in differs(DERIVED, stumble, left_behind)
    assert is_doubtful(DERIVED, stumble, left_behind)
    assert not is_doubtful(DERIVED, stumble, ANSWER)
    assert not is_doubtful(CAPTURED, stumble, left_behind)
    checked = raised("too small", explicit=True)
    assert differs(DERIVED, checked, raised("too little", explicit=True))
    assert differs(DERIVED, checked, raised("too small")) is None
    assert differs(DERIVED, checked, raised("too small", result="other attributes"))
    assert is_ignored(EDGE, stumble)
    assert not is_ignored(EDGE, checked)
    assert not is_ignored(DERIVED, stumble)
    too_deep = raised("maximum recursion depth exceeded", error="builtins.RecursionError")
    assert is_ignored(DERIVED, too_deep)
    assert not is_ignored(CAPTURED, too_deep)


def test_a_stumble_after_arguments_were_changed_by_us_is_compared_by_type():
    again = dataclasses.replace(CAPTURED, how=How.CHANGED)
    assert differs(again, raised("x not in list"), raised("0 is not in list")) is None


def test_attributes_that_the_change_introduces():
    missing = dataclasses.replace(raised(error="builtins.AttributeError"), absent=("mod.Box", "_sum"))
    assert introduced_attribute(missing, {"mod.Box": ("items",)}, frozenset({"_sum"})) == "mod.Box._sum"
    assert introduced_attribute(missing, {"mod.Box": ("items",)}, frozenset()) is None, "nothing assigns it"
    assert introduced_attribute(missing, {"mod.Box": ("_sum",)}, frozenset({"_sum"})) is None, "the base has it"
    assert introduced_attribute(ANSWER, {}, frozenset({"_sum"})) is None
    old = Snapshot("", {"a.py": File(b"class A:\n def f(s):\n  s.x = 1\n"), "b.py": File(b"q.z = 1")})
    new = Snapshot("", {"a.py": File(b"class A:\n def f(s):\n  s.x = s.y = s.u\n"), "b.py": File(b"q.z = 1")})
    assert added_attributes(old, new) == {"y"}
    assert added_attributes(old, Snapshot("", {"a.py": File(b"not python (")})) == frozenset()


def test_module_globals():
    before, after = State({"m.N": "1", "m._c": "1", "m.K": "1"}, {}), State({"m.N": "2", "m._c": "2", "m.K": "1"}, {})
    assert changed_globals(before, after, after, before, before) == ["m.N"]
    assert changed_globals(before, after, after, before, after) == []
    assert changed_globals(before, after, before, before, before) == [], "two runs of the base disagree"
    constant = State({"m.N": "9", "m.K": "1"}, {})
    assert changed_globals(before, after, after, constant, constant) == [], "the change gives it another first value"


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"7",
        b"{}",
        b'{"result": 1}',
        b"\xff",
        b"[" * 100_000,
        json.dumps({"failure": 3}).encode(),
    ],
)
def test_an_answer_that_is_not_of_the_agreed_form_counts_as_an_end(payload):
    assert observation(payload, 1.0).status is Status.DIED
    assert state(payload).globals == {}


def test_a_base_that_disagrees_is_counted_and_left_out():
    other = dataclasses.replace(ANSWER, result="q")
    empty = State({}, {})
    died = Observation(Status.DIED, message="gone")
    first = [(CAPTURED, ANSWER), (DERIVED, ANSWER), (EDGE, raised()), (CAPTURED, died)]
    found = agreed(first, [ANSWER, other, raised(), died], (empty, empty, empty), ())
    assert [call for call, _, _ in found.calls] == [CAPTURED]
    assert found.nondeterministic == 1
    assert sum(found.unusable.values()) == 1


def test_a_comparison_counts_each_call_once_and_stops_when_settled():
    calls = [Call(str(number), Kind.DERIVED, "x") for number in range(20)]
    empty = State({}, {})
    found = Comparison(
        agreed([(call, ANSWER) for call in calls], [ANSWER] * 20, (empty, empty, empty), ()), frozenset()
    )
    found.add(calls[0], ANSWER)
    found.add(calls[0], ANSWER)
    assert not found.is_settled
    for call in calls[:8]:
        found.add(call, dataclasses.replace(ANSWER, result="q"))
        found.add(call, dataclasses.replace(ANSWER, result="q"))
    assert found.is_settled
    assert found.mismatches == ["derived call (x): returns another value that looks alike (1)"], "said once"


def test_calls_of_all_kinds_come_early():
    captured = [Call("x" * size, Kind.CAPTURED, "t") for size in range(1, 60)]
    more = [Call(f"d{n}", Kind.DERIVED, "d") for n in range(100)] + [Call(f"e{n}", Kind.EDGE, "e") for n in range(30)]
    order = planned(captured, more)
    assert len(order) == 59 + 130 + 2 * 6 + 2
    assert {call.kind for call in order[:20]} == {CAPTURED.kind, DERIVED.kind, EDGE.kind}
    assert {call.how for call in order[:30]} == set(How)
    sizes = [len(call.data) for call in order[:8]]
    assert min(sizes) < 10
    assert max(sizes) > 40
    assert planned([], []) == ()


@pytest.mark.parametrize(("call", "said"), [(DERIVED, "runtime warnings"), (EDGE, None)])
def test_which_operation_warned_of_an_odd_number_is_nobodys_promise(call, said):
    effects = {"runtime warnings": "a", "warnings": ""}
    changed = dataclasses.replace(ANSWER, effects={"runtime warnings": "b", "warnings": ""})
    found = difference(call, dataclasses.replace(ANSWER, effects=effects), effects, changed)
    assert (found is None) == (said is None)
    other = dataclasses.replace(ANSWER, effects={"runtime warnings": "a", "warnings": "c"})
    assert "warnings" in difference(call, dataclasses.replace(ANSWER, effects=effects), effects, other)
