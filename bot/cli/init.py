"""`hotlap init`: a configuration with what was detected, and the next command to type."""

import os
import shlex
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import options
from bot.cli.output import Output
from bot.domain.errors import Refused

if TYPE_CHECKING:
    from bot.app.init import Plan

app = typer.Typer()


@app.command()
def init(
    repo: options.Repo = options.HERE,
    force: Annotated[bool, typer.Option("--force", help="Replace a .hotlap.yml that is there.")] = False,
    benchmark: Annotated[
        bool, typer.Option("--benchmark", help="Add a first benchmark where the repository has none.")
    ] = False,
    merge_request: Annotated[
        bool, typer.Option("--merge-request", help="Open a merge request with it on GitLab; write nothing here.")
    ] = False,
    json_target: options.Json = None,
    python: options.Python = None,
) -> None:
    """Write a commented .hotlap.yml with what was detected, and say what to type next.

    A file that is there already is left as it is, and that is no error. --merge-request proposes the files on GitLab in
    their place, as the project and the token of HOTLAP_GITLAB_* say.
    """
    output = Output(json_target)
    from bot import wiring
    from bot.app.init import plan

    root, tree, project = wiring.detected(repo, python, afresh=force)
    found = plan(tree, project, python=python, benchmark=benchmark)
    for note in found.notes:
        output.say(note)
    if merge_request:
        _proposed(output, found)
        return
    written: list[str] = []
    kept: list[str] = []
    for number, (path, text) in enumerate(found.files):
        # Only the configuration can be asked to be replaced: a benchmark is the user's work.
        done = _write(root, path, text, replace=force and number == 0)
        (written if done else kept).append(path)
        output.say(f"wrote {path}" if done else f"{path} is there already and was left as it is")
    shown = [one if one.startswith("git ") else _at(one, repo) for one in found.following]
    for one in shown:
        output.say(f"next: {one}")
    output.result({"written": written, "kept": kept, "detected": project, "notes": found.notes, "next": shown})


def _proposed(output: Output, found: "Plan") -> None:
    from bot.wiring.onboarding import onboard

    published = onboard(found)
    request = published.merge_request
    output.say(published.sentence if request is None else f"{published.sentence}: {request.web_url}")
    output.result({"how": published.how, "merge_request": None if request is None else request.web_url})


def _at(command: str, repo: Path) -> str:
    return command if repo == options.HERE else f"{command} --repo {shlex.quote(str(repo))}"


def _write(root: Path, path: str, text: str, *, replace: bool) -> bool:
    """Write a whole file or nothing; return False where one is there that may not be replaced."""
    place = root / path
    if os.path.lexists(place) and not replace:
        return False
    try:
        place.parent.mkdir(exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{place.name}.", dir=place.parent)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
            Path(name).chmod(0o644)
            if replace:
                Path(name).replace(place)
            else:
                os.link(name, place)  # fails where somebody was faster, and follows no link
                Path(name).unlink()
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except FileExistsError:
        return False
    except OSError as error:
        raise Refused(f"{place} cannot be written: {error.strerror}") from error
    return True
