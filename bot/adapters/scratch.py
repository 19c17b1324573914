"""Directories of one process alone: removed when they are not needed any more, by a later one where that was killed."""

import contextlib
import os
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bot.adapters.sandbox.warden import files, names

_PREFIX = "hotlap-scratch-"


@contextlib.contextmanager
def directory() -> Iterator[Path]:
    """Yield a new directory that only this user can enter; what dead processes of the bot have left goes first."""
    above = Path(tempfile.gettempdir())
    for left in above.glob(f"{_PREFIX}*"):
        owner = left.name.removeprefix(_PREFIX).rpartition("-")[0]
        if names.is_dead(owner):
            files.remove(str(left))
    place = above / f"{_PREFIX}{names.of(os.getpid())}-{secrets.token_hex(4)}"
    place.mkdir(mode=0o700)
    try:
        yield place
    finally:
        files.remove(str(place))
