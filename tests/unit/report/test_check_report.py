import pytest

from bot.domain.check import Checked, Row, Standing
from bot.domain.evidence import Decision, Isolation
from bot.report.check import markdown, sentence
from tests.fakes.ports import canary, comparison
from tests.fakes.reports import HOSTILE, MACHINE


def checked(*rows, **more):
    shown = {"canary": canary(), "machine": MACHINE, "seconds": 12.0} | more
    return Checked("b" * 40, "e" * 40, 0.05, 0.99, Isolation.PROCESS, rows, **shown)


SLOW = Row("bench_a", Standing.SLOWER, comparison("bench_a", 0.7, Decision.SLOWER, confirmed=True), "runs core::hot")
EQUAL = Row("bench_b", Standing.NOT_SLOWER, comparison("bench_b", 1.0, Decision.EQUIVALENT))


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ((SLOW, EQUAL), "Slower by more than 5%: bench_a"),
        ((EQUAL,), "No slowdown beyond 5% on 1 benchmark"),
        ((EQUAL, Row("c", Standing.UNDECIDED)), "No slowdown beyond 5% is proven, but it is not ruled out either: c"),
        ((Row("c", Standing.NOISY),), "Nothing is known: this machine is too noisy now"),
        ((EQUAL, Row("c", Standing.FAILED, None, "boom")), "Runs on the base and fails on head: c"),
        ((Row("c", Standing.NEW),), "Nothing was timed, so nothing is slower"),
    ],
)
def test_one_sentence_says_it(rows, said):
    assert sentence(checked(*rows)).startswith(said)


def test_the_worst_comes_first_and_columns_are_aligned():
    text = markdown(
        checked(EQUAL, SLOW, Row("x", Standing.NOT_REACHED), Row("new", Standing.NEW, None, "only in head"))
    )
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert [line.split("|")[1].strip() for line in table[2:]] == ["`bench_a`", "`bench_b`", "`new`"]
    assert len({line.rindex("|", 0, line.rindex("|")) for line in table}) == 1
    assert "1.00 ms" in text
    assert "0.69 to 0.71" in text
    assert "Not reached by the change, so not timed: 1 benchmark." in text


def test_a_check_without_a_measurement_explains_no_figures():
    text = markdown(checked(notes=("nothing changed",), canary=None, machine=None))
    assert "ratio" not in text
    assert "- nothing changed" in text


def test_what_strangers_wrote_stays_text():
    row = Row(HOSTILE, Standing.FAILED, comparison(HOSTILE, note=HOSTILE), HOSTILE)
    text = markdown(checked(row, Row(HOSTILE, Standing.SLOWER), notes=(HOSTILE,)))
    lines = text.splitlines()
    assert not [line for line in lines if line.startswith(("/", "```", "~~~"))]
    assert "\x1b" not in text
    table = [line for line in lines if line.startswith("|")]
    assert len(table) == 4
    prose = [line for line in lines if line.startswith(("-", "**"))]
    assert not [line for line in prose if "@all" in line or "https://" in line]


def test_a_thousand_benchmarks_do_not_make_a_report_that_nobody_reads():
    rows = [Row(f"bench_{number}", Standing.UNDECIDED) for number in range(1000)]
    text = markdown(checked(*rows))
    assert "and 900 more, all listed in the JSON" in text
    assert len(text) < 20_000
