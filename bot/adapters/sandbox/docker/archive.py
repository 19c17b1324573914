"""Files into and out of a container: tar archives over streams; what comes out is read with an allow-list."""

import io
import posixpath
import tarfile
from collections.abc import Mapping
from pathlib import PurePosixPath

from bot.domain.code import Snapshot
from bot.domain.errors import SandboxError

TOOLS_PACKAGE = "hotlap_inside"
FRAMING = 1 << 16
"""Bytes that an archive of one member may have around the member's own."""


def packed(tree: Snapshot, tools: Mapping[str, bytes]) -> bytes:
    """Return a tar archive with `tree/`, `tools/hotlap_inside/` and an empty `scratch/`.

    SandboxError for a tree with a path that leads out of it or through something that is no directory.
    """
    _check(tree)
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name in ("tree", "tools", "scratch", f"tools/{TOOLS_PACKAGE}"):
            _add(archive, name, tarfile.DIRTYPE, mode=0o755)
        for name, data in tools.items():
            _add(archive, f"tools/{TOOLS_PACKAGE}/{name}", tarfile.REGTYPE, data=data)
        for path, found in tree.files.items():
            if found.link is not None:
                _add(archive, f"tree/{path}", tarfile.SYMTYPE, link=found.link)
            else:
                _add(archive, f"tree/{path}", tarfile.REGTYPE, 0o755 if found.executable else 0o644, found.data)
    return target.getvalue()


def member(archive: bytes, name: str, max_bytes: int) -> bytes | None:
    """Return the one file that an archive from a container should hold; None for anything but that regular file.

    Nothing is written, no link is followed, and only the first member is looked at.
    """
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r|") as found:
            first = found.next()
            if first is None or not first.isreg() or first.issparse() or first.size > max_bytes:
                return None
            body = found.extractfile(first) if posixpath.basename(first.name) == posixpath.basename(name) else None
            data = body.read(max_bytes) if body is not None else None
    except (tarfile.TarError, ValueError, OverflowError, EOFError, OSError, RecursionError):
        return None
    return data if data is not None and len(data) == first.size else None


def _check(tree: Snapshot) -> None:
    for path in tree.files:
        parts = PurePosixPath(path).parts
        above = ("/".join(parts[:count]) for count in range(1, len(parts)))
        if (
            not parts
            or path != "/".join(parts)
            or path.startswith("/")
            or ".." in parts
            or any(one in tree.files for one in above)
        ):
            raise SandboxError(f"the tree could not be laid into the container: {path!r} is no path below it")


def _add(
    archive: tarfile.TarFile, name: str, kind: bytes, mode: int = 0o644, data: bytes = b"", link: str = ""
) -> None:
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode, entry.size, entry.linkname = kind, mode, len(data), link
    archive.addfile(entry, io.BytesIO(data))
