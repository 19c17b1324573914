"""`hotlap sweep`: the nightly sweep, all of it in one process."""

import os
from typing import Annotated

import typer

from bot.cli import options
from bot.cli.output import Output
from bot.cli.progress import progress

app = typer.Typer()


@app.command()
def sweep(
    repo: options.Repo = options.HERE,
    budget: Annotated[
        str | None, typer.Option("--budget", metavar="TIME", help="Wall time for judging, such as 300, 10m or 1h.")
    ] = None,
    most: Annotated[
        int | None, typer.Option("--merge-requests", min=1, help="Open merge requests of the bot at most.")
    ] = None,
    proposer: Annotated[str, typer.Option("--proposer", help="Who writes candidates: rules, llm or scripted.")] = "",
    dry_run: Annotated[
        str, typer.Option("--dry-run", metavar="LEVEL", help="End early: plan, evaluate or all-but-publish.")
    ] = "",
    json_target: options.Json = None,
) -> None:
    """Look for proven speed-ups of the default branch, and keep the dashboard issue.

    Runs in the default branch of a checkout, in a GitLab job or with HOTLAP_GITLAB_URL, _PROJECT and _TOKEN set. Exit
    code 0 means that there is a merge request, 1 that there is none.
    """
    output = Output(json_target)
    from bot.app.ci.environment import read
    from bot.cli.ci import told
    from bot.wiring.pipelines import Pipeline, checkout_environment

    given = {
        "HOTLAP_BUDGET": budget,
        "HOTLAP_MERGE_REQUESTS": most,
        "HOTLAP_PROPOSER": proposer,
        "HOTLAP_DRY_RUN": dry_run,
    }
    environ = checkout_environment(repo, os.environ) | {name: str(value) for name, value in given.items() if value}
    environ["HOTLAP_WAY"] = "sweep"
    with progress(output) as steps:
        delivered = Pipeline(read(environ, "single"), repo, steps, environ).single()
    said, result = told(delivered)
    output.say(said)
    output.result(result)
    raise typer.Exit(0 if result["merge_requests"] else 1)
