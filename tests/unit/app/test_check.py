from dataclasses import dataclass, field

import pytest

from bot.app.check import Side, ancestor, check
from bot.app.workshop import Parts, Workshop
from bot.config import Config
from bot.domain.check import Answer, Standing
from bot.domain.code import Benchmark, File, Snapshot
from bot.domain.errors import Refused
from bot.domain.evidence import CANDIDATE_FAILED, Decision
from bot.domain.job import Project
from bot.localize.stacks import BenchmarkProfile, Frame, Profile
from tests.fakes.ports import FakeBench, FakeClock, FakeProgress, canary, comparison
from tests.fakes.programs import FakeProgramSandbox

CORE = b"def hot():\n    return 1\n\n\ndef cold():\n    return 2\n"
BENCH = b"def bench_hot(): ...\ndef bench_cold(): ...\n"
HOT, COLD = "benchmarks/bench_a.py::bench_hot", "benchmarks/bench_a.py::bench_cold"
SOURCES = (("functions", "benchmarks/bench_a.py"),)
PROFILE = Profile(
    (
        BenchmarkProfile(HOT, {(Frame("shop/core.py", 1, "hot"),): 1.0}),
        BenchmarkProfile(COLD, {(Frame("shop/core.py", 5, "cold"),): 1.0}),
    )
)


def tree(commit="", **changes):
    files = {"shop/core.py": CORE, "benchmarks/bench_a.py": BENCH} | {
        {"core": "shop/core.py", "bench": "benchmarks/bench_a.py", "other": "shop/data.csv"}[name]: data
        for name, data in changes.items()
    }
    return Snapshot(commit, {path: File(data) for path, data in files.items() if data is not None})


def hot(text=b"return 11"):
    return CORE.replace(b"return 1\n", text + b"\n")


@dataclass
class Profiler:
    asked: list = field(default_factory=list)

    def profile(self, tree, benchmarks=None):
        self.asked.append(tuple(benchmarks))
        return Profile(tuple(one for one in PROFILE.benchmarks if one.name in benchmarks))


@dataclass
class Bench(FakeBench):
    """Runs the benchmarks whose names stand in their file; `quiet` is what the canary says."""

    quiet: bool = True
    broken: bytes = b"broken"

    def collect(self, tree):
        file = tree.files.get("benchmarks/bench_a.py")
        names = [one for one in (HOT, COLD) if file and one.rpartition("::")[2].encode() in file.data]
        if not names or self.broken in tree.data("shop/core.py"):
            raise Refused("no benchmark runs: out of order")
        return tuple(Benchmark(name, "functions", "benchmarks/bench_a.py") for name in names)

    def canary(self, tree, benchmarks):
        return canary(quiet=self.quiet, sentence="" if self.quiet else "machine too noisy")

    def decide(self, base, candidate, benchmarks, *, tests=1):
        super().decide(base, candidate, benchmarks, tests=tests)
        known = {one.benchmark: one for one in self.decided}
        return tuple(known.get(one, comparison(one, 1.0, Decision.EQUIVALENT)) for one in benchmarks)


def run(base, head, bench=None, *, wanted=(), sources=SOURCES, head_sources=SOURCES, profiler=None):
    parts = Parts(
        None, bench or Bench(), None, None, profiler or Profiler(), None, None, FakeProgress(), FakeClock(),
        FakeProgramSandbox(None), FakeProgramSandbox(None), lambda: 1,
    )  # fmt: skip
    sides = [
        Side(one, Workshop(Project("/py", ("",), None, there), Config(), parts))
        for one, there in ((base, sources), (head, head_sources))
    ]
    return check(*sides, 0.05, wanted)


def standings(found):
    return {row.benchmark.rpartition("::")[2]: row.standing for row in found.rows}


def test_only_the_benchmark_that_runs_the_changed_function_is_timed():
    bench, profiler = Bench(), Profiler()
    found = run(tree("b"), tree("h", core=hot()), bench, profiler=profiler)
    assert standings(found) == {"bench_hot": Standing.NOT_SLOWER, "bench_cold": Standing.NOT_REACHED}
    assert bench.asked == [("decide", (HOT,), 1)]
    assert profiler.asked == [(HOT, COLD), (COLD,)]  # head's profile is asked only for what the base's left open
    assert found.rows[0].remark == "runs shop/core.py::hot"
    assert found.answer is Answer.PASSED


def test_a_change_that_no_benchmark_can_notice_is_not_timed():
    bench = Bench()
    found = run(tree("b"), tree("h", core=CORE.replace(b"def hot", b"# fast\ndef hot")), bench)
    assert (found.rows, found.canary, found.answer, bench.asked) == ((), None, Answer.PASSED, [])
    assert "nothing changed that a benchmark can notice" in found.notes[0]


def test_a_change_outside_of_functions_times_everything_and_says_so():
    found = run(tree("b"), tree("h", other=b"1,2"))
    assert set(standings(found).values()) == {Standing.NOT_SLOWER}
    assert "shop/data.csv changed in more than Python functions" in found.notes[0]


