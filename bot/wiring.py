"""The composition root: a repository and its configuration in, a workshop with real adapters out."""

import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

from bot import logs, settings
from bot.adapters.clock import SystemClock
from bot.adapters.file_store import FileStore
from bot.adapters.git import GitCheckout
from bot.adapters.ruff import RuffFixer
from bot.adapters.sandbox.process import ProcessSandbox
from bot.app.check import ancestor
from bot.app.workshop import Parts, Workshop
from bot.config import Config, load
from bot.domain.code import Snapshot
from bot.domain.errors import Refused
from bot.domain.job import Project
from bot.domain.redact import Redactor, secret_values
from bot.evaluate.bench import LockStep, LockStepSettings
from bot.evaluate.benchmarks import programs
from bot.evaluate.benchmarks.detect import detect as detect_benchmarks
from bot.evaluate.environment import environment
from bot.evaluate.programs.bench import Programs
from bot.evaluate.project import detect
from bot.evaluate.replay import Replay, ReplaySettings
from bot.evaluate.routed import Routed
from bot.evaluate.tests_gate import TestsGate, TestsSettings
from bot.localize.profile import Profiler, ProfileSettings
from bot.ports import Limits, Progress
from bot.propose.rules.catalogue import catalogue
from bot.propose.rules.linter_fixes import LinterFixes
from bot.propose.rules.proposer import RuleProposer


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

    `worthwhile` says that only gains worth a review matter: comparisons end as soon as none is plausible.
    """

    python: str | None = None
    bench_seconds: float | None = None
    worthwhile: bool = False
    margin: float | None = None
    compare_answers: bool = True


def local(repo: Path, progress: Progress, *, revision: str = "HEAD", overrides: Overrides | None = None) -> Local:
    """Open the repository at `repo` for work on `revision`; Refused or ConfigError where that cannot be done."""
    checkout = _opened(repo)
    return _made(checkout, load(checkout.root), checkout.snapshot(revision), progress, overrides or Overrides())


def pair(repo: Path, base: str, head: str, progress: Progress, overrides: Overrides) -> Pair:
    """Open the repository at `repo` for a check of what came with `head` since its common ancestor with `base`."""
    checkout = _opened(repo)
    config = load(checkout.root)
    sha, note = ancestor(checkout, base, head)
    trees = checkout.snapshot(sha), checkout.snapshot(head)
    margin = config.check.margin if overrides.margin is None else overrides.margin
    overrides = replace(overrides, margin=margin, compare_answers=False)
    first, second = (_made(checkout, one, tree, progress, overrides) for one, tree in _each(config, trees))
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


def _opened(repo: Path) -> GitCheckout:
    own = settings.load()
    logs.configure(own.log_level, own.log_format, Redactor(secret_values(os.environ)))
    return GitCheckout(repo)


def _made(checkout: GitCheckout, config: Config, tree: Snapshot, progress: Progress, overrides: Overrides) -> Local:
    project = detect(tree, checkout.root, config, python=overrides.python, active=os.environ.get("VIRTUAL_ENV"))
    store = FileStore(checkout.state)
    temporary = settings.load().temp_dir
    shop = Workshop(project, config, _parts(checkout, store, project, config, progress, overrides, temporary))
    return Local(checkout, config, tree, shop, store)


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


def tools() -> Mapping[str, bytes]:
    """Return the package that is shipped into every sandbox, by file name."""
    inside = files("bot.evaluate.inside")
    return {item.name: item.read_bytes() for item in inside.iterdir() if item.name.endswith(".py")}


def _parts(
    checkout: GitCheckout,
    store: FileStore,
    project: Project,
    config: Config,
    progress: Progress,
    overrides: Overrides,
    temporary: Path,
) -> Parts:
    sandbox = ProcessSandbox(tools(), temporary)
    limits = Limits(
        wall_seconds=max(config.tests.timeout, config.benchmarks.timeout),
        memory_bytes=config.limits.memory,
        pids=config.limits.pids,
        output_bytes=config.limits.output,
    )
    python = replace(project, benchmark_sources=project.python_sources)
    return Parts(
        checkout=checkout,
        bench=_bench(sandbox, project, config, _lock_step(config, limits, overrides), progress),
        tests=TestsGate(sandbox, project, TestsSettings(limits)),
        replay=Replay(sandbox, python, ReplaySettings(limits=limits)),
        profiler=Profiler(
            sandbox, python, lambda session: environment(project, session), ProfileSettings(limits=limits)
        ),
        proposer=RuleProposer(catalogue(), (LinterFixes(RuffFixer()),), config.protected),
        store=store,
        progress=progress,
        clock=SystemClock(),
        isolation=sandbox.isolation,
        seed=lambda: secrets.randbits(63),
        sandbox=sandbox,
    )


def _bench(
    sandbox: ProcessSandbox, project: Project, config: Config, settings: LockStepSettings, progress: Progress
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
