"""A plugin of pytest: writes which functions of the tree each test enters, and which run for all tests together.

HOTLAP_CONTEXTS names the file that gets {"tests", "codes", "reached", "shared"} or {"error"}: "codes" are [path, first
line, name], "reached" the places in it for each test, "shared" those of imports and of fixtures that serve several
tests. The tests run in one process, whatever the repository's options say.
"""

import json
import os
import sys
import threading

import pytest

VARIABLE = "HOTLAP_CONTEXTS"
PLACED = "the tests put another tracer in its place"


class Recorder:
    """A trace function that notes every function of the tree that is entered, by what runs at that time."""

    def __init__(self, root):
        self.tests = []
        self.reached = []
        self.shared = set()  # type: set[tuple[str, int, str]]
        self.displaced = False
        self._root = os.path.realpath(root) + os.sep
        self._here = self.shared
        self._codes = {}
        self._files = {}

    def __call__(self, frame, _event, _arg):
        """Note the function that is entered; its lines are not followed."""
        code = frame.f_code
        if code not in self._codes:
            self._codes[code] = self._key(code)
        key = self._codes[code]
        if key is not None:
            self._here.add(key)

    def _key(self, code):
        if code.co_filename not in self._files:
            path = os.path.realpath(code.co_filename)
            inside = path.startswith(self._root) and os.path.isfile(path)
            self._files[code.co_filename] = path[len(self._root) :].replace(os.sep, "/") if inside else None
        path = self._files[code.co_filename]
        return None if path is None or code.co_name == "<module>" else (path, code.co_firstlineno, code.co_name)

    def start(self):
        """Follow this thread and those that are started from now on."""
        threading.settrace(self)
        sys.settrace(self)

    def stop(self):
        """Follow nothing any more."""
        self.check()
        sys.settrace(None)
        threading.settrace(None)

    def check(self):
        """Remember whether somebody else's tracer took the place of this one."""
        self.displaced = self.displaced or sys.gettrace() is not self

    def begin(self, name):
        """Count what is entered from now on to one test."""
        self.tests.append(name)
        self.reached.append(set())
        self._here = self.reached[-1]

    def end(self):
        """Count what is entered from now on to all tests."""
        self.check()
        self._here = self.shared

    def switch(self, place):
        """Count what is entered from now on to `place`; return where it was counted before."""
        before, self._here = self._here, place
        return before

    def result(self):
        """Return what is to be written."""
        if self.displaced:
            return {"error": PLACED}
        codes = sorted(set(self.shared).union(*self.reached))
        places = {key: place for place, key in enumerate(codes)}
        return {
            "tests": self.tests,
            "codes": [list(key) for key in codes],
            "reached": [sorted(places[key] for key in keys) for keys in self.reached],
            "shared": sorted(places[key] for key in self.shared),
        }


class Plugin:
    """The hooks: one test after another, and fixtures that serve several tests apart from them."""

    def __init__(self, recorder, out):
        self._recorder = recorder
        self._out = out

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item):
        """Count what a test enters to it, its own fixtures included."""
        self._recorder.begin(item.nodeid)
        yield
        self._recorder.end()

    @pytest.hookimpl(hookwrapper=True)
    def pytest_fixture_setup(self, fixturedef):
        """Count what fixtures of several tests enter to all of them: only the first of them sets these up."""
        recorder = self._recorder
        before = recorder.switch(recorder.shared) if fixturedef.scope != "function" else None
        yield
        if before is not None:
            recorder.switch(before)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self):
        """Write what was seen."""
        self._recorder.stop()
        with open(self._out, "w", encoding="utf-8") as file:
            json.dump(self._recorder.result(), file)


def pytest_cmdline_main(config):
    """Keep pytest-xdist, where the repository asks for it, from sending the tests to processes of its own."""
    if hasattr(config.option, "dist"):
        config.option.dist, config.option.tx, config.option.numprocesses = "no", [], 0


def pytest_configure(config):
    """Begin to record, if this process was asked to."""
    out = os.environ.get(VARIABLE)
    if out:
        recorder = Recorder(os.getcwd())
        config.pluginmanager.register(Plugin(recorder, out), "hotlap-contexts")
        recorder.start()
