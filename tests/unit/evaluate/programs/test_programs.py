"""Units of processes against a sandbox that answers by rule: order, shared surface, two sizes, clocks, failures."""

import contextlib
import math
import sys

import pytest

from bot.domain.code import File, Snapshot
from bot.domain.errors import Refused, SandboxError
from bot.domain.evidence import ANSWER_DIFFERS, CANDIDATE_FAILED, Decision
from bot.domain.job import Project
from bot.evaluate.bench import LockStepSettings
from bot.evaluate.benchmarks.program import Call, Surroundings
from bot.evaluate.lockstep.cores import Cores, available
from bot.evaluate.plausibility import not_faster
from bot.evaluate.programs.bench import Programs
from bot.evaluate.programs.work import turns
from bot.ports import End
from tests.fakes.ports import FakeProgress
from tests.fakes.programs import FakeProgramSandbox, FakeTool, ran

NAME = "src::one"
TREE = Snapshot("", {"a": File(b"")})


@contextlib.contextmanager
def one_core(_waiting):
    yield Cores(min(available()), min(available()))


def measured(answer, tool=None, how="decide", **settings):
    sandbox = FakeProgramSandbox(answer)
    values = {"seed": 7, "confirm_pairs": 8} | settings
    project = Project(sys.executable, ("",), None, ())
    programs = Programs(
        sandbox, project, [(tool or FakeTool(), "src")], LockStepSettings(**values), FakeProgress(), one_core
    )
    if how == "collect":
        return programs.collect(TREE), sandbox
    found = programs.canary(TREE, [NAME]) if how == "canary" else getattr(programs, how)(TREE, TREE, [NAME])
    return (found if how == "canary" else found[0]), sandbox


def command(base, candidate=None):
    """A command without figures: `base` and `candidate` are its seconds in each arm."""
    return lambda session, _argv: ran(candidate if session.side and candidate is not None else base, b"out")


def tool(host=1.0, claim=1.0, start=0.3, each=0.001):
    """A tool with figures; the candidate's take `host` times the base's by our clock, `claim` by its own."""

    def answer(session, argv):
        count = int(argv[1])
        ours, own = (host, claim) if session.side else (1.0, 1.0)
        return ran(start + count * each * ours, b"%f %d" % (each * own, count))

    return answer


def test_a_faster_command_is_found_and_the_same_one_is_equivalent():
    found, _ = measured(command(0.1, 0.09))
    assert found.decision is Decision.FASTER
    assert found.ratio.estimate == pytest.approx(1 / 0.9)
    assert found.import_ratio is None
    assert measured(command(0.1))[0].decision is Decision.EQUIVALENT


def test_arms_take_turns_and_share_their_surface_inside_a_unit():
    _, sandbox = measured(command(0.1), how="confirm")
    timed = sandbox.log[3:]  # two looks at the base and one at the candidate come first
    per_unit = len(timed) // 8
    firsts = []
    for start in range(0, len(timed), per_unit):
        unit = timed[start : start + per_unit]
        sides = [side for side, *_ in unit]
        firsts.append(sides[0])
        assert sides in ([0, 1, 1, 0] * 2, [1, 0, 0, 1] * 2)
        assert len({(env["PAD"], env["PYTHONHASHSEED"]) for _, _, env, _ in unit}) == 1
        assert all(place.fixed_layout and len(place.cpus) == 1 for *_, place in unit)
    assert sum(firsts[:4]) == sum(firsts[4:]) == 2
    assert len({env["PAD"] for _, _, env, _ in timed}) == 8


def test_time_spent_waiting_for_a_core_is_not_the_commands_but_its_own_work_is():
    def loaded(waited, cpu):
        return lambda session, _argv: ran(
            0.1 + (waited if session.side else 0.0), b"", waited_seconds=waited if session.side else 0.0,
            cpu_seconds=cpu if session.side else 0.05,
        )  # fmt: skip

    assert measured(loaded(0.1, 0.05))[0].decision is Decision.EQUIVALENT
    # A worker thread makes the first one wait: what it computes is still counted.
    assert measured(loaded(0.1, 0.19))[0].decision is Decision.SLOWER


def test_the_start_of_a_tool_drops_out_of_two_iteration_counts():
    found, sandbox = measured(tool(host=1.5, claim=1.5, start=0.4), how="confirm")
    assert found.ratio.estimate == pytest.approx(1 / 1.5)
    assert found.base.wall_seconds == pytest.approx(0.001)
    assert found.note == ""
    counts = {int(argv[1]) for _, argv, _, _ in sandbox.log[4:]}
    small, large = sorted(counts)
    assert large >= 200  # half of the time that starting takes
    assert small * 8 <= large


def test_a_claim_that_our_clock_does_not_see_is_never_faster():
    found, _ = measured(tool(host=1.0, claim=0.5))
    assert found.decision is Decision.EQUIVALENT
    assert found.note == "clock.disagrees: 2.00x by the tool's clock, 1.00x by ours"
    found, _ = measured(tool(host=0.8, claim=0.5))
    assert found.decision is Decision.UNDECIDED
    assert not_faster([found]).code == "clock.disagrees"
    assert measured(tool(host=0.8, claim=0.82))[0].decision is Decision.FASTER


