"""`hotlap demo`: the main job on repositories that ship with the product."""

import getpass
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import options
from bot.cli.output import Output
from bot.cli.progress import progress

if TYPE_CHECKING:
    from bot.ports import Progress
    from bot.report.model import RunReport

app = typer.Typer()
_OUT = Path("hotlap-demo")
_SECONDS, _TARGETS, _CHANGES = 90.0, 2, 1
"""Enough for one change in each repository; `hotlap optimize` has the configured budget."""


@app.command()
def demo(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where repositories and reports go.")] = _OUT,
    only: Annotated[list[str] | None, typer.Option("--only", metavar="NAME", help="Only this repository.")] = None,
    json_target: options.Json = None,
) -> None:
    """Optimise the bundled example repositories, without a network or a model key.

    Leaves a git repository with a branch, a merge request text and reports for each. Exit code 0 means that every
    repository got at least one accepted change.
    """
    output = Output(json_target)
    from bot.app.demo import lay_out
    from bot.cli.tables import aligned
    from bot.report.model import as_dict

    started = time.monotonic()
    reports: dict[str, RunReport] = {}
    with progress(output) as steps:
        for name, place in lay_out(out):
            if not only or name in only:
                reports[name] = _one(name, place, steps)
    rows = [row for name, report in reports.items() for row in _rows(name, report)]
    output.say(aligned([("repository", "function", "outcome", "gain", "99% interval", "benchmark", "tried"), *rows]))
    accepted = sum(len(report.accepted) for report in reports.values())
    seconds = time.monotonic() - started
    output.say(
        f"{accepted} change(s) accepted in {len(reports)} repositories, {seconds:.0f} s; reports: {out}/*/report.html"
    )
    output.result({"seconds": seconds, "repositories": {name: as_dict(report) for name, report in reports.items()}})
    raise typer.Exit(0 if reports and all(report.accepted for report in reports.values()) else 1)


def _one(name: str, place: Path, steps: "Progress") -> "RunReport":
    from bot import wiring
    from bot.adapters.git import create
    from bot.app import results, start
    from bot.app.optimise import optimise

    steps.step(name, "start", "the main job on this repository")
    create(place)
    local = wiring.local(place, steps, overrides=wiring.Overrides(python=sys.executable, worthwhile=True, ours=True))
    trigger = start.command_line(local.tree, place, getpass.getuser())
    record = start.run(local.shop, trigger, local.checkout.state, None)
    outcome = optimise(trigger, local.shop, start.budget(local.shop, _SECONDS, _TARGETS, changes=_CHANGES), record)
    report = results.report(record.run, trigger, local.shop, outcome)
    results.leave(report, local.shop, place.parent, os.environ)
    steps.step(name, "done", f"{len(report.accepted)} accepted, branch {report.branch}")
    return report


def _rows(name: str, report: "RunReport") -> list[tuple[str, ...]]:
    from bot.report.model import headline

    rows: list[tuple[str, ...]] = []
    for one in report.worked:
        chosen = one.accepted or (one.tried[-1] if one.tried else None)
        best = headline(chosen.verdict.comparisons) if chosen else None
        figures = (
            (f"{best.ratio.estimate:.2f}x", f"{best.ratio.low:.2f} to {best.ratio.high:.2f}") if best else ("", "")
        )
        bench = best.benchmark.rpartition("::")[2] if best else ""
        outcome = f"{chosen.verdict.outcome}: {chosen.verdict.reason}" if chosen else "not tried"
        rows.append((name, one.target.function.qualname, outcome, *figures, bench, str(len(one.tried))))
    for both in report.overall:
        figures = (f"{both.ratio.estimate:.2f}x", f"{both.ratio.low:.2f} to {both.ratio.high:.2f}")
        rows.append((name, "(whole branch)", both.decision, *figures, both.benchmark.rpartition("::")[2], ""))
    return rows or [(name, "", "nothing found", "", "", "", "0")]
