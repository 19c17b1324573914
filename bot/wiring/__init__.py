"""The composition root: a repository and its configuration in, a workshop with real adapters out."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from bot import logs, settings
from bot.adapters.cache import FileCache
from bot.adapters.file_store import FileStore
from bot.adapters.git import GitCheckout
from bot.adapters.sandbox.choose import Chosen, Wish
from bot.adapters.sandbox.probe import Probed
from bot.adapters.store.local import LocalStore
from bot.app.check import ancestor
from bot.app.workshop import Workshop
from bot.config import Config, load
from bot.domain.code import Snapshot
from bot.domain.errors import Refused
from bot.domain.evidence import Isolation
from bot.domain.job import Project
from bot.domain.redact import Redactor, secret_values
from bot.evaluate.benchmarks.detect import detect as detect_benchmarks
from bot.evaluate.project import detect, interpreter_of
from bot.ports import Progress
from bot.ports.store import LessonBook
from bot.wiring.configured import Configured, configured, reviewed
from bot.wiring.overrides import Overrides
from bot.wiring.parts import parts
from bot.wiring.sandboxes import Ways, chosen, probes, tools
from bot.wiring.sharing import shared
from bot.wiring.stores import Remembered, project_name, remembering
from bot.wiring.watching import Watch, watched

__all__ = [
    "Local",
    "Looked",
    "Overrides",
    "Pair",
    "detected",
    "local",
    "looked_at",
    "looked_at_alone",
    "opened",
    "pair",
    "shared",
    "watched",
]


@dataclass(frozen=True, slots=True)
class Local:
    """A local checkout made ready: the tree at the asked revision, and the workshop for it."""

    checkout: GitCheckout
    config: Config
    tree: Snapshot
    shop: Workshop
    remembered: Callable[[], Remembered]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two revisions of a checkout made ready: `base` is their common ancestor, `note` says so where it is not as asked.

    `margin` is the slowdown that is still accepted.
    """

    base: Local
    head: Local
    margin: float
    note: str


@dataclass(frozen=True, slots=True)
class Looked:
    """A work tree as it is found, what was detected there, and which ways of isolating work; for `hotlap doctor`."""

    root: Path
    tree: Snapshot
    project: Project
    config: Config
    probes: tuple[Probed, ...]
    notes: tuple[str, ...]


def local(
    repo: Path,
    progress: Progress,
    *,
    revision: str = "HEAD",
    overrides: Overrides | None = None,
    watch: Watch | None = None,
) -> Local:
    """Open the repository at `repo` for work on `revision`; Refused or ConfigError where that cannot be done."""
    checkout, overrides = opened(repo), overrides or Overrides()
    found, tree = _configured(checkout, overrides), checkout.snapshot(revision)
    choice = _choice(checkout, found, tree, progress, overrides)
    return _made(checkout, found, tree, watch or Watch(progress), overrides, choice)


def pair(repo: Path, base: str, head: str, progress: Progress, overrides: Overrides) -> Pair:
    """Open the repository at `repo` for a check of what came with `head` since its common ancestor with `base`."""
    checkout = opened(repo)
    found = _configured(checkout, overrides)
    config = found.config
    sha, note = ancestor(checkout, base, head)
    trees = checkout.snapshot(sha), checkout.snapshot(head)
    margin = config.check.margin if overrides.margin is None else overrides.margin
    overrides = replace(overrides, margin=margin, compare_answers=False)
    choice = _choice(checkout, found, trees[0], progress, overrides)
    first, second = (
        _made(checkout, replace(found, config=one), tree, Watch(progress), overrides, choice)
        for one, tree in _each(config, trees)
    )
    return Pair(first, second, margin, note)


def detected(repo: Path, python: str | None = None, *, afresh: bool) -> tuple[Path, Snapshot, Project]:
    """Return the work tree at `repo`, its HEAD and what is detected there; `afresh` as if it had no configuration."""
    checkout = opened(repo)
    if checkout.bare:
        raise Refused(f"{checkout.root} is a bare repository: there is no work tree to write into")
    tree = checkout.snapshot("HEAD")
    config = Config() if afresh else load(checkout.root)
    inside = _inside(config, python) if _in_image(config) else None
    found = detect(tree, checkout.root, config, python=python, active=os.environ.get("VIRTUAL_ENV"), inside=inside)
    return checkout.root, tree, found


