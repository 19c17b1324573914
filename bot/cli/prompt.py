"""`hotlap prompt`: exactly what a language model would be told; nothing is sent."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli import options
from bot.cli.output import Output
from bot.cli.progress import progress

if TYPE_CHECKING:
    from bot.propose.context.slice import Part
    from bot.propose.llm.prompt import Prompt

app = typer.Typer()


@app.command()
def prompt(
    target: Annotated[str, typer.Argument(metavar="TARGET", help="path::function, path:line or a name.")],
    repo: options.Repo = options.HERE,
    no_profile: Annotated[
        bool, typer.Option("--no-profile", help="Do not run the benchmarks: what the function costs is not told.")
    ] = False,
    json_target: options.Json = None,
    python: options.Python = None,
) -> None:
    """Show exactly what a language model would be told about a function; nothing is sent.

    The messages go to standard output as they are; what was shown and left out goes to --json.
    """
    output = Output(json_target)
    from bot import settings, wiring
    from bot.app import prompt as story
    from bot.wiring.proposers import prompts

    with progress(output) as steps:
        local = wiring.local(repo, steps, overrides=wiring.Overrides(python))
        own = settings.load_model()
        writer = prompts(own, own.name, local.config.protected)
        found = story.shown(local.shop, local.shop.parts.store, local.tree, target, writer, profile=not no_profile)
    for message in found.messages:
        output.say(f"--- {message.role}")
        output.say(message.text)
    output.result(shape(found, own.name))


def shape(found: "Prompt", model: str) -> dict[str, Any]:
    """Return the object of `prompt --json`."""
    return {
        "target": str(found.target.function),
        "model": model or None,
        "version": found.version,
        "format": str(found.form),
        "tokens": found.slice.tokens,
        "messages": [{"role": str(one.role), "text": one.text} for one in found.messages],
        "parts": [_part(one) for one in found.slice.parts],
        "left_out": [_part(one) for one in found.slice.left_out],
    }


def _part(one: "Part") -> dict[str, Any]:
    return {
        "is": str(one.kind),
        "path": one.span.path,
        "start": one.span.start,
        "end": one.span.end,
        "writable": one.writable,
        "tokens": one.tokens,
    }
