"""What `hotlap doctor` looks at; every check that is not well ends with the sentence that mends it."""

import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.adapters.sandbox import socket_of_docker
from bot.adapters.sandbox.choose import name_of
from bot.adapters.sandbox.probe import Probed
from bot.cli.host import Host
from bot.domain.evidence import Isolation
from bot.domain.job import Project
from bot.ports import Sandbox

_GOVERNOR = "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"
_ROOM = 1 << 30


class Status(StrEnum):
    """How a check ended: well; worse than it could be, but usable; or such that commands cannot work."""

    OK = "ok"
    NOTE = "note"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """One answer: what was found and, where that is not well, what mends it."""

    name: str
    status: Status
    found: str
    mend: str = ""


def machine(host: Host) -> Iterator[Check]:
    """Yield what is true of the machine, whatever the repository."""
    yield _git(host)
    yield _temporary(host)
    yield _docker_socket(host)
    yield _cores(host)
    yield _load(host)
    yield _governor(host)
    yield _schedstat(host)


def repository(project: Project, found: Sequence[Probed], wish: str, *, set_up: bool) -> Iterator[Check]:
    """Yield what is true of one repository in the sandbox that a run gets; `set_up` says that commands come first."""
    taken = _taken(found, wish) or next((one for one in found if one.sandbox is not None), None)
    if taken is None:
        mend = "name one of Python 3.8 or newer with --python or `python:`"
        yield Check("interpreter", Status.FAIL, f"{project.python} runs in no sandbox", mend)
    else:
        yield Check("interpreter", Status.OK, f"{taken.python} ({taken.version})")
        yield _tests(project, taken, set_up=set_up)
    if project.benchmark_sources:
        kinds = Counter(kind for kind, _ in project.benchmark_sources)
        listed = ", ".join(f"{count} of kind {kind}" for kind, count in sorted(kinds.items()))
        yield Check("benchmarks", Status.OK, listed)
    else:
        mend = "write a first one with `hotlap init --benchmark`, or name files under `benchmarks: paths:`"
        yield Check("benchmarks", Status.FAIL, "none found", mend)


def isolation(found: Sequence[Probed], wish: str) -> Iterator[Check]:
    """Yield how each way of isolating does here, and which one a run with `isolation: WISH` gets."""
    for one in found:
        name = f"isolation: {name_of(one.backend)}"
        if one.sandbox is None:
            yield Check(name, Status.NOTE, one.why, one.backend.mend)
        else:
            yield Check(name, Status.OK, f"works, with Python {one.version} at {one.python}")
    taken = _taken(found, wish)
    if taken is None:
        mend = "mend one of them, or write `isolation: process` into .hotlap.yml of the default branch"
        yield Check("isolation", Status.FAIL, f"nothing that `isolation: {wish}` would take works here", mend)
    elif taken.backend.isolation is Isolation.PROCESS:
        mend = "work only on code that you would run yourself"
        yield Check("isolation", Status.NOTE, _with_notes(taken, "process, NOT ISOLATED"), mend)
    else:
        yield Check("isolation", Status.OK, _with_notes(taken, f"{name_of(taken.backend)} is taken"))
    if taken is not None and taken.sandbox is not None:
        yield _layout(taken.sandbox)
    yield _pipelines(taken)


def _pipelines(taken: Probed | None) -> Check:
    """Say which components this runner can do: one job may hold secrets only beside a sandbox."""
    if taken is None or taken.backend.isolation is Isolation.PROCESS:
        said = "the components with several jobs; not `single`, as nothing keeps candidates from the job's secrets"
        return Check("GitLab CI", Status.NOTE, said)
    return Check("GitLab CI", Status.OK, "every component; `single` does all in one job")


def _taken(found: Sequence[Probed], wish: str) -> Probed | None:
    """Return the way of isolating that a run with `isolation: WISH` gets."""
    works = {name_of(one.backend): one for one in found if one.sandbox is not None}
    if wish != "auto":
        return works.get(wish)
    return next((one for name, one in works.items() if name != "process"), None)


def _with_notes(found: Probed, text: str) -> str:
    return "; ".join((text, *(found.sandbox.notes if found.sandbox is not None else ())))