def looked_at(repo: Path, python: str | None) -> Looked:
    """Return what can be said about a repository without running anything of it; errors are those of `local`."""
    checkout = opened(repo)
    found, tree = configured(checkout, os.environ), checkout.snapshot("HEAD")
    config, active = found.config, os.environ.get("VIRTUAL_ENV")
    ways = Ways(
        tools(), settings.load().temp_dir, lambda: interpreter_of(tree, checkout.root, python, config, active)[0]
    )
    tried = probes(ways, config, _inside(config, python))
    works = {one.backend.isolation: one.python for one in tried if one.sandbox is not None}
    inside = works.get(Isolation.CONTAINER)
    if inside is None and _in_image(config) and Isolation.NAMESPACE not in works:
        inside = _inside(config, python)
    project = detect(tree, checkout.root, config, python=python, active=active, inside=inside)
    return Looked(checkout.root, tree, project, config, tried, found.notes)


def looked_at_alone() -> tuple[Probed, ...]:
    """Return which ways of isolating work on this machine, tried with the interpreter of Hotlap itself."""
    return probes(Ways(tools(), settings.load().temp_dir, lambda: sys.executable), Config(), "")


def lesson_book(repo: Path) -> LessonBook:
    """Return the lessons of the repository at `repo`; errors are those of opening the store."""
    return remembering(opened(repo), os.environ)().lessons


def opened(repo: Path) -> GitCheckout:
    """Return the repository at `repo`; logs are configured with its secrets taken out."""
    own = settings.load()
    logs.configure(own.log_level, own.log_format, Redactor(secret_values(os.environ)))
    return GitCheckout(repo)


def _configured(checkout: GitCheckout, overrides: Overrides) -> Configured:
    if overrides.ours:
        return Configured(load(checkout.root), "main")
    if overrides.reviewed:
        return reviewed(checkout, os.environ)
    return configured(checkout, os.environ)


def _choice(
    checkout: GitCheckout, found: Configured, tree: Snapshot, progress: Progress, overrides: Overrides
) -> Callable[[], Chosen]:
    """Return what chooses the sandbox when the first box is needed, and only once."""
    config, active = found.config, os.environ.get("VIRTUAL_ENV")
    for note in found.notes:
        progress.step("run", "configuration", note)

    def python() -> str:
        return interpreter_of(tree, checkout.root, overrides.python, config, active)[0]

    @cache
    def choice() -> Chosen:
        ways, inside = Ways(tools(), settings.load().temp_dir, python), _inside(config, overrides.python)
        wish = Wish(config.isolation, found.place, process=overrides.ours)
        return chosen(ways, config, wish, inside, progress)

    return choice


def _made(
    checkout: GitCheckout,
    found: Configured,
    tree: Snapshot,
    watch: Watch,
    overrides: Overrides,
    choice: Callable[[], Chosen],
) -> Local:
    config, active = found.config, os.environ.get("VIRTUAL_ENV")
    # An image has an interpreter of its own: which one that is must be known before anything is detected.
    container = choice() if _in_image(config) and choice().sandbox.isolation is Isolation.CONTAINER else None
    inside = None if container is None else container.python
    project = detect(tree, checkout.root, config, python=overrides.python, active=active, inside=inside)
    remembered = remembering(checkout, os.environ)
    store = LocalStore(FileStore(checkout.state), lambda: remembered().lessons)
    known = watch.cache(FileCache(checkout.state / "known.sqlite"))
    made = parts(checkout, store, known, project, config, watch.progress, overrides, choice, found.notes)
    name = project_name(checkout, os.environ)
    made = replace(
        made,
        feedback=lambda: tuple(remembered().memory.feedback()),
        history=lambda: watch.history(remembered().history),
        project_name=name,
    )
    return Local(checkout, config, tree, Workshop(project, config, made), remembered)


def _in_image(config: Config) -> bool:
    return config.sandbox.image is not None and config.isolation in {"auto", "docker"}


def _inside(config: Config, python: str | None) -> str:
    """Return the interpreter as it is called in an image."""
    return python or config.python or "python3"


def _each(config: Config, trees: Sequence[Snapshot]) -> Iterator[tuple[Config, Snapshot]]:
    """Yield each tree with the configured benchmark paths that it has; one that no tree has stays, to be refused."""
    named = config.benchmarks.paths
    if named is None:
        yield from ((config, tree) for tree in trees)
        return
    held = [{path for path in named if _holds(tree, path, config)} for tree in trees]
    for tree, here in zip(trees, held, strict=True):
        kept = tuple(path for path in named if path in here or not any(path in one for one in held))
        yield config.model_copy(update={"benchmarks": config.benchmarks.model_copy(update={"paths": kept})}), tree


def _holds(tree: Snapshot, path: str, config: Config) -> bool:
    try:
        return bool(detect_benchmarks(tree, (path,), config.benchmarks.exclude))
    except Refused:
        return False
