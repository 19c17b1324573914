"""Hands a token to git without putting it where others look: no address, argument, variable, file or configuration.

Git runs the program of GIT_ASKPASS to ask for a password. Ours is a script without any secret, which reads one line of
a pipe that git inherited; the bot holds the other end.
"""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_TIMES = 8  # git may ask again for another connection
_SCRIPT = """\
#!/bin/sh
# Answers git's question for a password with a line of a pipe.
IFS= read -r answer <"/dev/fd/$HOTLAP_ASKPASS_PIPE" && printf '%s\\n' "$answer"
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a git process needs to be answered: variables, and the descriptor that it must inherit."""

    environment: dict[str, str]
    descriptor: int


@contextlib.contextmanager
def answering(token: str, place: Path) -> Iterator[Asked]:
    """Write the script below `place`, fill the pipe, and take both away again; the token fits into any pipe."""
    with tempfile.TemporaryDirectory(prefix="askpass-", dir=place) as name:
        script = Path(name) / "askpass"
        script.write_text(_SCRIPT, encoding="utf-8")
        script.chmod(0o700)
        reading, writing = os.pipe()
        try:
            with os.fdopen(writing, "wb") as pipe:
                pipe.write(f"{token}\n".encode() * _TIMES)
            environment = {"GIT_ASKPASS": str(script), "HOTLAP_ASKPASS_PIPE": str(reading)}
            yield Asked(environment, reading)
        finally:
            os.close(reading)
