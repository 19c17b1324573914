"""The files that jobs of a pipeline hand to each other: one JSON document each, with a format, a version and a cap.

They may have been written by a job in which a stranger's code ran: what is read is a regular file of a known name, no
larger than its cap, and nothing but what its schema says.
"""

import errno
import hashlib
import os
import re
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.domain.errors import ExchangeError
from bot.domain.exchange import Evidence, Order, Plan, Survey
from bot.domain.legible import one_line

VERSION = 1
DIRECTORY = "hotlap-ci"
CHILD = "child.yml"
_DEEPEST = "evidence"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")

_Value = TypeVar("_Value")


class _Document(BaseModel, Generic[_Value]):
    """The envelope of every file; whatever is not in the schema is refused, in every value below as well."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, ser_json_bytes="base64", val_json_bytes="base64", ser_json_inf_nan="strings"
    )

    format: str
    version: int
    data: _Value


@dataclass(frozen=True, slots=True)
class Kind(Generic[_Value]):
    """One kind of file: its value, the name of its format, its place below the directory, and its cap in bytes."""

    value: type[_Value]
    format: str
    place: str
    cap: int

    @property
    def model(self) -> type[_Document[_Value]]:
        """The schema of the whole document."""
        return _Document[self.value]  # type: ignore[name-defined]


ORDER = Kind(Order, "hotlap/order", "order.json", 1 << 20)
SURVEY = Kind(Survey, "hotlap/survey", "survey.json", 8 << 20)
PLAN = Kind(Plan, "hotlap/plan", "plan.json", 64 << 20)
EVIDENCE = Kind(Evidence, "hotlap/evidence", "evidence/{}.json", 32 << 20)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One directory of such files, below the project's directory of the job."""

    directory: Path

    def write(self, kind: Kind[_Value], value: _Value, name: str = "") -> str:
        """Write a value whole or not at all; return the SHA-256 of the file."""
        document = kind.model(format=kind.format, version=VERSION, data=value)
        data = document.model_dump_json(indent=1).encode() + b"\n"
        if len(data) > kind.cap:
            raise ExchangeError(f"{self._place(kind, name)} would be larger than {kind.cap >> 20} MiB")
        self.put(str(self._place(kind, name).relative_to(self.directory)), data)
        return hashlib.sha256(data).hexdigest()

    def put(self, name: str, data: bytes) -> Path:
        """Write one file of any content below the directory, whole or not at all."""
        place = self.directory / name
        place.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(prefix=".", dir=place.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
            Path(temporary).chmod(0o644)
            Path(temporary).replace(place)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        return place

    def discard(self, kind: Kind[Any], name: str = "") -> None:
        """Take away what is at the place of a file, so that nothing of an earlier job passes for this one's."""
        place = self._place(kind, name)
        if os.path.lexists(place):
            place.unlink()

    def has(self, kind: Kind[Any], name: str = "") -> bool:
        """Say whether anything is at the place of such a file."""
        return os.path.lexists(self._place(kind, name))

    def read(self, kind: Kind[_Value], name: str = "", digest: str = "") -> _Value:
        """Return the value of a file; ExchangeError where it is missing, too large, of another schema or version.

        Where `digest` is given the file must be the one of that SHA-256.
        """
        place = self._place(kind, name)
        data = bounded(place, kind.cap)
        if digest and hashlib.sha256(data).hexdigest() != digest:
            raise ExchangeError(f"{place} is not the file that the pipeline was made for")
        return parse(kind, data, str(place))

    def _place(self, kind: Kind[Any], name: str) -> Path:
        if name and _NAME.fullmatch(name) is None:
            raise ExchangeError(f"{name!r} is not a name for a file of evidence")
        return self.directory / kind.place.format(name)


def parse(kind: Kind[_Value], data: bytes, where: str) -> _Value:
    """Return the value that `data` holds; ExchangeError, which names `where`, for anything else."""
    try:
        document = kind.model.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        at = ".".join(str(part) for part in first["loc"]) or "the document"
        raise ExchangeError(f"{where} is no {kind.format}: {one_line(at, 100)}: {one_line(first['msg'])}") from None
    if document.format != kind.format:
        raise ExchangeError(f"{where} is a {one_line(document.format, 40)!r}, not a {kind.format}")
    if document.version != VERSION:
        raise ExchangeError(
            f"{where} has version {document.version}, and this Hotlap reads {VERSION}: "
            "use the same version of Hotlap in every job"
        )
    return document.data


def schema(kind: Kind[Any]) -> dict[str, Any]:
    """Return the JSON Schema of one kind of file."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **kind.model.model_json_schema()}


def bounded(place: Path, cap: int) -> bytes:
    """Return the bytes of a regular file of `cap` at most; ExchangeError for anything else, links included."""
    folder = place.parent
    if folder.name == _DEEPEST and folder.is_symlink():
        raise ExchangeError(f"{folder} is a symbolic link: nothing is read through it")
    try:
        descriptor = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        why = "is a symbolic link" if error.errno == errno.ELOOP else f"cannot be read: {error.strerror}"
        raise ExchangeError(f"{place} {why}") from None
    # Not a file object yet: Python makes none of a directory.
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise ExchangeError(f"{place} is not a regular file")
    with os.fdopen(descriptor, "rb") as file:
        data = file.read(cap + 1)
    if len(data) > cap:
        raise ExchangeError(f"{place} is larger than {cap >> 20} MiB")
    return data
