"""`hotlap doctor`: what works on this machine, and how to mend what does not."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from bot.cli import options
from bot.cli.output import Output
from bot.cli.probes import Check, Status

if TYPE_CHECKING:
    from bot.cli.host import LocalHost

app = typer.Typer()
_MARKS = {Status.OK: "ok  ", Status.NOTE: "note", Status.FAIL: "FAIL"}


@app.command()
def doctor(repo: options.Repo = options.HERE, json_target: options.Json = None, python: options.Python = None) -> None:
    """Say what works on this machine, and how to mend what does not.

    Exit code 0 means that the commands can work; 1 that something marked FAIL is in their way.
    """
    from bot.cli import probes
    from bot.cli.host import LocalHost

    output = Output(json_target)
    host = LocalHost()
    checks = [*probes.machine(host), *_repository(repo, python, host)]
    output.say(rendered(checks))
    well = all(one.status is not Status.FAIL for one in checks)
    output.result({"ok": well, "checks": checks})
    raise typer.Exit(0 if well else 1)


def rendered(checks: list[Check]) -> str:
    """Return one line for each check, and a line below it with what mends it."""
    width = max(len(one.name) for one in checks)
    lines = []
    for one in checks:
        lines.append(f"{_MARKS[one.status]}  {one.name:<{width}}  {one.found}")
        if one.mend:
            lines.append(f"{'':{width + 8}}-> {one.mend}")
    return "\n".join(lines)


def _repository(repo: Path, python: str | None, host: "LocalHost") -> Iterator[Check]:
    from bot import wiring
    from bot.cli import probes
    from bot.domain.errors import ConfigError, HotlapError

    try:
        looked = wiring.looked_at(repo, python)
    except ConfigError as error:
        yield Check("configuration", Status.FAIL, str(error), "mend it; `hotlap config check` says when it is right")
        return
    except HotlapError as error:
        # Looking at a machine alone is fine; a repository that was named, or that we stand in, must be usable.
        alone = repo == options.HERE and not host.ask(["git", "rev-parse", "--git-dir"]).well
        mend = "name a repository with --repo to have it looked at, too"
        yield from probes.isolation(wiring.looked_at_alone(), "auto")
        yield Check("repository", Status.NOTE if alone else Status.FAIL, str(error), mend)
        return
    yield from probes.isolation(looked.probes, looked.config.isolation)
    yield Check("repository", Status.OK, f"{looked.root} at {looked.tree.commit[:12]}")
    for note in looked.notes:
        yield Check("configuration", Status.NOTE, note, "merge it into the default branch first")
    config = looked.config
    yield from probes.repository(looked.project, looked.probes, config.isolation, set_up=bool(config.setup))
