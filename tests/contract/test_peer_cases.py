"""Replies from the test suites of other tools: what they taught, byte for byte, on the same engine."""

import json
from pathlib import Path

import pytest

from bot.domain.code import File, Snapshot, Span
from bot.propose.edits import engine

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "edits" / "peer_cases.jsonl"
STRETCH = 0.9


def cases():
    if not DATA.is_file():
        return []
    return [json.loads(line) for line in DATA.read_text(encoding="utf-8").splitlines() if line.strip()]


CASES = cases()
missing = pytest.mark.skipif(not CASES, reason="the peers' cases are not beside this checkout")


def outcome(case):
    codecs = case.get("encoding", {})
    files = {path: File(text.encode(codecs.get(path, "utf-8"))) for path, text in case["files"].items()}
    files |= {path: File(link=target) for path, target in case.get("symlinks", {}).items()}
    tree = Snapshot("", files)
    spans = [Span(**case["span"])] if "span" in case else []
    answer = engine.apply(case["reply"], tree, spans)
    assert answer.applied is bool(answer.changes)
    assert answer.applied is not bool(answer.feedback)
    if not answer.applied:
        return "reject"
    after = tree.with_changes(answer.changes)
    return {path: after.data(path).decode(codecs.get(path, "utf-8")) for path in after.paths()}


def accepted(case):
    return [case["expect"], *case.get("also_ok", [])]


@missing
@pytest.mark.parametrize("case", [c for c in CASES if c["level"] != "stretch"], ids=lambda case: case["id"])
def test_case_ends_as_expected(case):
    assert outcome(case) in accepted(case)


@missing
def test_stretch_cases_are_applied_as_a_reader_would():
    stretch = [case for case in CASES if case["level"] == "stretch"]
    wrong = [case["id"] for case in stretch if outcome(case) not in accepted(case)]
    assert wrong == []
    short = [case["id"] for case in stretch if outcome(case) != case["expect"]]
    assert len(short) <= (1 - STRETCH) * len(stretch), short
