"""Makes the target's benchmarks callable one after the other, whichever tool they were written for.

The tools' own timing is replaced: whoever is visited decides how often a benchmark is called, and times it.
"""

import contextlib
import importlib
import os
import sys

PYTEST = "pytest-benchmark"
# Modules by kind, imported for the kinds that are asked for: dozens of processes are started for one decision.
KINDS = {"functions": "plain_functions", PYTEST: "pytest_fixture", "asv": "asv_suite", "pyperf": "pyperf_script"}


def visit(sources, visitor, wanted=None):
    """Call `visitor(Ready)` once for each benchmark, in order, while its callable is ready; return what failed.

    `sources` are {"kind": ..., "path": ...} with paths relative to the tree, which is the working directory;
    `wanted` restricts the visit to these names. The answer is a list of {"name", "error"}: benchmarks (or, where
    a file could not be loaded, paths) with one line on what went wrong. What the visitor raises counts as a
    failure of the benchmark.
    """
    chosen = None if wanted is None else frozenset(wanted)
    errors = []
    here = os.getcwd()
    for source in sources:
        path = source["path"]
        if chosen is not None and not any(_inside(name, path) for name in chosen):
            continue
        kind = KINDS.get(source["kind"])
        if kind is None:
            errors.append({"name": path, "error": "unknown kind of benchmark: %s" % source["kind"]})
            continue
        visit_kind = importlib.import_module("." + kind, __package__).visit
        before = list(sys.path)
        try:
            errors.extend(visit_kind(path, visitor, chosen))
        finally:
            os.chdir(here)
            sys.path[:] = before
    return errors


def preload(sources):
    """Import the tools of `sources`, so that what is loaded afterwards is the target's own."""
    if any(source["kind"] == PYTEST for source in sources):
        with contextlib.suppress(ImportError):
            import pytest  # noqa: F401


def _inside(name, path):
    file = name.partition("::")[0]
    return file == path or file.startswith(path.rstrip("/") + "/")
