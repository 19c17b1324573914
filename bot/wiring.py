"""The composition root: a repository and its configuration in, a workshop with real adapters out."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from bot import logs, settings
from bot.adapters.clock import SystemClock
from bot.adapters.file_store import FileStore
from bot.adapters.git import GitCheckout
from bot.adapters.ruff import RuffFixer
from bot.adapters.sandbox.process import ProcessSandbox
from bot.app.workshop import Parts, Workshop
from bot.config import Config, load
from bot.domain.code import Snapshot
from bot.domain.job import Project
from bot.domain.redact import Redactor, secret_values
from bot.evaluate.bench import LockStep, LockStepSettings
from bot.evaluate.environment import environment
from bot.evaluate.project import detect
from bot.evaluate.replay import Replay, ReplaySettings
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
class Overrides:
    """What the command line says in place of the configuration; None leaves it as it is."""

    python: str | None = None
    bench_seconds: float | None = None
    margin: float | None = None
    compare_answers: bool = True


def local(repo: Path, progress: Progress, *, revision: str = "HEAD", overrides: Overrides | None = None) -> Local:
    """Open the repository at `repo` for work on `revision`; Refused or ConfigError where that cannot be done."""
    overrides = overrides or Overrides()
    own = settings.load()
    logs.configure(own.log_level, own.log_format, Redactor(secret_values(os.environ)))
    checkout = GitCheckout(repo)
    config = load(checkout.root)
    tree = checkout.snapshot(revision)
    project = detect(tree, checkout.root, config, python=overrides.python, active=os.environ.get("VIRTUAL_ENV"))
    store = FileStore(checkout.state)
    shop = Workshop(project, config, _parts(checkout, store, project, config, progress, overrides, own.temp_dir))
    return Local(checkout, config, tree, shop, store)


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
    return Parts(
        checkout=checkout,
        bench=LockStep(sandbox, project, _lock_step(config, limits, overrides), progress),
        tests=TestsGate(sandbox, project, TestsSettings(limits)),
        replay=Replay(sandbox, project, ReplaySettings(limits=limits)),
        profiler=Profiler(
            sandbox, project, lambda session: environment(project, session), ProfileSettings(limits=limits)
        ),
        proposer=RuleProposer(catalogue(), (LinterFixes(RuffFixer()),), config.protected),
        store=store,
        progress=progress,
        clock=SystemClock(),
        isolation=sandbox.isolation,
        seed=lambda: secrets.randbits(63),
    )


def _lock_step(config: Config, limits: Limits, overrides: Overrides) -> LockStepSettings:
    return LockStepSettings(
        margin=config.accept.margin if overrides.margin is None else overrides.margin,
        confidence=config.accept.confidence,
        timeout=config.benchmarks.timeout,
        limits=limits,
        budget_seconds=overrides.bench_seconds,
        compare_answers=overrides.compare_answers,
    )
