"""The tests gate: the repository's own tests on the base, twice, and on each candidate.

A candidate's process writes its own report and can lie in it. What holds is that the same tests must be there as on
the base, that the supervisor saw the process end, and that the replay gate compares answers on its own.
"""

import json
import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.domain.code import Snapshot
from bot.domain.errors import Refused, SandboxError
from bot.domain.evidence import TestsEvidence
from bot.domain.job import Project
from bot.evaluate import junit, test_command
from bot.evaluate.environment import environment
from bot.evaluate.guard.paths import is_test
from bot.evaluate.junit import Case
from bot.ports import End, Limits, RunResult, Sandbox, Session

_REPORT = "junit.xml"
_CHOSEN = ("-p", "hotlap_inside.chosen")
_SETTINGS = frozenset({"pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg", "noxfile.py"})
_COLLECTION_FAILED = 2
_NOT_FOUND = (126, 127)


@dataclass(frozen=True, slots=True)
class TestsSettings:
    """What a run of the tests may use."""

    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class Baseline:
    """The base's tests: outcomes on which two runs agree, the tests on which they do not, the command's exit code."""

    tree: Snapshot
    cases: Mapping[str, Case]
    flaky: tuple[str, ...] = ()
    seconds: float = 0.0
    code: int = 0

    @property
    def total(self) -> int:
        """The number of tests, flaky ones included."""
        return len(self.cases) + len(self.flaky)


@dataclass(frozen=True, slots=True)
class _Ended:
    """One run: its report, or why there is none."""

    run: junit.Run | None
    why: str
    seconds: float
    code: int = 0


class TestsGate:
    """Runs the test command of one project."""

    def __init__(self, sandbox: Sandbox, project: Project, settings: TestsSettings | None = None) -> None:
        self._sandbox = sandbox
        self._project = project
        self._limits = (settings or TestsSettings()).limits
        self._alone: dict[tuple[str, tuple[str, ...]], frozenset[str]] = {}

    def baseline(self, tree: Snapshot) -> Baseline:
        """Run the tests on the base twice; Refused, with what to do, where they cannot judge anything."""
        runs = [self._on_base(tree) for _ in range(2)]
        first, second = (run for _, run in runs)
        names = {*first.cases, *second.cases}
        flaky = sorted(name for name in names if first.cases.get(name) is not second.cases.get(name))
        stable = {name: case for name, case in first.cases.items() if name not in flaky}
        if not any(case is Case.PASSED for case in stable.values()):
            raise Refused("no test of the repository passes twice in a row, so that none could find a mistake")
        ended = runs[0][0]
        return Baseline(tree, stable, tuple(flaky), ended.seconds, ended.code)

    def check(self, baseline: Baseline, candidate_tree: Snapshot, first: Sequence[str] = ()) -> TestsEvidence:
        """Run the base's tests on the candidate's code and compare test by test.

        `first` are pytest's ids of tests to run before all of them: where one of these fails, that is the answer.
        """
        tree = with_tests_of(baseline.tree, candidate_tree)
        early = self._failing_early(baseline, tree, tuple(first)) if first else None
        if early is not None:
            return early
        ended = self._run(tree)
        if ended.run is None:
            # Which tests would have passed is unknown: all that should have are missing.
            return TestsEvidence(
                total=0,
                passed=0,
                failed=0,
                skipped=0,
                flaky=baseline.flaky,
                missing=(f"every test ({ended.why})", *sorted(baseline.cases)),
                seconds=ended.seconds,
            )
        return compared(baseline, ended.run, ended.seconds, ended.code)

    def _on_base(self, tree: Snapshot) -> tuple[_Ended, junit.Run]:
        ended = self._run(tree)
        if ended.run is None:
            raise Refused(f"the tests do not run on the base: {ended.why}")
        if not ended.run.cases:
            raise Refused("the test command finds no tests on the base")
        broken = next((name for name, case in ended.run.cases.items() if case is Case.FAILED), None)
        if broken and ended.code == _COLLECTION_FAILED and test_command.is_pytest(self._project.tests or ("",)):
            raise Refused(f"the tests cannot be collected on the base: {broken}: {ended.run.messages.get(broken, '')}")
        return ended, ended.run

    def _failing_early(self, baseline: Baseline, tree: Snapshot, chosen: tuple[str, ...]) -> TestsEvidence | None:
        """Run a few tests alone; None unless some fail that pass in the whole suite of the base, and alone there."""
        ended = self._run(tree, chosen)
        failing = _failing(baseline, ended)
        if ended.run is None or not failing:
            return None
        key = (baseline.tree.digest(), chosen)
        if key not in self._alone:
            # A test can need what others leave behind, and fail alone whatever is changed.
            self._alone[key] = _failing(baseline, self._run(baseline.tree, chosen))
        failing -= self._alone[key]
        if not failing:
            return None
        return TestsEvidence(
            total=len(ended.run.cases),
            passed=ended.run.count(Case.PASSED),
            failed=ended.run.count(Case.FAILED),
            skipped=ended.run.count(Case.SKIPPED),
            flaky=baseline.flaky,
            newly_failing=tuple(sorted(failing)),
            seconds=ended.seconds,
        )

    def _run(self, tree: Snapshot, chosen: tuple[str, ...] = ()) -> _Ended:
        command = self._project.tests
        if not command:
            raise Refused("the repository has no test command; name one as `tests.command`")
        with self._sandbox.open(tree, self._limits) as session:
            name, extra = self._report(session)
            argv = test_command.argv(self._project, command, (*extra, *(_CHOSEN if chosen else ())))
            timeout = self._project.tests_timeout
            only = {"HOTLAP_CHOSEN": json.dumps(chosen)} if chosen else None
            variables = environment(self._project, session, extra=only)
            result = session.run(argv, env=variables, timeout=timeout)
            ended = _ended(result, session.take(name, junit.MOST_BYTES), argv[0], timeout)
        silent = self._project.junit is None and not test_command.is_pytest(command)
        if silent and result.end is not End.UNAVAILABLE:
            raise Refused("the test command is not pytest; name the JUnit XML file that it writes as `tests.junit`")
        return ended

    def _report(self, session: Session) -> tuple[str, Sequence[str]]:
        """Return the report's name below the scratch directory and the options that make pytest write it."""
        if self._project.junit is not None:
            return posixpath.relpath(posixpath.join(session.tree, self._project.junit), session.scratch), ()
        return _REPORT, (f"--junitxml={session.scratch}/{_REPORT}", "-p", "no:cacheprovider")


