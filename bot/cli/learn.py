"""`hotlap learn`: what people did with the bot's merge requests, and what they asked for."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli import options
from bot.cli.output import Output
from bot.domain.errors import Refused

app = typer.Typer()


@app.command()
def learn(
    replay: Annotated[
        Path | None,
        typer.Option("--replay", metavar="FILE", help="Exported GitLab objects, one merge request a line, or -."),
    ] = None,
    json_target: options.Json = None,
) -> None:
    """Draw lessons from what reviewers said and did.

    With --replay nothing is asked of GitLab and nothing is kept: each line of the file becomes one line of --json.
    """
    if replay is None:
        raise Refused("give --replay FILE with exported merge requests; in CI the sweep harvests them by itself")
    output = Output(json_target)
    from bot.app.learn import replayed
    from bot.learn.replay import shape

    found = replayed(options.lines(replay, "--replay"), str(replay))
    output.results([shape(one) for one in found])
    for one in found:
        output.say(f"{one.id}: {one.feedback.reception}")
        for lesson in one.lessons:
            output.say(f"  {lesson.state} {lesson.polarity} {lesson.scope}: {lesson.sentence}")
    count = sum(len(one.lessons) for one in found)
    output.say(f"{len(found):,} merge requests, {count:,} lessons")
