"""Every gate can only say no; what passes all of them and looks odd is held for a person."""

from dataclasses import replace

import pytest

from bot.domain.code import File, FileChange, FunctionId, Snapshot, Span, Target
from bot.domain.errors import Refused, SandboxError
from bot.domain.evidence import Costs, Decision, Gate, Interval, Isolation, Outcome, ReplayEvidence, TestsEvidence
from bot.domain.job import ADDS_A_CACHE, Candidate, EditSet
from bot.evaluate.held_out import HeldOut
from bot.evaluate.judge import Base, GateJudge, JudgeSettings, Reach
from tests.fakes.ports import FakeBench, FakeProgress, FakeReplay, FakeTests, canary, comparison

OLD, NEW = b"def f(x):\n    return x + 0\n", b"def f(x):\n    return x\n"
FUNCTION = FunctionId("f", Span("a.py", 1, 2), "h")
TARGET = Target(FUNCTION, ("b",), share_total=0.9)
TREE = Snapshot("c0ffee", {"a.py": File(OLD)})
TESTS = FakeTests()
REPLAY = FakeReplay()
FASTER = FakeBench((comparison(),), (comparison(),))


def candidate(after=NEW, **more):
    return Candidate(EditSet((FileChange("a.py", OLD, after),)), "c0ffee", "because", "rules/x", TARGET, **more)


def judged(one=None, *, tests=TESTS, replay=REPLAY, bench=FASTER, baseline="baseline", quiet=True, share=0.9):
    base = Base(TREE, lambda: baseline, lambda: canary(quiet=quiet, sentence="too noisy"))
    judge = GateJudge(
        base, tests, replay, bench, JudgeSettings(), FakeProgress(), Isolation.PROCESS,
        lambda _: Reach((FUNCTION,), ("b",) if share else (), share), lambda: 1,
    )  # fmt: skip
    one = one or candidate()
    verdict = judge.screen(one, tests=4)
    return judge.confirm(one, verdict) if verdict.outcome is Outcome.ACCEPTED else verdict


def test_a_proven_gain_is_accepted_with_its_evidence():
    verdict = judged()
    assert (verdict.outcome, verdict.gate, verdict.reason) == (Outcome.ACCEPTED, Gate.CONFIRM, "accepted")
    assert verdict.tests.passed == 3
    assert verdict.replay.captured == 5
    assert verdict.comparisons[0].confirmed
    assert verdict.comparisons[0].pairs == 40
    assert verdict.machine.cores == 2


def test_the_error_rate_is_divided_by_the_number_of_candidates():
    bench = FakeBench((comparison(),), (comparison(),))
    judged(bench=bench)
    assert bench.asked == [("decide", ("b",), 4), ("confirm", ("b",))]


def test_the_guard_comes_before_anything_runs():
    replay, bench = FakeReplay(), FakeBench()
    verdict = judged(candidate(b"import gc\ndef f(x):\n    return x\n"), replay=replay, bench=bench)
    assert (verdict.outcome, verdict.gate, verdict.reason) == (Outcome.REJECTED, Gate.GUARD, "guard.construct")
    assert replay.captured == bench.asked == []


@pytest.mark.parametrize(("after", "reason"), [(b"def f(x:\n", "syntax.error")])
def test_syntax(after, reason):
    verdict = judged(candidate(after))
    assert (verdict.outcome, verdict.gate, verdict.reason) == (Outcome.REJECTED, Gate.SYNTAX, reason)


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        ("newly_failing", "tests.newly-failing"),
        ("missing", "tests.missing"),
        ("newly_skipped", "tests.newly-skipped"),
        ("unexpected", "tests.unexpected"),
    ],
)
def test_tests(field, reason):
    evidence = replace(TestsEvidence(3, 2, 1, 0), **{field: ("t::one", "t::two")})
    verdict = judged(tests=FakeTests(evidence))
    assert (verdict.outcome, verdict.gate, verdict.reason) == (Outcome.REJECTED, Gate.TESTS, reason)
    assert "t::one" in verdict.message
    assert "1 more" in verdict.message


