"""Where a command's words and its JSON object go: terminal, CI log, pipe or file."""

import json
import os
import stat
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from bot.domain.errors import Refused
from bot.domain.legible import harmless
from bot.domain.plain import plain


@dataclass(frozen=True, slots=True)
class Screen:
    """What a stream can show: `live` means a display that redraws itself, `colour` means colours."""

    live: bool
    colour: bool


def screen(stream: TextIO, environment: Mapping[str, str]) -> Screen:
    """Look at a stream and the environment; CI and dumb terminals get plain lines, NO_COLOR is honoured."""
    in_ci = environment.get("CI", "").lower() not in {"", "0", "false", "no"}
    live = stream.isatty() and not in_ci and environment.get("TERM", "") != "dumb"
    return Screen(live=live, colour=live and not environment.get("NO_COLOR"))


class Output:
    """The two voices of one command: `say` for people, `result` for programs.

    `target` is the value of --json: a file, "-" for standard output (people then read standard error), or None.
    A target that cannot be written is refused here, before the command has done its work.
    """

    def __init__(
        self,
        target: str | None = None,
        *,
        stdout: TextIO | None = None,
        stderr: TextIO | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._stdout = sys.stdout if stdout is None else stdout
        self._stderr = sys.stderr if stderr is None else stderr
        self._target = target
        self.human = self._stderr if target == "-" else self._stdout
        self.screen = screen(self.human, os.environ if environment is None else environment)
        if target is not None and target != "-":
            _check_writable(Path(target))

    def say(self, text: str = "") -> None:
        """Write a line (or several) for people; control characters of strangers come out harmless."""
        self.human.write(harmless(text) + "\n")
        self.human.flush()

    def result(self, value: Any) -> None:
        """Write the command's one JSON object where --json asked for it; nothing without --json."""
        self._deliver(json.dumps(plain(value), indent=2, allow_nan=False) + "\n")

    def results(self, values: Sequence[Any]) -> None:
        """Write one JSON object a line where --json asked for it, for commands that answer about many things."""
        self._deliver("".join(json.dumps(plain(one), allow_nan=False) + "\n" for one in values))

    def _deliver(self, text: str) -> None:
        if self._target is None:
            return
        if self._target == "-":
            self._stdout.write(text)
            self._stdout.flush()
        else:
            _write(Path(self._target), text)


def _check_writable(path: Path) -> None:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        if not path.parent.is_dir():
            raise Refused(f"--json: the directory {path.parent} does not exist") from None
        mode = 0
    except OSError as error:
        raise Refused(f"--json: {path} cannot be written: {error.strerror}") from error
    if stat.S_ISDIR(mode):
        raise Refused(f"--json: {path} is a directory")
    if not os.access(path if mode else path.parent, os.W_OK):
        raise Refused(f"--json: {path} cannot be written: permission denied")


def _write(path: Path, text: str) -> None:
    """Replace a file in one step; a device or a pipe is written into."""
    try:
        if path.exists() and not path.is_file():
            path.write_text(text, encoding="utf-8")
            return
        place = path.resolve()
        descriptor, name = tempfile.mkstemp(prefix=f".{place.name}.", dir=place.parent)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
            Path(name).chmod(0o644)
            Path(name).replace(place)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise Refused(f"--json: {path} could not be written: {error.strerror}") from error
