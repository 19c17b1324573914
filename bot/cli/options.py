"""The flags that several commands share, so that they read and behave the same everywhere."""

import os
import re
import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.domain.errors import Refused

HERE = Path()

Json = Annotated[
    str | None,
    typer.Option("--json", metavar="FILE|-", help="Write one JSON object to a file, or to standard output with -."),
]
Repo = Annotated[
    Path,
    typer.Option("--repo", metavar="PATH", exists=True, file_okay=False, help="The repository.", show_default="."),
]
Python = Annotated[
    str | None,
    typer.Option("--python", metavar="PATH", help="The repository's interpreter; detected where not given."),
]

_LARGEST = 16 << 20


def duration(text: str, flag: str) -> float:
    """Return seconds from "90", "90s", "5m" or "1h"; Refused for anything else."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smh]?)", text.strip())
    seconds = float(found[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[found[2]] if found else 0.0
    if seconds <= 0:
        raise Refused(f"{flag}: {text!r} is not a duration such as 90, 5m or 1h")
    return seconds


def share(text: str, flag: str) -> float:
    """Return 0.05 from "5%" or "0.05"; Refused for anything else, and for 1 (100%) and more."""
    found = re.fullmatch(r"(\d{1,6}(?:\.\d{1,9})?)\s*(%?)", text.strip())
    value = float(found[1]) / (100 if found[2] else 1) if found else 1.0
    if not 0 <= value < 1:
        raise Refused(f"{flag}: {text!r} is not a share below 1, such as 5% or 0.05")
    return value


def directory(path: Path, flag: str) -> None:
    """Make a directory for output, so that it is refused before the work is done; it may be there already."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refused(f"{flag}: {path} cannot be made: {error.strerror}") from None
    if not os.access(path, os.W_OK):
        raise Refused(f"{flag}: {path} cannot be written: permission denied")


def lines(path: Path, flag: str) -> list[str]:
    """Return the lines of a text file, or of standard input with -; Refused where it cannot be read as such."""
    if str(path) != "-":
        return text(path, flag).split("\n")
    try:
        return sys.stdin.buffer.read(_LARGEST).decode("utf-8").split("\n")
    except UnicodeDecodeError:
        raise Refused(f"{flag}: standard input is not UTF-8 text") from None


def text(path: Path, flag: str) -> str:
    """Return the text of a file named on the command line; Refused where it cannot be read as such."""
    try:
        if path.stat().st_size > _LARGEST:
            raise Refused(f"{flag}: {path} is larger than {_LARGEST >> 20} MiB")
        # Line ends are part of an edit: universal newlines would change them.
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise Refused(f"{flag}: {path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Refused(f"{flag}: {path} is not UTF-8 text") from None
