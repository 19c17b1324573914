import itertools
import json
import random

import numpy as np
import pytest

from bot.stats.compare import Answer
from tests.bench.proof import load, report, target, trials
from tests.bench.proof.recordings import OverheadRow, PairRow, Part, ProcessRow, Recordings, WholeRow, parts
from tests.bench.proof.trials import Series

QUIET = Series(tuple(np.random.default_rng(1).normal(0, 0.01, 120)), (0.25,) * 120, 0.5)


def source():
    return random.Random(5)  # noqa: S311


def test_equal_arms_are_not_called():
    made = trials.equal(QUIET, 100, source())
    assert sum(one.called for one in made) == 0
    assert all(one.answer is Answer.EQUIVALENT for one in made)


def test_an_injected_gain_is_called_and_published_in_its_direction():
    made = trials.equal(QUIET, 50, source(), gain=1.05)
    assert all(one.answer is Answer.FASTER and one.published for one in made)


def test_looking_again_and_again_at_a_p_value_calls_more_than_its_one_percent():
    found = Series(tuple(np.random.default_rng(3).normal(0, 0.01, 5000)), (0.25,) * 5000, 0.5)
    answers = trials.peeked(found, 300, source())
    assert sum(one is not Answer.UNDECIDED for one in answers) >= 6
    assert set(trials.peeked(QUIET, 5, source(), gain=1.05)) == {Answer.FASTER}


def test_seconds_are_the_start_and_the_pairs_after_the_first():
    [one] = trials.equal(QUIET, 1, source(), gain=1.2)
    assert one.seconds == pytest.approx(0.5 + 0.25 * (one.pairs - 1))


def test_decisions_in_turn_share_no_pair():
    made = trials.in_turn(QUIET)
    assert len(made) >= 8
    assert sum(one.pairs for one in made) <= QUIET.count


def test_a_decision_that_the_recording_cuts_off_does_not_count():
    wild = Series(tuple(np.random.default_rng(1).normal(0, 0.5, 40)), (0.25,) * 40, 0.5)
    assert trials.in_turn(wild) == []


def test_most_intervals_hold_the_truth():
    made = trials.coverage(QUIET, 200, source())
    assert sum(one.holds for one in made) >= 194
    assert min(one.truth for one in made) < -0.1 < 0.1 < max(one.truth for one in made)


def test_pairs_become_log_ratios_and_the_start_of_a_batch_stands_apart():
    rows = [PairRow(0, 2.0, (1.0,), (1.0,)), PairRow(0, 2.5, (1.0,), (2.0,)), PairRow(1, 4.0, (2.0,), (1.0,))]
    found = trials.series(rows)
    assert found.logs == pytest.approx((0.0, np.log(2), -np.log(2)))
    assert found.seconds == (0.5, 0.5, 0.5)
    assert found.start == 4.0


def test_a_part_that_was_interrupted_is_recorded_again(tmp_path):
    part, found = Part("pairs", "calm", "regex", 1000, 1.0), Recordings(tmp_path)

    def broken():
        yield PairRow(0, 1.0, (1.0,), (1.0,))
        raise RuntimeError

    with pytest.raises(RuntimeError):
        found.write(part, broken())
    assert not found.has(part)
    assert found.write(part, iter([PairRow(0, 1.0, (1.0, 2.0), (1.0, 3.0))])) == 1
    assert found.rows(part) == [PairRow(0, 1.0, (1.0, 2.0), (1.0, 3.0))]
    assert found.about(part)["seconds"] >= 0


def test_the_load_depends_on_its_seed_only():
    first, again, other = (list(itertools.islice(load.phases(seed), 40)) for seed in (1, 1, 2))
    assert first == again
    assert first != other
    assert {one.kind for one in first} == {"spin", "memory"}


def test_trees_differ_in_the_amount_of_work_alone():
    first, second = target.tree(), target.tree(1050)
    assert [path for path in first.paths() if first.data(path) != second.data(path)] == ["amount.py"]


def test_a_report_says_what_is_missing(tmp_path):
    report.write(Recordings(tmp_path / "raw"), parts(target.KINDS, target.OTHERS), tmp_path)
    text = (tmp_path / "benchmarks" / "proof.md").read_text()
    assert "not recorded" in text
    assert "| yes |" not in text


def test_a_report_has_every_table_and_its_pictures(tmp_path):
    found, planned = Recordings(tmp_path / "raw"), parts(target.KINDS, target.OTHERS)
    for part in planned:
        found.write(part, rows(part))
    report.write(found, planned, tmp_path, count=10)
    text = (tmp_path / "benchmarks" / "proof.md").read_text()
    assert "not recorded" not in text
    assert "NaN" not in text
    assert "| A/A loaded: at most 0.1% after it | 0/50 (0.0%) | yes |" in text
    for name in ("paired-samples", "e-processes", "coverage"):
        assert (tmp_path / "pictures" / f"{name}.svg").read_text().startswith("<svg")


def rows(part):
    draw = np.random.default_rng(len(part.name))
    if part.form == "pairs":
        pairs = np.exp(draw.normal(0, 0.005, (40, 2, 16)))
        factor = part.share / 1000
        return iter([PairRow(0, 0.3 * at, tuple(one[0] * factor), tuple(one[1])) for at, one in enumerate(pairs)])
    if part.form == "whole":
        return iter([WholeRow("equivalent", "", 8, 2.5), WholeRow("faster", "faster", 10, 8.5)])
    if part.form == "overhead":
        return iter([OverheadRow(2e-5, 5e-4, 9.8e-4)] * 5)
    return iter([ProcessRow(0.1 * at, tuple(draw.normal(1, 0.01, 10))) for at in range(1, 50)])


def test_recordings_are_plain_json(tmp_path):
    found, part = Recordings(tmp_path), Part("whole", "calm", "objects", 1000, 1.0)
    found.write(part, iter([WholeRow("faster", "undecided", 12, 3.0)]))
    assert json.loads(found.path(part).read_text().splitlines()[0])["confirmed"] == "undecided"
