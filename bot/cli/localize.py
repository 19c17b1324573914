"""`hotlap localize`: which functions are worth changing, and why."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli import options
from bot.cli.output import Output
from bot.cli.progress import progress

if TYPE_CHECKING:
    from bot.app.localize import Localized
    from bot.domain.code import Target
    from bot.localize.text import Position
    from bot.ports import Progress

app = typer.Typer()
SHOWN = 25


@app.command()
def localize(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="With --profile: a recorded profile."),
    ] = None,
    repo: options.Repo = options.HERE,
    diff: Annotated[
        str | None, typer.Option("--diff", metavar="BASE..HEAD", help="The functions that these commits change.")
    ] = None,
    profile: Annotated[
        bool, typer.Option("--profile", help="Profile the benchmarks, or read a recorded profile from FILE.")
    ] = False,
    text: Annotated[
        str | None, typer.Option("--text", metavar="TEXT", help="The function that a sentence names.")
    ] = None,
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="PATH:LINE", help="With --text: the line of the diff that the sentence is about."),
    ] = None,
    tests: Annotated[
        bool, typer.Option("--tests", help="Run the tests once, and say which of them reach each function.")
    ] = False,
    all_: Annotated[bool, typer.Option("--all", help="Profile, and list every function, reached or not.")] = False,
    json_target: options.Json = None,
    python: options.Python = None,
) -> None:
    """Rank the functions that are worth changing, with evidence and the most that each can gain.

    Exit code 0 means that there is one; 1 that nothing was found or the text is not clear.
    """
    if sum((diff is not None, profile, text is not None, all_)) != 1:
        raise typer.BadParameter("give exactly one of --diff, --profile, --text and --all")
    if file is not None and not profile:
        raise typer.BadParameter("a FILE goes with --profile")
    if at is not None and text is None:
        raise typer.BadParameter("--at goes with --text")
    output = Output(json_target)
    with progress(output) as steps:
        found = _found(
            repo, steps, python, diff=diff, file=file, text=text, at=_position(at), everything=all_, tests=tests
        )
    _say(output, found)
    output.result(shape(found))
    asked = diff is not None or text is not None
    raise typer.Exit(0 if any(asked or one.skip is None for one in found.targets) else 1)


def _found(
    repo: Path,
    steps: "Progress",
    python: str | None,
    *,
    diff: str | None,
    file: Path | None,
    text: str | None,
    at: "Position | None",
    everything: bool,
    tests: bool,
) -> "Localized":
    old, new = _revisions(diff) if diff is not None else ("", "HEAD")
    from bot import wiring
    from bot.app import localize as story

    local = wiring.local(repo, steps, revision=new, overrides=wiring.Overrides(python))
    if diff is not None:
        found = story.changed(local.shop, local.tree, local.checkout.diff(old, new))
    elif text is not None:
        found = story.told(local.shop, local.tree, text, at)
    elif file is not None:
        found = story.recorded(local.shop, local.tree, file.read_bytes(), file.name)
    else:
        found = story.profiled(local.shop, local.tree, everything=everything)
    return story.with_tests(local.shop, local.tree, found) if tests else found


def _position(at: str | None) -> "Position | None":
    if at is None:
        return None
    from bot.localize.text import Position

    path, _, line = at.rpartition(":")
    if not path or not line.isdecimal():
        raise typer.BadParameter("--at wants PATH:LINE, a file of the repository and a line of it")
    return Position(path.removeprefix("./"), int(line))


def _revisions(diff: str) -> tuple[str, str]:
    old, dots, new = diff.partition("...") if "..." in diff else diff.partition("..")
    if not dots or not old:
        raise typer.BadParameter("--diff wants BASE..HEAD, two revisions with two dots between them")
    return old, new or "HEAD"


def shape(found: "Localized") -> dict[str, Any]:
    """Return the object of `localize --json`; a bound that the profile does not limit is null."""
    question = found.question
    return {
        "targets": [_target(one, found) for one in found.targets],
        "question": None
        if question is None
        else {
            "sentence": question.sentence,
            "candidates": [
                {"path": one.path, "qualname": one.qualname, "start": one.span.start, "end": one.span.end}
                for one in question.candidates
            ],
        },
        "notes": list(found.notes),
    }


def _target(one: "Target", found: "Localized") -> dict[str, Any]:
    tests = None if found.tests is None else found.tests.get(one.function)
    return {
        "path": one.function.path,
        "qualname": one.function.qualname,
        "start": one.function.span.start,
        "end": one.function.span.end,
        "language": one.function.language,
        "share_self": one.share_self,
        "share_own": one.share_own,
        "share_total": one.share_total,
        "calls": one.calls,
        "bound": one.bound,
        "benchmarks": list(one.benchmarks),
        "tests": None if tests is None else list(tests),
        "why": one.why,
        "skip": one.skip,
    }


def _why(one: "Target", found: "Localized") -> str:
    tests = None if found.tests is None else found.tests.get(one.function)
    if tests is None:
        return one.why
    reached = "1 test reaches it" if len(tests) == 1 else f"{len(tests):,} tests reach it"
    return f"{one.why}; {reached}" if one.why else reached


def _say(output: Output, found: "Localized") -> None:
    from bot.cli.tables import aligned

    for note in found.notes:
        output.say(note)
    paying = [one for one in found.targets if one.skip is None]
    rows = [
        (f"{one.function.path}:{one.function.span.start}", one.function.qualname, _why(one, found)) for one in paying
    ]
    if rows:
        output.say(aligned(rows[:SHOWN]))
    skipped = [one for one in found.targets if one.skip is not None]
    for one in skipped[:SHOWN]:
        output.say(f"not {one.function}: {one.skip}")
    more = max(0, len(rows) - SHOWN) + max(0, len(skipped) - SHOWN)
    if more:
        output.say(f"and {more:,} more; --json has all")
    if found.question is not None:
        output.say(found.question.sentence)
    elif not found.targets:
        output.say("nothing was found")
