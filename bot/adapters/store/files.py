"""The file of an export: whole or absent, nobody else's to read, through zstandard where its name ends with .zst."""

import contextlib
import io
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, TextIO

import zstandard

from bot.domain.errors import Refused


@contextlib.contextmanager
def appearing(file: Path) -> Iterator[TextIO]:
    """Open a file for writing that appears when all is written; Refused where it cannot be made."""
    try:
        descriptor, temporary = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    except OSError as error:
        raise Refused(f"{file} cannot be written: {error.strerror}") from None
    try:
        with os.fdopen(descriptor, "wb") as raw, _text(raw, file, "w") as out:
            yield out
        Path(temporary).replace(file)
    finally:
        Path(temporary).unlink(missing_ok=True)


@contextlib.contextmanager
def reading(file: Path) -> Iterator[TextIO]:
    """Open a file for reading; Refused where it cannot be read as what its name says."""
    try:
        raw = file.open("rb")
    except OSError as error:
        raise Refused(f"{file} cannot be read: {error.strerror}") from None
    try:
        with raw, _text(raw, file, "r") as lines:
            yield lines
    except zstandard.ZstdError:
        raise Refused(f"{file} is not a file of zstandard, or is damaged") from None
    except UnicodeDecodeError:
        raise Refused(f"{file} is not UTF-8 text") from None


def _text(raw: BinaryIO, file: Path, mode: str) -> TextIO:
    if file.suffix == ".zst":
        compressed: TextIO = zstandard.open(raw, f"{mode}t", encoding="utf-8", newline="\n")
        return compressed
    return io.TextIOWrapper(raw, encoding="utf-8", newline="\n")