def test_iterations_that_only_the_tool_counts_never_prove_a_gain():
    found, _ = measured(tool(host=0.5, claim=0.5, start=0.0), FakeTool(FIXED_ITERATIONS=False))
    assert found.decision is Decision.UNDECIDED
    assert found.note.startswith("clock.disagrees: only the tool knows")


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        (b"1e-3 x", "the tool's figures cannot be read"),
        (b"nan 3", "not a time"),
        (b"0 3", "not a time"),
        (b"1e-3 0", "not a time"),
        (b"", "the tool gave no figures"),
    ],
)
def test_figures_that_are_none_reject_the_candidate(output, sentence):
    good = tool()
    found, _ = measured(lambda session, argv: ran(0.1, output) if session.side else good(session, argv))
    assert found.note.startswith(CANDIDATE_FAILED)
    assert sentence in found.note


def test_a_build_that_fails_on_the_base_is_refused_and_on_the_candidate_rejects():
    def answer(bad):
        def run(session, argv):
            if argv[0] == "make" and session.side == bad:
                return ran(code=2, stderr=b"cc: no\nmake: *** [all] Error 1\n")
            return ran(0.1)

        return run

    made = FakeTool(builds=(Call(("make",)),))
    with pytest.raises(Refused, match=r"src::one does not run on the base: building src fails: it ends with code 2"):
        measured(answer(0), made)
    found, sandbox = measured(answer(1), made)
    assert found.note == f"{CANDIDATE_FAILED}: building src fails: it ends with code 2: make: *** [all] Error 1"
    assert [argv for _, argv, _, _ in sandbox.log] == [("make",), ("make",)]


def test_what_surrounds_a_run_is_run_in_its_order_and_not_timed():
    around = Surroundings(Call(("setup",)), Call(("prepare",)), Call(("conclude",)), Call(("small",)), 2)

    def answer(session, argv):
        return ran({"small": 0.1, "tool": 0.3 if session.side else 0.2}.get(argv[0], 9.0))

    found, sandbox = measured(answer, FakeTool(around=around), how="confirm")
    assert found.ratio.estimate == pytest.approx(0.5)
    names = [argv[0] for _, argv, _, _ in sandbox.log]
    assert names[:2] == ["setup", "setup"]
    assert names[-6:] == ["prepare", "small", "conclude", "prepare", "tool", "conclude"]


def test_another_output_is_reported_once_the_base_was_seen_to_repeat_itself():
    found, _ = measured(lambda session, _argv: ran(0.1, b"a" if session.side else b"b"))
    assert found.note.startswith(ANSWER_DIFFERS)
    assert found.decision is Decision.UNDECIDED


def test_directories_of_the_sandbox_in_an_output_do_not_count():
    found, _ = measured(lambda session, _argv: ran(0.1, f"{session.tree} {session.scratch}".encode()))
    assert found.note == ""


def test_a_base_that_seldom_disagrees_with_itself_switches_comparing_off():
    runs = iter(range(10_000))
    found, _ = measured(lambda _session, _argv: ran(0.1, b"%d" % (next(runs) % 2)))
    assert "answers are not compared" in found.note


def test_a_base_that_stops_working_in_the_middle_says_nothing_about_the_candidate():
    runs = iter(range(10_000))
    with pytest.raises(SandboxError, match="ran on the base before and does not now"):
        measured(lambda session, _argv: ran(0.1, code=0 if session.side or next(runs) < 20 else 3))


def test_a_candidate_is_not_blamed_for_what_breaks_the_base_as_well():
    runs = iter(range(10_000))
    with pytest.raises(SandboxError):
        measured(lambda _session, _argv: ran(0.1, code=int(next(runs) > 20)))


@pytest.mark.parametrize(
    ("result", "sentence"),
    [
        (ran(end=End.TIMED_OUT), "it did not end within 60 s"),
        (ran(end=End.OOM), "it used more memory than it may"),
        (ran(end=End.OUTPUT_LIMIT), "it prints more than it may"),
        (ran(end=End.SIGNALLED, code=11), "it was ended by signal 11"),
        (ran(end=End.UNAVAILABLE, stderr=b"cargo: there is no such program"), "cargo: there is no such program"),
        (ran(code=3, stderr=b"\x1b[31mbad\n\n"), r"it ends with code 3: \?\[31mbad"),
        (ran(stdout_bytes=100_000_000), "it prints 100 MB or more"),
    ],
)
def test_every_end_of_a_run_has_its_sentence(result, sentence):
    with pytest.raises(Refused, match=sentence) as caught:
        measured(lambda _session, _argv: result, how="collect")
    assert "\n" not in str(caught.value)


def test_a_noisy_machine_is_not_believed():
    draws = iter(range(10_000))

    def noisy(_session, _argv):
        return ran(0.1 * (1 + (next(draws) * 7919 % 13) / 13))

    found, _ = measured(noisy, how="canary")
    assert not found.quiet
    assert "too noisy" in found.sentence
    assert measured(command(0.1), how="canary")[0].quiet


@pytest.mark.parametrize(("seconds", "units", "wanted"), [(1e-9, 60, 4), (0.1, 60, 1), (0.1, 20, 3), (9.0, 60, 1)])
def test_turns_follow_from_what_they_cost(seconds, units, wanted):
    assert turns(seconds, units) == wanted


def test_the_budget_ends_a_batch_between_units():
    found, sandbox = measured(command(0.1), budget_seconds=1e-9)
    assert (found.pairs, found.decision) == (1, Decision.UNDECIDED)
    assert not math.isnan(found.ratio.estimate)
    assert len(sandbox.log) <= 11
