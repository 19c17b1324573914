"""The machine as `hotlap doctor` sees it: every question that it asks, in one place that a test can answer instead."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bot.adapters.sandbox.socket_of_docker import owner_of


@dataclass(frozen=True, slots=True)
class Said:
    """How a program ended: whether it could be run and returned 0, and the first line that it wrote."""

    well: bool
    line: str


class Host(Protocol):
    """Answers about one machine; none of them raises."""

    environment: Mapping[str, str]

    def ask(self, argv: Sequence[str]) -> Said:
        """Run a program of the system for a few seconds at most."""

    def read(self, path: str) -> str | None:
        """Return a small text file, or None."""

    def listener(self, path: str) -> int | None:
        """Return the process behind a socket, 0 where it cannot be seen from here, None where nobody listens."""

    def cores(self) -> int:
        """Return how many cores this process may use."""

    def pins(self) -> bool:
        """Say whether a process may be bound to cores."""

    def load(self) -> float | None:
        """Return the load average of the last minute."""

    def free_bytes(self, path: str) -> int | None:
        """Return how much room is left at `path`, or None where nothing can be written."""


class LocalHost:
    """The machine that runs this process."""

    def __init__(self) -> None:
        self.environment: Mapping[str, str] = dict(os.environ)

    def ask(self, argv: Sequence[str]) -> Said:
        """Run a program of the system for ten seconds at most."""
        try:
            done = subprocess.run(argv, capture_output=True, check=False, timeout=10, stdin=subprocess.DEVNULL)
        except (OSError, subprocess.TimeoutExpired) as error:
            return Said(well=False, line=f"{argv[0]}: {type(error).__name__}")
        lines = (done.stdout or done.stderr).decode("utf-8", "replace").strip().splitlines()
        return Said(well=done.returncode == 0, line=lines[0] if lines else "")

    def read(self, path: str) -> str | None:
        """Return at most 64 KiB of a text file, or None."""
        try:
            with Path(path).open("rb") as file:
                return file.read(1 << 16).decode("utf-8", "replace").strip()
        except OSError:
            return None

    def listener(self, path: str) -> int | None:
        """Return the process behind a socket, 0 where it cannot be seen from here, None where nobody listens."""
        return owner_of(path)

    def cores(self) -> int:
        """Return how many cores this process may use."""
        try:
            return len(os.sched_getaffinity(0))
        except (AttributeError, OSError):
            return os.cpu_count() or 1

    def pins(self) -> bool:
        """Bind this process to the cores that it has already: nothing changes, and refusal shows."""
        try:
            os.sched_setaffinity(0, os.sched_getaffinity(0))
        except (AttributeError, OSError):
            return False
        return True

    def load(self) -> float | None:
        """Return the load average of the last minute."""
        try:
            return os.getloadavg()[0]
        except OSError:
            return None

    def free_bytes(self, path: str) -> int | None:
        """Return how much room is left at `path`, or None where nothing can be written."""
        if not os.access(path, os.W_OK | os.X_OK):
            return None
        return shutil.disk_usage(path).free
