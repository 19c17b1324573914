"""Commands named in .hotlap.yml under `benchmarks: commands:`; each run of one is a sample of its time."""

# ruff: noqa: ARG002 - the contract of a program names arguments that not every tool needs

from collections.abc import Iterator, Sequence

from bot.config import FILE_NAME, Config
from bot.config.commands import Command
from bot.domain.code import Snapshot
from bot.evaluate.benchmarks.program import Call, Reading, Surroundings

NAME = "command"
SIZE = "{size}"


class Commands:
    """The configured commands of a repository; all of them have the configuration file as their source."""

    NAME = NAME
    FIXED_ITERATIONS = False

    def __init__(self, config: Config) -> None:
        self._commands = {one.name: one for one in config.benchmarks.commands}

    def sources(self, tree: Snapshot) -> Iterator[str]:
        """Yield the configuration file where it names commands."""
        if self._commands:
            yield FILE_NAME

    def build(self, tree: Snapshot, source: str) -> Sequence[Call]:
        """Return nothing: what a command needs is its `setup`."""
        return ()

    def listing(self, tree: Snapshot, source: str) -> Call | None:
        """Return None: the names stand in the configuration."""
        return None

    def names(self, tree: Snapshot, source: str, output: bytes) -> Sequence[str]:
        """Return the names in the order of the file."""
        return tuple(self._commands)

    def run(self, tree: Snapshot, source: str, name: str, iterations: int) -> Call:
        """Return the command, at the larger size where it has two."""
        found = self._commands[name]
        return _call(found, found.run, found.sizes[1] if found.sizes else "")

    def readings(self, output: bytes) -> dict[str, Reading]:
        """Return nothing: a command is timed from outside."""
        return {}

    def surroundings(self, tree: Snapshot, source: str, name: str) -> Surroundings:
        """Return the command's setup, and the command at the smaller size."""
        found = self._commands[name]
        setup = None if found.setup is None else _call(found, found.setup, found.sizes[1] if found.sizes else "")
        smaller = _call(found, found.run, found.sizes[0]) if found.sizes else None
        return Surroundings(setup=setup, smaller=smaller)


def _call(command: Command, words: Sequence[str], size: str) -> Call:
    return Call(tuple(word.replace(SIZE, size) for word in words), env=tuple(sorted(command.env.items())))