def _failing(baseline: Baseline, ended: _Ended) -> frozenset[str]:
    """Return the tests that fail and did not on the base; a name that several tests share says nothing in a part."""
    cases = {} if ended.run is None else ended.run.cases
    return frozenset(
        name
        for name, case in cases.items()
        if case is Case.FAILED and baseline.cases.get(name) is Case.PASSED and f"{name} #2" not in baseline.cases
    )


def with_tests_of(base: Snapshot, candidate: Snapshot) -> Snapshot:
    """Return the candidate with the base's tests and test settings, and without tests of its own."""
    files = {path: file for path, file in candidate.files.items() if not _is_of_tests(path)}
    files.update((path, file) for path, file in base.files.items() if _is_of_tests(path))
    return Snapshot("", files)


def compared(baseline: Baseline, run: junit.Run, seconds: float, code: int = 0) -> TestsEvidence:
    """Compare one run with the baseline; flaky tests are left out."""
    flaky = frozenset(baseline.flaky)
    now = {name: case for name, case in run.cases.items() if name not in flaky}
    failing = sorted(
        name for name, case in now.items() if case is Case.FAILED and baseline.cases.get(name) is not Case.FAILED
    )
    if code and not baseline.code and not run.count(Case.FAILED):
        failing.append(f"the test command (it ends with code {code}, although no test fails)")
    return TestsEvidence(
        total=len(run.cases),
        passed=run.count(Case.PASSED),
        failed=run.count(Case.FAILED),
        skipped=run.count(Case.SKIPPED),
        flaky=baseline.flaky,
        newly_failing=tuple(failing),
        missing=tuple(sorted(baseline.cases.keys() - run.cases.keys())),
        newly_skipped=tuple(
            sorted(
                name
                for name, case in now.items()
                if case is Case.SKIPPED and baseline.cases.get(name, Case.SKIPPED) is not Case.SKIPPED
            )
        ),
        unexpected=tuple(sorted(now.keys() - baseline.cases.keys())),
        seconds=seconds,
    )


def _is_of_tests(path: str) -> bool:
    return is_test(path) or posixpath.basename(path) in _SETTINGS


def _ended(result: RunResult, data: bytes | None, program: str, timeout: float) -> _Ended:
    """Tell what a run means from what the supervisor saw; a report counts only where the process ended by itself."""
    if result.end is End.UNAVAILABLE and result.code not in _NOT_FOUND:
        raise SandboxError(f"the tests could not be started: {_last_line(result)}")
    if result.end is not End.EXITED:
        reasons = {
            End.TIMED_OUT: f"the run did not end within {timeout:.0f} s",
            End.OOM: "the run used more memory than it may",
            End.SIGNALLED: f"the run was ended by signal {result.code}",
            End.OUTPUT_LIMIT: "the run wrote more output than it may",
            End.UNAVAILABLE: f"{program} cannot be started",
        }
        return _Ended(None, reasons[result.end], result.seconds, result.code)
    if data is None:
        most = f"no report (a plain file of at most {junit.MOST_BYTES >> 20} MB)"
        why = f"the test command ended with code {result.code} and wrote {most}{_last_line(result)}"
        return _Ended(None, why, result.seconds, result.code)
    try:
        return _Ended(junit.read(data), "", result.seconds, result.code)
    except junit.Unreadable as error:
        return _Ended(None, str(error), result.seconds, result.code)


def _last_line(result: RunResult) -> str:
    lines = (result.stderr or result.stdout).decode("utf-8", "replace").strip().splitlines()
    text = "".join(char if char.isprintable() else "?" for char in lines[-1]) if lines else ""
    return f": {text[:200]}" if text else ""
