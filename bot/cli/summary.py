"""What a run comes down to, as a table for people."""

from bot.app.workshop import Parts
from bot.cli.tables import aligned
from bot.domain.attempt import Attempt
from bot.domain.code import Target
from bot.report.model import RunReport, headline

_SKIPPED = 5


def summary(report: RunReport) -> str:
    """Return one line for each function that was worked on, then the branch and what was skipped."""
    lines = [
        aligned([("function", "outcome", "gain", "interval", "tried", "why"), *(_row(one) for one in report.worked)])
    ]
    if not report.worked:
        lines = ["no function here has a rewrite worth trying"]
    lines += [_skipped(one) for one in report.skipped[:_SKIPPED]]
    lines.append(f"isolation: {report.isolation.said}")
    if report.branch:
        lines.append(f"branch: {report.branch} ({len(report.accepted)} commit(s))")
    return "\n".join(lines)


def isolation(parts: Parts) -> str:
    """Return how the code was kept apart from this machine, and what else must be known about that."""
    return "\n".join((f"isolation: {parts.isolation.said}", *parts.notes()))


def _row(one: Attempt) -> tuple[str, ...]:
    chosen = one.accepted or (one.tried[-1] if one.tried else None)
    if chosen is None:
        return (str(one.target.function), "not tried", "", "", "0", "no time was left")
    best = headline(chosen.verdict.comparisons)
    gain = f"{best.ratio.estimate:.2f}x" if best else ""
    interval = f"{best.ratio.low:.2f} to {best.ratio.high:.2f}" if best else ""
    why = f"{chosen.candidate.proposer}: {chosen.verdict.reason}"
    return (str(one.target.function), chosen.verdict.outcome, gain, interval, str(len(one.tried)), why)


def _skipped(target: Target) -> str:
    return f"skipped {target.function}: {target.skip}"
