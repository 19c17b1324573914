"""The JSON objects of docs/cli.md: the shape that CI jobs and outside checks rely on."""

from typing import Any

from bot.app.measure import Measurement
from bot.domain.check import Checked
from bot.domain.evidence import Arm, Comparison, Interval, Isolation, Verdict
from bot.domain.plain import plain
from bot.report.check import sentence


def measurement(found: Measurement, isolation: Isolation, confidence: float) -> dict[str, Any]:
    """Return the object of `measure --json`."""
    return {
        "decision": found.decision,
        "confidence": confidence,
        "benchmarks": [comparison(one) for one in found.comparisons],
        "hardware": plain(found.machine),
        "isolation": isolation,
        "score": {"method": "weighted", "value": found.score},
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


def _arm(one: Arm) -> dict[str, float]:
    return {
        "wall_seconds": one.wall_seconds,
        "cpu_seconds": one.cpu_seconds,
        "peak_bytes": one.peak_bytes,
        "first_call_seconds": one.first_call_seconds,
    }