def test_flaky_tests_alone_reject_nothing():
    verdict = judged(tests=FakeTests(TestsEvidence(3, 2, 1, 0, flaky=("t::one",))))
    assert verdict.outcome is Outcome.ACCEPTED


def test_a_repository_without_tests_is_held():
    verdict = judged(baseline=None)
    assert (verdict.outcome, verdict.reason) == (Outcome.HELD, "tests.none")


@pytest.mark.parametrize(
    ("evidence", "outcome", "reason"),
    [
        (ReplayEvidence(5, 20, 4, mismatches=("f(1) gives 2",)), Outcome.REJECTED, "replay.mismatch"),
        (ReplayEvidence(0, 0, 0, uncaptured=("3 calls: a lock",)), Outcome.HELD, "replay.nothing"),
        (ReplayEvidence(0, 0, 0, nondeterministic=9), Outcome.UNKNOWN, "replay.nondeterministic"),
        (ReplayEvidence(5, 20, 4, edge_mismatches=("f(nan)",)), Outcome.HELD, "replay.edge"),
        (
            ReplayEvidence(5, 0, 0, underived="no further calls could be derived: x"),
            Outcome.HELD,
            "replay.captured-only",
        ),
    ],
)
def test_replay(evidence, outcome, reason):
    verdict = judged(replay=FakeReplay(evidence))
    assert (verdict.outcome, verdict.reason) == (outcome, reason)


@pytest.mark.parametrize(
    ("decided", "reason"),
    [
        ((comparison(decision=Decision.EQUIVALENT),), "bench.not-faster"),
        ((comparison(decision=Decision.UNDECIDED),), "bench.undecided"),
        ((comparison(), comparison("c", 0.5, Decision.SLOWER)), "bench.slower"),
    ],
)
def test_bench(decided, reason):
    verdict = judged(bench=FakeBench(decided))
    assert (verdict.outcome, verdict.gate, verdict.reason) == (Outcome.REJECTED, Gate.BENCH, reason)


def test_no_benchmark_proves_nothing():
    assert judged(share=None).reason == "bench.no-benchmark"


def test_a_noisy_machine_is_unknown_and_never_slower():
    bench = FakeBench((comparison(ratio=0.5, decision=Decision.SLOWER),))
    verdict = judged(quiet=False, bench=bench)
    assert (verdict.outcome, verdict.reason, verdict.message) == (Outcome.UNKNOWN, "bench.noisy", "too noisy")
    assert bench.asked == []


def test_a_fault_of_the_sandbox_is_unknown_after_a_second_try():
    bench = FakeBench(fault=SandboxError("the machine went away"))
    verdict = judged(bench=bench)
    assert len(bench.asked) == 2
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, "infrastructure")
    assert "went away" in verdict.message


def test_a_fault_of_ours_is_unknown_too_and_logged(caplog):
    verdict = judged(bench=FakeBench(fault=ZeroDivisionError("by zero")))
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, "infrastructure")
    assert "ZeroDivisionError" in caplog.text


def test_a_sentence_for_the_user_is_not_hidden_in_a_verdict():
    with pytest.raises(Refused, match="the benchmark fails on the base"):
        judged(bench=FakeBench(fault=Refused("the benchmark fails on the base")))


def test_what_the_confirmation_does_not_repeat_is_rejected():
    bench = FakeBench((comparison(),), (comparison(ratio=1.0, decision=Decision.UNDECIDED),))
    verdict = judged(bench=bench)
    assert (verdict.outcome, verdict.gate, verdict.reason) == (Outcome.REJECTED, Gate.CONFIRM, "confirm.not-confirmed")


def test_a_gain_too_small_for_a_review_is_rejected():
    small = comparison(ratio=1.03)
    assert judged(bench=FakeBench((small,), (small,))).reason == "bench.too-small"


GROWN = {"import_ratio": Interval(0.6, 0.5, 0.7)}
COLD = {"first_call_ratio": Interval(1.0, 0.95, 1.05)}


