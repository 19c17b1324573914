"""`hotlap learn`: what people did with the bot's merge requests, and what they asked for."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import options
from bot.cli.output import Output
from bot.cli.progress import progress

if TYPE_CHECKING:
    from bot.learn.replay import Learned

app = typer.Typer()


@app.command()
def learn(
    replay: Annotated[
        Path | None,
        typer.Option("--replay", metavar="FILE", help="Exported GitLab objects, one merge request a line, or -."),
    ] = None,
    repo: options.Repo = options.HERE,
    json_target: options.Json = None,
) -> None:
    """Draw lessons from what reviewers said and did with the bot's merge requests.

    Asks GitLab (HOTLAP_GITLAB_URL, _PROJECT, _TOKEN) for what is new since the last time, and keeps it. With --replay
    nothing is asked of GitLab and nothing is kept. Each merge request becomes one line of --json.
    """
    output = Output(json_target)
    from bot.learn.replay import shape

    found = _replayed(replay) if replay is not None else _harvested(repo, output)
    output.results([shape(one) for one in found])
    for one in found:
        output.say(f"{one.id}: {one.feedback.reception}")
        for lesson in one.lessons:
            output.say(f"  {lesson.state} {lesson.polarity} {lesson.scope}: {lesson.sentence}")
    count = sum(len(one.lessons) for one in found)
    output.say(f"{len(found):,} merge requests, {count:,} lessons")


def _replayed(file: Path) -> "tuple[Learned, ...]":
    from bot.app.learn import replayed

    return replayed(options.lines(file, "--replay"), str(file))


def _harvested(repo: Path, output: Output) -> "tuple[Learned, ...]":
    from bot.wiring.learning import learn_once

    with progress(output) as steps:
        return learn_once(repo, os.environ, steps)
