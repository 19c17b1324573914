"""The composition root: a repository and its configuration in, a workshop with real adapters out."""

import os
import secrets
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from bot import logs, settings
from bot.adapters.clock import SystemClock
from bot.adapters.file_store import FileStore
from bot.adapters.git import GitCheckout
from bot.adapters.ruff import RuffFixer
from bot.adapters.sandbox.choose import Chosen, Deferred, Wish
from bot.adapters.sandbox.probe import Probed
from bot.app.check import ancestor
from bot.app.workshop import Parts, Workshop
from bot.config import Config, load
from bot.domain.code import Snapshot
from bot.domain.errors import Refused
from bot.domain.evidence import Isolation
from bot.domain.job import Project
from bot.domain.redact import Redactor, secret_values
from bot.evaluate.bench import LockStep, LockStepSettings
from bot.evaluate.benchmarks import programs
from bot.evaluate.benchmarks.detect import detect as detect_benchmarks
from bot.evaluate.beside import Beside
from bot.evaluate.environment import environment
from bot.evaluate.programs.bench import Programs
from bot.evaluate.project import detect, interpreter_of
from bot.evaluate.replay import Replay, ReplaySettings
from bot.evaluate.routed import Routed
from bot.evaluate.set_up import Prepared, SetUp, SetUpSettings
from bot.evaluate.tests_gate import TestsGate, TestsSettings
from bot.localize.profile import Profiler, ProfileSettings
from bot.ports import Limits, Progress, Sandbox
from bot.propose.rules.catalogue import catalogue
from bot.propose.rules.linter_fixes import LinterFixes
from bot.propose.rules.proposer import RuleProposer
from bot.wiring.configured import Configured, configured
from bot.wiring.sandboxes import Ways, chosen, probes, tools
from bot.wiring.sandboxes import limits as limits_of


@dataclass(frozen=True, slots=True)
class Local:
    """A local checkout made ready: the tree at the asked revision, and the workshop for it."""

    checkout: GitCheckout
    config: Config
    tree: Snapshot
    shop: Workshop
    store: FileStore


