"""From what a run did to what is told about it, and the files that are left behind."""

import shlex
from collections.abc import Mapping
from pathlib import Path

import bot
from bot.app import account, opportunities
from bot.app.optimise import Outcome
from bot.app.workshop import Workshop
from bot.domain.evidence import Comparison
from bot.domain.job import Trigger
from bot.domain.redact import Redactor, secret_values
from bot.learn.suggestions import Seen
from bot.ports.store import Memory
from bot.report.model import RunReport
from bot.report.render import html, markdown, merge_request


def report(run: str, trigger: Trigger, shop: Workshop, outcome: Outcome) -> RunReport:
    """Return everything that a reader of this run may want to know."""
    parts = shop.parts
    measured, tree = _measured(outcome), parts.checkout.snapshot(trigger.head_sha)
    return RunReport(
        run=run,
        trigger=trigger,
        base=trigger.head_sha,
        isolation=parts.isolation,
        notes=parts.notes(),
        reproduce=_reproduce(trigger, outcome),
        worked=tuple(one for one in outcome.attempts if one.tried or one.untried),
        ranked=outcome.targets,
        overall=outcome.overall,
        branch=outcome.branch,
        project=shop.project,
        machine=parts.bench.machine(),
        canary=outcome.base.canary(),
        lessons=parts.store.lessons(),
        seconds=outcome.seconds,
        confidence=shop.config.accept.confidence,
        version=bot.__version__,
        score=account.scored(shop, tree, measured),
        goals=account.criteria(shop, tree, outcome.base.tree, measured),
    )


def remembered(trigger: Trigger, shop: Workshop, outcome: Outcome, memory: Memory) -> None:
    """Keep what the run found and did not take."""
    parts = shop.parts
    project = parts.project_name or trigger.project
    seen = Seen(project, parts.clock.now(), outcome.targets, outcome.attempts)
    opportunities.remember(seen, outcome.base.tree, parts.store.lessons(), memory)


def leave(found: RunReport, shop: Workshop, out: Path | None, environ: Mapping[str, str]) -> dict[str, str]:
    """Write the report in its three forms to the run's record, or to `out`, and return where each is.

    Values of `environ` that look like secrets are taken out of every text.
    """
    title, text = merge_request(found)
    texts = {
        "report.md": markdown(found),
        "report.html": html(found),
        "merge-request.md": f"{title}\n\n{text}",
    }
    redactor = Redactor(secret_values(environ))
    texts = {name: redactor.redact(text) for name, text in texts.items()}
    if out is None:
        return {name: shop.parts.store.record(found.run, name, text.encode()) for name, text in texts.items()}
    out.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (out / name).write_text(text, encoding="utf-8")
    return {name: str(out / name) for name in texts}


def _measured(outcome: Outcome) -> tuple[Comparison, ...]:
    """Return what is known of all accepted changes together."""
    kept = [one.accepted.verdict.comparisons for one in outcome.attempts if one.accepted is not None]
    return outcome.overall or (kept[0] if len(kept) == 1 else ())


def _reproduce(trigger: Trigger, outcome: Outcome) -> str:
    if outcome.branch:
        return shlex.join(["hotlap", "measure", "--base", trigger.head_sha[:12], "--candidate", outcome.branch])
    return shlex.join(["hotlap", "optimize", *trigger.wanted])
