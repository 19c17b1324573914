import pytest

from bot.domain.criterion import Criterion, Standing
from bot.domain.evidence import Interval
from bot.domain.goal import Goal, Metric
from bot.report import goals, numbers


def criterion(metric, text, standing=Standing.MET, *, now=None, **more):
    values = {key: more.pop(key) for key in ("level", "factor", "unit", "name") if key in more}
    return Criterion(Goal(metric, text, **values), more.pop("benchmark", "b"), standing, now=now, **more)


def test_a_relative_goal_shows_what_it_comes_to():
    found = goals.cells(
        criterion(Metric.LATENCY, "-20%", factor=0.8, baseline=1e-3, target=8e-4, now=Interval(5e-4, 4.8e-4, 5.2e-4))
    )
    assert found == goals.Cells(
        "latency -20%",
        "b",
        "1.00 ms",
        "\u2264 800 \u00b5s (-20%)",
        "500 \u00b5s (480 \u00b5s to 520 \u00b5s)",
        "met",
        "met",
    )


def test_throughput_rises_and_has_its_unit():
    found = goals.cells(
        criterion(
            Metric.THROUGHPUT, "50000 rows/s", Standing.NOT_MET, level=5e4, unit="rows", target=5e4, baseline=1234.0
        )
    )
    assert (found.target, found.baseline, found.state) == ("\u2265 50,000 rows/s", "1,230 rows/s", "not-met")


def test_what_was_not_measured_says_why():
    found = goals.cells(
        criterion(Metric.COVERAGE, "80%", Standing.NOT_MEASURED, name="tested", benchmark="", reason="no tests")
    )
    assert (found.name, found.benchmark, found.now) == ("tested", "the changed functions", "-")
    assert found.standing == "not measured: no tests"


def test_the_tally():
    rows = [criterion(Metric.COVERAGE, "1%", standing) for standing in Standing]
    assert goals.tally(rows) == "1 of 3 met, 1 not measured"
    assert goals.tally(rows[:1]) == "1 of 1 met"


@pytest.mark.parametrize(
    ("value", "text"),
    [(3.0, "3.00"), (999.0, "999"), (52_349.0, "52,300"), (1.234e6, "1.23M"), (5e9, "5.00G")],
)
def test_counts_have_three_digits(value, text):
    assert numbers.count(value) == text
