"""`hotlap measure`: two revisions, one answer."""

from typing import Annotated

import typer

from bot.cli import options
from bot.cli.output import Output
from bot.cli.progress import progress

app = typer.Typer()


@app.command()
def measure(
    base: Annotated[str, typer.Option("--base", metavar="REV", help="The revision to compare with.")],
    candidate: Annotated[str, typer.Option("--candidate", metavar="REV", help="The revision in question.")],
    repo: options.Repo = options.HERE,
    benchmark: Annotated[
        list[str] | None, typer.Option("--benchmark", metavar="NAME", help="Only this one; globs and repeats allowed.")
    ] = None,
    budget: Annotated[
        str | None, typer.Option("--budget", metavar="SECONDS", help="Seconds (or 5m, 1h) of measuring at most.")
    ] = None,
    allocations: Annotated[
        bool, typer.Option("--allocations", help="Also count what a call allocates, by type, in runs of its own.")
    ] = False,
    json_target: options.Json = None,
    python: options.Python = None,
) -> None:
    """Prove that one revision is faster or slower than another, or that it cannot be told.

    Exit code 0 means faster; 1 means slower, equivalent or undecided.
    """
    output = Output(json_target)
    from bot import wiring
    from bot.app import measure as story
    from bot.cli import shapes, tables
    from bot.cli.summary import isolation
    from bot.cli.tables import comparisons, criteria, figures
    from bot.domain.evidence import Decision

    overrides = wiring.Overrides(python, None if budget is None else options.duration(budget, "--budget"))
    with progress(output) as steps:
        local = wiring.local(repo, steps, revision=base, overrides=overrides)
        other = local.checkout.snapshot(candidate)
        found = story.measure(local.shop, local.tree, other, benchmark or (), allocations=allocations)
    shown = (
        comparisons(found.comparisons),
        figures(found.comparisons),
        tables.allocations(found.allocations),
        criteria(found.goals),
    )
    for table in filter(None, shown):
        output.say(table + "\n")
    output.say(found.sentence)
    output.say(isolation(local.shop.parts))
    output.result(shapes.measurement(found, local.shop.parts.isolation, local.config.accept.confidence))
    raise typer.Exit(0 if found.decision is Decision.FASTER else 1)
