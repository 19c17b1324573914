"""Names that say which process owns a thing, so that whoever comes later can tell what a dead owner has left."""

import os
from pathlib import Path

_PREFIX = "hotlap"
_START_FIELD = 19  # of what follows the program's name in /proc/<pid>/stat: proc(5), field 22


def here() -> str:
    """Return the beginning of every name made in this process namespace since this machine's last start.

    Names have one length: a path that is longer on one side of a comparison would shift what lies on the stack.
    """
    boot = Path("/proc/sys/kernel/random/boot_id").read_text()[:8]
    return f"{_PREFIX}-{boot}-{os.stat('/proc/self/ns/pid').st_ino:010d}-"


def of(process: int) -> str:
    """Return the name for what a process owns."""
    return f"{here()}{process:08d}-{_started(process):012d}"


def is_dead(name: str) -> bool:
    """Say whether the owner of a name of this place is known to be gone."""
    start = here()
    parts = name.removeprefix(start).split("-")
    if not name.startswith(start) or len(parts) != 2 or not all(part.isdigit() for part in parts):
        return False
    return _started(int(parts[0])) != int(parts[1])


def _started(process: int) -> int:
    """Return when a process was started, in ticks since the machine's start; -1 where there is none."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return -1
    return int(fields[_START_FIELD])
