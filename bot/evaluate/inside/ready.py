"""One benchmark with its callable at hand, and how the target's modules are loaded."""

import importlib
import importlib.util
import os
import random
import sys


class Ready:
    """One benchmark, loaded: `name` is "path::id", `setup` says whether every call gets inputs of its own.

    `build(seed)` returns (thunk, cleanup or None): the thunk is one call including its arguments. Where `setup`
    is true it is called for every thunk, otherwise once for a batch, whose thunks are then the same object.
    `declared` holds what the benchmark says of one call: "rows", "features" and "size", each a number above 0.
    """

    def __init__(self, name, kind, build, setup=False, declared=None):
        self.name = name
        self.kind = kind
        self.setup = setup
        self.declared = numbers({} if declared is None else declared)
        self._build = build
        self._cleanups = []

    def call(self):
        """Make one call with fresh arguments and return its answer."""
        return self.prepare(0, 1)[0]()

    def prepare(self, seed, count):
        """Return `count` zero-argument thunks whose inputs depend on `seed` only; tidies up after the last batch."""
        self.finish()
        if not self.setup:
            return [self._one(seed)] * count
        thunks = [self._one(seed + number) for number in range(count)]
        reseed(seed)
        return thunks

    def finish(self):
        """Run the clean-ups of the last batch."""
        cleanups, self._cleanups = self._cleanups, []
        for cleanup in cleanups:
            cleanup()

    def _one(self, seed):
        reseed(seed)
        thunk, cleanup = self._build(seed)
        if cleanup is not None:
            self._cleanups.append(cleanup)
        return thunk


def reseed(seed):
    """Put the global random generators into a state that depends on `seed` only."""
    random.seed(seed)
    numpy = sys.modules.get("numpy")
    if numpy is not None and hasattr(numpy, "random"):
        numpy.random.seed(seed % (1 << 32))


def load(path):
    """Import the module in file `path` (relative to the working directory) the way pytest's default mode does.

    The topmost directory without an __init__.py goes to the front of sys.path, so that neighbours can be imported.
    """
    full = os.path.abspath(path)
    folder, parts = os.path.dirname(full), [os.path.splitext(os.path.basename(full))[0]]
    while os.path.isfile(os.path.join(folder, "__init__.py")):
        folder, last = os.path.split(folder)
        parts.insert(0, last)
    sys.path.insert(0, folder)
    name = ".".join(parts)
    known = sys.modules.get(name)
    if known is None:
        known = importlib.import_module(name)
    if os.path.realpath(getattr(known, "__file__", None) or "") == os.path.realpath(full):
        return known
    # Another module has this name (two files called bench_io.py, say): load ours under a name of its own.
    alias = "hotlap_target_" + "_".join(path.split(os.sep)).replace(".", "_")
    spec = importlib.util.spec_from_file_location(alias, full)
    if spec is None or spec.loader is None:
        raise ImportError(path + " cannot be loaded as a module")
    module = importlib.util.module_from_spec(spec)
    sys.modules[alias] = module
    spec.loader.exec_module(module)
    return module


def attempt(name, make, visitor):
    """Make a benchmark ready and show it to the visitor; return [] or the one error entry of what was raised."""
    try:
        ready = make()
        visitor(ready)
        ready.finish()
    except (Exception, SystemExit) as error:
        return [{"name": name, "error": said(error)}]
    return []


def numbers(declared):
    """Return the declared figures that are numbers above 0; whatever else a target writes there says nothing."""
    kept = {}  # type: dict[str, float]
    if not isinstance(declared, dict):
        return kept
    for name in ("rows", "features", "size"):
        value = declared.get(name)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < float("inf"):
            kept[name] = float(value)
    return kept


def said(error):
    """Return an exception's type and the first line of its message."""
    try:
        lines = str(error).strip().splitlines()
    except Exception:
        lines = []
    name = type(error).__name__
    return (name + ": " + lines[0])[:500] if lines else name