@dataclass(frozen=True, slots=True)
class Pair:
    """Two revisions of a checkout made ready: `base` is their common ancestor, `note` says so where it is not as asked.

    `margin` is the slowdown that is still accepted.
    """

    base: Local
    head: Local
    margin: float
    note: str


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the command line says in place of the configuration; None leaves it as it is.

    `worthwhile` says that only gains worth a review matter: comparisons end as soon as none is plausible. `ours` says
    that the repository's code came with this installation: it may run without isolation where nothing better works.
    No flag sets it.
    """

    python: str | None = None
    bench_seconds: float | None = None
    worthwhile: bool = False
    margin: float | None = None
    compare_answers: bool = True
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Looked:
    """A work tree as it is found, what was detected there, and which ways of isolating work; for `hotlap doctor`."""

    root: Path
    tree: Snapshot
    project: Project
    config: Config
    probes: tuple[Probed, ...]
    notes: tuple[str, ...]


def local(repo: Path, progress: Progress, *, revision: str = "HEAD", overrides: Overrides | None = None) -> Local:
    """Open the repository at `repo` for work on `revision`; Refused or ConfigError where that cannot be done."""
    checkout, overrides = _opened(repo), overrides or Overrides()
    configured = _configured(checkout, overrides)
    return _made(checkout, configured, checkout.snapshot(revision), progress, overrides)


def pair(repo: Path, base: str, head: str, progress: Progress, overrides: Overrides) -> Pair:
    """Open the repository at `repo` for a check of what came with `head` since its common ancestor with `base`."""
    checkout = _opened(repo)
    found = _configured(checkout, overrides)
    config = found.config
    sha, note = ancestor(checkout, base, head)
    trees = checkout.snapshot(sha), checkout.snapshot(head)
    margin = config.check.margin if overrides.margin is None else overrides.margin
    overrides = replace(overrides, margin=margin, compare_answers=False)
    first, second = (
        _made(checkout, replace(found, config=one), tree, progress, overrides) for one, tree in _each(config, trees)
    )
    return Pair(first, second, margin, note)


def detected(repo: Path, python: str | None = None, *, afresh: bool) -> tuple[Path, Snapshot, Project]:
    """Return the work tree at `repo`, its HEAD and what is detected there; `afresh` as if it had no configuration."""
    checkout = _opened(repo)
    if checkout.bare:
        raise Refused(f"{checkout.root} is a bare repository: there is no work tree to write into")
    tree = checkout.snapshot("HEAD")
    config = Config() if afresh else load(checkout.root)
    found = detect(tree, checkout.root, config, python=python, active=os.environ.get("VIRTUAL_ENV"))
    return checkout.root, tree, found


def looked_at(repo: Path, python: str | None) -> Looked:
    """Return what can be said about a repository without running anything of it; errors are those of `local`."""
    checkout = _opened(repo)
    found, tree = configured(checkout, os.environ), checkout.snapshot("HEAD")
    config, active = found.config, os.environ.get("VIRTUAL_ENV")
    ways = Ways(
        tools(), settings.load().temp_dir, lambda: interpreter_of(tree, checkout.root, python, config, active)[0]
    )
    tried = probes(ways, config, _inside(config, python))
    inside = next((one.python for one in tried if one.sandbox and one.backend.isolation is Isolation.CONTAINER), None)
    project = detect(tree, checkout.root, config, python=python, active=active, inside=inside)
    return Looked(checkout.root, tree, project, config, tried, found.notes)


def looked_at_alone() -> tuple[Probed, ...]:
    """Return which ways of isolating work on this machine, tried with the interpreter of Hotlap itself."""
    return probes(Ways(tools(), settings.load().temp_dir, lambda: sys.executable), Config(), "")


def _opened(repo: Path) -> GitCheckout:
    own = settings.load()
    logs.configure(own.log_level, own.log_format, Redactor(secret_values(os.environ)))
    return GitCheckout(repo)


def _configured(checkout: GitCheckout, overrides: Overrides) -> Configured:
    if overrides.ours:
        return Configured(load(checkout.root), "main")
    return configured(checkout, os.environ)


def _made(
    checkout: GitCheckout, configured: Configured, tree: Snapshot, progress: Progress, overrides: Overrides
) -> Local:
    config, active = configured.config, os.environ.get("VIRTUAL_ENV")

    def python() -> str:
        return interpreter_of(tree, checkout.root, overrides.python, config, active)[0]

    @cache
    def choice() -> Chosen:
        ways, inside = Ways(tools(), settings.load().temp_dir, python), _inside(config, overrides.python)
        wish = Wish(config.isolation, configured.place, process=overrides.ours)
        return chosen(ways, config, wish, inside, progress)

    for note in configured.notes:
        progress.step("run", "configuration", note)
    # An image has an interpreter of its own: which one that is must be known before anything is detected.
    container = choice() if _in_image(config) and choice().sandbox.isolation is Isolation.CONTAINER else None
    inside = None if container is None else container.python
    project = detect(tree, checkout.root, config, python=overrides.python, active=active, inside=inside)
    store = FileStore(checkout.state)
    parts = _parts(checkout, store, project, config, progress, overrides, choice, configured.notes)
    return Local(checkout, config, tree, Workshop(project, config, parts), store)


def _in_image(config: Config) -> bool:
    return config.sandbox.image is not None and config.isolation in {"auto", "docker"}


def _inside(config: Config, python: str | None) -> str:
    """Return the interpreter as it is called in an image."""
    return python or config.python or "python3"


def _each(config: Config, trees: Sequence[Snapshot]) -> Iterator[tuple[Config, Snapshot]]:
    """Yield each tree with the configured benchmark paths that it has; one that no tree has stays, to be refused."""
    named = config.benchmarks.paths
    if named is None:
        yield from ((config, tree) for tree in trees)
        return
    held = [{path for path in named if _holds(tree, path, config)} for tree in trees]
    for tree, here in zip(trees, held, strict=True):
        kept = tuple(path for path in named if path in here or not any(path in one for one in held))
        yield config.model_copy(update={"benchmarks": config.benchmarks.model_copy(update={"paths": kept})}), tree


def _holds(tree: Snapshot, path: str, config: Config) -> bool:
    try:
        return bool(detect_benchmarks(tree, (path,), config.benchmarks.exclude))
    except Refused:
        return False


def _parts(
    checkout: GitCheckout,
    store: FileStore,
    project: Project,
    config: Config,
    progress: Progress,
    overrides: Overrides,
    choice: Callable[[], Chosen],
    notes: tuple[str, ...],
) -> Parts:
    limits = limits_of(config)
    sandbox, untimed = _prepared(choice, project, config, limits, progress)
    beside = Beside(untimed, progress)
    python = replace(project, benchmark_sources=project.python_sources)
    return Parts(
        checkout=checkout,
        bench=_bench(sandbox, project, config, _lock_step(config, limits, overrides), progress),
        tests=TestsGate(beside, project, TestsSettings(limits)),
        replay=Replay(beside, python, ReplaySettings(limits=limits)),
        profiler=Profiler(
            beside, python, lambda session: environment(project, session), ProfileSettings(limits=limits)
        ),
        proposer=RuleProposer(catalogue(), (LinterFixes(RuffFixer()),), config.protected),
        store=store,
        progress=progress,
        clock=SystemClock(),
        sandbox=sandbox,
        untimed=beside,
        seed=lambda: secrets.randbits(63),
        notes=lambda: (*notes, *choice().notes),
    )


def _prepared(
    choice: Callable[[], Chosen], project: Project, config: Config, limits: Limits, progress: Progress
) -> tuple[Sandbox, Sandbox]:
    """Return the sandbox for what is timed and the one for the rest; both begin with what the set-up has added."""
    timed, untimed = Deferred(lambda: choice().sandbox), Deferred(lambda: choice().untimed)
    if not config.setup:
        return timed, untimed
    settings = SetUpSettings(config.setup, config.sandbox.setup_timeout, config.sandbox.network, limits)
    set_up = SetUp(untimed, project, settings, progress)
    return Prepared(timed, set_up), Prepared(untimed, set_up)


def _bench(
    sandbox: Sandbox, project: Project, config: Config, settings: LockStepSettings, progress: Progress
) -> Routed:
    sources = programs.sourced(config, project.benchmark_sources)
    python = replace(project, benchmark_sources=project.python_sources)
    return Routed(
        LockStep(sandbox, python, settings, progress),
        Programs(sandbox, project, sources, settings, progress),
        frozenset(path for _, path in sources),
        has_python=bool(python.benchmark_sources),
    )


def _lock_step(config: Config, limits: Limits, overrides: Overrides) -> LockStepSettings:
    return LockStepSettings(
        margin=config.accept.margin if overrides.margin is None else overrides.margin,
        confidence=config.accept.confidence,
        timeout=config.benchmarks.timeout,
        limits=limits,
        budget_seconds=overrides.bench_seconds,
        futile=config.accept.min_gain if overrides.worthwhile else 0.0,
        compare_answers=overrides.compare_answers,
    )
