"""Which sandboxes there are, from the strongest to none, and which of them a run gets."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from bot.adapters.sandbox import socket_of_docker
from bot.adapters.sandbox.choose import Chosen, Wish, choose
from bot.adapters.sandbox.probe import Backend, Probed, probe
from bot.adapters.sandbox.process import ProcessSandbox
from bot.config import Config
from bot.domain.evidence import Isolation
from bot.ports import Limits, Progress


@dataclass(frozen=True, slots=True)
class Ways:
    """How boxes can be made: what is shipped into them, where they lie, and the interpreter on this machine.

    `python` is asked when it is needed, as the one of an image may do; its errors have a sentence.
    """

    tools: Mapping[str, bytes]
    directory: Path
    python: Callable[[], str]

    def backends(self) -> tuple[Backend, ...]:
        """Return every way of isolating, the strongest first."""
        return (Backend(Isolation.PROCESS, lambda: ProcessSandbox(self.tools, self.directory), self.python),)


def tools() -> Mapping[str, bytes]:
    """Return the package that is shipped into every sandbox, by file name."""
    inside = files("bot.evaluate.inside")
    return {item.name: item.read_bytes() for item in inside.iterdir() if item.name.endswith(".py")}


def limits(config: Config) -> Limits:
    """Return what one box may use."""
    return Limits(
        wall_seconds=max(config.tests.timeout, config.benchmarks.timeout),
        memory_bytes=config.limits.memory,
        pids=config.limits.pids,
        output_bytes=config.limits.output,
        tmp_bytes=config.sandbox.tmp,
    )


def chosen(ways: Ways, config: Config, wish: Wish, progress: Progress) -> Chosen:
    """Choose the sandbox of a run and say which; Refused in a CI job into which a Docker socket was mounted."""
    socket_of_docker.refuse(os.environ, socket_of_docker.owner_of)
    progress.step("run", "isolation", "looking for what works here")
    found = choose(wish, ways.backends(), lambda backend: _probed(backend, config))
    progress.step("run", "isolation", "; ".join((found.sandbox.isolation.said, *found.notes)))
    return found


def probes(ways: Ways, config: Config) -> tuple[Probed, ...]:
    """Try every way of isolating, whatever was asked for."""
    return tuple(_probed(backend, config) for backend in ways.backends())


def _probed(backend: Backend, config: Config) -> Probed:
    return probe(backend, limits(config), config.env)
