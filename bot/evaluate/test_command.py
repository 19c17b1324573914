"""The repository's own test command as an argv for a session."""

import posixpath
from collections.abc import Sequence

from bot.domain.job import Project

_PYTHONS = ("python", "python3")


def is_pytest(command: Sequence[str]) -> bool:
    """Return whether `command` runs pytest itself, so that options of pytest may be appended."""
    if posixpath.basename(command[0]) in ("pytest", "py.test"):
        return True
    return "-m" in command and command[command.index("-m") + 1 : command.index("-m") + 2] in (["pytest"], ("pytest",))


def is_python(command: Sequence[str]) -> bool:
    """Return whether `command` runs the interpreter on a module or a script."""
    return command[0] in _PYTHONS and len(command) > 1 and (command[1] == "-m" or not command[1].startswith("-"))


def argv(project: Project, command: Sequence[str], extra: Sequence[str] = ()) -> tuple[str, ...]:
    """Return what to run: "python" stands for the target's interpreter, and pytest is run as its module."""
    if command[0] in _PYTHONS:
        return (project.python, *command[1:], *extra)
    if posixpath.basename(command[0]) in ("pytest", "py.test"):
        return (project.python, "-m", "pytest", *command[1:], *extra)
    return (*command, *extra)
