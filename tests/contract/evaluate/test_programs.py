"""Commands measured as real processes in the weakest sandbox: honest ones, slower ones, and every kind of bad input."""

import shutil
import sys

import pytest

from bot.adapters.sandbox.process import ProcessSandbox
from bot.config import parse
from bot.domain.code import File, Snapshot
from bot.domain.errors import Refused
from bot.domain.evidence import ANSWER_DIFFERS, CANDIDATE_FAILED, Decision
from bot.domain.job import Project
from bot.evaluate.bench import LockStepSettings
from bot.evaluate.benchmarks.command import Commands
from bot.evaluate.benchmarks.hyperfine import Hyperfine
from bot.evaluate.plausibility import broken
from bot.evaluate.programs.bench import Programs
from bot.ports import End, Limits, Place
from tests.fakes.ports import FakeProgress

NAME = ".hotlap.yml::work"
WORK = "import sys\ntotal = sum(n * n for n in range({}))\nprint(total and 'done')\n"
PROJECT = Project(sys.executable, ("",), None, ())


def tree(source):
    return Snapshot("", {"work.py": File(source.encode())})


def bench(run="python -I -S work.py", more="", **settings):
    config = parse(f"benchmarks: {{commands: [{{name: work, run: '{run}'{more}}}]}}\n".encode())
    values = {"timeout": 10.0, "limits": Limits(output_bytes=1 << 20)} | settings
    sources = [(Commands(config), ".hotlap.yml")]
    return Programs(ProcessSandbox({}), PROJECT, sources, LockStepSettings(**values), FakeProgress())


@pytest.fixture
def session():
    with ProcessSandbox({}).open(
        Snapshot("", {"deep/say.sh": File(b"#!/bin/sh\npwd\n", executable=True)}), Limits()
    ) as one:
        yield one


def test_a_run_has_its_directory_its_cpu_time_and_its_memory(session):
    env = {"PATH": "/usr/bin:/bin"}
    said = session.run(["./say.sh"], env=env, timeout=10, place=Place("deep"))
    assert said.stdout.decode().strip() == f"{session.tree}/deep"
    # Where this process is the larger one, only what was seen of the peak while it stood is known.
    code = "import time; x = bytearray(200 << 20); sum(range(2_000_000)); time.sleep(0.5); print(7)"
    busy = [sys.executable, "-I", "-S", "-c", code]
    found = session.run(busy, env=env, timeout=10, place=Place(fixed_layout=True))
    assert (found.end, found.stdout_bytes) == (End.EXITED, 2)
    assert found.peak_bytes > 200 << 20
    assert 0.01 < found.cpu_seconds <= found.seconds + 0.02
    assert 0 <= found.waited_seconds < found.seconds


def test_a_run_is_bound_to_the_cores_it_is_given_and_its_starter_is_not(session):
    import os

    before = os.sched_getaffinity(0)
    core = max(before)
    code = "import os; print(sorted(os.sched_getaffinity(0)))"
    found = session.run([sys.executable, "-c", code], env={}, timeout=10, place=Place(cpus=(core,)))
    assert found.stdout.decode().strip() == str([core])
    assert os.sched_getaffinity(0) == before


@pytest.mark.measures
def test_a_command_that_gets_much_slower_is_found_and_the_same_one_is_not_called():
    base, slow = tree(WORK.format(1000)), tree(WORK.format(200_000))
    (found,) = bench().decide(base, slow, [NAME])
    assert found.decision is Decision.SLOWER
    assert found.ratio.high < 0.9
    assert found.base.peak_bytes > 0
    (same,) = bench(budget_seconds=3.0).decide(base, base, [NAME])
    assert same.decision not in {Decision.FASTER, Decision.SLOWER}


@pytest.mark.measures
def test_two_sizes_take_out_what_starting_up_costs():
    source = "import sys\nfor _ in range({}):\n    sum(n * n for n in range(int(sys.argv[1])))\n"
    runs = {"more": ", sizes: [1, 60000]", "confirm_pairs": 5}
    command = bench("python -I -S work.py {size}", **runs)
    (found,) = command.confirm(tree(source.format(4)), tree(source.format(2)), [NAME])
    assert 1.6 < found.ratio.estimate < 2.5


def test_two_sizes_that_cost_the_same_are_refused():
    command = bench("python -I -S work.py {size}", more=", sizes: [1, 2]")
    with pytest.raises(Refused, match="a difference of a fifth or more is needed"):
        command.decide(tree(WORK.format(9)), tree(WORK.format(9)), [NAME])


