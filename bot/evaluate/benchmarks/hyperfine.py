"""Scripts and recipes that call `hyperfine`: the commands which they compare are timed, hyperfine itself is not run."""

# ruff: noqa: ARG002 - the contract of a program names arguments that not every tool needs

import argparse
import itertools
import posixpath
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from bot.domain.code import Snapshot
from bot.evaluate.benchmarks.places import conventional
from bot.evaluate.benchmarks.program import Call, Reading, Surroundings
from bot.evaluate.benchmarks.recipes import Line, lines

NAME = "hyperfine"
_SUFFIXES = (".sh", ".bash", ".just", ".mk")
_RECIPES = frozenset({"Makefile", "makefile", "GNUmakefile", "justfile", "Justfile", ".justfile"})
_VALUED = (
    ("-m", "--min-runs"), ("-M", "--max-runs"), ("-r", "--runs"), ("-u", "--time-unit"), ("-c", "--cleanup"),
    ("--style",), ("--sort",), ("--export-asciidoc",), ("--export-csv",), ("--export-json",), ("--export-markdown",),
    ("--export-orgmode",), ("--output",), ("--reference-name",), ("--min-benchmarking-time",),
)  # fmt: skip
_MOST = 100


@dataclass(frozen=True, slots=True)
class Entry:
    """One command that an invocation compares; `shell` is what reads it, empty where nothing does."""

    name: str
    command: str
    directory: str
    shell: tuple[str, ...] = ("sh", "-c")
    warmups: int = 1
    setup: str = ""
    prepare: str = ""
    conclude: str = ""
    source: str = ""
    forgiving: bool = False

    def call(self, text: str) -> Call:
        """Return one of the entry's command lines as a process."""
        return Call((*self.shell, text) if self.shell else tuple(shlex.split(text)), self.directory)

    @property
    def timed(self) -> Call:
        """The command itself; through a shell where its failure is ignored or it reads a file."""
        if not self.forgiving and not self.source:
            return self.call(self.command)
        reads = f" < {shlex.quote(self.source)}" if self.source else ""
        return Call(
            (*(self.shell or ("sh", "-c")), f"({self.command}){reads}{' || true' * self.forgiving}"), self.directory
        )


class Hyperfine:
    """Benchmarks are the commands of all invocations in one file."""

    NAME = NAME
    FIXED_ITERATIONS = False

    def sources(self, tree: Snapshot) -> Iterator[str]:
        """Yield scripts, Makefiles and justfiles in the usual places for benchmarks that compare commands."""
        for path in tree.paths():
            if _readable(path) and conventional(path) and b"hyperfine" in tree.data(path) and entries(tree, path):
                yield path

    def build(self, tree: Snapshot, source: str) -> Sequence[Call]:
        """Return nothing: what a command needs is its --setup."""
        return ()

    def listing(self, tree: Snapshot, source: str) -> Call | None:
        """Return None: the commands stand in the file."""
        return None

    def names(self, tree: Snapshot, source: str, output: bytes) -> Sequence[str]:
        """Return the names given with -n, or the commands themselves."""
        return tuple(entries(tree, source))

    def run(self, tree: Snapshot, source: str, name: str, iterations: int) -> Call:
        """Return the command."""
        return entries(tree, source)[name].timed

    def readings(self, output: bytes) -> dict[str, Reading]:
        """Return nothing: a command is timed from outside."""
        return {}

    def surroundings(self, tree: Snapshot, source: str, name: str) -> Surroundings:
        """Return what the invocation runs around its command; --cleanup is not needed, as the tree is thrown away."""
        one = entries(tree, source)[name]
        setup, prepare, conclude = (one.call(text) if text else None for text in (one.setup, one.prepare, one.conclude))
        return Surroundings(setup, prepare, conclude, warmups=one.warmups)


