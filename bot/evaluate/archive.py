"""Reads a tar archive that was made in a sandbox: nothing is unpacked to a disk; only plain files and links pass."""

import io
import posixpath
import tarfile
from collections.abc import Iterator

from bot.domain.code import File

MOST_FILES = 50_000
_PLAIN = (tarfile.REGTYPE, tarfile.AREGTYPE)


class Unsafe(Exception):  # noqa: N818 - an observation about the archive
    """The archive holds something that may not be taken out; the message says what."""


def read(data: bytes, most_files: int = MOST_FILES) -> dict[str, File]:
    """Return the files and links of an archive by path; Unsafe for anything else, and for links that lead outside."""
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
            return dict(_checked(archive, most_files))
    except (tarfile.TarError, ValueError, OverflowError, EOFError) as error:
        raise Unsafe(f"cannot be read ({type(error).__name__})") from error
    except RecursionError as error:  # each header that describes the next one is read below it
        raise Unsafe("chains more headers than an archive has") from error


def _checked(archive: tarfile.TarFile, most_files: int) -> Iterator[tuple[str, File]]:
    names: set[str] = set()
    for member in archive:
        name = member.name
        if len(names) >= most_files:
            raise Unsafe(f"holds more than {most_files} files")
        if not _inside(name) or name.casefold() in names:
            raise Unsafe(f"holds a name that may not be: {name[:100]!r}")
        if any(parent.casefold() in names for parent in _parents(name)):
            raise Unsafe(f"holds a file below another file: {name[:100]!r}")
        names.add(name.casefold())
        yield name, _file(archive, member)


def _file(archive: tarfile.TarFile, member: tarfile.TarInfo) -> File:
    if member.type == tarfile.SYMTYPE:
        target = posixpath.join(posixpath.dirname(member.name), member.linkname)
        if not _inside(posixpath.normpath(target)) or member.linkname.startswith("/"):
            raise Unsafe(f"holds a link that leads outside: {member.name[:100]!r}")
        return File(link=member.linkname)
    opened = archive.extractfile(member) if member.type in _PLAIN and not member.issparse() else None
    if opened is None:
        raise Unsafe(f"holds something that is no file: {member.name[:100]!r}")
    return File(opened.read(), executable=bool(member.mode & 0o100))


def _inside(name: str) -> bool:
    parts = name.split("/")
    return "\0" not in name and not any(part.casefold() in {"", ".", "..", ".git"} for part in parts)


def _parents(name: str) -> Iterator[str]:
    while name := posixpath.dirname(name):
        yield name
