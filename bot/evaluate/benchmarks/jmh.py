"""JMH benchmarks of Java projects: Maven or Gradle builds one jar, and each run is a JVM that forks the measured one.

Runs are single shots of a batch of calls, because only they make a number of calls that is known beforehand.
Format: JSONResultFormat.java and Runner.java (listWithParams) of openjdk/jmh.
"""

# ruff: noqa: ARG002 - the contract of a program names arguments that not every tool needs

import itertools
import json
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.domain.code import Snapshot
from bot.evaluate.benchmarks.output import add, literal, named, some, text
from bot.evaluate.benchmarks.places import foreign
from bot.evaluate.benchmarks.program import Call, Reading

_MANIFESTS = ("pom.xml", "build.gradle", "build.gradle.kts")
_NEEDED = re.compile(rb"\bjmh-core\b|\bme\.champeau\.(?:gradle\.)?jmh\b")
_MARKED = re.compile(rb"^\s*@(?:org\.openjdk\.jmh\.annotations\.)?Benchmark\b", re.MULTILINE)
_FINAL = re.compile(rb"<finalName>\s*([A-Za-z0-9_.-]+)\s*</finalName>")
_GRADLE_JAR = "build/hotlap-jmh.jar"
_BENCHMARK = re.compile(r"^[\w$]+(?:\.[\w$]+)+$")
_PARAMETER = re.compile(r'^  param "([\w$]+)" = \{(.*)\}$')
_NAMED = re.compile(r"^([\w.$]+)(?:\((.*)\))?$", re.DOTALL)
_NEXT = re.compile(r", (?=[\w$]+=)")
_MOST = 1000
# One JVM is started, warmed by two batches, and timed for a third one.
_SHOT = ("-bm", "ss", "-f", "1", "-wf", "0", "-wi", "2", "-i", "1", "-t", "1", "-tu", "ns", "-foe", "true")
_REPORT = ("-o", "/dev/null", "-rf", "json", "-rff", "/dev/stdout")


class Jmh:
    """@Benchmark methods of projects that use jmh-core; a source is the pom.xml or build.gradle."""

    NAME = "jmh"
    FIXED_ITERATIONS = True

    def sources(self, tree: Snapshot) -> Iterator[str]:
        """Yield the manifests that name JMH and stand above a benchmark; one for each directory."""
        seen: set[str] = set()
        marked = [path for path in _code(tree) if _MARKED.search(tree.data(path))]
        for path in (path for name in _MANIFESTS for path in tree.paths(name)):
            folder = posixpath.dirname(path)
            holds = any(not folder or one.startswith(folder + "/") for one in marked)
            right = posixpath.basename(path) in _MANIFESTS and not foreign(path) and folder not in seen
            if right and holds and _NEEDED.search(tree.data(path)):
                seen.add(folder)
                yield path

    def build(self, tree: Snapshot, source: str) -> Sequence[Call]:
        """Return the build of the jar, without the network; of a Maven module, from the project's root."""
        folder = posixpath.dirname(source)
        if posixpath.basename(source) != "pom.xml":
            gradle = "./gradlew" if posixpath.join(folder, "gradlew") in tree.files else "gradle"
            copy = ("find", "build/libs", "-name", "*-jmh.jar", "-exec", "cp", "{}", _GRADLE_JAR, ";")
            return Call((gradle, "--offline", "--quiet", "jmhJar"), folder), Call(copy, folder)
        maven = ("mvn", "--offline", "--quiet", "--batch-mode", "-DskipTests")
        if folder and "pom.xml" in tree.files:
            return (Call((*maven, "--projects", folder, "--also-make", "package")),)
        return (Call((*maven, "package"), folder),)

    def listing(self, tree: Snapshot, source: str) -> Call:
        """Return JMH's list with parameters."""
        return _call(tree, source, "-lp")

    def names(self, tree: Snapshot, source: str, output: bytes) -> Sequence[str]:
        """Return "pkg.Class.method" or, for each combination of parameters, "pkg.Class.method(a=1, b=x)"."""
        axes: dict[str, dict[str, list[str]]] = {}
        current = ""
        for line in text(output).splitlines():
            parameter = _PARAMETER.match(line)
            if parameter and current:
                axes[current][parameter[1]] = parameter[2].split(", ")
            elif _BENCHMARK.match(line):
                current = line
                axes.setdefault(current, {})
        return named(itertools.islice(_combined(axes), _MOST))

    def run(self, tree: Snapshot, source: str, name: str, iterations: int) -> Call:
        """Return one run of `iterations` calls, after twice as many that warm up."""
        found = _NAMED.match(name)
        if found is None:
            raise KeyError(name)
        given = [flag for one in _NEXT.split(found[2] or "") if one for flag in ("-p", one)]
        batch = ("-wbs", str(iterations), "-bs", str(iterations))
        return _call(tree, source, literal(found[1]), *given, *_SHOT, *batch, *_REPORT)

    def readings(self, output: bytes) -> dict[str, Reading]:
        """Return the time of one call by benchmark; what the code under test prints is not in the output."""
        try:
            entries = json.loads(text(output))
        except (ValueError, RecursionError) as error:
            raise ValueError("the report is not JSON") from error
        if not isinstance(entries, list):
            raise ValueError("the report is not a list")  # noqa: TRY004 - what is wrong is the text
        found: dict[str, Reading] = {}
        for entry in entries:
            name, score, batch = _figure(entry)
            add(found, name, score * 1e-9 / batch, batch)
        return some(found)


def _combined(axes: Mapping[str, Mapping[str, Sequence[str]]]) -> Iterator[str]:
    for name, values in axes.items():
        for choice in itertools.product(*values.values()):
            yield _named(name, dict(zip(values, choice, strict=True)))


def _named(name: str, given: Mapping[str, object]) -> str:
    return f"{name}({', '.join(f'{one}={given[one]}' for one in sorted(given))})" if given else name


def _figure(entry: Any) -> tuple[str, float, int]:
    """Return name, nanoseconds of a batch, and calls in a batch."""
    try:
        name = _named(str(entry["benchmark"]), entry.get("params", {}))
        mode, batch = entry["mode"], entry["measurementBatchSize"]
        score, unit = entry["primaryMetric"]["score"], entry["primaryMetric"]["scoreUnit"]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("an entry of the report lacks its name, mode, batch size or score") from error
    if mode != "ss" or unit != "ns/op" or not isinstance(score, float) or type(batch) is not int or batch <= 0:
        raise ValueError(f"the figure for {name} is not nanoseconds of a single shot")
    return name, score, batch


def _call(tree: Snapshot, source: str, *flags: str) -> Call:
    final = _FINAL.search(tree.data(source))
    jar = f"target/{final[1].decode() if final else 'benchmarks'}.jar"
    used = jar if posixpath.basename(source) == "pom.xml" else _GRADLE_JAR
    # JMH's lock is one for the whole machine; which processes run at a time is the engine's business.
    return Call(("java", "-Djmh.ignoreLock=true", "-jar", used, *flags), posixpath.dirname(source))


def _code(tree: Snapshot) -> Iterator[str]:
    return (path for suffix in (".java", ".kt", ".scala") for path in tree.paths(suffix) if not foreign(path))
