"""Reads `.hotlap.yml` from a directory or from the bytes of a commit.

The file may come from a stranger's repository: it is opened without following links and never read beyond its cap.
"""

import os
import stat
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bot.config.model import Config
from bot.config.sentences import sentence
from bot.domain.errors import ConfigError

FILE_NAME = ".hotlap.yml"
MOST_BYTES = 64 << 10


def load(directory: Path) -> Config:
    """Return the configuration of the repository at `directory`; the defaults where it has none."""
    path = directory / FILE_NAME
    data = _bytes_of(path)
    if data is None:
        other = path.with_suffix(".yaml")
        if other.exists():
            raise ConfigError(f"is not read; rename it to {FILE_NAME}", where=other.name)
        return Config()
    return parse(data)


def parse(data: bytes, where: str = FILE_NAME) -> Config:
    """Return the configuration in `data`; ConfigError with the line of the first thing that is wrong."""
    if len(data) > MOST_BYTES:
        raise ConfigError(f"is larger than {MOST_BYTES >> 10} KiB", where=where)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError("is not UTF-8 text", where=where, line=line) from error
    from bot.config.document import read  # a repository without the file does not wait for the YAML reader

    document = read(text, where)
    try:
        return Config.model_validate({} if document.data is None else document.data)
    except ValidationError as error:
        wrong = error.errors(include_url=False)
        first = min(wrong, key=lambda one: document.line(one["loc"]) or 0)
        more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
        raise ConfigError(sentence(first, Config) + more, where=where, line=document.line(first["loc"])) from error


def schema() -> dict[str, Any]:
    """Return the JSON Schema of the file, as published for editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Config.model_json_schema(mode="validation")}


def reference() -> str:
    """Return the description of every key as Markdown, as published in docs/configuration.md."""
    from bot.config.reference import reference as made

    return made(schema())


def _bytes_of(path: Path) -> bytes | None:
    """Return at most one byte more than the cap, or None where there is no such file."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        why = "is a symbolic link; it must be a file" if path.is_symlink() else f"cannot be read: {error.strerror}"
        raise ConfigError(why, where=path.name) from error
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ConfigError("is not a regular file", where=path.name)
        return os.read(descriptor, MOST_BYTES + 1)
    finally:
        os.close(descriptor)
