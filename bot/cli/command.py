"""`hotlap command`: one comment event, or with --parse one body of a comment, for which nobody is asked."""

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli import options
from bot.cli.output import Output
from bot.cli.progress import progress
from bot.domain.command import Command
from bot.domain.errors import Refused

app = typer.Typer()


@app.command()
def command(
    parse: Annotated[
        str | None,
        typer.Option("--parse", metavar="FILE|-", help="Show how the body of a comment is read; run nothing."),
    ] = None,
    payload: Annotated[
        Path | None, typer.Option("--payload", metavar="FILE", help="A comment event, such as $TRIGGER_PAYLOAD.")
    ] = None,
    order: Annotated[
        bool, typer.Option("--order", help="Answer, and leave the run to the next jobs of this pipeline.")
    ] = False,
    repo: options.Repo = options.HERE,
    json_target: options.Json = None,
) -> None:
    """Answer one comment, and do what it asks for if its author may; with --parse, only read it.

    Of an event only numbers are taken: what was said, by whom and where, is asked of GitLab. Exit code 0 means that it
    was carried out, 1 that there was nothing to do or that it was refused. With --order it is 0 in all these cases, and
    with --parse as well, where the list is empty if the comment holds no command.
    """
    output = Output(json_target)
    if (parse is None) == (payload is None):
        raise Refused("give one of --payload FILE and --parse FILE, the latter with - for standard input")
    if payload is not None:
        _heard(output, payload, repo, only_order=order)
        return
    _parsed(output, parse or "-")


def _heard(output: Output, payload: Path, repo: Path, *, only_order: bool) -> None:
    from bot.app.ci.environment import read
    from bot.cli.ci import told
    from bot.wiring.pipelines import Pipeline, checkout_environment

    data = options.text(payload, "--payload").encode()
    environ = checkout_environment(repo, os.environ) | {"TRIGGER_PAYLOAD": str(payload), "HOTLAP_WAY": "trigger"}
    with progress(output) as steps:
        pipeline = Pipeline(read(environ, "single"), repo, steps, environ)
        taken = pipeline.command(data)
        output.say(taken.sentence)
        with pipeline.answering():
            delivered = () if only_order or taken.order is None else pipeline.single(taken.order)
    asked = taken.order is not None
    said, result = told(delivered) if asked and not only_order else ("", {"merge_requests": []})
    if said:
        output.say(said)
    output.result({"heard": taken.sentence, "run": asked} | result)
    if not only_order and not result["merge_requests"]:
        raise typer.Exit(1)


def _parsed(output: Output, parse: str) -> None:
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
