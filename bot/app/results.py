"""From what a run did to what is told about it, and the files that are left behind."""

import shlex
from pathlib import Path

import bot
from bot.app.optimise import Outcome
from bot.app.workshop import Workshop
from bot.domain.job import Trigger
from bot.report.model import RunReport, Tried, Worked
from bot.report.render import description, html, markdown
from bot.report.view import title


def report(run: str, trigger: Trigger, shop: Workshop, outcome: Outcome) -> RunReport:
    """Return everything that a reader of this run may want to know."""
    parts = shop.parts
    commits = iter(outcome.commits)
    worked = tuple(
        Worked(
            attempt.target,
            tuple(Tried(one.candidate, one.verdict) for one in attempt.tried),
            None if attempt.accepted is None else Tried(attempt.accepted.candidate, attempt.accepted.verdict),
            None if attempt.accepted is None else next(commits),
            attempt.skipped,
        )
        for attempt in outcome.attempts
        if attempt.tried or attempt.skipped
    )
    return RunReport(
        run=run,
        trigger=trigger,
        base=trigger.head_sha,
        isolation=parts.isolation,
        reproduce=_reproduce(trigger, outcome),
        worked=worked,
        ranked=outcome.targets,
        overall=outcome.overall,
        branch=outcome.branch,
        project=shop.project,
        notes=shop.project.notes,
        machine=parts.bench.machine(),
        canary=outcome.base.canary(),
        lessons=parts.store.lessons(),
        seconds=outcome.seconds,
        confidence=shop.config.accept.confidence,
        version=bot.__version__,
    )


def leave(found: RunReport, shop: Workshop, out: Path | None) -> dict[str, str]:
    """Write the report in its three forms to the run's record, or to `out`, and return where each is."""
    texts = {
        "report.md": markdown(found),
        "report.html": html(found),
        "merge-request.md": f"# {title(found)}\n\n{description(found)}",
    }
    if out is None:
        return {name: shop.parts.store.record(found.run, name, text.encode()) for name, text in texts.items()}
    out.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (out / name).write_text(text, encoding="utf-8")
    return {name: str(out / name) for name in texts}


def _reproduce(trigger: Trigger, outcome: Outcome) -> str:
    if outcome.commits and outcome.branch:
        return shlex.join(
            ["hotlap", "measure", "--base", trigger.head_sha[:12], "--candidate", outcome.commits[-1][:12]]
        )
    return shlex.join(["hotlap", "optimize", *trigger.wanted])
