"""`hotlap command`: one comment. With --parse nothing is run, and nobody is asked."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli import options
from bot.cli.output import Output
from bot.domain.command import Command
from bot.domain.errors import Refused

app = typer.Typer()


@app.command()
def command(
    parse: Annotated[
        str | None,
        typer.Option("--parse", metavar="FILE|-", help="Show how the body of a comment is read; run nothing."),
    ] = None,
    json_target: options.Json = None,
) -> None:
    """Read one comment.

    With --parse, the list of commands is empty where the comment holds none; the exit code is 0 in both cases.
    """
    output = Output(json_target)
    if parse is None:
        raise Refused("nothing to do: pass --parse FILE, or - for standard input")
    from bot.triggers.commands import commands

    found = commands(_body(parse))
    for one in found:
        output.say(_said(one))
    if not found:
        output.say("no command")
    output.result([shape(one) for one in found])


def shape(one: Command) -> dict[str, Any]:
    """Return the object that stands for one command in the list of `command --parse --json`."""
    return {
        "verb": str(one.verb),
        "target": one.target,
        "hardware": list(one.hardware),
        "budget": one.budget,
        "strategy": one.strategy,
        "text": one.text,
    }


def _body(name: str) -> str:
    # A comment has line ends of its own, which are part of what is parsed.
    if name != "-":
        return options.text(Path(name), "--parse")
    try:
        return sys.stdin.buffer.read().decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("--parse: standard input is not UTF-8 text") from None


def _said(one: Command) -> str:
    parts = [f"{name}: {value}" for name, value in shape(one).items() if value and name != "verb"]
    problem = [f"but {one.problem}: it would be refused"] if one.problem else []
    return "; ".join([str(one.verb), *parts, *problem])