def _git(host: Host) -> Check:
    said = host.ask(["git", "--version"])
    if said.well:
        return Check("git", Status.OK, said.line.removeprefix("git version "))
    return Check("git", Status.FAIL, "does not run", "install git")


def _temporary(host: Host) -> Check:
    place = tempfile.gettempdir()
    free = host.free_bytes(place)
    if free is None:
        return Check("temporary files", Status.FAIL, f"{place} cannot be written", "set TMPDIR to a directory that can")
    found = f"{place}, {free / _ROOM:.1f} GiB free"
    if free < _ROOM:
        return Check("temporary files", Status.NOTE, found, "make room, or set TMPDIR to a larger place")
    return Check("temporary files", Status.OK, found)


def _docker_socket(host: Host) -> Check:
    found = socket_of_docker.reachable(host.environment, host.listener)
    if not found:
        return Check("docker socket", Status.OK, "none within reach")
    if path := socket_of_docker.mounted(host.environment, host.listener):
        said = f"{path} IS MOUNTED IN THIS CI JOB: code under test could take over the runner"
        return Check("docker socket", Status.FAIL, said, socket_of_docker.MEND)
    mend = "nothing has to be done where code is isolated; with `isolation: process` it can reach the daemon"
    return Check("docker socket", Status.NOTE, ", ".join(found), mend)


def _layout(sandbox: Sandbox) -> Check:
    if sandbox.fixes_layout:
        return Check("memory layout", Status.OK, "can be fixed for each pair of processes")
    mend = (
        "let the seccomp profile around this machine or job pass personality(ADDR_NO_RANDOMIZE); "
        "until then measuring takes three to eight times as many pairs"
    )
    return Check("memory layout", Status.NOTE, "address space randomisation cannot be switched off", mend)


def _cores(host: Host) -> Check:
    count = host.cores()
    found = f"{count} core(s), processes {'can' if host.pins() else 'cannot'} be bound to one"
    if not host.pins():
        return Check("cores", Status.NOTE, found, "allow sched_setaffinity in the container's seccomp profile")
    if count == 1:
        mend = "give the job two cores, so that the supervisor does not share one with what it times"
        return Check("cores", Status.NOTE, found, mend)
    return Check("cores", Status.OK, found)


def _load(host: Host) -> Check:
    load, cores = host.load(), host.cores()
    if load is None:
        return Check("load", Status.OK, "not readable")
    if load > cores / 2:
        mend = "stop what else runs here, or expect measuring to take longer or to abstain"
        return Check("load", Status.NOTE, f"{load:.2f} on {cores} core(s)", mend)
    return Check("load", Status.OK, f"{load:.2f} on {cores} core(s)")


def _governor(host: Host) -> Check:
    found = host.read(_GOVERNOR)
    if found is None:
        return Check("governor", Status.OK, "not readable, as on most virtual machines")
    if found != "performance":
        return Check("governor", Status.NOTE, found, "run `cpupower frequency-set -g performance` as root")
    return Check("governor", Status.OK, found)


def _schedstat(host: Host) -> Check:
    found = host.read("/proc/self/schedstat")
    if found and found.split()[:1] != ["0"]:
        return Check("CPU time", Status.OK, "nanoseconds from /proc/<pid>/schedstat")
    mend = "use a kernel with CONFIG_SCHED_INFO; until then CPU time is known to a hundredth of a second only"
    return Check("CPU time", Status.NOTE, "/proc/self/schedstat is not readable", mend)


def _tests(project: Project, found: Probed, *, set_up: bool) -> Check:
    if project.tests is None:
        mend = "add tests, or name the command under `tests: command:`; without any, every change is held for a person"
        return Check("tests", Status.NOTE, "none found", mend)
    if "pytest" in project.tests and project.tests[0] == "python" and not found.pytest:
        if set_up:
            return Check("tests", Status.NOTE, "the interpreter has no pytest", "see that the `setup:` commands add it")
        mend = f"install it for {found.python}, or add it with a `setup:` command"
        return Check("tests", Status.FAIL, "the interpreter has no pytest", mend)
    return Check("tests", Status.OK, " ".join(project.tests))
