"""Benchmarks written for pytest-benchmark: the tests run under pytest, with a `benchmark` fixture of ours."""

import functools
import re
import time

from .ready import Ready

KIND = "pytest-benchmark"

# Plugins that time, reorder, distribute, interrupt or repeat tests, or trace every line.
UNWANTED = (
    "benchmark", "codspeed", "cacheprovider", "xdist", "xdist.looponfail", "pytest_cov", "cov", "randomly",
    "random_order", "timeout", "rerunfailures", "flaky", "sugar", "memray", "profiling", "testmon",
)  # fmt: skip
SETTINGS = ("pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg")


def visit(path, visitor, wanted):
    """Visit the tests of one file that use the `benchmark` fixture, each inside its own test."""
    try:
        import pytest
    except ImportError:
        return [{"name": path, "error": "pytest is not installed in the target's environment"}]
    # pytest looks for fixtures on the type of a plugin, and may be imported only once it is known to be there.
    fixture = pytest.fixture(name="benchmark")(Plugin.fixture)
    plugin = type("FixturePlugin", (Plugin,), {"benchmark": fixture})(visitor, wanted)
    options = [
        "--rootdir=.",
        "--capture=no",
        "-q",
        "--no-header",
        "--tb=line",
        "-o",
        "addopts=",
        "-o",
        "required_plugins=",
    ]
    for name in UNWANTED:
        options += ["-p", "no:" + name]
    code = pytest.main([path, *options, *_import_mode()], plugins=[plugin])
    errors = [{"name": name, "error": error} for name, error in plugin.errors.items()]
    # 0: all passed, 1: some failed, 5: none collected; the rest are faults of the run itself.
    if not errors and int(code) not in (0, 1, 5):
        errors.append({"name": path, "error": "pytest ended with code %d" % int(code)})
    return errors


def _import_mode():
    # `addopts` is dropped because of the options of blocked plugins; this one changes how the tests load.
    for name in SETTINGS:
        try:
            with open(name, encoding="utf-8") as file:
                found = re.search(r"--import-mode[= ]['\"]?(prepend|append|importlib)", file.read())
        except (OSError, UnicodeDecodeError):
            continue
        if found:
            return ["--import-mode=" + found.group(1)]
    return []


class Plugin:
    """Selects the tests, hands them the fixture, and keeps the first line of every failure."""

    def __init__(self, visitor, wanted):
        self.errors = {}
        self._visitor = visitor
        self._wanted = wanted
        self._used = set()

    def fixture(self, request):
        """Give one test its `benchmark`."""
        given = Fixture(request.node, self._show)
        yield given
        given.unweave()

    def _show(self, ready):
        self._used.add(ready.name)
        self._visitor(ready)
        ready.finish()

    def pytest_configure(self, config):
        """Register the tool's marker."""
        config.addinivalue_line("markers", "benchmark(**options): options of pytest-benchmark; not used here")

    def pytest_collection_modifyitems(self, config, items):
        """Keep the tests that use the fixture and are wanted."""
        kept = []  # type: list[object]
        dropped = []  # type: list[object]
        for item in items:
            uses = "benchmark" in getattr(item, "fixturenames", ())
            wanted = self._wanted is None or item.nodeid in self._wanted
            (kept if uses and wanted else dropped).append(item)
        items[:] = kept
        if dropped:
            config.hook.pytest_deselected(items=dropped)

    def pytest_collectreport(self, report):
        """Keep why a file could not be collected."""
        if report.failed:
            self.errors.setdefault(report.nodeid, _first_line(report))

    def pytest_runtest_logreport(self, report):
        """Keep why a test failed, was skipped, or did not use its fixture."""
        if report.failed:
            self.errors.setdefault(report.nodeid, _first_line(report))
        elif report.skipped:
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else "expected to fail"
            self.errors.setdefault(report.nodeid, str(reason).splitlines()[0])
        elif report.when == "call" and report.nodeid not in self._used:
            self.errors.setdefault(report.nodeid, "the test did not call its benchmark fixture")


def _first_line(report):
    crash = getattr(report.longrepr, "reprcrash", None)
    text = crash.message if crash is not None else str(report.longrepr)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    # A collection error is a rendered traceback: its last line that begins with "E" holds the exception.
    marked = [line[1:].strip() for line in lines if line.startswith("E ")]
    return (marked[-1] if crash is None and marked else lines[0] if lines else "failed")[:500]


class Fixture:
    """What a test sees as `benchmark`: the visitor is run inside it, then the real result is returned."""

    enabled = True
    disabled = False

    def __init__(self, node, show):
        self.name = node.name
        self.fullname = node.nodeid
        self.group = None
        self.extra_info = {}
        self.stats = None
        callspec = getattr(node, "callspec", None)
        self.param = getattr(callspec, "id", None)
        self.params = getattr(callspec, "params", None)
        self._show = show
        self._used = False
        self._woven = []

    def __call__(self, function_to_benchmark, *args, **kwargs):
        """Measure `function(*args, **kwargs)` and return its result."""
        thunk = functools.partial(function_to_benchmark, *args, **kwargs) if args or kwargs else function_to_benchmark
        return self._measure(lambda _seed: (thunk, None), setup=False)

    def pedantic(self, target, args=(), kwargs=None, setup=None, teardown=None, **_counts):
        """Measure with a `setup` before and a `teardown` after each call; the counts are the supervisor's business."""
        named = kwargs or {}

        def build(_seed):
            made = setup() if setup is not None else None
            these, those = made if made is not None else (args, named)
            thunk = functools.partial(target, *these, **those)
            return thunk, None if teardown is None else functools.partial(teardown, *these, **those)

        return self._measure(build, setup=setup is not None or teardown is not None)

    def weave(self, target, **options):
        """Measure every call of `target`, found and replaced by aspectlib."""
        import aspectlib

        def aspect(function):
            return functools.wraps(function)(functools.partial(self, function))

        self._woven.append(aspectlib.weave(target, aspect, **options))

    patch = weave

    def unweave(self):
        """Undo `weave`."""
        while self._woven:
            self._woven.pop().rollback()

    def _measure(self, build, setup):
        if self._used:
            raise RuntimeError("the benchmark fixture can be used once in a test")
        self._used = True
        ready = Ready(self.fullname, KIND, build, setup, self.extra_info)
        self._show(ready)
        thunk = ready.prepare(0, 1)[0]
        started = time.perf_counter()
        result = thunk()
        self.stats = Figure(time.perf_counter() - started)
        ready.finish()
        return result


class Figure(float):
    """Stands for every statistic that a test may read after its run: the seconds of one call."""

    def __getattr__(self, name):
        """Answer stats.stats.mean and the like."""
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __getitem__(self, name):
        """Answer stats["mean"]."""
        return self
