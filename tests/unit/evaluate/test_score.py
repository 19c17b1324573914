import math

import pytest

from bot.domain.errors import Refused
from bot.domain.evidence import Declared
from bot.evaluate.score import ScoreSettings, score
from tests.fakes.ports import comparison


def measured(name, ratio, **more):
    return comparison(name, ratio, samples=(-math.log(ratio),) * 12, **more)


def test_the_geometric_mean_is_the_default():
    found = score([measured("a", 4.0), measured("b", 1.0)], ScoreSettings())
    assert (found.method, found.value.estimate, found.benchmarks) == ("weighted", pytest.approx(2.0), 2)
    assert found.sentence == ""


def test_weights_are_found_by_pattern_the_first_one_counts():
    settings = ScoreSettings(weights={"b.py::bench_a": 0, "bench_*": 3})
    found = score([measured("b.py::bench_a", 9.0), measured("b.py::bench_b", 2.0)], settings)
    assert found.value.estimate == pytest.approx(2.0)


def test_sizes_come_from_the_benchmark_or_else_from_the_configuration():
    both = [measured("small", 1.0, declared=Declared(size=10)), measured("large", 4.0), measured("none", 9.0)]
    found = score(both, ScoreSettings("auc", sizes={"large": 1000}))
    assert (found.method, found.value.estimate) == ("auc", pytest.approx(2.0))
    assert found.sentence == "1 without a declared size left out"


def test_auc_without_sizes_is_the_weighted_mean_and_says_so():
    found = score([measured("a", 2.0, declared=Declared(rows=10))], ScoreSettings("auc"))
    assert (found.method, found.value.estimate) == ("weighted", pytest.approx(2.0))
    assert (
        found.sentence
        == "auc needs benchmarks of at least two sizes, and 1 size is declared: this is the weighted mean"
    )


def test_what_was_not_measured_is_left_out():
    found = score([measured("a", 2.0), comparison("b", samples=(), note="candidate failed: x")], ScoreSettings())
    assert (found.value.estimate, found.benchmarks) == (pytest.approx(2.0), 1)
    assert found.sentence == "1 without a measurement left out"
    assert score([], ScoreSettings()).value is None


def test_weights_of_nothing_give_no_score():
    found = score([measured("a", 2.0)], ScoreSettings(weights={"*": 0}))
    assert (found.value, found.sentence) == (None, "the weights of the benchmarks add up to nothing")


def test_a_function_gets_a_table_and_rows_of_logarithms():
    asked = []

    def ask(table, rows):
        asked.append((table, rows))
        return [100 * math.exp(row[0]) for row in rows]

    found = score([measured("a", 2.0, declared=Declared(rows=7))], ScoreSettings("function"), ask)
    assert found.value.estimate == pytest.approx(200)
    ((row,), rows) = asked[0]
    assert (row["name"], row["weight"], row["rows"], row["decision"]) == ("a", 1.0, 7, "faster")
    assert rows[0] == [pytest.approx(math.log(2))]


def test_a_function_that_fails_gives_no_score_and_its_sentence():
    def ask(table, rows):
        raise Refused("the score function f of s.py failed: KeyError: 'x'")

    found = score([measured("a", 2.0)], ScoreSettings("function"), ask)
    assert (found.value, found.sentence) == (None, "the score function f of s.py failed: KeyError: 'x'")
    assert score([measured("a", 2.0)], ScoreSettings("function")).value is None
