"""What an owner decides about containers, apart from the limits that every backend shares."""

import re
from dataclasses import dataclass

from bot.domain.errors import Refused

_DIGEST = re.compile(r"(?:[\w./:-]+@)?sha256:[0-9a-f]{64}\Z")


@dataclass(frozen=True, slots=True)
class DockerSettings:
    """The image by digest ("name@sha256:..." or the image id "sha256:..."), and how its containers are made.

    `timing` asks for the plain runtime and for fixed memory layouts; without it the daemon's strongest runtime is used.
    `cpus` is the cpuset ("" for every core).
    `lifetime` is the number of seconds after which a container ends by itself, `request_seconds` how long the daemon
    may take for one answer. `run` names the run in the containers' labels.
    """

    image: str
    timing: bool = False
    cpus: str = ""
    spares: int = 2
    lifetime: int = 6 * 3600
    request_seconds: float = 60.0
    run: str = ""

    def __post_init__(self) -> None:
        if not _DIGEST.match(self.image):
            raise Refused(
                f"the image {self.image!r} is not named by its digest; "
                "`docker image inspect --format '{{.Id}}' NAME` prints one that cannot change"
            )
