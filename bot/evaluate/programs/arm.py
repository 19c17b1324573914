"""One arm of a comparison of programs: its tree laid out, its processes run one at a time on the leased core."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.job import Project
from bot.evaluate.benchmarks.program import Call
from bot.evaluate.environment import environment
from bot.evaluate.lockstep.driver import ArmFailed, Side
from bot.ports import End, Limits, Place, RunResult, Session

_LINE = 200
_MEGABYTE = 1e6


@dataclass(frozen=True, slots=True)
class Surface:
    """What both arms of one unit share: the seed of Python's hashes, and padding that shifts the memory layout."""

    hash_seed: str = "0"
    pad: str = ""


@dataclass(frozen=True, slots=True)
class Ran:
    """One run that ended well: its seconds, CPU seconds, peak bytes, output and its SHA-256.

    `seconds` run from start to end by our clock, less the time in which the process stood ready while others had its
    core, but never less than the CPU time of all that it started: other people's work drops out, its own cannot.
    The digest is of the output with the names of the arm's own directories taken out.
    """

    seconds: float
    cpu: float
    peak: int
    output: bytes
    digest: str


@dataclass(frozen=True, slots=True)
class Arm:
    """Runs calls in one session; every way in which a run can fail is an ArmFailed with one sentence."""

    side: Side
    session: Session
    project: Project
    limits: Limits
    cpus: tuple[int, ...] = ()
    fixed_layout: bool = False

    def run(self, call: Call, timeout: float, surface: Surface | None = None, what: str = "") -> Ran:
        """Run `call` to its end; `what` names it in a failure ("" is the benchmark itself)."""
        argv = (self.project.python, *call.argv[1:]) if call.argv[0] == "python" else call.argv
        variables = self._variables(call, surface or Surface())
        place = Place(call.directory, self.cpus, self.fixed_layout)
        result = self.session.run(argv, env=variables, timeout=timeout, place=place)
        if wrong := _wrong(result, timeout, self.limits):
            raise ArmFailed(self.side, f"{what}: {wrong}" if what else wrong)
        digest = hashlib.sha256(self._anonymous(result.stdout)).hexdigest()
        seconds = max(result.seconds - result.waited_seconds, min(result.cpu_seconds, result.seconds))
        return Ran(seconds, result.cpu_seconds, result.peak_bytes, result.stdout, digest)

    def _variables(self, call: Call, surface: Surface) -> Mapping[str, str]:
        extra = {"PAD": surface.pad, **dict(call.env)}
        variables = environment(self.project, self.session, hash_seed=surface.hash_seed, extra=extra)
        # A script finds the modules beside it, as it does when its owner runs it.
        del variables["PYTHONSAFEPATH"]
        return variables

    def _anonymous(self, output: bytes) -> bytes:
        for number, place in enumerate((self.session.tree, self.session.scratch)):
            output = output.replace(place.encode(), b"<%d>" % number)
        return output


def _wrong(result: RunResult, timeout: float, limits: Limits) -> str:
    """Return how a run failed in one clause, or ""."""
    if result.stdout_bytes > limits.output_bytes:
        size, most = result.stdout_bytes / _MEGABYTE, limits.output_bytes / _MEGABYTE
        return f"it prints {size:.0f} MB or more, and at most {most:.1f} MB are compared: see limits: output:"
    if result.end is End.EXITED:
        return f"it ends with code {result.code}{_last(result)}" if result.code else ""
    if result.end is End.UNAVAILABLE:
        return _last(result)[2:] or "it cannot be started"
    return {
        End.SIGNALLED: f"it was ended by signal {result.code}{_last(result)}",
        End.TIMED_OUT: f"it did not end within {min(timeout, limits.wall_seconds):g} s",
        End.OOM: "it used more memory than it may",
        End.OUTPUT_LIMIT: "it prints more than it may",
    }[result.end]


def _last(result: RunResult) -> str:
    """Return ": " and the last line that the run wrote, safe to print; "" where it wrote none."""
    for stream in (result.stderr, result.stdout):
        lines = [line for line in stream.decode("utf-8", "replace").splitlines() if line.strip()]
        if lines:
            shown = "".join(char if char.isprintable() else "?" for char in lines[-1].strip())
            return f": {shown[:_LINE]}"
    return ""
