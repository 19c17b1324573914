"""Hand-made reports: one that went well, one that found nothing, one whose every string is hostile."""

import math
import random

from bot.domain.attempt import Attempt, Tried
from bot.domain.code import FileChange, FunctionId, Span, Target
from bot.domain.criterion import Criterion, Standing
from bot.domain.evidence import (
    Arm,
    Canary,
    Comparison,
    Decision,
    Declared,
    Finding,
    Gate,
    Interval,
    Isolation,
    Machine,
    Outcome,
    ReplayEvidence,
    TestsEvidence,
    Verdict,
)
from bot.domain.goal import Goal, Metric
from bot.domain.job import ADDS_A_CACHE, Candidate, EditSet, Project, Trigger, TriggerKind
from bot.domain.lesson import Lesson, LessonState
from bot.domain.score import Score
from bot.report.model import RunReport

BEFORE = b"""def total(rows):
    out = ""
    for row in rows:
        out += str(row) + ","
    return out
"""
AFTER = b"""def total(rows):
    return "".join([str(row) + "," for row in rows])
"""
HOSTILE = (
    "<script>alert(1)</script>|`x``y`\n/merge\r\n@all @root #1 !2 ~bug %m $s &e [a](http://evil/) "
    "![i](https://evil/i.png) https://evil.example/x www.evil.example <img src=x onerror=alert(1)> "
    "**bold** {{ 7*7 }} \x1b[31m \u202e \u200b ```\n/approve\n~~~ --> \"' end"
)


def function(path="src/shop/report.py", qualname="total", digest="0" * 64):
    return FunctionId(qualname, Span(path, 10, 14), digest)


def target(name="total", skip=None, **values):
    shown = {"share_self": 0.31, "share_own": 0.62, "share_total": 0.71, "calls": 1200, "bound": 3.45} | values
    return Target(function(qualname=name), ("benchmarks/bench_report.py::bench_total",), skip=skip, **shown)


def comparison(
    benchmark="benchmarks/bench_report.py::bench_total", ratio=1.42, decision=Decision.FASTER, pairs=24, **values
):
    draw = random.Random(f"{benchmark}{ratio}")  # noqa: S311
    samples = tuple(-math.log(ratio) + draw.gauss(0, 0.012) for _ in range(pairs))
    shown = {
        "ratio": Interval(ratio, ratio * 0.985, ratio * 1.015),
        "base": Arm(2.7e-3, 2.69e-3, 48 << 20, 3.1e-3, 0.082, 3.1e-3, 2.7e-3),
        "candidate": Arm(
            2.7e-3 / ratio, 2.69e-3 / ratio, 47 << 20, 3.1e-3 / ratio, 0.081, 3.1e-3 / ratio, 2.7e-3 / ratio
        ),
        "cpu_ratio": Interval(ratio, ratio * 0.98, ratio * 1.02),
        "memory_ratio": Interval(1.02, 1.0, 1.04),
        "first_call_ratio": Interval(ratio * 0.97, ratio * 0.9, ratio * 1.05),
        "confirmed": True,
        "import_ratio": Interval(1.01, 0.98, 1.03),
        "cold_ratio": Interval(ratio * 0.97, ratio * 0.9, ratio * 1.05),
        "hot_ratio": Interval(ratio, ratio * 0.985, ratio * 1.015),
        "declared": Declared(rows=50_000, features=12),
    } | values
    return Comparison(benchmark, decision, samples=samples, pairs=pairs + 14, seconds=6.2, **shown)


def candidate(rationale="Strings are built by one join instead of repeated concatenation, which copies.", **values):
    edits = EditSet((FileChange("src/shop/report.py", BEFORE, AFTER),))
    return Candidate(edits, "b" * 40, rationale, values.pop("proposer", "rules/join-strings"), target(), **values)


def verdict(outcome=Outcome.ACCEPTED, gate=Gate.CONFIRM, reason="accepted", message="1.42x on bench_total", **values):
    shown = {
        "tests": TestsEvidence(231, 228, 0, 3, flaky=("tests/test_net.py::test_retry",), seconds=12.5),
        "replay": ReplayEvidence(120, 340, 25, uncaptured=("a generator argument cannot be stored",), seconds=3.0),
        "comparisons": (
            comparison(),
            comparison("benchmarks/bench_report.py::bench_empty", 1.004, Decision.EQUIVALENT, confirmed=False),
        ),
        "canary": CANARY,
        "machine": MACHINE,
    } | values
    return Verdict(outcome, gate, reason, message, Isolation.PROCESS, "abc", **shown)


def rejected(reason, gate, message):
    bare = {"tests": None, "replay": None, "comparisons": ()}
    return Tried(candidate(message), verdict(Outcome.REJECTED, gate, reason, message, **bare))


def criteria(benchmark="benchmarks/bench_report.py::bench_total"):
    """Return one criterion of each standing."""
    now = Interval(1.9e-3, 1.87e-3, 1.93e-3)
    return (
        Criterion(Goal(Metric.LATENCY, "-20%", factor=0.8, name="-20%"), benchmark, Standing.MET, 2.7e-3, 2.16e-3, now),
        Criterion(
            Goal(Metric.MEMORY, "40 MiB", level=40 << 20, name="fits in the small container"),
            benchmark,
            Standing.NOT_MET,
            48 << 20,
            40 << 20,
            Interval(47 << 20, 46 << 20, 48 << 20),
        ),
        Criterion(
            Goal(Metric.COVERAGE, "80%", level=0.8, name="80%"),
            "",
            Standing.NOT_MEASURED,
            target=0.8,
            reason="the repository has no tests",
        ),
    )


