"""`hotlap check`: the regression gate for an ordinary merge request."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import options
from bot.cli.boundary import INFRASTRUCTURE
from bot.cli.output import Output
from bot.cli.progress import progress

if TYPE_CHECKING:
    from bot.domain.check import Checked

app = typer.Typer()
REPORT = "speed-check.md"


@app.command()
def check(
    base: Annotated[str, typer.Option("--base", metavar="REV", help="Compared with its common ancestor with head.")],
    head: Annotated[str, typer.Option("--head", metavar="REV", help="The revision in question.")] = "HEAD",
    repo: options.Repo = options.HERE,
    margin: Annotated[
        str | None,
        typer.Option("--margin", metavar="SHARE", help="The slowdown that is still accepted, such as 5% or 0.05."),
    ] = None,
    budget: Annotated[
        str | None,
        typer.Option("--budget", metavar="TIME", help="Time for measuring: half to decide, half to confirm; 10m."),
    ] = None,
    benchmark: Annotated[
        list[str] | None, typer.Option("--benchmark", metavar="GLOB", help="Only these benchmarks; may be repeated.")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="End with 3 where a slowdown is neither proven nor ruled out.")
    ] = False,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help=f"Leave {REPORT} there.")] = None,
    json_target: options.Json = None,
    python: options.Python = None,
) -> None:
    """Find out whether a change is slower, on the benchmarks that it reaches.

    Exit code 1 means that a slowdown beyond the margin is proven, or that a benchmark fails on head only; 0 that
    none is proven, which is also the answer on a machine that is too noisy to tell (3 with --strict).
    """
    limit = None if margin is None else options.share(margin, "--margin")
    seconds = None if budget is None else options.duration(budget, "--budget") / 2
    output = Output(json_target)
    if out is not None:
        options.directory(out, "--out")
    from bot import wiring
    from bot.app import check as story
    from bot.cli import shapes
    from bot.domain.check import Answer

    with progress(output) as steps:
        overrides = wiring.Overrides(python, bench_seconds=seconds, margin=limit)
        both = wiring.pair(repo, base, head, steps, overrides)
        older, newer = (story.Side(one.tree, one.shop) for one in (both.base, both.head))
        found = story.check(older, newer, both.margin, benchmark or ())
    notes = [both.note] if both.note else []
    dirty = both.head.checkout.dirty() if head == "HEAD" else ()
    if dirty:
        notes.append(f"uncommitted changes are not part of head, {dirty[0]} for one")
    found = story.with_notes(found, [*notes, *both.head.shop.parts.notes()])
    text = _report(found)
    output.say(text.rstrip())
    if out is not None:
        (out / REPORT).write_text(text, encoding="utf-8")
    output.result(shapes.checked(found))
    if found.answer in {Answer.SLOWER, Answer.FAILED}:
        raise typer.Exit(1)
    unknown = found.answer in {Answer.NOISY, Answer.UNDECIDED}
    raise typer.Exit(INFRASTRUCTURE if strict and unknown else 0)


def _report(found: "Checked") -> str:
    from bot.domain.redact import Redactor, secret_values
    from bot.report.check import markdown

    return Redactor(secret_values(os.environ)).redact(markdown(found))