BAD = {
    "crashes": ("raise ValueError('broken')", "it ends with code 1: ValueError: broken"),
    "is killed": ("import os\nos.kill(os.getpid(), 9)", "it was ended by signal 9"),
    "hangs": ("import time\ntime.sleep(60)", "it did not end within 1 s"),
    "prints 100 MB": (
        "import sys\nfor _ in range(1600): sys.stdout.write('x' * (1 << 16))",
        "it prints 105 MB or more, and at most 1.0 MB are compared: see limits: output:",
    ),
}


@pytest.mark.parametrize("bad", BAD)
def test_a_candidate_that_fails_is_one_sentence_and_a_reason(bad):
    source, sentence = BAD[bad]
    (found,) = bench(timeout=1.0).decide(tree(WORK.format(9)), tree(source), [NAME])
    assert found.note == f"{CANDIDATE_FAILED}: {sentence}"
    assert found.decision is Decision.UNDECIDED
    assert broken([found]).code == "bench.crashed"


@pytest.mark.parametrize("bad", BAD)
def test_a_base_that_fails_is_refused_in_one_sentence(bad):
    source, sentence = BAD[bad]
    with pytest.raises(Refused) as caught:
        bench(timeout=1.0).collect(tree(source))
    assert str(caught.value) == f"no benchmark runs: {NAME}: {sentence}"


def test_a_command_that_is_missing_is_refused_and_one_that_goes_missing_rejects():
    with pytest.raises(Refused, match=r"no benchmark runs: .*: nowhere: there is no such program"):
        bench("nowhere").collect(tree(""))
    script = {"run.sh": File(b"#!/bin/sh\necho 1\n", executable=True)}
    (found,) = bench("./run.sh").decide(Snapshot("", script), tree(""), [NAME])
    assert found.note == f"{CANDIDATE_FAILED}: ./run.sh: there is no such program"


def test_a_setup_that_fails_on_the_candidate_only():
    setup = ", setup: python -I -S setup.py"
    base = Snapshot("", {**tree("print(1)").files, "setup.py": File(b"")})
    bad = Snapshot("", {**base.files, "setup.py": File(b"raise SystemExit('no disk')")})
    (found,) = bench(more=setup).decide(base, bad, [NAME])
    assert found.note == f"{CANDIDATE_FAILED}: its setup: it ends with code 1: no disk"
    with pytest.raises(Refused, match="its setup: it ends with code 1: no disk"):
        bench(more=setup).decide(bad, base, [NAME])


def test_another_output_rejects_and_an_output_with_its_own_directory_does_not():
    here = "import os\nprint(os.getcwd(), {})"
    (found,) = bench().decide(tree(here.format(1)), tree(here.format(2)), [NAME])
    assert found.note.startswith(ANSWER_DIFFERS)
    (same,) = bench(confirm_pairs=2).confirm(tree(here.format(1)), tree(here.format(1)), [NAME])
    assert same.note == ""


def test_a_base_that_never_says_the_same_is_not_compared():
    source = "import time\nprint(time.time_ns())"
    (found,) = bench(confirm_pairs=2).confirm(tree(source), tree(source), [NAME])
    assert "answers are not compared" in found.note


def test_what_hyperfine_compares_is_run_where_its_script_runs_it():
    script = b'cd "$(dirname "$0")"\nhyperfine -L n 1,2 "cat data-{n}" --prepare "cp seed data-{n}" -n "read {n}"\n'
    files = {"bench/run.sh": File(script), "bench/seed": File(b"x")}
    sources = [(Hyperfine(), "bench/run.sh")]
    programs = Programs(ProcessSandbox({}), PROJECT, sources, LockStepSettings(), FakeProgress())
    assert [one.name for one in programs.collect(Snapshot("", files))] == [
        "bench/run.sh::read 1",
        "bench/run.sh::read 2",
    ]


@pytest.mark.skipif(shutil.which("hyperfine") is None, reason="hyperfine is optional: it only checks our reading")
def test_hyperfine_itself_accepts_the_options_that_we_read(session):
    argv = [
        "hyperfine", "--style", "basic", "-r", "2", "--warmup=1", "-N", "-L", "n", "1,2", "-s", "true", "-p", "true",
        "-c", "true", "--output", "null", "-i", "-n", "x {n}", "echo {n}", "--export-json", "out.json",
        "-u", "millisecond",
    ]  # fmt: skip
    found = session.run(argv, env={"PATH": "/usr/bin:/bin"}, timeout=30)
    assert (found.end, found.code) == (End.EXITED, 0), found.stderr
