"""Files between jobs: what is written is read again, and nothing else is."""

import json
import os

import pytest

from bot.app.ci.exchange import EVIDENCE, ORDER, PLAN, SURVEY, Exchange, parse, schema
from bot.domain.code import File, Snapshot
from bot.domain.errors import ExchangeError
from bot.domain.evidence import Outcome
from bot.domain.exchange import DryRun, PlannedChange, Proposed, Survey
from bot.domain.job import Trigger, TriggerKind
from tests.fakes import exchange as made


@pytest.fixture
def exchange(tmp_path):
    return Exchange(tmp_path / "hotlap-ci")


@pytest.mark.parametrize(
    ("kind", "value", "name"),
    [
        (ORDER, made.order(dry=DryRun.PLAN, hardware=made.hardware("amd", "arm")), ""),
        (SURVEY, Survey("a" * 40, (made.TARGET,), ("a note",)), ""),
        (PLAN, made.plan(made.candidate(b"\xff\x00 not UTF-8")), ""),
        (EVIDENCE, made.evidence("amd", made.verdict(), made.verdict(Outcome.HELD)), "amd"),
    ],
)
def test_what_one_job_writes_another_one_reads(exchange, kind, value, name):
    digest = exchange.write(kind, value, name)
    assert exchange.has(kind, name)
    assert exchange.read(kind, name, digest) == value


def test_every_number_and_byte_survives_and_the_file_is_json_that_everybody_reads(exchange):
    odd = made.TARGET.__class__(made.FUNCTION, bound=float("inf"))
    exchange.write(SURVEY, Survey("a" * 40, (odd,)))
    raw = json.loads((exchange.directory / "survey.json").read_text(), parse_constant=pytest.fail)
    assert (raw["format"], raw["version"]) == ("hotlap/survey", 1)
    assert exchange.read(SURVEY).targets[0].bound == float("inf")


def test_another_file_than_the_expected_one_is_refused(exchange):
    digest = exchange.write(PLAN, made.plan())
    exchange.write(PLAN, made.plan(made.candidate(b"def total(rows): return 0\n")))
    with pytest.raises(ExchangeError, match="not the file that the pipeline was made for"):
        exchange.read(PLAN, digest=digest)


def hostile():
    whole = json.dumps({"format": "hotlap/evidence", "version": 1, "data": {"hardware": "amd", "plan": ""}})
    yield "", "Invalid JSON"
    yield "{" * 100_000, "hotlap/evidence"
    yield whole.replace('"plan": ""', '"plan": "", "extra": 1'), "data.extra"
    yield whole.replace('"plan": ""', '"plan": 7'), "data.plan"
    yield whole.replace('"version": 1', '"version": 2'), "version 2"
    yield whole.replace("hotlap/evidence", "hotlap/plan"), "'hotlap/plan'"
    yield whole.replace('"plan": ""', '"plan": "", "judged": [{"candidate": "x", "verdict": {}}]'), "verdict"
    yield whole.replace('"plan": ""', '"plan": "", "seconds": "soon"'), "data.seconds"


@pytest.mark.parametrize(("text", "said"), list(hostile()))
def test_what_is_not_of_the_schema_is_refused_with_one_sentence_that_names_the_file(text, said):
    with pytest.raises(ExchangeError, match=r"^amd\.json ") as found:
        parse(EVIDENCE, text.encode(), "amd.json")
    assert said in str(found.value)
    assert "\n" not in str(found.value)
    assert len(str(found.value)) < 600


def test_no_file_is_read_through_a_link_nor_beyond_its_cap_nor_from_a_pipe(exchange, tmp_path):
    exchange.write(EVIDENCE, made.evidence("amd"), "amd")
    good = exchange.directory / "evidence" / "amd.json"
    (exchange.directory / "evidence" / "link.json").symlink_to(good)
    os.mkfifo(exchange.directory / "evidence" / "pipe.json")
    (exchange.directory / "evidence" / "folder.json").mkdir()
    with good.with_name("large.json").open("wb") as file:
        file.truncate((32 << 20) + 1)
    said_of = {"link": "symbolic link", "pipe": "not a regular", "folder": "not a regular", "large": "larger"}
    for name, said in (said_of | {"none": "No such"}).items():
        with pytest.raises(ExchangeError, match=said):
            exchange.read(EVIDENCE, name)
    elsewhere = Exchange(tmp_path / "other")
    elsewhere.directory.mkdir()
    (elsewhere.directory / "evidence").symlink_to(exchange.directory / "evidence")
    with pytest.raises(ExchangeError, match="symbolic link"):
        elsewhere.read(EVIDENCE, "amd")


@pytest.mark.parametrize("name", ["../order", "a/b", "A", "", "-x", "a" * 41, "a\n"])
def test_a_name_that_is_a_path_names_no_evidence(exchange, name):
    if name:
        with pytest.raises(ExchangeError, match="not a name"):
            exchange.read(EVIDENCE, name)


def test_a_candidate_is_made_again_from_data_on_the_tree_that_it_was_made_for():
    candidate = made.candidate(labels=frozenset({"b", "a"}))
    again = Proposed.of(candidate).candidate(made.COMMIT, made.TREE.files)
    assert again == candidate


@pytest.mark.parametrize(
    ("tree", "said"),
    [
        (Snapshot(made.COMMIT, {made.PATH: File(b"moved on\n")}), "not the file"),
        (Snapshot(made.COMMIT, {}), "not the file"),
        (Snapshot(made.COMMIT, {made.PATH: File(link="/etc/passwd")}), "symbolic link"),
    ],
)
def test_a_candidate_is_not_made_on_another_tree(tree, said):
    with pytest.raises(ExchangeError, match=said):
        Proposed.of(made.candidate()).candidate(made.COMMIT, tree.files)


@pytest.mark.parametrize("path", ["../x.py", "/etc/x.py", "a//b.py", "./a.py", ".git/config", "a/.GIT/hooks/x", "a\0b"])
def test_a_candidate_writes_nothing_outside_of_the_tree(path):
    proposed = Proposed("x", made.TARGET, (PlannedChange(path, "", b"new\n"),), "", "somebody")
    with pytest.raises(ExchangeError, match="not a path"):
        proposed.candidate(made.COMMIT, {})


def test_a_candidate_whose_edit_was_exchanged_is_noticed():
    real = Proposed.of(made.candidate())
    forged = Proposed(real.id, real.target, (PlannedChange(made.PATH, real.changes[0].before, b"x = 1\n"),), "", "y")
    with pytest.raises(ExchangeError, match="not the edit that its name says"):
        forged.candidate(made.COMMIT, made.TREE.files)


def test_an_order_says_who_asked_and_where_it_goes(exchange):
    trigger = Trigger(TriggerKind.COMMAND, "ada", "group/shop", "b" * 40, ("total",), 7, 31, "abc")
    exchange.write(ORDER, made.order(trigger=trigger, diff_base="c" * 40))
    assert exchange.read(ORDER).trigger == trigger


def test_each_kind_of_file_has_a_schema():
    for kind in (ORDER, SURVEY, PLAN, EVIDENCE):
        assert schema(kind)["additionalProperties"] is False