def test_a_confirmed_slowdown_wins_over_everything_else():
    slow = comparison(HOT, 0.7, Decision.SLOWER)
    bench = Bench(decided=(slow,), confirmed=(comparison(HOT, 0.7, Decision.SLOWER, confirmed=True),))
    assert run(tree("b"), tree("h", core=hot()), bench).answer is Answer.SLOWER


def test_on_a_noisy_machine_nothing_is_claimed():
    found = run(tree("b"), tree("h", core=hot()), Bench(quiet=False))
    assert found.answer is Answer.NOISY
    assert found.rows[0].remark == "machine too noisy"


def test_a_benchmark_that_does_not_run_on_head_is_seen_on_a_noisy_machine_too():
    found = run(tree("b"), tree("h", core=hot(b"broken()")), Bench(quiet=False))
    assert found.answer is Answer.FAILED
    assert "out of order" in found.rows[0].remark


def test_head_is_timed_with_the_benchmarks_of_the_base_and_that_is_said():
    found = run(tree("b"), tree("h", core=hot(), bench=BENCH + b"X = 1\n"))
    assert standings(found) == {"bench_hot": Standing.NOT_SLOWER, "bench_cold": Standing.NOT_REACHED}
    assert found.notes == (
        "the change touches benchmarks/bench_a.py: both sides are timed with the base's benchmark files",
    )


def test_a_new_benchmark_has_nothing_to_be_compared_with():
    found = run(tree("b", bench=b"def bench_hot(): ...\n"), tree("h"))
    assert standings(found) == {"bench_hot": Standing.NOT_REACHED, "bench_cold": Standing.NEW}


def test_the_first_benchmark_of_a_repository_has_nothing_to_be_compared_with():
    found = run(tree("b", bench=None), tree("h"), sources=())
    assert set(standings(found).values()) == {Standing.NEW}
    assert found.answer is Answer.PASSED


def test_no_benchmark_at_all_is_refused():
    with pytest.raises(Refused, match="no benchmark was found"):
        run(tree("b", bench=None), tree("h", bench=None), sources=(), head_sources=())


def test_a_benchmark_that_is_removed_is_named_and_still_timed():
    found = run(tree("b"), tree("h", core=hot(), bench=b"def bench_cold(): ...\n"))
    assert standings(found)["bench_hot"] is Standing.NOT_SLOWER
    assert f"removed in head, timed with the base's files: {HOT}" in found.notes


FAILS = comparison(HOT, 1.0, Decision.UNDECIDED, note=f"{CANDIDATE_FAILED}: no hot", samples=())


@pytest.mark.parametrize(
    ("bench", "expected"),
    [
        (BENCH, Standing.FAILED),
        (BENCH + b"# adapted\n", Standing.CHANGED),  # head's own version runs
        (b"def bench_cold(): ...\n", Standing.CHANGED),  # removed with what it measured
    ],
)
def test_a_failure_on_head_is_excused_where_head_changed_or_removed_the_benchmark(bench, expected):
    found = run(tree("b"), tree("h", core=hot(), bench=bench), Bench(decided=(FAILS,)))
    row = next(row for row in found.rows if row.benchmark == HOT)
    assert row.standing is expected
    assert "no hot" in row.remark


def test_a_benchmark_that_fails_with_heads_own_file_as_well_is_not_excused():
    class Half(Bench):
        def collect(self, tree):
            found = super().collect(tree)
            return found if tree.commit == "b" else found[1:]

    changed = tree("h", core=hot(), bench=BENCH + b"# touched\n")
    found = run(tree("b"), changed, Half(decided=(FAILS,)))
    assert standings(found)["bench_hot"] is Standing.FAILED


def test_a_base_that_runs_no_benchmark_is_refused_unless_head_mends_it():
    base = tree("b", core=b"def hot():\n    broken()\n")
    with pytest.raises(Refused, match="out of order"):
        run(base, tree("h", core=b"def hot():\n    broken(1)\n"))
    found = run(base, tree("h", bench=BENCH + b"# mended\n"))
    assert set(standings(found).values()) == {Standing.NEW}
    assert "there is nothing to compare with: on the base no benchmark runs: out of order" in found.notes


def test_only_what_is_wanted():
    bench = Bench()
    run(tree("b"), tree("h", other=b"1"), bench, wanted=["*cold"])
    assert bench.asked == [("decide", (COLD,), 1)]
    with pytest.raises(Refused, match="no benchmark is named 'warm'"):
        run(tree("b"), tree("h", other=b"1"), wanted=["warm"])


class Checkout:
    def __init__(self, found) -> None:
        self.found = found

    def resolve(self, revision):
        return {"main": "a" * 40, "topic": "b" * 40}[revision]

    def merge_base(self, one, other):
        return self.found


@pytest.mark.parametrize(
    ("found", "sha", "note"),
    [
        ("a" * 40, "a", ""),
        ("c" * 40, "c", "main has moved on since: compared with the common ancestor cccccccccc, not with aaaaaaaaaa"),
        (None, "a", "main and topic have no common ancestor in this clone: compared with main as it is"),
    ],
)
def test_the_base_is_the_common_ancestor_where_there_is_one(found, sha, note):
    assert ancestor(Checkout(found), "main", "topic") == (sha * 40, note)