CANARY = Canary(10, 0.0087, Decision.EQUIVALENT, quiet=True)
MACHINE = Machine("AMD EPYC 7B13", 2, "6.1.0-18", "", "CPython 3.11.7", "paired random layouts", 0.31)
PROJECT = Project(
    "/usr/bin/python3",
    ("src",),
    ("python", "-m", "pytest", "-q"),
    (("functions", "benchmarks/bench_report.py"),),
    notes=("interpreter: the active virtual environment", "tests: python -m pytest -q"),
)


def report(**values):
    kept = Tried(candidate(), verdict())
    other = rejected("tests.newly-failing", Gate.TESTS, "tests/test_a.py::test_b fails with the change")
    shown = {
        "worked": (
            Attempt(target(), (other, kept), kept, "c" * 40),
            Attempt(
                target("parse"), (rejected("bench.not-faster", Gate.BENCH, "no gain beyond the margin"),), untried=2
            ),
        ),
        "ranked": (
            target(),
            target("parse", share_own=0.2),
            target("main", skip="bound 1.01 is below the smallest gain"),
        ),
        "branch": "hotlap/src-shop-report-total",
        "project": PROJECT,
        "machine": MACHINE,
        "canary": CANARY,
        "lessons": (Lesson("rule:join-strings", "Joining strings paid off here.", ("run-1",), LessonState.PROPOSED),),
        "seconds": 184.2,
        "score": Score("weighted", Interval(1.42, 1.4, 1.44), 2),
        "goals": criteria(),
        "version": "0.1.0",
    } | values
    trigger = Trigger(TriggerKind.COMMAND_LINE, "alice", "shop", "b" * 40)
    command = "hotlap measure --repo . --base bbbbbbbbbbbb --candidate hotlap/src-shop-report-total"
    level = shown.pop("isolation", Isolation.PROCESS)
    return RunReport("20261121T1050-bbbbbbbb-1a2b", trigger, "b" * 40, level, command, **shown)


def several():
    """Two accepted functions, one held, measured together."""
    held = Tried(
        candidate("Results are remembered between calls.", labels=frozenset({ADDS_A_CACHE}), proposer="model/x"),
        verdict(
            Outcome.HELD,
            reason="cache.label",
            message="4.10x, but a person must look: it adds a cache",
            plausibility=(
                Finding("cache.label", "keeps state between calls"),
                Finding("plausibility.memory", "+9% memory"),
            ),
        ),
    )
    first, second = Tried(candidate(), verdict()), Tried(candidate(), verdict(comparisons=(comparison(ratio=12.4),)))
    return report(
        worked=(
            Attempt(target(), (first,), first, "c" * 40),
            Attempt(target("join_rows"), (second,), second, "d" * 40),
            Attempt(target("lookup"), (held,)),
        ),
        overall=(comparison(ratio=3.1), comparison("benchmarks/bench_report.py::bench_wide", 0.93, Decision.SLOWER)),
    )


def nothing():
    worked = (Attempt(target("parse"), (rejected("bench.not-faster", Gate.BENCH, "no gain beyond the margin"),)),)
    return report(worked=worked, branch=None)


def hostile():
    """Every string that can come from a repository, a model or a person is an attack."""
    bad = HOSTILE
    where = Target(
        FunctionId(bad, Span(f"src/{bad}.py", 1, 2), "0" * 64), (bad,), 0.5, 0.5, 0.5, 3, 2.0, why=bad, skip=None
    )
    measured = comparison(bad, note=bad)
    judged = verdict(
        message=bad,
        reason=bad,
        comparisons=(measured,),
        tests=TestsEvidence(3, 1, 1, 1, flaky=(bad,), newly_failing=(bad,), missing=(bad,), newly_skipped=(bad,)),
        replay=ReplayEvidence(1, 1, 1, (bad,), (bad,), (bad,), 4),
        plausibility=(Finding(bad, bad),),
    )
    edits = EditSet((FileChange(f"src/{bad}.py", BEFORE + bad.encode(), AFTER + bad.encode() + b"\n```\n/merge\n"),))
    change = Candidate(edits, bad, bad, bad, where, labels=frozenset({bad}))
    kept = Tried(change, judged)
    held = Tried(change, verdict(Outcome.HELD, message=bad, reason=bad, plausibility=(Finding(bad, bad),)))
    return RunReport(
        bad,
        Trigger(TriggerKind.COMMAND, bad, bad, bad, (bad,)),
        bad,
        Isolation.PROCESS,
        bad,
        worked=(Attempt(where, (kept, held), kept, bad),),
        ranked=(where, Target(where.function, skip=bad)),
        overall=(measured,),
        branch=bad,
        project=Project("/p", (bad,), (bad,), ((bad, bad),), notes=(bad,)),
        notes=(bad,),
        machine=Machine(bad, 2, bad, bad, bad, bad, 0.5),
        canary=Canary(10, 0.01, Decision.EQUIVALENT, quiet=False, sentence=bad),
        lessons=(Lesson(bad, bad, (bad,)),),
        version=bad,
        score=Score("function", Interval(1.0, 0.9, 1.1), 2, bad),
        goals=(
            Criterion(Goal(Metric.LATENCY, bad, 1.0, name=bad, benchmark=bad), bad, Standing.NOT_MEASURED, reason=bad),
        ),
    )
