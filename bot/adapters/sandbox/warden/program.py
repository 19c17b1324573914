"""The last steps of a forked child before it becomes the program that was asked for."""

import errno
import os
import shutil
import signal
import time
from collections.abc import Mapping, Sequence
from typing import Any

from . import kernel
from .box import Box, enter
from .waiting import run_delay

_RESTORED = (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def become(box: Box, wanted: Mapping[str, Any], streams: Sequence[int], report: int) -> None:
    """Turn this process into a program inside the box; returns only where that failed.

    What is written to `report`: just before the program begins, the time of `perf_counter`, the CPU seconds used and
    those waited for a core; where it could not be started two lines more: the error's number and its sentence.
    """
    try:
        for number, descriptor in enumerate(streams):
            os.dup2(descriptor, number)
        for one in _RESTORED:
            signal.signal(one, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        if wanted["cpus"]:
            os.sched_setaffinity(0, wanted["cpus"])
        enter(box)
        if wanted["fixed_layout"]:
            kernel.fix_layout()
        os.chdir(os.path.join(box.root, "tree", wanted["cwd"]))
        if box.program:
            kernel.filter_calls(box.call, box.program)
        _execute(wanted["argv"], wanted["env"], report)
    except OSError as error:
        os.write(report, f"\n{error.errno}\n{error.strerror}".encode())
    except (ValueError, TypeError) as error:
        os.write(report, f"\n{errno.EINVAL}\n{error}".encode())


def _execute(argv: Sequence[str], env: Mapping[str, str], report: int) -> None:
    found = shutil.which(argv[0], path=env.get("PATH", ""))
    if found is None:
        raise FileNotFoundError(errno.ENOENT, "there is no such program")
    os.write(report, f"{time.perf_counter()!r} {time.process_time()!r} {run_delay('thread-self')!r}".encode())
    try:
        os.execve(found, list(argv), env)
    except FileNotFoundError as error:
        raise FileNotFoundError(errno.ENOENT, "its interpreter is missing") from error
    except OSError as error:
        if error.errno != errno.ENOEXEC:
            raise
        os.execve("/bin/sh", ["sh", found, *argv[1:]], env)  # as execvp(3) does with a script without a first line