def entries(tree: Snapshot, source: str) -> dict[str, Entry]:
    """Return the commands of a file by name, at most 100; invocations that cannot be read are left out."""
    found: dict[str, Entry] = {}
    for line in lines(source, tree.data(source)):
        if posixpath.basename(line.words[0]) != "hyperfine":
            continue
        for one in itertools.islice(_compared(line), _MOST - len(found)):
            numbered = (f"{one.name} ({number})" for number in itertools.count(2))
            name = one.name if one.name not in found else next(name for name in numbered if name not in found)
            found[name] = one
    return found


def _compared(line: Line) -> Iterator[Entry]:
    words = ["-i" if word.startswith("--ignore-failure=") else word for word in line.words[1:]]
    try:
        asked = _parser().parse_intermixed_args(words)
        values = list(_parameters(asked))
    except ValueError:
        return
    commands = [*([asked.reference] if asked.reference else []), *asked.commands]
    names = list(asked.command_name)
    for number, command in enumerate(commands):
        for place, given in enumerate(values):
            index = number * len(values) + place if len(names) == len(commands) * len(values) else number
            name = names[index] if index < len(names) else command
            # A command that splits into nothing, or a quote that never ends, is no process.
            if one := _entry(asked, command, name, number, given, line.directory):
                yield one


def _entry(
    asked: argparse.Namespace, command: str, name: str, number: int, given: Mapping[str, str], directory: str
) -> Entry | None:
    def filled(text: str) -> str:
        return re.sub(r"\{([^{}]+)\}", lambda found: given.get(found[1], found[0]), text)

    bare = asked.bare or asked.shell == "none"
    shell = () if bare else (*shlex.split("sh" if asked.shell == "default" else asked.shell), "-c")
    prepares = asked.prepare
    prepare = prepares[number] if number < len(prepares) else prepares[0] if prepares else ""
    command = filled(command)
    try:
        words = shlex.split(command)
    except ValueError:
        words = []
    if not words:
        return None
    return Entry(
        filled(name), command, directory, shell, asked.warmup, filled(asked.setup), filled(prepare),
        filled(asked.conclude), "" if asked.input == "null" else asked.input, asked.ignore_failure,
    )  # fmt: skip


def _parameters(asked: argparse.Namespace) -> Iterator[dict[str, str]]:
    axes = [[(name, value) for value in values.split(",")] for name, values in asked.parameter_list]
    for name, low, high in asked.parameter_scan:
        axes.append([(name, value) for value in _scanned(low, high, asked.parameter_step_size)])
    return map(dict, itertools.product(*axes))


def _scanned(low: str, high: str, step: str) -> Iterator[str]:
    whole = all(re.fullmatch(r"-?\d+", one) for one in (low, high, step))
    first, last, width = float(low), float(high), float(step)
    if width <= 0:
        raise ValueError(step)
    for number in range(min(int((last - first) / width + 1e-9) + 1, _MOST)):
        value = first + number * width
        yield str(int(value)) if whole else f"{value:g}"


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Raise where argparse would end the process."""
        raise ValueError(message)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(add_help=False, allow_abbrev=False)
    for flags in _VALUED:
        parser.add_argument(*flags)
    parser.add_argument("--show-output", action="store_true")
    parser.add_argument("-w", "--warmup", type=int, default=1)
    parser.add_argument("-s", "--setup", default="")
    parser.add_argument("-p", "--prepare", action="append", default=[])
    parser.add_argument("-C", "--conclude", default="")
    parser.add_argument("-n", "--command-name", action="append", default=[])
    parser.add_argument("-N", dest="bare", action="store_true")
    parser.add_argument("-S", "--shell", default="default")
    parser.add_argument("-i", "--ignore-failure", action="store_true")
    parser.add_argument("--input", default="null")
    parser.add_argument("--reference", default="")
    parser.add_argument("-L", "--parameter-list", nargs=2, action="append", default=[])
    parser.add_argument("-P", "--parameter-scan", nargs=3, action="append", default=[])
    parser.add_argument("-D", "--parameter-step-size", default="1")
    parser.add_argument("commands", nargs="*")
    return parser


def _readable(path: str) -> bool:
    return path.endswith(_SUFFIXES) or posixpath.basename(path) in _RECIPES
