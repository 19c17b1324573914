"""Criterion benchmarks of Rust crates: cargo builds the program of one [[bench]] once, which is then run by itself.

Criterion chooses how many iterations it makes, so that its figure has no check by another clock.
Format: src/report.rs and src/format.rs of bheisler/criterion.rs, 0.3 to 0.7.
"""

# ruff: noqa: ARG002 - the contract of a program names arguments that not every tool needs

import posixpath
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from bot.domain.code import Snapshot
from bot.evaluate.benchmarks.output import add, literal, named, some, text
from bot.evaluate.benchmarks.places import foreign
from bot.evaluate.benchmarks.program import Call, Reading

_TARGET = "target/hotlap"
_LISTED = re.compile(r"^(.+): bench(?:mark)?$")
_VALUE = r"([0-9]{1,18}(?:\.[0-9]{1,9})?) (ps|ns|\u00b5s|us|ms|s)"
_TIME = re.compile(rf"^(.*?) *time: +\[{_VALUE} {_VALUE} {_VALUE}\]$")
_COUNT = re.compile(r"^Benchmarking (.+): Collecting [0-9]+ samples in estimated .* \(([0-9]{1,18}) iterations\)$")
_UNITS = {"ps": 1e-12, "ns": 1e-9, "\u00b5s": 1e-6, "us": 1e-6, "ms": 1e-3, "s": 1.0}
_SAMPLING = ("--sample-size", "10", "--nresamples", "1000")
_MERGED = 'exec "$0" "$@" 2>&1'  # since 0.4 the number of iterations goes to standard error


@dataclass(frozen=True, slots=True)
class _Bench:
    name: str
    folder: str
    whole_seconds: bool

    @property
    def crate(self) -> str:
        return self.name.replace("-", "_")


class Criterion:
    """[[bench]] entries without the standard harness in packages that depend on criterion; a source is their file."""

    NAME = "criterion"
    FIXED_ITERATIONS = False

    def sources(self, tree: Snapshot) -> Iterator[str]:
        """Yield the files of such entries."""
        for path in tree.paths("Cargo.toml"):
            if not foreign(path) and posixpath.basename(path) == "Cargo.toml":
                yield from sorted(_entries(tree, path))

    def build(self, tree: Snapshot, source: str) -> Sequence[Call]:
        """Return the build, without the network, and a copy of the program to a name without a hash."""
        bench = _known(tree, source)
        cargo = ("cargo", "bench", "--offline", "--no-run", "--bench", bench.name, "--target-dir", _TARGET)
        wanted = ("-path", "*/deps/*", "-type", "f", "-perm", "-u+x", "-name", f"{bench.crate}-*")
        copy = ("find", _TARGET, *wanted, "-exec", "cp", "{}", f"{_TARGET}/{bench.crate}", ";")
        return Call(cargo, bench.folder), Call(copy, bench.folder)

    def listing(self, tree: Snapshot, source: str) -> Call:
        """Return the program's own list."""
        return _call(_known(tree, source), "--list")

    def names(self, tree: Snapshot, source: str, output: bytes) -> Sequence[str]:
        """Return the listed names, which hold their groups."""
        return named(found[1] for line in text(output).splitlines() if (found := _LISTED.match(line)))

    def run(self, tree: Snapshot, source: str, name: str, iterations: int) -> Call:
        """Return one short run of one benchmark."""
        bench = _known(tree, source)
        # The filter is an expression in every version; --exact came with 0.5, fractions of seconds with 0.4.
        warm, measure = ("1", "1") if bench.whole_seconds else ("0.1", "0.2")
        times = ("--warm-up-time", warm, "--measurement-time", measure)
        return _call(bench, "--noplot", "--verbose", "--color", "never", *times, *_SAMPLING, literal(name))

    def readings(self, output: bytes) -> dict[str, Reading]:
        """Return the middle of criterion's estimate by benchmark, to five digits."""
        counts: dict[str, int] = {}
        found: dict[str, Reading] = {}
        before = ""
        for line in text(output).splitlines():
            counted, time = _COUNT.match(line), _TIME.match(line)
            if counted:
                if counted[1] in counts:
                    raise ValueError(f"{counted[1]} is run twice: does the code under test print?")
                counts[counted[1]] = int(counted[2])
            elif time:
                name = time[1] or before
                if name not in counts:
                    raise ValueError(f"there is a figure, but no run, of {name or 'a benchmark without a name'}")
                add(found, name, float(time[4]) * _UNITS[time[5]], counts[name])
            before = line
        return some(found)


def _call(bench: _Bench, *flags: str) -> Call:
    # Without CRITERION_HOME every run would ask cargo where the target directory is.
    home = (("CRITERION_HOME", f"{_TARGET}/criterion"),)
    return Call(("sh", "-c", _MERGED, f"{_TARGET}/{bench.crate}", "--bench", *flags), bench.folder, home)


def _known(tree: Snapshot, source: str) -> _Bench:
    for folder in PurePosixPath(source).parents:
        manifest = posixpath.normpath(f"{folder}/Cargo.toml")
        if manifest in tree.files and (found := _entries(tree, manifest).get(source)):
            return found
    raise KeyError(source)


def _entries(tree: Snapshot, manifest: str) -> dict[str, _Bench]:
    """Return the benchmarks of one package by the path of their file."""
    try:
        package: Mapping[str, Any] = tomllib.loads(tree.data(manifest).decode())
    except (KeyError, ValueError, RecursionError):
        return {}
    needed = [_table(package, kind).get("criterion") for kind in ("dependencies", "dev-dependencies")]
    listed = package.get("bench")
    if needed == [None, None] or not isinstance(listed, list):
        return {}
    folder = posixpath.dirname(manifest)
    found = {}
    for entry in listed:
        name = entry.get("name") if isinstance(entry, dict) and entry.get("harness") is False else None
        if isinstance(name, str) and re.fullmatch(r"[A-Za-z0-9_-]+", name):
            given = str(entry.get("path", f"benches/{name}.rs"))
            for path in (given, f"benches/{name}/main.rs"):
                place = posixpath.normpath(posixpath.join(folder, path))
                if place in tree.files:
                    found[place] = _Bench(name, folder, any(map(_old, needed)))
                    break
    return found


def _table(package: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = package.get(name)
    return found if isinstance(found, dict) else {}


def _old(needed: object) -> bool:
    version = needed.get("version", "") if isinstance(needed, dict) else needed
    return isinstance(version, str) and re.match(r"[\^~=]? ?0\.[1-3](\.|$)", version) is not None
