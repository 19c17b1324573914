"""A sandbox of kernel namespaces: bubblewrap makes the box, the warden puts programs into it.

What runs inside has no network, sees its own processes, and of the host's files the system's programs and its own
interpreter, read-only. All that it writes stands in memory and is gone with the box.
"""

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from bot.adapters.sandbox import interpreter
from bot.adapters.sandbox.session import BoxSession, limited, unheld
from bot.adapters.sandbox.supervisor import Box, Warden
from bot.adapters.sandbox.warden.kernel import can_fix_layout
from bot.domain.code import Snapshot
from bot.domain.errors import SandboxError
from bot.domain.evidence import Isolation
from bot.ports import Limits, Session

_ROOT = "/box"
_SHARED_BYTES = 256 << 20
_FEWEST_FILES, _BYTES_PER_FILE = 4096, 16 << 10
_ETC = ("alternatives", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "fonts", "mime.types", "protocols", "services")
_USERS = "root:x:0:0::/:/usr/sbin/nologin\nbox:x:{uid}:{uid}::/box/scratch:/bin/sh\n"
_GROUP = "root:x:0:\nbox:x:{uid}:\n"
_HOSTS = "127.0.0.1 localhost\n::1 localhost\n"


class NamespaceSandbox:
    """Opens sessions in namespaces; `tools` maps file names of the shipped package to their bytes.

    `python` is the target's interpreter and `readable` names more places of the host that programs may read. With
    `spares` the next box is made while one is used: a candidate does not wait for the kernel.
    """

    isolation = Isolation.NAMESPACE

    def __init__(
        self,
        tools: Mapping[str, bytes],
        python: str = sys.executable,
        readable: Sequence[str] = (),
        *,
        spares: bool = True,
    ) -> None:
        self._tools = tools
        self._spares = spares
        self._python = python
        self._readable = tuple(readable)
        self._warden = Warden()
        self.fixes_layout = can_fix_layout()
        self.notes: tuple[str, ...] = ()

    @contextlib.contextmanager
    def open(self, tree: Snapshot, limits: Limits) -> Iterator[Session]:
        """Make a box and lay `tree` and the tools into it; SandboxError where this machine does not allow it."""
        files = max(_FEWEST_FILES, limits.tmp_bytes // _BYTES_PER_FILE)
        # To a power of two: trees of about one size can have the box that was made for another.
        room = 2 << len(tree.files).bit_length()
        wanted = Box(
            tempfile.gettempdir(),
            limited(limits),
            bwrap=self._command(limits),
            data=(_USERS, _GROUP, _HOSTS),
            root=_ROOT,
            inodes={"/tmp": files, "/dev/shm": files, _ROOT: files + room},  # noqa: S108
        )
        box = self._warden.open(wanted, another=self._spares)
        self.notes = tuple(unheld(box.facts))
        session = BoxSession(box, limits, self.isolation)
        try:
            session.lay(tree, self._tools)
            yield session
        finally:
            session.end()

    def _command(self, limits: Limits) -> Sequence[str]:
        program = shutil.which("bwrap")
        if program is None:
            raise SandboxError("bubblewrap is missing: install the package `bubblewrap`")
        above = interpreter.folders(map(Path, self._readable))
        readable = [*above, *(part for place in self._readable for part in ("--ro-bind", place, place))]
        return [
            program, "--die-with-parent", "--new-session", "--as-pid-1", "--unshare-ipc", "--unshare-pid",
            *_network(allowed=limits.network),
            "--unshare-uts", "--unshare-cgroup-try", *_user(), "--hostname", "box", "--clearenv",
            "--cap-drop", "ALL", *_system(), "--proc", "/proc", "--dev", "/dev",
            *_writable("/tmp", limits.tmp_bytes), *_writable("/dev/shm", min(_SHARED_BYTES, limits.tmp_bytes)),  # noqa: S108
            *_writable(_ROOT, limits.tmp_bytes), *interpreter.arguments(self._python), *readable,
            "--remount-ro", "/dev", "--remount-ro", "/",
        ]  # fmt: skip


def _user() -> Sequence[str]:
    # Root gives each box a user of its own instead: whoever gets out is nobody on the host, too.
    return () if os.geteuid() == 0 else ("--unshare-user", "--disable-userns")


def _network(*, allowed: bool) -> Iterator[str]:
    """Yield what takes the network away, or what finds and trusts hosts where set-up commands may use it."""
    if not allowed:
        yield "--unshare-net"
        return
    for name in ("resolv.conf", "nsswitch.conf", "ssl", "ca-certificates", "pki"):
        yield from ("--ro-bind-try", f"/etc/{name}", f"/etc/{name}")


def _system() -> Iterator[str]:
    for place in map(Path, interpreter.SYSTEM[:-1]):
        if place.is_symlink():
            yield from ("--symlink", os.readlink(place), str(place))  # noqa: PTH115 - kept as text
        elif place.is_dir():
            yield from ("--ro-bind", str(place), str(place))
    yield from ("--perms", "0755", "--dir", "/etc")
    for name in _ETC:
        yield from ("--ro-bind-try", f"/etc/{name}", f"/etc/{name}")
    for number, name in enumerate(("passwd", "group", "hosts")):
        yield from ("--perms", "0644", "--ro-bind-data", f"{{{number}}}", f"/etc/{name}")


def _writable(place: str, size: int) -> Sequence[str]:
    return ("--perms", "1777", "--size", str(size), "--tmpfs", place)
