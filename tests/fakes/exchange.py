"""Hand-made orders, plans and evidence, as jobs of a pipeline hand them to each other."""

from dataclasses import replace

from bot.domain.code import File, FileChange, FunctionId, Snapshot, Span, Target
from bot.domain.evidence import Gate, Interval, Isolation, Machine, Outcome, TestsEvidence, Verdict
from bot.domain.exchange import Evidence, Judged, Order, Plan, Proposed
from bot.domain.hardware import Hardware
from bot.domain.job import Candidate, EditSet, Trigger, TriggerKind
from bot.stats import compare
from tests.fakes import reports

PATH = "src/shop/report.py"
BENCHMARK = "benchmarks/bench_report.py::bench_total"
COMMIT = "a" * 40
TREE = Snapshot(COMMIT, {PATH: File(reports.BEFORE), "README.md": File(b"read me\n")})
FUNCTION = FunctionId("total", Span(PATH, 1, 5), "0" * 64)
TARGET = Target(FUNCTION, (BENCHMARK,), 0.31, 0.62, 0.71, 1200, 3.45, "hot")


def candidate(after=reports.AFTER, path=PATH, target=TARGET, **values):
    edits = EditSet((FileChange(path, TREE.data(path) if path in TREE.files else None, after),))
    return Candidate(edits, COMMIT, "one join in place of many sums", "rules:join-pieces", target, **values)


def order(**values):
    trigger = Trigger(TriggerKind.SWEEP, "nightly", "group/shop", COMMIT)
    return Order(**({"trigger": trigger, "target_branch": "main"} | values))


def plan(*candidates, **values):
    return Plan(order(**values), COMMIT, tuple(Proposed.of(one) for one in candidates or (candidate(),)))


def comparison(ratio=1.42, benchmark=BENCHMARK, **values):
    """Return a comparison whose figures are those of its samples, as a machine gives them."""
    one = reports.comparison(benchmark, ratio, **values)
    found = compare.ratio(one.samples, 0.99)
    return replace(one, ratio=Interval(found.estimate, found.low, found.high))


def verdict(outcome=Outcome.ACCEPTED, ratio=1.42, reason=None, of=None, **values):
    one = comparison(ratio, confirmed=outcome is Outcome.ACCEPTED)
    shown = {
        "gate": Gate.CONFIRM, "reason": reason or str(outcome), "message": f"{ratio:.2f}x",
        "isolation": Isolation.NAMESPACE, "candidate_id": (of or candidate()).id, "comparisons": (one,),
        "tests": TestsEvidence(12, 12, 0, 0), "seconds": 3.0,
    }  # fmt: skip
    return Verdict(outcome, **(shown | values))


def evidence(name="here", *verdicts, plan_digest="", **values):
    judged = tuple(Judged(one.candidate_id, one) for one in verdicts or (verdict(),))
    machine = Machine(f"{name} CPU", 8, "6.1", "performance", "3.11.9", "fixed")
    return Evidence(**({"hardware": name, "plan": plan_digest, "judged": judged, "machine": machine,
                        "isolation": Isolation.NAMESPACE} | values))  # fmt: skip


def hardware(*names, **values):
    return tuple(Hardware(name, tags=(name,), **values) for name in names)
