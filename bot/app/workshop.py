"""One repository made ready for the stories: its tree, its profile, its baseline, and the parts that work on them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bot.app.localize import NO_BENCHMARK, PROGRAMS_ONLY
from bot.config import Config
from bot.domain.attempt import Attempt
from bot.domain.code import FunctionId, Snapshot, Target
from bot.domain.errors import Refused
from bot.domain.evidence import Canary, Comparison, Isolation
from bot.domain.feedback import Feedback
from bot.domain.job import Candidate, Project
from bot.domain.restraint import Restraints
from bot.evaluate.contexts import Contexts, TestContexts
from bot.evaluate.guard.check import GuardSettings
from bot.evaluate.judge import Base, GateJudge, JudgeSettings, Reach
from bot.evaluate.plausibility import Margins
from bot.evaluate.replay import Replay
from bot.evaluate.tests_gate import Baseline, TestsGate
from bot.localize.exclude import Exclusions
from bot.localize.index import Index
from bot.localize.profile import Profiler
from bot.localize.rank import Ranker, RankSettings
from bot.localize.select import select
from bot.localize.stacks import BenchmarkProfile, Profile
from bot.ports import Bench, Cache, Checkout, Clock, Progress, Proposer, Sandbox, Store
from bot.ports.store import History

_REPLAYED_FUNCTIONS = 6
_CANARY_BENCHMARKS = 1
_SLOW_TESTS = 10.0
"""Seconds from which on a suite is slow enough for a few of its tests to be run first: to know them costs a run."""
_FEW_TESTS = 200
_TIMED_BENCHMARKS = 4
"""How many benchmarks a candidate is timed on, the most affected first: each costs seconds and error rate."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The adapters and gates that `bot.wiring` has put together for one project.

    `untimed` is the sandbox for what is not timed: its boxes stay off the cores that are timed on.
    """

    checkout: Checkout
    bench: Bench
    tests: TestsGate
    replay: Replay
    profiler: Profiler
    proposer: Proposer
    store: Store
    progress: Progress
    clock: Clock
    sandbox: Sandbox
    untimed: Sandbox
    seed: Callable[[], int]
    notes: Callable[[], tuple[str, ...]] = tuple
    """What a reader must know about the configuration and the sandbox that are in force."""
    cache: Cache | None = None
    """What earlier runs found out about the same bytes."""
    contexts: TestContexts | None = None
    history: Callable[[], History] | None = None
    """Where runs are written down; None where nobody asked for it."""
    project_name: str = ""
    """The name under which this repository is remembered; that of the trigger where there is none."""

    feedback: Callable[[], Sequence[Feedback]] = tuple
    """What people did with the bot's merge requests so far."""

    @property
    def isolation(self) -> Isolation:
        """How strongly candidates are kept apart from this machine."""
        return self.sandbox.isolation


