"""`hotlap apply`: a SEARCH/REPLACE reply onto the files of a directory, all of it or nothing."""

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import options
from bot.cli.output import Output
from bot.domain.code import Span
from bot.domain.errors import EditError, Refused

if TYPE_CHECKING:
    from bot.domain.code import Snapshot
    from bot.propose.edits.outcome import Applied

# What decides about changes must not be changed by the way of a reply.
PROTECTED = (".gitlab-ci.yml", ".gitlab/**", ".github/**", ".hotlap.yml")

app = typer.Typer()


@app.command()
def apply_command(
    reply: Annotated[str, typer.Argument(metavar="REPLY", help="The reply: a file, or - for standard input.")],
    repo: options.Repo = options.HERE,
    spans: Annotated[
        list[str] | None,
        typer.Option("--span", metavar="PATH:START:END", help="Lines that decide between several equal places."),
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Say what would happen; write nothing.")] = False,
    json_target: options.Json = None,
) -> None:
    """Apply a SEARCH/REPLACE reply to files, all of it or nothing.

    Exit code 0 means applied (with --check: would be), 1 refused, with feedback for the reply's author.
    """
    chosen = [_span(text) for text in spans or ()]
    output = Output(json_target)
    text = _reply(reply)
    from bot.propose.edits import disk, engine

    answer = engine.apply(text, _tree(repo, text), chosen, PROTECTED)
    if answer.applied and not check:
        try:
            disk.write(repo, answer.changes)
        except EditError as error:
            answer = engine.withheld(answer, error)
        except OSError as error:
            raise Refused(f"nothing was changed: {repo} cannot be written: {error.strerror}") from error
    _tell(output, answer, check=check)
    raise typer.Exit(0 if answer.applied else 1)


def _tree(repo: Path, reply: str) -> "Snapshot":
    """Read the files that the reply may mean: those whose name stands in it."""
    from bot.propose.edits import disk

    return disk.load(repo, lambda name: name in reply)


def _reply(name: str) -> str:
    if name != "-":
        return options.text(Path(name), "REPLY")
    try:
        return sys.stdin.buffer.read().decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("REPLY: standard input is not UTF-8 text") from None


def _span(text: str) -> Span:
    found = re.fullmatch(r"(.+):([1-9]\d{0,8}):([1-9]\d{0,8})", text)
    if found is None or int(found[2]) > int(found[3]):
        raise Refused(f"--span: {text!r} is not PATH:START:END with 1-based lines, the last one included")
    return Span(found[1].removeprefix("./"), int(found[2]), int(found[3]))


def _tell(output: Output, answer: "Applied", *, check: bool) -> None:
    if answer.applied:
        for change in answer.changes:
            verb = "create" if change.before is None else "delete" if change.after is None else "change"
            output.say(f"would {verb} {change.path}" if check else f"{verb}d {change.path}")
    else:
        output.say(answer.feedback.rstrip("\n"))
    output.result(
        {
            "applied": answer.applied,
            "files": [change.path for change in answer.changes],
            "blocks": [
                {"index": one.index, "path": one.path, "result": one.result, "rung": one.rung, "line": one.line}
                for one in answer.blocks
            ],
            "feedback": answer.feedback,
        }
    )
