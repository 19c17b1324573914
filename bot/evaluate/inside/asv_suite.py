"""Benchmarks written for airspeed velocity: `time_*` functions and methods with its setup, params and teardown."""

import functools
import importlib
import inspect
import itertools
import os
import re
import sys

from .ready import Ready, attempt, reseed, said

KIND = "asv"
TIMED = re.compile(r"^(Time[A-Z_].+|time_.+)$")


def visit(path, visitor, wanted):
    """Visit the timing benchmarks below `path`, the suite's `benchmark_dir` (or one file of it)."""
    errors = []
    for file in _files(path):
        if wanted is not None and not any(name.partition("::")[0] == file for name in wanted):
            continue
        try:
            module = _load(file, path)
        except (Exception, SystemExit) as error:
            errors.append({"name": file, "error": said(error)})
            continue
        for name, chain in _found(module):
            errors.extend(_each(file + "::" + name, chain, visitor, wanted))
    return errors


def _files(path):
    if path.endswith(".py"):
        return [path]
    found = []
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(one for one in folders if not one.startswith((".", "__pycache__")))
        found += [os.path.join(folder, one) for one in sorted(names) if one.endswith(".py")]
    return found


def _load(file, path):
    # asv imports the suite as a package named after its directory, from the directory above.
    root = os.path.abspath(os.path.dirname(path) if path.endswith(".py") else path)
    sys.path.insert(0, os.path.dirname(root))
    inner = os.path.relpath(os.path.abspath(file), os.path.dirname(root))
    parts = os.path.splitext(inner)[0].split(os.sep)
    return importlib.import_module(".".join(parts[:-1] if parts[-1] == "__init__" else parts))


def _found(module):
    """Yield (name, owners): the module, then the class if any, then the function."""
    for name, value in list(vars(module).items()):
        if getattr(value, "__module__", None) != module.__name__ or name.startswith("_"):
            continue
        if inspect.isclass(value):
            for method in [one for one in dir(value) if TIMED.match(one) and callable(getattr(value, one))]:
                yield name + "." + method, (module, value, method)
        elif inspect.isfunction(value) and TIMED.match(name):
            yield name, (module, None, name)


def _each(name, chain, visitor, wanted):
    errors = []
    suite = Suite(*chain)
    for full, params in _combinations(name, suite.attribute("params", ())):
        if wanted is not None and full not in wanted:
            continue
        errors.extend(attempt(full, functools.partial(_ready, full, suite, params), visitor))
    return errors


def _ready(full, suite, params):
    ready = Ready(full, KIND, suite.builder(params), suite.attribute("number", 0) == 1, suite.declared(params))
    try:
        ready.prepare(0, 1)
    except NotImplementedError as error:
        raise NotImplementedError("its setup says that it does not apply") from error
    return ready


def _combinations(name, params):
    listed = list(params)
    if not listed:
        return [(name, ())]
    axes = [list(one) for one in listed] if isinstance(listed[0], (list, tuple)) else [listed]
    return [("%s(%s)" % (name, ", ".join(map(repr, one))), one) for one in itertools.product(*axes)]


class Suite:
    """One benchmark with the objects that may carry its attributes; the setup_cache is computed once."""

    def __init__(self, module, owner, name):
        self._module = module
        self._owner = owner
        self._name = name
        self._cache = None

    def attribute(self, name, default):
        """Return an attribute of the function, its class or its module, in this order."""
        function = getattr(self._owner or self._module, self._name)
        for place in (function, self._owner):
            if place is not None and hasattr(place, name):
                return getattr(place, name)
        return default

    def declared(self, params):
        """Return what parameters called rows, features, size, or n_rows, n_features, n say of a call."""
        names = {"n_rows": "rows", "n_features": "features", "n": "size"}
        listed = self.attribute("param_names", ())
        if not isinstance(listed, (list, tuple)) or not all(isinstance(name, str) for name in listed):
            return {}
        return {names.get(name, name): value for name, value in zip(listed, params)}  # noqa: B905 - Python 3.8

    def builder(self, params):
        """Return a `build(seed)` that makes a new instance and runs the setups before, the teardowns after."""

        def build(_seed):
            owner = self._module if self._owner is None else self._owner()
            function = getattr(owner, self._name)
            places = (self._module,) if self._owner is None else (self._module, owner)
            given = self._cached(places) + tuple(params)
            ups = [getattr(one, "setup", None) for one in places] + [getattr(function, "setup", None)]
            downs = [getattr(one, "teardown", None) for one in (*reversed(places), function)]
            for setup in ups:
                if setup is not None:
                    setup(*_fitting(setup, given))
            return _thunk(function, given), _cleanup(downs, given)

        return build

    def _cached(self, places):
        if self._cache is None:
            makers = [getattr(one, "setup_cache", None) for one in reversed(places)]
            maker = next((one for one in makers if one is not None), None)
            reseed(0)
            self._cache = () if maker is None else (maker(),)
        return () if self._cache in ((), (None,)) else self._cache


def _thunk(function, given):
    return (lambda: function(*given)) if given else function


def _cleanup(downs, given):
    present = [one for one in downs if one is not None]
    if not present:
        return None

    def cleanup():
        for teardown in present:
            teardown(*_fitting(teardown, given))

    return cleanup


def _fitting(function, given):
    """Return as many of the arguments as the function takes: a module's setup may ignore the parameters."""
    try:
        inspect.signature(function).bind(*given)
    except TypeError:
        return ()
    return given