class Workshop:
    """What the stories ask of a repository; profiles are made once for each tree."""

    def __init__(self, project: Project, config: Config, parts: Parts) -> None:
        self.project = project
        self.config = config
        self.parts = parts
        self._targets: dict[str, tuple[Target, ...]] = {}
        self._profiles: dict[str, Profile] = {}
        self._steps: dict[str, tuple[Snapshot, frozenset[str]]] = {}
        self._contexts: dict[str, Contexts] = {}

    def benchmarks(self, tree: Snapshot) -> tuple[str, ...]:
        """Return the names of the benchmarks that run on `tree`; Refused where there is none."""
        if not self.project.benchmark_sources:
            raise Refused(NO_BENCHMARK)
        self.parts.progress.step("run", "collect benchmarks")
        return tuple(one.name for one in self.parts.bench.collect(tree))

    def profile(self, tree: Snapshot) -> Profile:
        """Return the profile of all Python benchmarks on `tree`."""
        key = tree.digest()
        if key not in self._profiles:
            step = self._steps.get(key)
            self._profiles[key] = self._whole_profile(tree) if step is None else self._profile_again(tree, *step)
        return self._profiles[key]

    def advanced(self, base: Base, attempt: Attempt) -> Base:
        """Return the base after an attempt; only benchmarks that run through changed files are profiled again."""
        if attempt.accepted is None:
            return base
        changes = attempt.accepted.candidate.edits.changes
        tree = Snapshot(attempt.commit or base.tree.commit, base.tree.with_changes(changes).files)
        self._steps[tree.digest()] = (base.tree, frozenset(change.path for change in changes))
        return base.moved_to(tree)

    def _whole_profile(self, tree: Snapshot) -> Profile:
        self.parts.progress.step("run", "profile", tree.commit[:10])
        return self.parts.profiler.profile(tree)

    def _profile_again(self, tree: Snapshot, before: Snapshot, changed: frozenset[str]) -> Profile:
        old = self.profile(before)
        stale = [one.name for one in old.benchmarks if _touches(one, changed)]
        self.parts.progress.step("run", "profile", f"{len(stale)} benchmark(s) again")
        fresh = {one.name: one for one in self.parts.profiler.profile(tree, stale).benchmarks} if stale else {}
        return Profile(tuple(fresh.get(one.name, one) for one in old.benchmarks), old.notes)

    def targets(self, tree: Snapshot, wanted: Sequence[str] = ()) -> tuple[Target, ...]:
        """Return the ranked functions of `tree`, those that cannot pay last; only the `wanted` ones where given.

        A function that is wanted by name but was not seen in any profile is returned with a reason to skip it.
        """
        if self.project.benchmark_sources and not self.project.python_sources:
            raise Refused(PROGRAMS_ONLY)
        key = tree.digest()
        if key not in self._targets:
            self._targets[key] = self.ranker(tree).rank(self.profile(tree))
        ranked = tuple(_left_alone(one, self.restraints()) for one in self._targets[key])
        if not wanted:
            return ranked
        chosen = select(Index(tree, self.parts.cache), wanted)
        seen = {target.function: target for target in ranked}
        return tuple(seen.get(one, Target(one, skip="no benchmark reaches it")) for one in chosen)

    def restraints(self) -> Restraints:
        """Return what the lessons of reviewers forbid, as they stand now."""
        return Restraints.of(self.parts.store.lessons())

    def contexts(self, tree: Snapshot) -> Contexts:
        """Return which tests of `tree` enter which functions; recorded once for a tree, by running its tests."""
        if self.parts.contexts is None:
            return Contexts(reason="nothing records what the tests reach")
        key = tree.digest()
        if key not in self._contexts:
            self.parts.progress.step("run", "tests", "which functions each of them reaches")
            self._contexts[key] = self.parts.contexts(tree)
        return self._contexts[key]

    def ranker(self, tree: Snapshot) -> Ranker:
        """Return what ranks the functions of `tree` under this configuration."""
        exclusions = Exclusions(
            tree,
            import_roots=self.project.import_roots,
            benchmark_paths=[path for _, path in self.project.benchmark_sources],
            patterns=[*self.config.targets.exclude, *self.config.protected],
            include=self.config.targets.include,
        )
        index = Index(tree, self.parts.cache)
        return Ranker(index, exclusions, RankSettings(minimum_gain=self.config.accept.min_gain))

    def base(self, tree: Snapshot, benchmarks: Callable[[], Sequence[str]]) -> Base:
        """Return `tree` as a base; `benchmarks` names those of the canary when it is first asked for."""
        return Base(tree, lambda: self._baseline(tree), lambda: self._canary(tree, benchmarks()))

    def overall(self, old: Snapshot, new: Snapshot, benchmarks: Sequence[str]) -> tuple[Comparison, ...]:
        """Measure all accepted changes together, with fresh pairs."""
        self.parts.progress.step("run", "confirm", "the whole branch against its base")
        return self.parts.bench.confirm(old, new, benchmarks)

    def judge(self, base: Base, reach: Callable[[Candidate], Reach] | None = None) -> GateJudge:
        """Return the judge for candidates on `base`."""
        parts, accept = self.parts, self.config.accept
        guard = replace(guard_settings(self.config, self.project.benchmark_sources), restraints=self.restraints())
        margins = Margins(accept.memory_margin, accept.import_margin, accept.first_call_margin, accept.confidence)
        settings = JudgeSettings(guard, accept.min_gain, margins)
        return GateJudge(
            base,
            parts.tests,
            parts.replay,
            parts.bench,
            settings,
            parts.progress,
            parts.isolation,
            reach or (lambda candidate: self._reach(base.tree, candidate)),
            parts.seed,
            self.first_tests,
        )

    def first_tests(self, base: Base, candidate: Candidate) -> tuple[str, ...]:
        """Return the tests that enter what a candidate changes, where the suite is slow and they are few of it."""
        baseline = base.baseline()
        if baseline is None or baseline.seconds < _SLOW_TESTS:
            return ()
        # The tests were followed where they ran first: later bases differ from it in function bodies only.
        index = Index(baseline.tree, self.parts.cache)
        changed = {(one.path, one.qualname) for one in changed_functions(base.tree, candidate)}
        paths = sorted({path for path, _ in changed})
        functions = [one for path in paths for one in index.functions(path) if (path, one.qualname) in changed]
        contexts = self.contexts(baseline.tree)
        if any(contexts.serves_all(one) for one in functions):
            return ()
        found = dict.fromkeys(test for one in functions for test in contexts.reaching(one))
        return tuple(found) if 2 * len(found) <= baseline.total and len(found) <= _FEW_TESTS else ()

    def _baseline(self, tree: Snapshot) -> Baseline | None:
        if self.project.tests is None:
            return None
        self.parts.progress.step("run", "tests of the base", "twice, to know the flaky ones")
        return self.parts.tests.baseline(tree)

    def _canary(self, tree: Snapshot, benchmarks: Sequence[str]) -> Canary:
        names = benchmarks[:_CANARY_BENCHMARKS]
        self.parts.progress.step("run", "canary", "base against base")
        found = self.parts.bench.canary(tree, names)
        if found.quiet:
            return found
        # A burst of somebody else's work may be over: a second canary decides, and no claim of speed hangs on it.
        self.parts.progress.step("run", "canary", f"once more: {found.sentence}")
        return self.parts.bench.canary(tree, names)

    def _reach(self, tree: Snapshot, candidate: Candidate) -> Reach:
        target = candidate.target
        if target is None:
            return Reach((), ())
        changed = changed_functions(tree, candidate)
        functions = tuple(dict.fromkeys((target.function, *changed)))[:_REPLAYED_FUNCTIONS]
        return Reach(functions, target.benchmarks[:_TIMED_BENCHMARKS], target.share_total)


