"""Which sandboxes there are, from the strongest to none, and which of them a run gets."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from pathlib import Path

from bot.adapters.sandbox import socket_of_docker
from bot.adapters.sandbox.choose import Chosen, Wish, choose
from bot.adapters.sandbox.docker.daemon import Daemon
from bot.adapters.sandbox.docker.sandbox import DockerSandbox
from bot.adapters.sandbox.docker.settings import DockerSettings
from bot.adapters.sandbox.namespace import NamespaceSandbox
from bot.adapters.sandbox.probe import Backend, Probed, probe
from bot.adapters.sandbox.process import ProcessSandbox
from bot.config import Config
from bot.domain.errors import Refused
from bot.domain.evidence import Isolation
from bot.ports import Limits, Progress

_BUBBLEWRAP = "install bubblewrap (`apt-get install bubblewrap`) where unprivileged user namespaces are allowed"


def _without_image() -> DockerSandbox:
    raise Refused("no image is named under `sandbox: image:`")


_NO_IMAGE = Backend(
    Isolation.CONTAINER, _without_image, str, "name an image by its digest under `sandbox: image:`", wanted=False
)


@dataclass(frozen=True, slots=True)
class Ways:
    """How boxes can be made: what is shipped into them, where they lie, and the interpreter on this machine.

    `python` is asked when it is needed, as the one of an image may do; its errors have a sentence.
    """

    tools: Mapping[str, bytes]
    directory: Path
    python: Callable[[], str]

    def backends(self, config: Config, inside: str) -> tuple[Backend, ...]:
        """Return every way of isolating, the strongest first; `inside` is the interpreter in the image."""
        image = config.sandbox.image
        docker = _NO_IMAGE if image is None else self._docker(image, inside)
        namespace = Backend(Isolation.NAMESPACE, self._namespace, self.python, _BUBBLEWRAP)
        return (docker, namespace, Backend(Isolation.PROCESS, self._process, self.python))

    def _docker(self, image: str, inside: str) -> Backend:
        def make(*, timing: bool) -> DockerSandbox:
            settings = DockerSettings(image, timing=timing)
            return DockerSandbox(self.tools, settings, Daemon(settings.request_seconds))

        timed, untimed = partial(make, timing=True), partial(make, timing=False)
        return Backend(Isolation.CONTAINER, timed, lambda: inside, "start Docker and load the image", untimed)

    def _namespace(self) -> NamespaceSandbox:
        return NamespaceSandbox(self.tools, self.python())

    def _process(self) -> ProcessSandbox:
        return ProcessSandbox(self.tools, self.directory, self.python())


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


def chosen(ways: Ways, config: Config, wish: Wish, inside: str, progress: Progress) -> Chosen:
    """Choose the sandbox of a run and say which; Refused in a CI job into which a Docker socket was mounted."""
    socket_of_docker.refuse(os.environ, socket_of_docker.owner_of)
    progress.step("run", "sandbox", "looking for what works here")
    found = choose(wish, ways.backends(config, inside), lambda backend: _probed(backend, config))
    progress.step("run", "isolation", "; ".join((found.sandbox.isolation.said, *found.notes)))
    return found


def probes(ways: Ways, config: Config, inside: str) -> tuple[Probed, ...]:
    """Try every way of isolating, whatever was asked for."""
    return tuple(_probed(backend, config) for backend in ways.backends(config, inside))


def _probed(backend: Backend, config: Config) -> Probed:
    return probe(backend, limits(config), config.env)
