"""Remarks in many voices, labelled without sight of the grammar: docs/learning.md has the figures of their first runs.

The grammar was worked on with all of them but g and h; `make bench-lessons` prints them one by one.
"""

import pytest

from tests.bench.lessons import SETS, Score, total

NAMES = sorted(place.stem for place in SETS.glob("*.jsonl"))


def test_there_are_sets_and_they_hold_remarks_that_teach_nothing():
    found = sum(map(total, NAMES), Score())
    assert found.labelled >= 150
    assert found.quiet >= 100


@pytest.mark.parametrize("name", NAMES)
def test_remarks_of_every_voice_are_read_as_a_person_reads_them(name):
    found = total(name)
    assert found.precision >= 0.75
    assert found.recall >= 0.7


def test_together_they_are_read_well():
    found = sum(map(total, NAMES), Score())
    assert found.precision >= 0.9
    assert found.recall >= 0.8
    assert found.taken <= found.quiet // 20
