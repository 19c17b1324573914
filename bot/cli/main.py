"""The command `hotlap`: a table of sub-commands whose modules are imported only when they are called."""

import importlib
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from bot import __version__
from bot.domain.errors import Refused

_COMMANDS = {
    "demo": "Optimise the bundled example repositories, without a network or a model key.",
    "optimize": "Find slow functions, try changes, prove them, and leave a branch with a report.",
    "localize": "Rank the functions that are worth changing, with evidence.",
    "prompt": "Show exactly what a language model would be told about a function.",
    "measure": "Prove that one revision is faster or slower than another, or that it cannot be told.",
    "check": "Stop a change that makes the benchmarks which it reaches slower.",
    "verify": "Judge a change that somebody else wrote: tests, behaviour, speed.",
    "apply": "Apply a SEARCH/REPLACE reply to files, all of it or nothing.",
    "ci": "Do what a job of a GitLab pipeline is for.",
    "sweep": "Look for speed-ups of the default branch, as merge requests and a dashboard.",
    "db": "Bring the store up to date, back, or elsewhere.",
    "learn": "Draw lessons from what reviewers said and did.",
    "lessons": "List what was learned; show, activate or retire a lesson.",
    "config": "Check .hotlap.yml, or print its schema or its description.",
    "command": "Read one comment; with --parse only show how it is read.",
    "init": "Write a commented .hotlap.yml with what was detected, and say what to type next.",
    "doctor": "Say what works on this machine, and how to mend what does not.",
}


class LazyGroup(TyperGroup):
    """Knows each command's name and sentence; `resolve_command` imports the module, help does not."""

    def __init__(self, **attrs: Any) -> None:
        super().__init__(**attrs)
        for name, sentence in _COMMANDS.items():
            self.add_command(TyperCommand(name, help=sentence, short_help=sentence, rich_markup_mode=None))

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Return the real command in place of its line in the table."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, command if name is None else _load(name), rest


def _load(name: str) -> Any:
    """Import `bot.cli.<name>` and return the command made of its `app`."""
    module = f"bot.cli.{name}"
    try:
        app = importlib.import_module(module).app
    except ModuleNotFoundError as error:
        lacks = f"the package '{error.name}'" if error.name != module else "this command"
        raise Refused(f"`hotlap {name}` cannot run: this installation lacks {lacks}") from error
    # Plain help everywhere: importing a renderer would cost more than the command.
    app.rich_markup_mode = None
    command = typer.main.get_command(app)
    command.name = name
    return command


app = typer.Typer(
    name="hotlap",
    cls=LazyGroup,
    rich_markup_mode=None,
    add_completion=False,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)


@app.callback()
def hotlap(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and leave.")] = False,
) -> None:
    """Make code faster, and prove it.

    Exit codes: 0 yes, 1 no, 2 usage or configuration, 3 infrastructure, 130 interrupted.
    """
    if version:
        typer.echo(f"hotlap {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(2)
