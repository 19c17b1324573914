"""What makes GitLab slow to catch up or unwilling to go on: lateness of facts, and rate limits."""

import fnmatch
from dataclasses import dataclass, field


@dataclass
class Late:
    """How many reads (or attempts) of one merge request GitLab needs until it has caught up."""

    merge_status: int = 0
    diff_refs: int = 0
    source_branch: int = 0
    head_pipeline: int = 0
    attempts: dict = field(default_factory=dict)

    def refuses_branch(self, project, branch) -> bool:
        """Whether an attempt to use a pushed branch still fails; counts the attempt."""
        key = (project.id, branch)
        self.attempts[key] = self.attempts.get(key, 0) + 1
        return self.attempts[key] <= self.source_branch


@dataclass
class Limit:
    """At most `rate` calls of a user in a window of `seconds`."""

    rate: int
    seconds: float
    method: str = "*"
    path: str = "*"
    windows: dict = field(default_factory=dict)

    def applies(self, method, path) -> bool:
        return fnmatch.fnmatchcase(method, self.method) and fnmatch.fnmatchcase(path, self.path)

    def count(self, who, now: float) -> tuple[bool, dict]:
        """Count a call; returns whether it is allowed, and GitLab's headers."""
        start, used = self.windows.get(who, (now, 0))
        if now - start >= self.seconds:
            start, used = now, 0
        used += 1
        self.windows[who] = (start, used)
        ends = start + self.seconds
        headers = {
            "RateLimit-Name": "throttle_authenticated_api",
            "RateLimit-Limit": str(self.rate),
            "RateLimit-Observed": str(used),
            "RateLimit-Remaining": str(max(0, self.rate - used)),
            "RateLimit-Reset": str(int(ends)),
        }
        if used > self.rate:
            headers["Retry-After"] = str(max(1, int(ends - now + 0.999)))
        return used <= self.rate, headers
