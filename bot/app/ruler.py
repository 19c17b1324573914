"""The files that measure: a revision is always timed with the base's, because none may bring its own ruler."""

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from bot.domain.code import Snapshot
from bot.localize.exclude import BENCHMARK_DIRECTORIES

_MANIFESTS = frozenset({".toml", ".xml", ".gradle", ".kts", ".txt", ".json", ".yml", ".yaml", ".mod"})
_SUITE = "asv"
_JVM = frozenset({".java", ".kt", ".scala"})
_JMH = b"@Benchmark"

Sources = Sequence[tuple[str, str]]


def ruler(tree: Snapshot, sources: Sources) -> frozenset[str]:
    """Return the paths of `tree` that belong to its benchmarks: their files, and what lies beside them in benchmarks/.

    Of a source that is a directory or a manifest of a package only the benchmark files are taken: the rest is the code
    that is measured.
    """
    return frozenset(path for kind, source in sources for path in _of(tree, kind, source))


def measured_alike(base: Snapshot, head: Snapshot, sources: Sources) -> Snapshot:
    """Return `head` with the base's ruler in place of its own; `sources` are the base's."""
    replaced, files = ruler(head, sources), {path: base.files[path] for path in ruler(base, sources)}
    kept = {path: file for path, file in head.files.items() if path not in replaced}
    return Snapshot(head.commit, {**kept, **files})


def _of(tree: Snapshot, kind: str, source: str) -> Iterator[str]:
    place = PurePosixPath(source)
    manifest = place.suffix in _MANIFESTS
    if not manifest:
        yield from (path for path in tree.files if path == source)
    home = _benchmark_directory(place)
    if home is not None:
        yield from _below(tree, home)
    elif manifest or source not in tree.files:
        inside = _below(tree, str(place.parent) if manifest else source)
        yield from (path for path in inside if kind == _SUITE or _measures(tree, path))


def _below(tree: Snapshot, directory: str) -> Iterator[str]:
    return (path for path in tree.files if directory in {"", "."} or path.startswith(f"{directory}/"))


def _benchmark_directory(place: PurePosixPath) -> str | None:
    """Return the outermost directory above (or at) a source whose name says that it holds benchmarks."""
    for depth, part in enumerate(place.parts, 1):
        if part in BENCHMARK_DIRECTORIES:
            return "/".join(place.parts[:depth])
    return None


def _measures(tree: Snapshot, path: str) -> bool:
    """Say whether a file among the code that is measured is a benchmark: by its directory, by Go's or by JMH's mark."""
    place = PurePosixPath(path)
    marked = place.suffix in _JVM and _JMH in tree.files[path].data
    return marked or path.endswith("_test.go") or not BENCHMARK_DIRECTORIES.isdisjoint(place.parts[:-1])
