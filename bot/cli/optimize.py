"""`hotlap optimize`: the main job on a local checkout."""

import contextlib
import getpass
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import options
from bot.cli.boundary import INFRASTRUCTURE
from bot.cli.output import Output
from bot.cli.progress import progress
from bot.domain.errors import Refused, StoreError

if TYPE_CHECKING:
    from bot.report.model import RunReport

app = typer.Typer()
_PROPOSERS = ("rules", "llm", "scripted")
_STRATEGIES = ("sequential",)


@app.command()
def optimize(
    targets: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TARGET]...", help="path::function, path:line or a name; none: the hottest."),
    ] = None,
    repo: options.Repo = options.HERE,
    budget: Annotated[
        str | None, typer.Option("--budget", metavar="TIME", help="Wall time, such as 300, 10m or 1h.")
    ] = None,
    most_targets: Annotated[int | None, typer.Option("--targets", min=1, help="Functions to work on at most.")] = None,
    candidates: Annotated[int | None, typer.Option("--candidates", min=1, help="Candidates to try at most.")] = None,
    changes: Annotated[int | None, typer.Option("--changes", min=1, help="Accepted changes to end after.")] = None,
    proposer: Annotated[
        str, typer.Option("--proposer", help="Who writes candidates: rules, llm or scripted (docs/models.md).")
    ] = "rules",
    strategy: Annotated[str, typer.Option("--strategy", help="How the search goes: sequential.")] = "sequential",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Leave no branch.")] = False,
    allow_dirty: Annotated[
        bool, typer.Option("--allow-dirty", help="Work on HEAD although files differ from it.")
    ] = False,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Where the report goes.")] = None,
    resume: Annotated[
        str | None, typer.Option("--resume", metavar="RUN", help="Go on with an interrupted run.")
    ] = None,
    json_target: options.Json = None,
    python: options.Python = None,
) -> None:
    """Find slow functions, try changes, prove them, and leave a branch with a report.

    The working tree, the index and the current branch are never touched. Exit code 0 means that a change was
    accepted; 1 that none was, or that it is held for a person.
    """
    _known("--proposer", proposer, _PROPOSERS)
    _known("--strategy", strategy, _STRATEGIES)
    seconds = None if budget is None else options.duration(budget, "--budget")
    output = Output(json_target)
    from bot import wiring
    from bot.app import results, start
    from bot.app.optimise import optimise

    with progress(output) as plain, wiring.watched(repo, plain, "optimize") as watch:
        steps = watch.progress
        overrides = wiring.Overrides(python, worthwhile=True, proposer=proposer)
        local = wiring.local(repo, steps, overrides=overrides, watch=watch)
        start.clean(local.checkout.dirty(), allowed=allow_dirty)
        trigger = start.command_line(local.tree, local.checkout.root, getpass.getuser(), targets or ())
        limits = start.budget(local.shop, seconds=seconds, targets=most_targets, candidates=candidates, changes=changes)
        with wiring.shared(local.checkout, local.remembered, watch) as sharing:
            record = start.run(local.shop, trigger, local.checkout.state, resume)
            sharing.runs.append(record.run)
            steps.step("run", "begins", f"if it is interrupted: hotlap optimize --resume {record.run}")
            with _resumable(record.run, output):
                outcome = optimise(trigger, local.shop, limits, record, dry=dry_run)
            results.remembered(trigger, local.shop, outcome, local.remembered().memory)
        report = results.report(record.run, trigger, local.shop, outcome)
        places = results.leave(report, local.shop, out, os.environ)
    raise typer.Exit(_ended(report, places, output))


@contextlib.contextmanager
def _resumable(run: str, output: Output) -> Iterator[None]:
    """Say how to go on with a run that ended before its time."""
    try:
        yield
    except (KeyboardInterrupt, StoreError) as error:
        what = "interrupted" if isinstance(error, KeyboardInterrupt) else "the run is kept"
        output.say(f"{what}; go on with: hotlap optimize --resume {run}")
        raise


def _ended(report: "RunReport", places: Mapping[str, str], output: Output) -> int:
    """Say what came of a run, and return its exit code; a machine on which nothing could be tried is named."""
    from bot.cli.summary import summary
    from bot.report.model import as_dict

    output.say(summary(report))
    output.say(f"report: {places['report.html']}")
    output.result(as_dict(report) | {"files": places})
    if report.canary is not None and not report.canary.quiet:
        output.say(f"nothing was tried: {report.canary.sentence}")
        return INFRASTRUCTURE
    return 0 if report.accepted else 1


def _known(flag: str, given: str, names: tuple[str, ...]) -> None:
    if given not in names:
        raise Refused(f"{flag}: {given!r} is not available; there is: {', '.join(names)}")
