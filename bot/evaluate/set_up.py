"""The set-up commands of a repository: run once for each base, with the network that is allowed; what they add is kept.

Every later box of that base begins with the files that they left, and has no network.
"""

import hashlib
import json
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from bot.domain.code import File, Snapshot, to_bytes
from bot.domain.errors import Refused, SandboxError
from bot.domain.evidence import Isolation
from bot.domain.job import Project
from bot.evaluate import archive, test_command
from bot.evaluate.environment import environment
from bot.ports import End, Limits, Progress, RunResult, Sandbox, Session

MOST_BYTES = 256 << 20
_PACK = "hotlap_inside/pack.py"
_PACKED = "set-up.tar"
_BUILD_FILES = frozenset({"setup.py", "build.py", "noxfile.py", "SConstruct"})


@dataclass(frozen=True, slots=True)
class SetUpSettings:
    """The command lines, the seconds for each, whether they may use the network, and what a box may use besides."""

    commands: tuple[tuple[str, ...], ...]
    seconds: float = 600.0
    network: bool = False
    limits: Limits = field(default_factory=Limits)


class SetUp:
    """Runs the set-up commands of a project in a sandbox, once for each base, and keeps what they add."""

    def __init__(self, sandbox: Sandbox, project: Project, settings: SetUpSettings, progress: Progress) -> None:
        self._sandbox = sandbox
        self._project = project
        self._settings = settings
        self._progress = progress
        self._added: dict[str, Mapping[str, File]] = {}

    def of(self, tree: Snapshot) -> Mapping[str, File]:
        """Return the files that the set-up of a tree's base adds; Refused where a command of it fails."""
        base = build_inputs(tree)
        if base not in self._added:
            self._added[base] = self._set_up(tree)
        return self._added[base]

    def _set_up(self, tree: Snapshot) -> Mapping[str, File]:
        settings = self._settings
        limits = replace(settings.limits, wall_seconds=settings.seconds, network=settings.network)
        with self._sandbox.open(tree, limits) as session:
            for command in settings.commands:
                self._progress.step("run", "set up", " ".join(command))
                self._run(session, command)
            return self._packed(session, tree)

    def _run(self, session: Session, command: Sequence[str]) -> None:
        argv = test_command.argv(self._project, command)
        ended = session.run(argv, env=environment(self._project, session), timeout=self._settings.seconds)
        if ended.end is End.UNAVAILABLE and ended.code not in {126, 127}:
            raise SandboxError(f"the set-up command `{' '.join(command)}` could not be started{_last_line(ended)}")
        if ended.end is not End.EXITED or ended.code:
            raise Refused(f"the set-up command `{' '.join(command)}` {self._why(ended)}{_last_line(ended)}")

    def _why(self, ended: RunResult) -> str:
        reasons = {
            End.EXITED: f"ended with code {ended.code}",
            End.SIGNALLED: f"was ended by signal {ended.code}",
            End.TIMED_OUT: f"did not end within {self._settings.seconds:.0f} s (`sandbox: setup_timeout:`)",
            End.OOM: "used more memory than it may (`limits: memory:`)",
            End.OUTPUT_LIMIT: "wrote more output than it may",
            End.UNAVAILABLE: "cannot be started",
        }
        return reasons[ended.end]

    def _packed(self, session: Session, tree: Snapshot) -> Mapping[str, File]:
        # Isolated: a tarfile.py in the tree must not stand for the standard library's.
        program = (self._project.python, "-I", "-S", posixpath.join(session.tools, _PACK))
        argv = (*program, posixpath.join(session.scratch, _PACKED), str(MOST_BYTES))
        known = json.dumps(sorted(tree.files)).encode()
        variables = environment(self._project, session)
        ended = session.run(argv, env=variables, timeout=self._settings.seconds, stdin=known)
        data = session.take(_PACKED, 2 * MOST_BYTES) if ended.end is End.EXITED and ended.code == 0 else None
        if data is None:
            raise Refused(f"what the set-up commands left cannot be kept{_last_line(ended)}")
        try:
            return archive.read(data)
        except archive.Unsafe as error:
            raise Refused(f"what the set-up commands left cannot be kept: it {error}") from error


class Prepared:
    """A sandbox whose boxes begin with what the set-up commands have added to their base."""

    def __init__(self, sandbox: Sandbox, set_up: SetUp) -> None:
        self._sandbox = sandbox
        self._set_up = set_up

    @property
    def isolation(self) -> Isolation:
        """How strongly it isolates."""
        return self._sandbox.isolation

    @property
    def fixes_layout(self) -> bool:
        """Whether a pair of processes can have the same memory layout."""
        return self._sandbox.fixes_layout

    @property
    def notes(self) -> tuple[str, ...]:
        """What it does not hold on this machine."""
        return self._sandbox.notes

    @contextmanager
    def open(self, tree: Snapshot, limits: Limits) -> Iterator[Session]:
        """Open a box; the first one of a base waits for the set-up. Refused where a command of it fails."""
        files = {**self._set_up.of(tree), **tree.files}
        with self._sandbox.open(Snapshot(tree.commit, files), limits) as session:
            yield session


def build_inputs(tree: Snapshot) -> str:
    """Return a digest of all that a set-up may build from: every file but Python source, and the build's own.

    A candidate changes Python source only, so that it has the set-up of its base.
    """
    total = hashlib.sha256()
    for path in sorted(tree.files):
        if not path.endswith(".py") or posixpath.basename(path) in _BUILD_FILES:
            found = tree.files[path]
            body = found.data if found.link is None else b"\0link " + to_bytes(found.link)
            total.update(to_bytes(f"{path}\0{len(body)}\0") + body)
    return total.hexdigest()


def _last_line(ended: RunResult) -> str:
    lines = (ended.stderr or ended.stdout).decode("utf-8", "replace").strip().splitlines()
    text = "".join(char if char.isprintable() else "?" for char in lines[-1]) if lines else ""
    return f": {text[:200]}" if text else ""
