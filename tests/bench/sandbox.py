"""What a sandbox costs: the way to the first byte, an empty round trip, and the spread of pairs in lock-step.

Backends take turns, block by block, so that a busy spell of the machine hits all of them. Run it on an idle machine.
"""

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from math import log

from bot.adapters.sandbox.docker.daemon import Daemon
from bot.adapters.sandbox.docker.sandbox import DockerSandbox
from bot.adapters.sandbox.docker.settings import DockerSettings
from bot.adapters.sandbox.namespace import NamespaceSandbox
from bot.adapters.sandbox.process import ProcessSandbox
from bot.domain.code import File, Snapshot
from bot.domain.errors import SandboxError
from bot.ports import Channel, Limits, Sandbox, Session
from bot.wiring.sandboxes import tools

TREE = Snapshot("", {f"package/module{number}.py": File(b"VALUE = 1\n" * 400) for number in range(100)})
LIMITS = Limits(memory_bytes=1 << 30)
ENV = {"PATH": "/usr/local/bin:/usr/bin:/bin"}
WORK = """
import os, struct
while True:
    size = struct.unpack(">I", os.read(0, 4))[0]
    count = int(os.read(0, size))
    total = 0
    for number in range(count):
        total += number
    os.write(1, struct.pack(">I", 1) + b"1")
"""


@dataclass(frozen=True)
class Way:
    """A backend, and the same interpreter's name in it."""

    sandbox: Sandbox
    python: str


def first_byte(way: Way, count: int) -> Iterator[float]:
    """Yield the seconds from a ready tree to the first byte that a program in a fresh box has written."""
    for _ in range(count):
        time.sleep(0.5)  # candidates do not come back to back: spares have time to start
        started = time.perf_counter()
        with way.sandbox.open(TREE, LIMITS) as session:
            channel = session.talk(["cat"], env=ENV)
            channel.ask(b"1", 10)
            yield time.perf_counter() - started
            channel.close()


def round_trips(channel: Channel, count: int) -> list[float]:
    """Return the seconds of empty requests to `cat`."""
    return [channel.ask(b"", 10).seconds for _ in range(count)]


def spread(session: Session, python: str, core: int, pairs: int, calls: int) -> list[float]:
    """Return the logarithms of the ratio of equal arms: two drivers on one core, asked in turns (ABBA)."""
    arms = [session.talk([python, "-I", "-S", "-c", WORK], env=ENV) for _ in range(2)]
    found = []
    for arm in arms:
        arm.pin([core])
        arm.ask(b"%d" % calls, 30)
    for number in range(pairs):
        order = arms if number % 2 else arms[::-1]
        seconds = {id(arm): arm.ask(b"%d" % calls, 30).seconds for arm in order}
        found.append(log(seconds[id(arms[0])] / seconds[id(arms[1])]))
    for arm in arms:
        arm.close()
    return found


def ways(image: str | None, stack: ExitStack) -> Mapping[str, Way]:
    """Return the backends that work here."""
    shipped = tools()
    made: dict[str, Callable[[], Way]] = {
        "process": lambda: Way(ProcessSandbox(shipped), sys.executable),
        "namespace": lambda: Way(NamespaceSandbox(shipped), sys.executable),
    }
    if image:
        made["docker"] = lambda: Way(_docker(shipped, image, stack), "/usr/bin/python3")
    found = {}
    for name, make in made.items():
        try:
            way = make()
            with way.sandbox.open(TREE, LIMITS):
                found[name] = way
        except SandboxError as error:
            print(f"{name}: {error}", file=sys.stderr)
    return found


def main() -> None:
    """Measure and print a table and, as JSON, all numbers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--image", help="digest of an image for docker; `.ci/docker image` prints one")
    parser.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)))
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--raw", help="file for every number, as JSON")
    asked = parser.parse_args()
    with ExitStack() as stack:
        raw = measured(ways(asked.image, stack), asked.core, asked.rounds)
    print("backend\tfirst byte ms (median, p90)\tround trip us (median, p95)\tspread of pairs % (IQR)")
    for name, numbers in raw.items():
        first, trips, pairs = (sorted(one) for one in (numbers["first"], numbers["trips"], numbers["pairs"]))
        low, _, high = statistics.quantiles(pairs, n=4)
        print(
            f"{name}\t{_at(first, 0.5) * 1e3:.1f}, {_at(first, 0.9) * 1e3:.1f}\t"
            f"{_at(trips, 0.5) * 1e6:.0f}, {_at(trips, 0.95) * 1e6:.0f}\t{(high - low) * 100:.2f}"
        )
    if asked.raw:
        with open(asked.raw, "w", encoding="utf-8") as file:  # noqa: PTH123 - a name from the command line
            json.dump(raw, file)


def measured(found: Mapping[str, Way], core: int, rounds: int) -> dict[str, dict[str, list[float]]]:
    """Return all numbers by backend and kind; the backends take turns."""
    raw: dict[str, dict[str, list[float]]] = {name: {"first": [], "trips": [], "pairs": []} for name in found}
    for _ in range(rounds):
        for name, way in found.items():
            raw[name]["first"] += first_byte(way, 3)
            with way.sandbox.open(TREE, LIMITS) as session:
                channel = session.talk(["cat"], env=ENV)
                channel.pin([core])
                raw[name]["trips"] += round_trips(channel, 400)
                channel.close()
                raw[name]["pairs"] += spread(session, way.python, core, 150, 50_000)
    return raw


def _docker(shipped: Mapping[str, bytes], image: str, stack: ExitStack) -> Sandbox:
    daemon = Daemon(60)
    stack.callback(daemon.close)
    sandbox = DockerSandbox(shipped, DockerSettings(image, timing=True, run="bench"), daemon)
    stack.callback(sandbox.close)
    return sandbox


def _at(ordered: list[float], share: float) -> float:
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


if __name__ == "__main__":
    main()
