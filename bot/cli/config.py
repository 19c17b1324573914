"""`hotlap config`: is `.hotlap.yml` right, and what may stand in it."""

import json

import typer

from bot.cli import options
from bot.cli.output import Output

app = typer.Typer(no_args_is_help=False)


@app.callback()
def config() -> None:
    """Check .hotlap.yml, or print its schema or its description."""


@app.command()
def check(repo: options.Repo = options.HERE, json_target: options.Json = None) -> None:
    """Say whether .hotlap.yml is valid; with --json, write the configuration in force."""
    from bot.config import FILE_NAME, load

    output = Output(json_target)
    found = load(repo)
    if (repo / FILE_NAME).exists():
        output.say(f"{FILE_NAME} is valid.")
    else:
        output.say(f"There is no {FILE_NAME} in {repo}: the defaults are in force.")
    output.result(found.model_dump(mode="json"))


@app.command()
def schema() -> None:
    """Print the JSON Schema of .hotlap.yml, for editors."""
    from bot.config import schema as published

    typer.echo(json.dumps(published(), indent=2))


@app.command()
def docs() -> None:
    """Print every key of .hotlap.yml with its default and meaning, as Markdown."""
    from bot.config import reference

    typer.echo(reference(), nl=False)