@pytest.mark.parametrize(
    ("label", "values", "outcome", "reason"),
    [
        (ADDS_A_CACHE, COLD, Outcome.REJECTED, "bench.cached"),
        (ADDS_A_CACHE, {"note": "cached"}, Outcome.REJECTED, "bench.cached"),
        (ADDS_A_CACHE, {}, Outcome.HELD, "cache.label"),
        (None, {"note": "cached"}, Outcome.HELD, "plausibility.cached"),
        (None, {"cpu_ratio": Interval(0.9, 0.85, 0.95)}, Outcome.HELD, "plausibility.cpu-disagrees"),
        (None, {"memory_ratio": Interval(0.5, 0.49, 0.51)}, Outcome.HELD, "plausibility.memory"),
        (None, {"first_call_ratio": Interval(0.5, 0.4, 0.6)}, Outcome.HELD, "plausibility.first-call-slower"),
        (None, {"import_ratio": Interval(0.5, 0.4, 0.6)}, Outcome.HELD, "plausibility.import-slower"),
        (None, GROWN | {"costs": Costs(imports=(0.4,) * 20)}, Outcome.HELD, "plausibility.import-slower"),
        # Six pairs prove nothing at 99%, however large the growth; the interval alone would have said so.
        (None, GROWN | {"costs": Costs(imports=(0.4,) * 6)}, Outcome.ACCEPTED, "accepted"),
        (None, GROWN | {"costs": Costs(imports=(0.05,) * 20)}, Outcome.ACCEPTED, "accepted"),
    ],
)
def test_plausibility(label, values, outcome, reason):
    one = comparison(**values)
    labels = frozenset({label} if label else ())
    verdict = judged(candidate(labels=labels), bench=FakeBench((one,), (one,)))
    assert (verdict.outcome, verdict.reason) == (outcome, reason)


@pytest.mark.parametrize(("share", "reason"), [(0.2, "plausibility.above-bound"), (0.6, "accepted"), (1.0, "accepted")])
def test_more_than_the_profile_allows_is_held(share, reason):
    assert judged(share=share).reason == reason


@pytest.mark.parametrize(
    ("gains", "reason"),
    [
        (HeldOut(30.0, (1.0, 1.01, 0.99), (20.0, 25.0)), "plausibility.fitted"),
        (HeldOut(30.0, (25.0, 31.0), (1.1, 1.0, 1.05)), "plausibility.fitted"),
        (HeldOut(30.0, (25.0, 31.0), (4.0, 6.0)), "accepted"),
        (HeldOut(30.0, (1.0,), ()), "accepted"),
        (HeldOut(1.1, (1.0, 1.0), (1.0, 1.0)), "accepted"),
        (HeldOut(1.5, (1.4, 0.7), (0.2, 0.3)), "plausibility.fitted"),
        (HeldOut(1.5, (1.4, 0.7), (0.2, 0.9)), "accepted"),
        (HeldOut(1.5, (1.4, 0.7), (0.2,)), "accepted"),
        (None, "accepted"),
    ],
)
def test_a_gain_on_the_benchmarks_own_input_only_is_held(gains, reason):
    assert judged(replay=FakeReplay(gains=gains)).reason == reason


def test_state_between_calls_counts_as_a_cache():
    one = comparison(**COLD)
    after = b"_seen = {}\n\n\ndef f(x):\n    _seen[x] = x\n    return x\n"
    assert judged(candidate(after), bench=FakeBench((one,), (one,))).reason == "bench.cached"


def test_calls_are_captured_once_for_each_function():
    replay = FakeReplay()
    base = Base(TREE, lambda: "baseline", canary)
    judge = GateJudge(
        base, TESTS, replay, FASTER, JudgeSettings(), FakeProgress(), Isolation.PROCESS,
        lambda _: Reach((FUNCTION,), ("b",), 0.9), lambda: 1,
    )  # fmt: skip
    judge.screen(candidate())
    judge.screen(candidate(b"def f(x):\n    return +x\n"))
    assert replay.captured == [FUNCTION]
