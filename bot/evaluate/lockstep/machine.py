"""The hardware and the settings under the times."""

import os
import platform
from pathlib import Path

from bot.domain.evidence import Machine
from bot.evaluate.lockstep.cores import available

_GOVERNOR = Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
_PAIRED = "paired: randomisation off, the same random shift in both processes of a pair"
_RANDOM = "random: randomisation could not be switched off, so that more pairs are needed"
_ONE_CORE = "; one core: processes start and are measured on it in turn"


def describe(python: str, *, fixed_layout: bool) -> Machine:
    """Return what is known about this machine; `python` is the version of the target's interpreter."""
    cores = available()
    layout = (_PAIRED if fixed_layout else _RANDOM) + (_ONE_CORE if len(cores) == 1 else "")
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return Machine(
        cpu_model=_cpu_model(),
        cores=len(cores),
        kernel=f"{platform.system()} {platform.release()}",
        governor=_line(_GOVERNOR),
        python=python,
        layout=layout,
        load=round(load, 2),
    )


def _cpu_model() -> str:
    for line in _text(Path("/proc/cpuinfo")).splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _line(path: Path) -> str:
    return _text(path).strip() or "unknown"


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
