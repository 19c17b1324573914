"""The jobs between the order and the merge request: what each of them believes, and what it leaves behind."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from bot.app.ci.evaluate import evaluate
from bot.app.ci.exchange import EVIDENCE, Exchange
from bot.app.ci.gather import Gatherer
from bot.app.ci.propose import propose, wished
from bot.app.ci.reports import branch_for
from bot.app.ci.settle import settle
from bot.config import Config
from bot.domain.code import File, FunctionId, Snapshot, Span, Target
from bot.domain.errors import ExchangeError, Refused
from bot.domain.evidence import Canary, Decision, Gate, Isolation, Machine, Outcome
from bot.domain.exchange import Evidence, Plan, Silence, Survey
from bot.domain.hardware import Agreement, Hardware, Policy
from bot.domain.job import Budget
from bot.domain.lesson import Lesson, LessonState, Polarity
from bot.domain.restraint import Restraints
from bot.evaluate.guard.check import GuardSettings
from bot.localize.index import Index
from bot.search.loop import Search
from tests.fakes import exchange as made
from tests.fakes import reports
from tests.fakes.ports import FakeClock, FakeProgress, FakeProposer

INDEX = Index(made.TREE)
(REAL,) = INDEX.functions(made.PATH)
TARGET = replace(made.TARGET, function=REAL)
QUIET = Canary(10, 0.01, Decision.EQUIVALENT, quiet=True)


def searching(*candidates):
    return Search(FakeProposer(list(candidates)), FakeProgress(), FakeClock())


def proposed(*candidates, survey=None, order=None):
    survey = survey or Survey(made.COMMIT, (TARGET,))
    return propose(searching(*candidates), INDEX, order or made.order(), survey, ())


def test_candidates_of_the_surveyed_functions_are_planned_those_that_only_polish_last():
    polish = made.candidate(b"def total(rows): return ','.join(rows)\n", target=TARGET, polish=True)
    real = made.candidate(target=TARGET)
    plan = proposed(polish, real)
    assert [one.id for one in plan.candidates] == [real.id, polish.id]
    assert plan.commit == made.COMMIT


def test_what_people_ticked_comes_first_and_the_rest_keeps_its_order():
    survey = Survey(made.COMMIT, tuple(replace(TARGET, function=replace(REAL, qualname=name)) for name in "abcd"))
    found = wished(survey, [f"{made.PATH}::c", "no::such"])
    assert "".join(one.function.qualname for one in found.targets) == "cabd"
    outdated = branch_for(survey.targets[3].function)
    found = wished(survey, [f"{made.PATH}::c"], [outdated, "hotlap/mr-1/x"])
    assert "".join(one.function.qualname for one in found.targets) == "cdab"


def taught(scope, *subjects):
    return Lesson(scope, "not here", ("x!1#note_2",), LessonState.ACTIVE, Polarity.AVOID, subjects)


@pytest.mark.parametrize(
    ("lesson", "said"),
    [
        (taught("path:src/shop/"), "src/shop/report.py::total was left out: lesson"),
        (taught("project:group/shop", "module:numba"), "a candidate of rules:join-pieces was left out:"),
        (replace(taught("path:src/shop/"), state=LessonState.PROPOSED), ""),
        (taught("path:other/"), ""),
    ],
)
def test_what_a_team_does_not_want_is_not_planned_and_that_is_said(lesson, said):
    uses = made.candidate(b"import numba\n\n\ndef total(rows): return numba.njit(rows)\n", target=TARGET)
    plan = propose(searching(uses), INDEX, made.order(), Survey(made.COMMIT, (TARGET,)), (lesson,))
    assert (len(plan.candidates), bool(said)) in {(1, False), (0, True)}
    assert any(note.startswith(said) for note in (*plan.notes, ""))


def test_what_is_urgent_comes_before_what_was_refused_and_after_what_people_ticked():
    survey = Survey(made.COMMIT, tuple(replace(TARGET, function=replace(REAL, qualname=name)) for name in "abcd"))
    urgent = {f"{made.PATH}::{name}": value for name, value in (("a", 0.1), ("b", 0.4), ("c", 0.2))}
    found = wished(survey, [f"{made.PATH}::d"], [], urgent)
    assert "".join(one.function.qualname for one in found.targets) == "dbca"


def test_the_budget_bounds_what_is_planned():
    several = [made.candidate(f"def total(rows): return {n}\n".encode(), target=TARGET) for n in range(4)]
    assert len(proposed(*several, order=made.order(budget=Budget(candidates=2))).candidates) == 2


@pytest.mark.parametrize(("proposer", "asked"), [("rules", 4), ("llm", 2)])
def test_a_model_is_asked_about_no_more_functions_than_are_worked_on(proposer, asked):
    names = "abcd"
    text = "".join(f"def {name}():\n    return 1\n" for name in names)
    index = Index(Snapshot(made.COMMIT, {"m.py": File(text.encode())}))
    survey = Survey(made.COMMIT, tuple(Target(one) for one in index.functions("m.py")))
    search = searching()
    propose(search, index, made.order(proposer=proposer, budget=Budget(targets=2)), survey, ())
    assert len(search.progress.steps) == asked


def test_a_survey_of_another_commit_or_of_functions_that_are_not_there_gives_no_candidate():
    assert proposed(made.candidate(), survey=Survey("b" * 40, (TARGET,))).candidates == ()
    forged = Target(FunctionId("total", Span("../../etc/passwd", 1, 2), "0" * 64))
    moved = replace(TARGET, function=replace(REAL, body_hash="f" * 64))
    plan = proposed(made.candidate(), survey=Survey(made.COMMIT, (forged, moved, replace(TARGET, skip="too cold"))))
    assert plan.candidates == ()
    assert "2 function(s) of the survey are not in the tree and were left out" in plan.notes
    assert any("too cold" in note for note in plan.notes)


class FakeShop:
    """A workshop whose judge answers with prepared verdicts, by candidate."""

    def __init__(self, verdicts=None, *, fault=None, canary=QUIET, tick=0.0, cpu="AMD EPYC 7B13") -> None:
        self.asked, self.verdicts, self.fault, self._canary = [], verdicts or {}, fault, canary
        self.parts = SimpleNamespace(
            bench=SimpleNamespace(machine=lambda: Machine(cpu, 8, "6.1", "performance", "3.11", "fixed")),
            clock=FakeClock(tick=tick), progress=FakeProgress(), isolation=Isolation.NAMESPACE, notes=lambda: ("note",),
        )  # fmt: skip

    def base(self, tree, benchmarks):
        return SimpleNamespace(baseline=self._tests, canary=lambda: self._canary)

    def judge(self, base):
        return self

    def screen(self, candidate, tests=1):
        self.asked.append((candidate.id, tests))
        found = self.verdicts.get(candidate.id, made.verdict())
        if isinstance(found, BaseException):
            raise found
        return replace(found, candidate_id=candidate.id)

    def confirm(self, candidate, screened):
        return screened

    def _tests(self):
        if self.fault is not None:
            raise self.fault


FIRST, SECOND = made.candidate(), made.candidate(b"def total(rows): return 2\n")
NO = made.verdict(Outcome.REJECTED, gate=Gate.TESTS, comparisons=())


def judged(shop, plan=None, hardware=Hardware(), saved=None):  # noqa: B008 - a value
    saved = [] if saved is None else saved
    return evaluate(shop, made.TREE, plan or made.plan(FIRST, SECOND), "d" * 64, hardware, saved.append)


def test_one_machine_is_done_with_a_function_at_its_first_accepted_candidate():
    assert [one.candidate for one in judged(FakeShop()).judged] == [FIRST.id]
    assert [one.candidate for one in judged(FakeShop({FIRST.id: NO})).judged] == [FIRST.id, SECOND.id]


def test_several_machines_judge_every_candidate_because_another_one_may_disagree():
    plan = made.plan(FIRST, SECOND, hardware=made.hardware("amd", "arm"))
    found = judged(FakeShop(), plan, Hardware("amd"))
    assert [one.candidate for one in found.judged] == [FIRST.id, SECOND.id]
    assert found.hardware == "amd"
    assert found.plan == "d" * 64


def test_what_is_known_is_saved_after_each_candidate_so_that_a_killed_job_leaves_it():
    saved = []
    with pytest.raises(KeyboardInterrupt):
        judged(FakeShop({FIRST.id: NO, SECOND.id: KeyboardInterrupt()}), saved=saved)
    assert [one.candidate for one in saved[-1].judged] == [FIRST.id]


@pytest.mark.parametrize(
    ("shop", "hardware", "fault"),
    [
        (FakeShop(fault=Refused("the tests cannot be run")), Hardware(), "the tests cannot be run"),
        (FakeShop(canary=Canary(9, 0.2, Decision.FASTER, quiet=False, sentence="too noisy")), Hardware(), "too noisy"),
        (FakeShop(), Hardware("arm", cpu="Neoverse"), "the CPU is AMD EPYC 7B13, where arm should have Neoverse"),
        (FakeShop({FIRST.id: Refused("no such benchmark")}), Hardware(), "no such benchmark"),
    ],
)
def test_what_keeps_a_machine_from_an_answer_is_a_sentence_in_its_evidence(shop, hardware, fault):
    assert judged(shop, hardware=hardware).fault == fault


def test_a_budget_that_is_used_up_leaves_candidates_untried():
    plan = made.plan(FIRST, SECOND, budget=Budget(seconds=9.0))
    found = judged(FakeShop({FIRST.id: NO}, tick=2.0), plan)
    assert (len(found.judged), found.untried) == (1, (SECOND.id,))


PLAN = made.plan(FIRST, hardware=made.hardware("amd", "arm"))


@pytest.fixture
def gather(tmp_path):
    exchange = Exchange(tmp_path)

    def run(*evidence, plan=PLAN):
        for one in evidence:
            exchange.write(EVIDENCE, one, one.hardware)
        why = {"amd": "the job failed", "arm": "no runner took the job within 30 minutes"}
        return Gatherer(exchange, "d" * 64, Config(), why.__getitem__).gather(plan)

    return run


def honest(name, **values):
    return made.evidence(name, made.verdict(of=FIRST), plan_digest="d" * 64, **values)


def test_evidence_is_gathered_and_a_missing_machine_is_named(gather):
    found = gather(honest("amd"))
    assert found.of("amd") == honest("amd")
    assert found.silent == (Silence("arm", "no runner took the job within 30 minutes"),)


def untrue():
    yield honest("amd", plan="e" * 64), "another plan"
    yield honest("amd", machine=None), "names no machine"
    yield honest("amd", judged=honest("amd").judged * 2), "candidates that the plan does not have"
    yield made.evidence("amd", made.verdict(of=SECOND), plan_digest="d" * 64), "candidates that the plan does not have"
    yield made.evidence("amd", made.verdict(of=FIRST, comparisons=()), plan_digest="d" * 64), "contradicts itself"
    yield Evidence("amd", "d" * 64, fault="the tests cannot be run"), "the tests cannot be run"


@pytest.mark.parametrize(("evidence", "why"), list(untrue()))
def test_evidence_that_cannot_be_believed_is_none_and_the_reason_is_said(gather, evidence, why):
    found = gather(evidence, honest("arm"))
    assert [one.hardware for one in found.evidence] == ["arm"]
    assert why in found.silent[0].why


@pytest.mark.parametrize(
    ("asked", "isolation"),
    [("process", "process"), ("namespace", "namespace"), ("docker", "container"), ("auto", "vm")],
)
def test_no_stronger_isolation_is_believed_than_the_default_branch_asks_for(tmp_path, asked, isolation):
    claimed = made.verdict(of=FIRST, isolation=Isolation.VM)
    found = made.evidence("amd", claimed, plan_digest="d" * 64, isolation=Isolation.VM)
    Exchange(tmp_path).write(EVIDENCE, found, "amd")
    gatherer = Gatherer(Exchange(tmp_path), "d" * 64, Config(isolation=asked), lambda _: "it is not there")
    (believed,) = gatherer.gather(PLAN).evidence
    assert {believed.isolation, believed.judged[0].verdict.isolation} == {Isolation(isolation)}


@pytest.mark.parametrize("samples", [401, 200_000])
def test_a_flood_of_samples_is_refused_before_anything_is_computed_from_it(gather, samples):
    flooded = replace(made.comparison(confirmed=True), samples=(0.5,) * samples, pairs=samples)
    evidence = made.evidence("amd", made.verdict(of=FIRST, comparisons=(flooded,)), plan_digest="d" * 64)
    found = gather(evidence, honest("arm"))
    assert f"{samples} samples" in found.silent[0].why


def test_a_flood_of_comparisons_is_refused(gather):
    one = made.comparison(confirmed=True)
    evidence = made.evidence("amd", made.verdict(of=FIRST, comparisons=(one,) * 501), plan_digest="d" * 64)
    assert "501 comparisons" in gather(evidence, honest("arm")).silent[0].why


def test_a_verdict_under_the_name_of_another_candidate_is_found_out(gather):
    (mine,) = honest("amd").judged
    mixed = replace(mine, verdict=replace(mine.verdict, candidate_id=SECOND.id))
    assert "mixes up" in gather(honest("amd", judged=(mixed,)), honest("arm")).silent[0].why


def settled(gathered, plan=PLAN, guard=None, tree=made.TREE):
    return settle(plan, gathered, tree, guard or GuardSettings())


def test_what_all_machines_accept_is_published_with_the_edit_made_again_from_data(gather):
    (found,) = settled(gather(honest("amd"), honest("arm")))
    assert found.accepted == FIRST
    assert found.accepted.edits.changes[0].after == reports.AFTER
    assert [len(columns) for _, columns in found.columns] == [2]


def test_what_one_machine_did_not_see_is_not_accepted_and_its_column_says_why(gather):
    (found,) = settled(gather(honest("amd")))
    assert found.accepted is None
    assert found.attempt.tried[0].verdict.reason == "hardware.missing"
    assert found.columns[0][1][1].why == "no runner took the job within 30 minutes"


def test_the_policy_of_the_order_counts(gather):
    plan = made.plan(FIRST, hardware=made.hardware("amd", "arm"), policy=Policy(Agreement.ANY))
    assert settled(gather(honest("amd"), plan=plan), plan)[0].accepted == FIRST


def test_the_guard_has_the_last_word_whatever_the_evidence_says(gather):
    (found,) = settled(gather(honest("amd"), honest("arm")), guard=GuardSettings(protected=("src/**",)))
    assert found.accepted is None
    assert found.attempt.tried[0].verdict.reason == "guard.protected"


@pytest.mark.parametrize("scope", ["rule:join-pieces", "path:src/", "kind:string-building"])
def test_a_lesson_that_is_newer_than_the_plan_has_the_last_word_too(gather, scope):
    candidate = replace(FIRST, proposer="rules/join-pieces")
    plan = made.plan(candidate, hardware=made.hardware("amd"))
    found = gather(made.evidence("amd", made.verdict(of=candidate), plan_digest="d" * 64), plan=plan)
    guard = GuardSettings(restraints=Restraints.of([taught(scope)]))
    assert settled(found, plan)[0].accepted == candidate
    assert settled(found, plan, guard)[0].attempt.tried[0].verdict.reason == "guard.lesson"


def test_an_edit_is_not_made_on_a_tree_that_moved(gather):
    with pytest.raises(ExchangeError, match="not the file"):
        settled(gather(honest("amd"), honest("arm")), tree=Snapshot(made.COMMIT, {made.PATH: File(b"x = 1\n")}))


def test_a_plan_without_candidates_asks_no_machine(gather):
    found = gather(plan=Plan(made.order(), made.COMMIT))
    assert (found.evidence, found.silent) == ((), ())
