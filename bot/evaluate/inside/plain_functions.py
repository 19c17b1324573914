"""Benchmarks that need no tool: functions called bench_<name>, with an optional setup_<name> beside them."""

import functools
import inspect

from .ready import Ready, attempt, load, said

KIND = "functions"


def visit(path, visitor, wanted):
    """Visit the `bench_*` functions of one file in the order in which they are defined."""
    try:
        module = load(path)
    except (Exception, SystemExit) as error:
        return [{"name": path, "error": said(error)}]
    errors = []
    for name, function in list(vars(module).items()):
        full = path + "::" + name
        if not _is_benchmark(name, function, module) or (wanted is not None and full not in wanted):
            continue
        make = functools.partial(_ready, full, name, function, module)
        errors.extend(attempt(full, make, visitor))
    return errors


def _is_benchmark(name, function, module):
    return name.startswith("bench_") and inspect.isfunction(function) and function.__module__ == module.__name__


def _ready(full, name, function, module):
    build, setup = _builder(name, function, module)
    return Ready(full, KIND, build, setup, vars(function))


def _builder(name, function, module):
    """Return (build, setup flag) for one function; TypeError where its arguments cannot be made."""
    if inspect.iscoroutinefunction(function):
        raise TypeError("%s is a coroutine function; wrap it in a function that runs it" % name)
    needed = _required(function)
    if not needed:
        return lambda _seed: (function, None), False
    make = getattr(module, "setup_" + name[len("bench_") :], None)
    if len(needed) > 1:
        raise TypeError("%s takes %d arguments; a benchmark takes none or one" % (name, len(needed)))
    if make is None:
        raise TypeError("%s takes an argument; define setup_%s(seed) beside it" % (name, name[len("bench_") :]))
    takes_seed = bool(_required(make))

    def build(seed):
        return functools.partial(function, make(seed) if takes_seed else make()), None

    return build, True


def _required(function):
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    found = inspect.signature(function).parameters.values()
    return [one for one in found if one.default is one.empty and one.kind in kinds]
