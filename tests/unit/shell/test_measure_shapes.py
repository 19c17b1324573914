"""The JSON and the tables of `measure`: every figure is there, and what was not measured is null."""

import json
from dataclasses import replace

from bot.app.measure import Measurement
from bot.cli import shapes, tables
from bot.domain.allocation import Allocated, Allocation, OfType
from bot.domain.criterion import Criterion, Standing
from bot.domain.evidence import Arm, Decision, Declared, Interval, Isolation
from bot.domain.goal import Goal, Metric
from bot.domain.score import Score
from tests.fakes.ports import FakeBench, canary, comparison

ONE = Interval(1.0, 0.9, 1.1)
FULL = comparison(
    candidate=Arm(1e-3, 1e-3, 1 << 24, 2e-3, 0.05, 2e-3, 1e-3),
    import_ratio=ONE, cold_ratio=ONE, hot_ratio=ONE, declared=Declared(rows=100),
)  # fmt: skip
GOAL = Criterion(Goal(Metric.LATENCY, "10 ms", 0.01, name="10 ms"), "b", Standing.MET, 1e-3, 0.01, ONE)


def measured(score, *found):
    return Measurement(Decision.FASTER, found, canary(), FakeBench().machine(), score, "faster", (GOAL,))


def shape(found):
    return json.loads(json.dumps(shapes.measurement(found, Isolation.PROCESS, 0.99), allow_nan=False))


def test_a_score_has_its_method_value_and_interval():
    found = shape(measured(Score("auc", Interval(2.0, 1.9, 2.1), 3, "said"), FULL))["score"]
    assert found == {"method": "auc", "value": 2.0, "low": 1.9, "high": 2.1, "benchmarks": 3, "note": "said"}


def test_no_score_is_null_with_its_reason():
    found = shape(measured(Score("function", None, 1, "it failed"), FULL))["score"]
    assert (found["value"], found["low"], found["note"]) == (None, None, "it failed")


def test_what_was_not_measured_is_null():
    full, bare = shape(measured(Score("weighted", ONE, 2), FULL, comparison("c")))["benchmarks"]
    assert full["rows_per_second"] == {"base": 100_000.0, "candidate": 100_000.0}
    assert full["candidate"]["import_seconds"] == 0.05
    assert (bare["import_ratio"], bare["rows_per_second"], bare["candidate"]["hot_seconds"]) == (None, None, None)


def test_goals_have_numbers_and_words():
    (found,) = shape(measured(Score("weighted", ONE, 1), FULL))["goals"]
    assert (found["metric"], found["goal"], found["standing"], found["target"]) == ("latency", "10 ms", "met", 0.01)


def test_tables_say_what_is_missing_with_a_dash():
    text = tables.figures([FULL, comparison("c"), comparison("d", samples=())])
    full, bare = (line.split() for line in text.splitlines()[1:])
    assert full[-1] == "100,000"
    assert bare[-3:] == ["-", "-", "-"]
    assert tables.figures([comparison(samples=())]) == tables.criteria([]) == ""
    assert "met" in tables.criteria([GOAL]).splitlines()[1]


def test_allocations_are_numbers_or_a_reason():
    counted = Allocated(2048, 1024, 3, (OfType("list", 2, 128), OfType("dict", 1, 64)))
    one = Allocation("b", counted, Allocated(reason="KeyError: 'x'"))
    found = shape(replace(measured(Score("weighted", ONE, 1), FULL), allocations=(one,)))["allocations"][0]
    assert found["base"]["types"][0] == {"type": "list", "count": 2, "bytes": 128}
    assert (found["base"]["peak_bytes"], found["candidate"]["peak_bytes"]) == (2048, None)
    assert found["candidate"]["note"] == "KeyError: 'x'"
    lines = tables.allocations([one]).splitlines()
    assert lines[1].endswith("2 list (128 B), 1 dict (64 B)")
    assert lines[2].endswith("not counted: KeyError: 'x'")
    assert tables.allocations([]) == ""
