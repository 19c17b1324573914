"""Runs a rule on a piece of source and compares what the old and the new code do on random inputs."""

import copy
import functools
import random

import libcst as cst
import pytest

from bot.domain.code import File, Snapshot
from bot.propose.rules.locate import definitions
from bot.propose.rules.rule import Source


def rewrites(rule, text, qualname="f", files=None):
    """Return (new text, why, labels) for every rewrite that `rule` finds in the function."""
    module = parsed(text)
    tree = Snapshot("c" * 40, {"m.py": File(text.encode())} | {k: File(v.encode()) for k, v in (files or {}).items()})
    (function,) = definitions(module, qualname)
    found = list(rule.rewrites(Source("m.py", module, function, qualname, tree)))
    return [(one.module.code, one.why, one.labels) for one in found]


@functools.cache
def parsed(text):
    return cst.parse_module(text)


@functools.cache
def compiled(text):
    return compile(text, "m.py", "exec")


def observe(text, call, arguments):
    """Return what `call` gives on the arguments: the value or the exception, and the arguments afterwards."""
    space = {"__name__": "m"}
    exec(compiled(text), space)  # noqa: S102 - the tests' own source
    given = copy.deepcopy(arguments)
    try:
        result = eval(call, space)(*given)  # noqa: S307 - the tests' own source
        result = list(result) if hasattr(result, "__next__") else result
        outcome = ("value", repr(result))
    except Exception as error:  # noqa: BLE001 - an exception is an observation
        outcome = ("raised", type(error).__name__, str(error))
    return outcome, repr(given)


@pytest.fixture
def agrees():
    """Assert that a rule finds something and that every rewrite behaves as before; return the first new text."""

    def check(rule, text, inputs, *, call="f", qualname="f", tries=20, files=None):
        found = rewrites(rule, text, qualname, files)
        assert found, "the rule found nothing"
        for new, why, _ in found:
            assert new != text
            assert why
            for seed in range(tries):
                arguments = inputs(random.Random(seed))  # noqa: S311 - test data
                assert observe(new, call, arguments) == observe(text, call, arguments), (arguments, new)
        return found[0][0]

    return check


@pytest.fixture
def refuses():
    """Assert that a rule finds nothing."""

    def check(rule, text, qualname="f", files=None):
        assert [new for new, _, _ in rewrites(rule, text, qualname, files)] == []

    return check


@pytest.fixture
def rewrites_of():
    """Return the function that gives (new text, why, labels) for every rewrite of a rule."""
    return rewrites
