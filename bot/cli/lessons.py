"""`hotlap lessons`: what was learned about a repository, and the last word on it."""

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli import options
from bot.cli.output import Output
from bot.domain.errors import Refused
from bot.domain.lesson import Lesson, LessonState, Reach

if TYPE_CHECKING:
    from bot.ports.store import LessonBook

app = typer.Typer(invoke_without_command=True)

_Id = Annotated[str, typer.Argument(metavar="ID", help="A lesson's name, or its first characters.")]
_All = Annotated[bool, typer.Option("--all", help="Also what single candidates have taught, and what is retired.")]


@app.callback()
def lessons(
    context: typer.Context,
    repo: options.Repo = options.HERE,
    everything: _All = False,
    json_target: options.Json = None,
) -> None:
    """List what was learned; show, activate or retire a lesson.

    A retired lesson stays retired, whatever is said again. Exit code 1 means that there is no lesson.
    """
    if context.invoked_subcommand is None:
        list_(repo, everything, json_target)


@app.command("list")
def list_(repo: options.Repo = options.HERE, everything: _All = False, json_target: options.Json = None) -> None:
    """List the lessons of reviewers with their state, scope and sentence."""
    output = Output(json_target)
    found = [one for one in _book(repo).lessons() if everything or _shown(one)]
    for one in found:
        output.say(f"{one.id}  {one.state:8}  {one.polarity:7}  {one.scope}: {one.sentence}")
    if not found:
        output.say("nothing was learned yet")
    output.result([_shape(one) for one in found])
    raise typer.Exit(0 if found else 1)


@app.command()
def show(lesson: _Id, repo: options.Repo = options.HERE, json_target: options.Json = None) -> None:
    """Show one lesson with its evidence and what follows from it."""
    output = Output(json_target)
    found = _named(_book(repo), lesson)
    for name, value in _shape(found).items():
        output.say(f"{name}: {', '.join(value) if isinstance(value, list) else value}")
    output.result(_shape(found))


@app.command()
def activate(lesson: _Id, repo: options.Repo = options.HERE, json_target: options.Json = None) -> None:
    """Make a lesson count from now on."""
    _decide(lesson, LessonState.ACTIVE, Output(json_target), _book(repo))


@app.command()
def retire(lesson: _Id, repo: options.Repo = options.HERE, json_target: options.Json = None) -> None:
    """Let a lesson count no more."""
    _decide(lesson, LessonState.RETIRED, Output(json_target), _book(repo))


def _decide(lesson: str, state: LessonState, output: Output, book: "LessonBook") -> None:
    found = book.decide(_named(book, lesson).id, state, getpass.getuser())
    output.say(f"{found.id} is {found.state}: {found.sentence}")
    output.result(_shape(found))


def _named(book: "LessonBook", start: str) -> Lesson:
    """Return the one lesson whose name begins with `start`; Refused where there is none or more than one."""
    found = [one for one in book.lessons() if one.id.startswith(start)]
    if len(found) != 1:
        how = "no lesson" if not found else f"{len(found)} lessons"
        raise Refused(f"{how} called {start!r}; see `hotlap lessons list --all`")
    return found[0]


def _shown(lesson: Lesson) -> bool:
    return lesson.reach != Reach.CANDIDATE and lesson.state is not LessonState.RETIRED


def _shape(lesson: Lesson) -> dict[str, Any]:
    return {
        "id": lesson.id,
        "scope": lesson.reach,
        "scope_value": lesson.value,
        "polarity": str(lesson.polarity),
        "sentence": lesson.sentence,
        "status": str(lesson.state),
        "evidence": list(lesson.evidence),
        "subjects": list(lesson.subjects),
    }


def _book(repo: Path) -> "LessonBook":
    from bot import wiring

    return wiring.lesson_book(repo)
