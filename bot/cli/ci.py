"""`hotlap ci`: one job of a GitLab pipeline; docs/pipelines.md has the graph and what each step may hold."""

import json
import os
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli import options
from bot.cli.output import Output
from bot.cli.progress import progress
from bot.domain.errors import Refused

if TYPE_CHECKING:
    from bot.app.ci.publish import Delivered
    from bot.wiring.pipelines import Pipeline

app = typer.Typer()


@app.command()
def ci(
    step: Annotated[
        str,
        typer.Argument(
            metavar="[STEP]",
            help="survey, propose, evaluate, wait, publish, failed or single; HOTLAP_STEP where not given.",
        ),
    ] = "",
    schema: Annotated[
        str | None,
        typer.Option("--schema", metavar="KIND", help="Print the JSON Schema of order, survey, plan or evidence."),
    ] = None,
    repo: options.Repo = options.HERE,
    json_target: options.Json = None,
) -> None:
    """Do what this job of a GitLab pipeline is for, as its variables say.

    Without a step and without HOTLAP_STEP the job does all of them, which needs a sandbox on the runner. Exit code 0
    means that the step is done, whatever it found.
    """
    output = Output(json_target)
    if schema is not None:
        typer.echo(_schema(schema))
        return
    from bot.app.ci.environment import read
    from bot.wiring.pipelines import Pipeline

    job = read(os.environ, step)
    with progress(output) as steps:
        pipeline = Pipeline(job, repo, steps, os.environ)
        with pipeline.answering():
            said, result = _done(pipeline)
    output.say(said)
    output.result({"step": job.step, "way": job.way} | result)


def _schema(kind: str) -> str:
    from bot.app.ci import exchange

    kinds = (exchange.ORDER, exchange.SURVEY, exchange.PLAN, exchange.EVIDENCE)
    known = {one.format.removeprefix("hotlap/"): one for one in kinds}
    if kind not in known:
        raise Refused(f"--schema: {kind!r} is not one of {', '.join(known)}")
    return json.dumps(exchange.schema(known[kind]), indent=2)


def _done(pipeline: "Pipeline") -> tuple[str, dict[str, Any]]:
    """Do the job's step; return a sentence and the figures of its JSON object."""
    from bot.app.ci.environment import Step

    match pipeline.job.step:
        case Step.SURVEY:
            survey = pipeline.survey()
            return f"{len(survey.targets)} function(s) surveyed", {
                "targets": len(survey.targets),
                "notes": survey.notes,
            }
        case Step.PROPOSE:
            plan = pipeline.propose()
            return f"{len(plan.candidates)} candidate(s) planned", {
                "candidates": [one.id for one in plan.candidates], "notes": plan.notes
            }  # fmt: skip
        case Step.EVALUATE:
            evidence = pipeline.evaluate()
            return evidence.fault or f"{len(evidence.judged)} candidate(s) judged", {
                "judged": {one.candidate: one.verdict.outcome for one in evidence.judged}, "fault": evidence.fault
            }  # fmt: skip
        case Step.WAIT:
            missing = pipeline.wait()
            return _missing(missing), {"stopped": missing}
        case Step.FAILED:
            return pipeline.failed(), {}
        case _:
            return told(pipeline.publish() if pipeline.job.step is Step.PUBLISH else pipeline.single())


def told(delivered: "tuple[Delivered, ...]") -> tuple[str, dict[str, Any]]:
    """Return what was published, in a sentence for each function and as data."""
    from bot.app.ci.publish import links

    lines = [f"{one.settled.attempt.target.function}: {one.entry.sentence or _outcome(one)}" for one in delivered] or [
        "nothing to publish"
    ]
    found = list(links(delivered))
    return "\n".join([*lines, *found]), {"merge_requests": found, "functions": len(delivered)}


def _outcome(one: "Delivered") -> str:
    tried = one.settled.attempt.accepted or (one.settled.attempt.tried[-1] if one.settled.attempt.tried else None)
    return "not tried" if tried is None else f"{tried.verdict.outcome}: {tried.verdict.message}"


def _missing(names: tuple[str, ...]) -> str:
    return f"no runner came for: {', '.join(names)}" if names else "every machine has a runner"
