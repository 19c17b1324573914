"""`hotlap verify`: the whole judge on a change that somebody else wrote."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import options
from bot.cli.output import Output
from bot.cli.progress import progress

if TYPE_CHECKING:
    from bot.domain.code import Target
    from bot.domain.job import EditSet
    from bot.wiring import Local

app = typer.Typer()


@app.command()
def verify(
    base: Annotated[str, typer.Option("--base", metavar="REV", help="The revision that the change starts from.")],
    repo: options.Repo = options.HERE,
    candidate: Annotated[
        str | None, typer.Option("--candidate", metavar="REV", help="The change as a revision.")
    ] = None,
    patch: Annotated[Path | None, typer.Option("--patch", metavar="FILE", help="The change as a unified diff.")] = None,
    reply: Annotated[
        Path | None, typer.Option("--reply", metavar="FILE", help="The change as SEARCH/REPLACE blocks.")
    ] = None,
    target: Annotated[
        str | None,
        typer.Option("--target", metavar="T", help="The function that the change is about: no other file may change."),
    ] = None,
    json_target: options.Json = None,
    python: options.Python = None,
) -> None:
    """Judge a change that somebody else wrote: guard, syntax, tests, behaviour, speed.

    Exit code 0 means accepted; 1 rejected or held for a person; 3 that nothing is known.
    """
    if sum(one is not None for one in (candidate, patch, reply)) != 1:
        raise typer.BadParameter("give exactly one of --candidate, --patch and --reply")
    output = Output(json_target)
    from bot import wiring
    from bot.app import verify as story
    from bot.cli import shapes
    from bot.cli.summary import isolation
    from bot.cli.tables import comparisons
    from bot.domain.errors import EditError
    from bot.domain.evidence import Outcome
    from bot.domain.job import Candidate

    with progress(output) as steps:
        local = wiring.local(repo, steps, revision=base, overrides=wiring.Overrides(python, worthwhile=True))
        named = local.shop.targets(local.tree, [target])[0] if target else None
        try:
            edits = _edits(local, candidate, patch, reply, named)
        except EditError as error:
            found = story.refused(local.shop, error)
        else:
            change = Candidate(edits, local.tree.commit, "a change to verify", "verify", named)
            found = story.verify(local.shop, local.tree, change)
    if found.comparisons:
        output.say(comparisons(found.comparisons))
    output.say(f"{found.outcome} at {found.gate} ({found.reason}): {found.message}")
    for finding in found.plausibility:
        output.say(f"  {finding.code}: {finding.sentence}")
    output.say(isolation(local.shop.parts))
    output.result(shapes.verdict(found))
    raise typer.Exit({Outcome.ACCEPTED: 0, Outcome.UNKNOWN: 3}.get(found.outcome, 1))


def _edits(
    local: "Local", candidate: str | None, patch: Path | None, reply: Path | None, named: "Target | None"
) -> "EditSet":
    from bot.app.verify import between
    from bot.propose.edits import engine

    if candidate is not None:
        return between(local.tree, local.checkout.snapshot(candidate))
    if patch is not None:
        options.text(patch, "--patch")
        return between(local.tree, local.checkout.patched(local.tree.commit, patch))
    spans = () if named is None else (named.function.span,)
    return engine.edit_set(options.text(reply or Path(), "--reply"), local.tree, spans)
