"""The JSON objects of docs/cli.md: the shape that CI jobs and outside checks rely on."""

from typing import Any

from bot.app.measure import Measurement
from bot.domain.allocation import Allocated, Allocation
from bot.domain.check import Checked
from bot.domain.criterion import Criterion
from bot.domain.evidence import Arm, Comparison, Interval, Isolation, Verdict
from bot.domain.plain import plain
from bot.domain.score import Score
from bot.report.check import sentence


def measurement(found: Measurement, isolation: Isolation, confidence: float) -> dict[str, Any]:
    """Return the object of `measure --json`."""
    return {
        "decision": found.decision,
        "confidence": confidence,
        "benchmarks": [comparison(one) for one in found.comparisons],
        "hardware": plain(found.machine),
        "isolation": isolation,
        "score": scored(found.score),
        "goals": [criterion(one) for one in found.goals],
        "allocations": [allocation(one) for one in found.allocations],
        "canary": plain(found.canary),
        "message": found.sentence,
    }


def checked(found: Checked) -> dict[str, Any]:
    """Return the object of `check --json`."""
    return {
        "decision": found.answer,
        "message": sentence(found),
        "base": found.base,
        "head": found.head,
        "margin": found.margin,
        "confidence": found.confidence,
        "benchmarks": [
            {
                "name": row.benchmark,
                "reason": row.standing,
                "remark": row.remark,
                "measure": comparison(row.comparison) if row.comparison else None,
            }
            for row in found.rows
        ],
        "notes": list(found.notes),
        "canary": plain(found.canary),
        "hardware": plain(found.machine),
        "isolation": found.isolation,
        "seconds": found.seconds,
    }


def scored(found: Score) -> dict[str, Any]:
    """Return a score: `value` is its estimate, None where there is none."""
    value = found.value
    return {
        "method": found.method,
        "value": None if value is None else value.estimate,
        "low": None if value is None else value.low,
        "high": None if value is None else value.high,
        "benchmarks": found.benchmarks,
        "note": found.sentence,
    }


def allocation(one: Allocation) -> dict[str, Any]:
    """Return what a call of one benchmark allocates in each arm: bytes, blocks, and the largest types."""
    return {"name": one.benchmark, "base": _allocated(one.base), "candidate": _allocated(one.candidate)}


def _allocated(one: Allocated) -> dict[str, Any]:
    types = [{"type": kind.name, "count": kind.count, "bytes": kind.size} for kind in one.types]
    figures = {"peak_bytes": one.peak, "kept_bytes": one.kept, "blocks": one.blocks}
    counted = not one.reason
    return {**{key: value if counted else None for key, value in figures.items()}, "types": types, "note": one.reason}


def criterion(one: Criterion) -> dict[str, Any]:
    """Return a goal with what became of it, in seconds, bytes, units a second or a share."""
    return {
        "name": one.goal.name,
        "metric": one.goal.metric,
        "goal": one.goal.text,
        "unit": one.goal.unit,
        "benchmark": one.benchmark,
        "standing": one.standing,
        "baseline": one.baseline,
        "target": one.target,
        "now": _optional(one.now),
        "reason": one.reason,
    }


def comparison(one: Comparison) -> dict[str, Any]:
    """Return one benchmark's part of `measure --json`."""
    return {
        "name": one.benchmark,
        "unit": one.unit,
        "decision": one.decision,
        "ratio": _interval(one.ratio),
        "base": _arm(one.base),
        "candidate": _arm(one.candidate),
        "pairs": one.pairs,
        "seconds": one.seconds,
        "clock": "host",
        "cpu_ratio": _interval(one.cpu_ratio),
        "memory_ratio": _interval(one.memory_ratio),
        "first_call_ratio": _interval(one.first_call_ratio),
        "import_ratio": _optional(one.import_ratio),
        "cold_ratio": _optional(one.cold_ratio),
        "hot_ratio": _optional(one.hot_ratio),
        "inputs": "new for each call" if one.fresh_inputs else "the same for every call",
        "declared": plain(one.declared),
        "rows_per_second": _rate(one.declared.rows, one),
        "features_per_second": _rate(one.declared.features, one),
        "confirmed": one.confirmed,
        "calls_per_slice": one.calls_per_slice,
        "note": one.note,
        "samples": list(one.samples),
    }


def verdict(found: Verdict) -> dict[str, Any]:
    """Return the object of `verify --json`."""
    return {
        "verdict": found.outcome,
        "gate": found.gate,
        "reason": found.reason,
        "message": found.message,
        "tests": plain(found.tests) if found.tests else {},
        "replay": plain(found.replay) if found.replay else {},
        "measure": {
            "benchmarks": [comparison(one) for one in found.comparisons],
            "canary": plain(found.canary) if found.canary else {},
            "hardware": plain(found.machine) if found.machine else {},
        },
        "plausibility": [{"code": one.code, "message": one.sentence} for one in found.plausibility],
        "isolation": found.isolation,
        "seconds": found.seconds,
    }


def _interval(one: Interval) -> dict[str, float]:
    return {"estimate": one.estimate, "low": one.low, "high": one.high}


def _optional(one: Interval | None) -> dict[str, float] | None:
    return None if one is None else _interval(one)


def _rate(amount: float | None, one: Comparison) -> dict[str, float] | None:
    """Return what each arm processes in a second, where the benchmark says how much a call processes."""
    if amount is None or not one.samples:
        return None
    return {"base": amount / one.base.wall_seconds, "candidate": amount / one.candidate.wall_seconds}


def _arm(one: Arm) -> dict[str, float | None]:
    return {
        "wall_seconds": one.wall_seconds,
        "cpu_seconds": one.cpu_seconds,
        "peak_bytes": one.peak_bytes,
        "first_call_seconds": one.first_call_seconds,
        "import_seconds": one.import_seconds,
        "cold_seconds": one.cold_seconds,
        "hot_seconds": one.hot_seconds,
    }
