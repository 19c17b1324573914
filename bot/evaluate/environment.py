"""The environment of every process of the target: built from nothing, the same for both arms of a comparison."""

import os
from collections.abc import Mapping

from bot.domain.job import Project
from bot.ports import Session


def environment(
    project: Project, session: Session, *, hash_seed: str = "0", extra: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the variables for a process in `session`; nothing of the bot's own environment but PATH's tail.

    `hash_seed` is PYTHONHASHSEED ("0" to "4294967295"). Numeric libraries get one thread: both arms of a comparison
    share one core. Byte code is cached as usual: without it every process would compile its libraries anew.
    """
    roots = [f"{session.tree}/{root}" if root else session.tree for root in project.import_roots]
    variables = {
        "PATH": os.pathsep.join([os.path.dirname(project.python), "/usr/local/bin", "/usr/bin", "/bin"]),  # noqa: PTH120
        "HOME": session.scratch,
        "TMPDIR": session.scratch,
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONPATH": os.pathsep.join([session.tools, *roots]),
        "PYTHONHASHSEED": hash_seed,
        "PYTHONNOUSERSITE": "1",
        "PYTHONSAFEPATH": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "NUMEXPR_NUM_THREADS": "1",
    }
    variables.update(project.env)
    variables.update(extra or {})
    return variables
