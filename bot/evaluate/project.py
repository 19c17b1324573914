"""How the target repository is run, detected from its files: interpreter, import roots, test command, benchmarks."""

import os
import shlex
import shutil
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from bot.config import Config
from bot.domain.code import Snapshot
from bot.domain.errors import Refused
from bot.domain.job import Project
from bot.evaluate.benchmarks import command
from bot.evaluate.benchmarks.detect import detect as detect_benchmarks
from bot.evaluate.guard.paths import is_test

_VIRTUAL = (".venv", "venv", "env")


def detect(
    tree: Snapshot,
    root: Path,
    config: Config,
    *,
    python: str | None = None,
    active: str | None = None,
    inside: str | None = None,
) -> Project:
    """Return how `tree` is run; what the configuration or `python` says wins over what is detected.

    `root` is the checkout on disk, where a virtual environment may stand; `active` is the directory of the virtual
    environment in which the bot was called, if any; `inside` is the interpreter of an image, taken as it is. Refused
    where a named interpreter cannot be run.
    """
    on_host = None if inside else interpreter_of(tree, root, python, config, active)
    interpreter, said = on_host or (str(inside), f"{inside} of the image")
    sources = benchmark_sources(tree, config)
    tests = _tests(tree, config, sources)
    notes = [
        f"interpreter: {said}",
        f"tests: {shlex.join(tests)}" if tests else "tests: none found",
        f"benchmarks: {_counted(sources)}" if sources else "benchmarks: none found",
    ]
    return Project(
        python=interpreter,
        import_roots=tuple(config.import_roots) if config.import_roots else tuple(_import_roots(tree)),
        tests=tests,
        benchmark_sources=sources,
        junit=config.tests.junit,
        tests_timeout=config.tests.timeout,
        env=tuple(sorted(config.env.items())),
        notes=tuple(notes),
    )


def benchmark_sources(tree: Snapshot, config: Config) -> tuple[tuple[str, str], ...]:
    """Return (kind, path) of each file with benchmarks; nothing is run, and no interpreter is looked for."""
    found = detect_benchmarks(tree, config.benchmarks.paths, config.benchmarks.exclude)
    return (*found, *((command.NAME, path) for path in command.Commands(config).sources(tree)))


def interpreter_of(
    tree: Snapshot, root: Path, python: str | None, config: Config, active: str | None
) -> tuple[str, str]:
    """Return the interpreter on this machine and how it was found; Refused where the one that is named cannot be run.

    A program that the repository's own commits bring is code under test: it is never taken for the interpreter. A name
    without a slash that is no file there is looked for in PATH, as in a CI job whose Hotlap stands elsewhere.
    """
    if named := python or config.python:
        path = _on_path(root, named)
        if not os.access(path, os.X_OK) or path.is_dir():
            raise Refused(f"the interpreter {named} cannot be run; name another with --python or `python:`")
        if _is_script(path):
            raise Refused(f"{path} is a script and no interpreter, as pyenv makes them: name what it starts instead")
        if _committed(tree, root, path):
            raise Refused(f"the interpreter {named} is part of the repository's commits; name one that is not")
        return str(path), str(path)
    for name in _VIRTUAL:
        candidate = root / name / "bin" / "python"
        if os.access(candidate, os.X_OK) and not _committed(tree, root, candidate):
            return str(candidate), f"{name}/bin/python of the repository"
    if active and os.access(Path(active) / "bin" / "python", os.X_OK):
        return str(Path(active) / "bin" / "python"), "the active virtual environment"
    return sys.executable, "the interpreter that runs hotlap"


def _on_path(root: Path, named: str) -> Path:
    found = None if os.sep in named or (root / named).exists() else shutil.which(named)
    return root / named if found is None else Path(found)


def _is_script(path: Path) -> bool:
    """Say whether a program is a script: started in place of an interpreter, it costs ten times as much."""
    with path.open("rb") as file:
        return file.read(2) == b"#!"


def _committed(tree: Snapshot, root: Path, python: Path) -> bool:
    """Say whether the commits hold an interpreter, a link on the way to it, or a file of its virtual environment."""
    try:
        place = PurePosixPath(os.path.relpath(python, root))
    except ValueError:
        return False
    if place.parts[0] == "..":
        return False
    if any(str(one) in tree.files for one in (place, *place.parents)):
        return True
    home = place.parent.parent
    return place.parent.name == "bin" and bool(home.name) and any(path.startswith(f"{home}/") for path in tree.files)


def _import_roots(tree: Snapshot) -> Iterator[str]:
    settings = _pyproject(tree)
    pytest_path = settings.get("tool", {}).get("pytest", {}).get("ini_options", {}).get("pythonpath", [])
    where = settings.get("tool", {}).get("setuptools", {}).get("packages", {})
    found = where.get("find", {}).get("where", []) if isinstance(where, dict) else []
    named = [pytest_path] if isinstance(pytest_path, str) else list(pytest_path)
    directories = {path.split("/")[0] for path in tree.paths(".py") if "/" in path}
    guessed = [name for name in ("src", "lib") if name in directories and f"{name}/__init__.py" not in tree.files]
    seen: set[str] = set()
    for directory in [*guessed, *found, *named, ""]:
        clean = str(directory).strip("./")
        if clean not in seen:
            seen.add(clean)
            yield clean


def _pyproject(tree: Snapshot) -> dict[str, Any]:
    try:
        return tomllib.loads(tree.data("pyproject.toml").decode("utf-8"))
    except (KeyError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return {}


def _tests(tree: Snapshot, config: Config, sources: tuple[tuple[str, str], ...]) -> tuple[str, ...] | None:
    if config.tests.command is not None:
        return config.tests.command
    if not any(is_test(path) for path in tree.paths(".py")):
        return None
    # Benchmarks beside the tests would be timed by their own tool during every run of the tests.
    beside = sorted({path for kind, path in sources if kind == "pytest-benchmark" and not path.startswith("test")})
    return ("python", "-m", "pytest", "-q", *(f"--ignore={path}" for path in beside))


def _counted(sources: tuple[tuple[str, str], ...]) -> str:
    kinds = sorted({kind for kind, _ in sources})
    return ", ".join(f"{sum(one == kind for one, _ in sources)} file(s) of kind {kind}" for kind in kinds)
