"""Benchmarks written for pyperf: the script runs as it is, with a `Runner` of ours that measures nothing itself."""

import argparse
import functools
import os
import runpy
import sys
import tempfile
import time
import types

from .ready import Ready, attempt, said

KIND = "pyperf"


def visit(path, visitor, wanted):
    """Visit the benchmarks of one script in the order in which it hands them to its runner."""
    pyperf = _module()
    recorder = Recorder(path, visitor, wanted)
    kept = pyperf.Runner, sys.argv
    pyperf.Runner = functools.partial(Runner, recorder)
    sys.argv = [path]
    # As where Python runs a script: the modules beside it can be imported.
    sys.path.insert(0, os.path.dirname(os.path.abspath(path)))
    try:
        runpy.run_path(path, run_name="__main__")
    except SystemExit as error:
        if error.code not in (None, 0):
            recorder.errors.append({"name": path, "error": said(error)})
    except Exception as error:
        recorder.errors.append({"name": path, "error": said(error)})
    finally:
        pyperf.Runner, sys.argv = kept
    return recorder.errors


def _module():
    """Return pyperf, or where it is not installed a module that has what such scripts use."""
    try:
        import pyperf
    except ImportError:
        pyperf = types.ModuleType("pyperf")
        pyperf.Runner = None  # type: ignore[attr-defined]
        pyperf.perf_counter = time.perf_counter  # type: ignore[attr-defined]
        pyperf.python_implementation = lambda: sys.implementation.name  # type: ignore[attr-defined]
        sys.modules["pyperf"] = pyperf
    return pyperf


class Recorder:
    """Shows benchmarks to the visitor and keeps what failed; names must be unique, as pyperf demands."""

    def __init__(self, path, visitor, wanted):
        self.errors = []
        self._path = path
        self._visitor = visitor
        self._wanted = wanted
        self._seen = set()

    def show(self, name, build):
        """Show one benchmark."""
        full = self._path + "::" + name
        if name in self._seen:
            raise ValueError("duplicated benchmark name: %r" % name)
        self._seen.add(name)
        if self._wanted is None or full in self._wanted:
            self.errors.extend(attempt(full, lambda: Ready(full, KIND, build), self._visitor))


class Runner:
    """What a script sees as `pyperf.Runner`; how often something is run is the supervisor's business."""

    def __init__(self, recorder, *_counts, metadata=None, _argparser=None, **_options):
        self.metadata = metadata if metadata is not None else {}
        self.args = None
        self.argparser = _argparser if _argparser is not None else argparse.ArgumentParser()
        self._recorder = recorder

    def parse_args(self, args=None):
        """Return the defaults of the script's own arguments; pyperf's own ones read as None."""
        if self.args is None:
            self.args = Arguments()
            vars(self.args).update(vars(self.argparser.parse_args(args if args is not None else [])))
        return self.args

    def bench_func(self, name, func, *args, **_options):
        """Measure `func(*args)`."""
        self.parse_args()
        thunk = functools.partial(func, *args) if args else func
        self._recorder.show(name, lambda _seed: (thunk, None))

    def bench_time_func(self, name, time_func, *args, **_options):
        """Measure `time_func(1, *args)`; the seconds that it returns are no answer and are dropped."""
        self.parse_args()

        def thunk():
            time_func(1, *args)

        self._recorder.show(name, lambda _seed: (thunk, None))

    def bench_async_func(self, name, func, *args, **options):
        """Measure `await func(*args)` on one event loop."""
        self.parse_args()
        factory = options.get("loop_factory")

        def build(_seed):
            import asyncio

            loop = asyncio.new_event_loop() if factory is None else factory()
            asyncio.set_event_loop(loop)

            def close():
                asyncio.set_event_loop(None)
                loop.close()

            return (lambda: loop.run_until_complete(func(*args))), close

        self._recorder.show(name, build)

    def timeit(self, name, stmt=None, setup="pass", teardown="pass", **options):
        """Measure a statement in the scope that its setup has filled."""
        self.parse_args()
        statement = name if stmt is None else stmt
        codes = {"setup": setup, "stmt": statement, "teardown": teardown}
        build = functools.partial(_statement, codes, options.get("globals"))
        self._recorder.show(name, build)

    def bench_command(self, name, command):
        """Measure a process from start to end; its exit code and output are the answer."""
        self.parse_args()
        self._recorder.show(name, lambda _seed: (functools.partial(_run, list(command)), None))


class Arguments:
    """A namespace in which every argument that the script did not define is None."""

    def __getattr__(self, name):
        """Answer for pyperf's own arguments, such as `args.worker`."""
        if name.startswith("__"):
            raise AttributeError(name)


TIMEIT = """
def inner():
    {setup}
    try:
        while True:
            {stmt}
            yield
    finally:
        {teardown}
"""
INDENTS = {"setup": 4, "stmt": 12, "teardown": 8}


def _statement(codes, names, _seed):
    """Return a thunk that runs the statement once more in the scope of one run of the setup, and the teardown."""
    scope = {} if names is None else dict(names)
    lines = {}
    for key, code in codes.items():
        if callable(code):
            scope["_hotlap_" + key] = code
        text = "_hotlap_" + key + "()" if callable(code) else code
        lines[key] = text.replace("\n", "\n" + " " * INDENTS[key])
    exec(compile(TIMEIT.format(**lines), "<timeit>", "exec"), scope)  # noqa: S102 - the target's own statement, in its own process
    steps = scope["inner"]()
    return functools.partial(next, steps), steps.close


def _run(command):
    """Run a program without a shell and return its exit code and the bytes that it printed."""
    with tempfile.TemporaryFile() as out, open(os.devnull, "rb") as empty:
        moves = [(os.POSIX_SPAWN_DUP2, empty.fileno(), 0), (os.POSIX_SPAWN_DUP2, out.fileno(), 1)]
        pid = os.posix_spawnp(command[0], command, os.environ, file_actions=moves)
        status = os.waitpid(pid, 0)[1]
        out.seek(0)
        return os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status), out.read()
