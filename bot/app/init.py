"""`hotlap init`: what was detected, the configuration that follows from it, and what to do next."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from bot.app.starter import starter
from bot.config import FILE_NAME, parse
from bot.domain.code import Snapshot
from bot.domain.errors import Refused
from bot.domain.job import Project
from bot.domain.legible import one_line
from bot.evaluate.benchmarks.detect import detect
from bot.report.escape import text

_HEAD = """\
# Configuration of Hotlap. Every key is optional; what is commented out shows a default or an example.
# `hotlap config check` validates this file, `hotlap config schema` prints all keys.
version: 1
"""
_GLOB = frozenset("*?[")
_NAMED = 50
_TAIL = """
# When a rewrite is good enough: the smallest confirmed gain that is worth a review.
# accept:
#   min_gain: 0.05

# When `hotlap check` stops a merge request: a slowdown that is proven to be larger.
# check:
#   margin: 0.05

# Machines on which candidates are judged in GitLab CI, each by a job of its own with the tags of its runners.
# hardware: [{name: epyc, tags: [bench, epyc], cpu: EPYC}]

# What `hotlap optimize` may spend.
# budget:
#   seconds: 900
#   targets: 5

# Functions that may be changed, and files that no rewrite may touch.
# targets:
#   exclude: ["src/legacy/**"]
# protected: ["src/schema.py"]

# Where the code under test runs: 'auto' takes the strongest that works, and `hotlap doctor` says which one does.
# 'process' isolates nothing: only for code that you would run anyway.
# isolation: auto

# Command lines that are run once before anything else; what they add to the tree stays.
# setup:
#   - python -m pip install --no-deps --target .packages -r requirements.txt
# sandbox:
#   network: true

# Variables for the repository's processes; nothing else of the environment is passed on.
# env:
#   DJANGO_SETTINGS_MODULE: shop.settings
"""


@dataclass(frozen=True, slots=True)
class Plan:
    """Files to write (path and text), what a reader must know, and the commands to type next."""

    files: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    following: tuple[str, ...]


def plan(tree: Snapshot, project: Project, *, python: str | None = None, benchmark: bool = False) -> Plan:
    """Return what `hotlap init` does for a repository as it was detected without a configuration.

    `python` is the interpreter that the user named, which is then written down; with `benchmark` a repository that
    has no benchmark gets a first one.
    """
    elsewhere = () if project.benchmark_sources else _elsewhere(tree)
    files = [(FILE_NAME, configuration(project, python, elsewhere))]
    notes = [f"import roots: {', '.join(root or '.' for root in project.import_roots)}", *project.notes]
    if elsewhere:
        notes.append(f"benchmarks in unusual places, now named in {FILE_NAME}: {', '.join(elsewhere)}")
    following: tuple[str, ...] = ("hotlap localize --profile", "hotlap optimize --budget 15m")
    if not (project.benchmark_sources or elsewhere):
        following = ("hotlap init --benchmark",)
        if benchmark:
            files.append(starter(tree, project.import_roots))
            added = f"git add {files[-1][0]} && git commit -m 'A first benchmark'"
            following = (added, "hotlap localize --profile")
    elif benchmark:
        notes.append("there are benchmarks already, so that none was added")
    return Plan(tuple(files), tuple(notes), following)


def introduction(found: Plan) -> tuple[str, str]:
    """Return title and description of the merge request that proposes the files of a plan."""
    lines = [
        "Hotlap looks for slow functions, proves that a change makes them faster, and opens merge requests for it.",
        "",
        "This adds a configuration in which everything is optional; comments show the defaults. It was detected:",
        "",
        *(f"- {text(note)}" for note in found.notes),
        "",
        "Once it is merged:",
        "",
        "- [ ] tokens as variables with environment scopes, and a component in `.gitlab-ci.yml`",
        "- [ ] a schedule for the nightly sweep, a webhook for comments",
        "- [ ] a runner on a machine where nothing else runs while it measures",
        "",
        "`docs/install.md` of Hotlap has each step. Close this if you do not want it: it is not opened again.",
    ]
    return "Begin with Hotlap", "\n".join(lines) + "\n"


def configuration(project: Project, python: str | None, elsewhere: Sequence[str]) -> str:
    """Return a commented `.hotlap.yml` that holds only what detection would not find by itself."""
    said = {note.partition(":")[0]: one_line(note.partition(": ")[2], 200) for note in project.notes}
    roots = ", ".join(_quoted(root or ".") for root in project.import_roots)
    python_line = f"python: {_quoted(python)}" if python else "# python: .venv/bin/python"
    tests = " ".join(project.tests) if project.tests else "python -m pytest -q"
    listed = "".join(f"\n    - {_quoted(path)}" for path in elsewhere)
    paths = f"benchmarks:\n  paths:{listed}" if elsewhere else '# benchmarks:\n#   paths: ["benchmarks"]'
    written = (
        f"{_HEAD}\n# The repository's interpreter. Detected: {said.get('interpreter', 'none')}\n{python_line}\n"
        f"\n# Directories for PYTHONPATH. Detected:\n# import_roots: [{one_line(roots, 400)}]\n"
        f"\n# How the tests are run; 'python' is the interpreter above. Detected: {said.get('tests', 'none')}\n"
        f"# tests:\n#   command: {one_line(_quoted(tests), 400)}\n"
        f"\n# Where benchmarks stand. Detected: {said.get('benchmarks', 'none')}\n{paths}\n{_TAIL}"
    )
    parse(written.encode())
    return written


def _elsewhere(tree: Snapshot) -> tuple[str, ...]:
    """Return the files with benchmarks that stand where nobody looks unasked; names that cannot be written left out."""
    try:
        found = detect(tree, ("*",))
    except Refused:
        return ()
    plain = (path for _, path in found if path.isprintable() and not _GLOB.intersection(path))
    return tuple(dict.fromkeys(plain))[:_NAMED]


def _quoted(text: str) -> str:
    """Return a scalar in double quotes, which YAML reads as JSON does."""
    return json.dumps(text, ensure_ascii=False)