def guard_settings(config: Config, sources: Sequence[tuple[str, str]]) -> GuardSettings:
    """Return what a candidate may touch; `sources` are (kind, path) of the files with benchmarks."""
    return GuardSettings(
        protected=(*config.protected, *config.targets.exclude),
        include=config.targets.include,
        allow_imports=config.guard.allow_imports,
        max_lines=config.guard.max_lines,
        benchmark_paths=frozenset(path for _, path in sources),
    )


def changed_functions(tree: Snapshot, candidate: Candidate) -> tuple[FunctionId, ...]:
    """Return the outermost functions of `tree` whose text the candidate changes or removes."""
    new = Index(tree.with_changes(candidate.edits.changes))
    old = Index(tree)
    changed: list[FunctionId] = []
    for change in candidate.edits.changes:
        if not change.path.endswith(".py") or change.path not in tree.files:
            continue
        kept = {(one.qualname, one.body_hash) for one in new.functions(change.path)}
        different = [one for one in old.functions(change.path) if (one.qualname, one.body_hash) not in kept]
        changed += [one for one in different if not any(_inside(one, other) for other in different)]
    return tuple(changed)


def _left_alone(target: Target, restraints: Restraints) -> Target:
    lesson = restraints.skips(target.function)
    if lesson is None or target.skip is not None:
        return target
    return replace(target, skip=f"lesson {lesson.id}: {lesson.sentence}")


def _touches(profile: BenchmarkProfile, paths: frozenset[str]) -> bool:
    return profile.error is not None or any(frame.path in paths for stack in profile.stacks for frame in stack)


def _inside(one: FunctionId, other: FunctionId) -> bool:
    return one is not other and other.span.start <= one.span.start and one.span.end <= other.span.end
