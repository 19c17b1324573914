"""A column for each machine, in every form of the report; a machine that says nothing is named with the reason."""

from dataclasses import replace

import pytest

from bot.domain.evidence import Decision, Gate, Outcome
from bot.domain.hardware import Column, Hardware
from bot.report.matrix import matrices, matrix
from bot.report.render import description, html, markdown
from tests.fakes import exchange as made
from tests.fakes import reports

ANSWERED = Column(Hardware("amd", weight=2.0), made.verdict(), reports.MACHINE)
OTHER = Column(
    Hardware("arm"),
    made.verdict(
        Outcome.REJECTED, gate=Gate.BENCH, reason="bench.not-faster",
        comparisons=(made.comparison(1.0, decision=Decision.EQUIVALENT, confirmed=False),),
    ),
    reports.MACHINE,
)  # fmt: skip
SILENT = Column(Hardware("old"), why="no runner took the job within 30 minutes")


def with_columns(*columns):
    shown = reports.report()
    return replace(shown, columns=((shown.worked[0].accepted.candidate.id, columns),))


def test_a_single_machine_that_answered_needs_no_table():
    assert matrix((ANSWERED,)) is None
    assert matrices(reports.report()) == []


def test_each_machine_has_a_column_and_each_benchmark_a_row():
    found = matrix((ANSWERED, OTHER, SILENT), "shop::total")
    assert found.names == ("amd", "arm", "old")
    rows = dict(found.rows)
    assert rows["Answer"] == (
        "accepted", "rejected (bench.not-faster)", "no evidence: no runner took the job within 30 minutes"
    )  # fmt: skip
    first, second, third = rows[made.BENCHMARK]
    assert first.startswith("1.42 (")
    assert second.endswith(", equivalent")
    assert third == ""
    assert rows["Weight"] == ("2", "1", "1")


def test_one_machine_that_is_missing_is_said():
    assert matrix((SILENT,)).rows[0] == ("Answer", ("no evidence: no runner took the job within 30 minutes",))


@pytest.mark.parametrize("render", [description, markdown, html])
def test_every_form_of_the_report_has_the_columns(render):
    text = render(with_columns(ANSWERED, OTHER, SILENT))
    assert "On each machine" in text
    for name in ("amd", "arm", "old"):
        assert name in text
    assert "no runner took the job within 30 minutes" in text


@pytest.mark.parametrize("render", [description, markdown])
def test_text_of_a_machine_is_text(render):
    hostile = Column(Hardware("amd"), why=reports.HOSTILE)
    text = render(with_columns(hostile, ANSWERED))
    assert "<script>" not in text.replace("\\<", "")
    assert not [line for line in text.splitlines() if line.startswith(("/merge", "/approve"))]
