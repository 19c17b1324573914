"""The kernel's count of the time in which a thread could have run but had no core."""

from pathlib import Path


def run_delay(process: str) -> float:
    """Return the seconds for a process by its number, or for "thread-self"; 0 where the kernel does not count them."""
    try:
        return int(Path(f"/proc/{process}/schedstat").read_text().split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return 0.0
