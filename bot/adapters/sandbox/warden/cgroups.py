"""Memory and process limits of a whole box by control groups, version 1 or 2, where this process may make them.

A keeper joins the groups of its box itself, and what it forks is in them from its first moment. Moving a process costs
the kernel a grace period, some 10 ms: it is paid once for a box, not for every program.
"""

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_WANTED = ("memory", "pids")
_PATIENCE = 2.0
_NAP = 0.002


@dataclass(frozen=True, slots=True)
class Group:
    """The control groups of one box: a directory for each of "memory" and "pids"; the same one in version 2."""

    places: dict[str, Path]
    unified: bool

    def limit(self, memory: int, pids: int) -> None:
        """Set the limits, swap included in the memory's where the kernel counts it."""
        if "pids" in self.places:
            (self.places["pids"] / "pids.max").write_text(str(pids))
        place = self.places.get("memory")
        if place is None:
            return
        if self.unified:
            (place / "memory.max").write_text(str(memory))
            _write_if_there(place / "memory.swap.max", "0")
        else:
            (place / "memory.limit_in_bytes").write_text(str(memory))
            _write_if_there(place / "memory.memsw.limit_in_bytes", str(memory))

    def join(self) -> None:
        """Move the calling process into the groups."""
        for place in set(self.places.values()):
            (place / "cgroup.procs").write_text("0")

    def kills(self) -> int:
        """Return how many processes the kernel has killed here for want of memory."""
        place = self.places.get("memory")
        if place is None:
            return 0
        text = (place / ("memory.events" if self.unified else "memory.oom_control")).read_text()
        return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("oom_kill "))

    def members(self) -> list[int]:
        """Return the processes in the groups but the calling one."""
        found: set[int] = set()
        for place in set(self.places.values()):
            with contextlib.suppress(OSError):
                found.update(map(int, (place / "cgroup.procs").read_text().split()))
        return sorted(found - {os.getpid()})

    def forking(self, pids: int) -> None:
        """Allow `pids` processes besides this one; with 0 nothing can be started, and a sweep cannot be outrun."""
        if "pids" in self.places:
            (self.places["pids"] / "pids.max").write_text(str(pids + 1))

    def leave(self) -> None:
        """Move the calling process to where it was before, as far as it may."""
        for place in set(self.places.values()):
            with contextlib.suppress(OSError):
                (place.parent / "cgroup.procs").write_text("0")

    def remove(self) -> bool:
        """Kill what is left and remove the groups; False where the kernel still holds one."""
        until = time.monotonic() + _PATIENCE
        left = set(self.places.values())
        while left:
            for process in self.members():
                with contextlib.suppress(OSError):
                    os.kill(process, signal.SIGKILL)
            left = {place for place in left if not _removed(place)}
            if left and time.monotonic() > until:
                return False
            if left:
                time.sleep(_NAP)
        return True


def joined(name: str, memory: int, pids: int) -> Group | None:
    """Join new groups called `name` with these limits; None where this process may not make or join any."""
    places: dict[str, Path] = {}
    for controller, base, unified in _bases():
        if controller in places:
            continue
        place = base / name
        group = Group(dict.fromkeys(_WANTED, place) if unified else {controller: place}, unified)
        if _made(place) and _entered(group, memory, pids):
            if unified:
                return group
            places.update(group.places)
    return Group(places, unified=False) if places else None


def leftovers(prefix: str) -> Iterator[Group]:
    """Yield the groups here whose names begin with `prefix`."""
    for _, base, unified in _bases():
        for place in sorted(base.glob(f"{prefix}*")):
            yield Group({"pids": place}, unified)


def _bases() -> Iterator[tuple[str, Path, bool]]:
    """Yield (controller, directory in which a group may be made, whether it is version 2), best first."""
    own: dict[str, str] = {}
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, names, path = line.split(":", 2)
        own.update((name, path) for name in names.split(",") or [""])
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        fields, _, kind = line.partition(" - ")
        root, mount = fields.split()[3:5]
        name, _, options = kind.split()[:3]
        if name == "cgroup":
            for controller in set(_WANTED) & set(options.split(",")) & own.keys():
                yield controller, _below(Path(mount), root, own[controller]), False
        elif name == "cgroup2" and "" in own:
            here = _below(Path(mount), root, own[""])
            # A version 2 group with processes has no limited children: then the one beside ours is tried.
            yield from ((_WANTED[0], base, True) for base in (here, here.parent) if base.is_relative_to(mount))


def _below(mount: Path, root: str, path: str) -> Path:
    inside = os.path.relpath(path, root)
    return mount if inside.startswith("..") else mount / inside


def _made(place: Path) -> bool:
    try:
        place.mkdir()
    except OSError:
        return False
    return True


def _entered(group: Group, memory: int, pids: int) -> bool:
    try:
        group.limit(memory, pids + 1)  # one more for the keeper
        group.join()
    except OSError:
        group.remove()
        return False
    return True


def _removed(place: Path) -> bool:
    try:
        place.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _write_if_there(place: Path, value: str) -> None:
    with contextlib.suppress(OSError):  # kernels without swap accounting have no such file
        place.write_text(value)
