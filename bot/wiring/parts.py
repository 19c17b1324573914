"""The adapters and gates of one project, put together: what is timed gets one sandbox, what is not another one."""

import secrets
from collections.abc import Callable
from dataclasses import replace

from bot.adapters.clock import SystemClock
from bot.adapters.git import GitCheckout
from bot.adapters.sandbox.choose import Chosen, Deferred
from bot.app.workshop import Parts
from bot.config import Config
from bot.domain.job import Project
from bot.evaluate.bench import LockStep, LockStepSettings
from bot.evaluate.benchmarks import programs
from bot.evaluate.beside import Beside
from bot.evaluate.contexts import TestContexts
from bot.evaluate.environment import environment
from bot.evaluate.programs.bench import Programs
from bot.evaluate.replay import Replay, ReplaySettings
from bot.evaluate.routed import Routed
from bot.evaluate.set_up import Prepared, SetUp, SetUpSettings
from bot.evaluate.tests_gate import TestsGate, TestsSettings
from bot.localize.profile import Profiler, ProfileSettings
from bot.ports import Cache, Limits, Progress, Sandbox, Store
from bot.wiring.overrides import Overrides
from bot.wiring.proposers import proposing
from bot.wiring.sandboxes import limits as limits_of


def parts(
    checkout: GitCheckout,
    store: Store,
    cache: Cache,
    project: Project,
    config: Config,
    progress: Progress,
    overrides: Overrides,
    choice: Callable[[], Chosen],
    notes: tuple[str, ...],
) -> Parts:
    """Return the parts; `choice` is asked when the first box is needed, `notes` are what else a reader must know."""
    limits = limits_of(config)
    sandbox, untimed = _prepared(choice, project, config, limits, progress)
    beside = Beside(untimed, progress)
    proposer, proposer_notes = proposing(overrides.proposer, config.protected, progress)
    python = replace(project, benchmark_sources=project.python_sources)
    return Parts(
        checkout=checkout,
        bench=_bench(sandbox, project, config, _lock_step(config, limits, overrides), progress),
        tests=TestsGate(beside, project, TestsSettings(limits)),
        replay=Replay(beside, python, ReplaySettings(limits=limits)),
        profiler=Profiler(
            beside, python, lambda session: environment(project, session), ProfileSettings(limits=limits)
        ),
        proposer=proposer,
        store=store,
        progress=progress,
        clock=SystemClock(),
        sandbox=sandbox,
        untimed=beside,
        seed=lambda: secrets.randbits(63),
        notes=lambda: (*notes, *choice().notes, *proposer_notes()),
        cache=cache,
        contexts=TestContexts(beside, project, limits, cache),
    )


def _prepared(
    choice: Callable[[], Chosen], project: Project, config: Config, limits: Limits, progress: Progress
) -> tuple[Sandbox, Sandbox]:
    """Return the sandbox for what is timed and the one for the rest; both begin with what the set-up has added."""
    timed, untimed = Deferred(lambda: choice().sandbox), Deferred(lambda: choice().untimed)
    if not config.setup:
        return timed, untimed
    settings = SetUpSettings(config.setup, config.sandbox.setup_timeout, config.sandbox.network, limits)
    set_up = SetUp(Beside(untimed, progress), project, settings, progress)
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
