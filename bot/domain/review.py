"""What people did with one merge request, as the forge tells it: what `bot.learn` reads, and nobody else."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Review:
    """One merge request with what hangs on it, as GitLab's REST API returns its objects.

    `commits` are those that somebody else than the bot made: on the source branch, and where it was merged those of
    the target branch that revert it. `diffs` are one for each file.
    """

    mr: Json
    discussions: tuple[Json, ...] = ()
    awards: tuple[Json, ...] = ()
    approvals: tuple[Json, ...] = ()
    commits: tuple[Json, ...] = ()
    diffs: tuple[Json, ...] = ()
