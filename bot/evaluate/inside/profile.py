"""Driver that profiles benchmarks, one announced benchmark at a time so that the supervisor knows which one hangs.

Frames: {"sources": [{"kind", "path"}, ...], "wanted": [name, ...] or null, "skip": [name, ...], "seconds": s,
"interval": s} is answered with {"ready": name} for the first benchmark; then each {"go": true} is answered with its
profile and each {"next": true} with the next {"ready": name}, at last {"done": true, "errors":
[{"name", "error"}, ...]}.
"""

from __future__ import annotations

import os
import threading
from types import CodeType
from typing import Any

from . import benchmarks, channel, ready, sampler

TOOLS = os.path.dirname(os.path.abspath(__file__)) + os.sep
COUNTABLE_SECONDS = 5.0


class AlreadyDone(Exception):  # noqa: N818 - keeps a benchmark that was dealt with from being called again
    """The benchmark was profiled, or died or hung, in an earlier process."""


class Driver:
    """Answers for one benchmark after the other while `benchmarks.visit` holds it ready."""

    def __init__(self, frames: channel.Frames, request: dict[str, Any]) -> None:
        self._frames = frames
        self._skip = frozenset(request["skip"])
        self._seconds = request["seconds"]
        self._interval = request["interval"]
        self._places = Places(os.getcwd())

    def visit(self, one: ready.Ready) -> None:
        """Announce a benchmark, wait for the word, profile it, and wait until the next may be made ready."""
        if one.name in self._skip:
            raise AlreadyDone(one.name)
        self._frames.send({"ready": one.name})
        if self._frames.receive() is None:
            os._exit(0)
        self._frames.send(self._profile(one))
        if self._frames.receive() is None:
            os._exit(0)

    def _profile(self, one: ready.Ready) -> dict[str, Any]:
        try:
            return self._measured(one)
        except BaseException as error:
            return {"name": one.name, "error": ready.said(error)}

    def _measured(self, one: ready.Ready) -> dict[str, Any]:
        taken = sampler.Sampler(self._interval)
        calls, wall, cpu = taken.run(one.prepare, self._seconds)
        threads = threading.active_count()
        seconds = wall / calls
        return {
            "name": one.name,
            "seconds": seconds,
            "cpu_seconds": cpu / calls,
            "samples": taken.samples,
            "waits": taken.waits / calls,
            "threads": threads,
            "frames": self._places.table,
            "stacks": self._stacks(taken),
            "counts": self._counts(one) if seconds < COUNTABLE_SECONDS else [],
        }

    def _stacks(self, taken: sampler.Sampler) -> list[list[Any]]:
        folded: dict[tuple[int, ...], int] = {}
        for stack, weight in taken.stacks.items():
            places = [self._places.index(taken.codes[key]) for key in stack if not ours(taken.codes[key])]
            if places:
                key = tuple(places)
                folded[key] = folded.get(key, 0) + weight
        return [[list(key), weight] for key, weight in folded.items()]

    def _counts(self, one: ready.Ready) -> list[list[float]]:
        """Return the calls of the tree's functions; none where another profiler does not let ours in."""
        try:
            rows = sampler.count(one.prepare(0, 1)[0])
        except Exception:
            return []
        placed = [(self._places.index(code), figures) for code, *figures in rows]
        return [[place, *figures] for place, figures in placed if self._places.table[place][0]]


class Places:
    """Numbers code objects by (path relative to the tree or "", first line, name)."""

    def __init__(self, tree: str) -> None:
        self._roots = tuple({os.path.join(one, "") for one in (tree, os.path.realpath(tree))})
        self._numbers: dict[tuple[str, int, str], int] = {}
        self.table: list[tuple[str, int, str]] = []

    def index(self, code: CodeType) -> int:
        """Return the number of a code object; the table holds what it stands for."""
        path = self._relative(code.co_filename)
        place = (path, code.co_firstlineno if path else 0, code.co_name)
        if place not in self._numbers:
            self._numbers[place] = len(self.table)
            self.table.append(place)
        return self._numbers[place]

    def _relative(self, filename: str) -> str:
        full = os.path.abspath(filename)
        for root in self._roots:
            if full.startswith(root) and not filename.startswith("<"):
                return full[len(root) :].replace(os.sep, "/")
        return ""


def ours(code: CodeType) -> bool:
    """Whether a code object is the bot's own, shipped into the sandbox."""
    return code.co_filename.startswith(TOOLS)


def main() -> None:
    """Serve one run over the taken-over standard streams."""
    frames = channel.take_over()
    request = frames.receive()
    if request is None:
        return
    errors = benchmarks.visit(request["sources"], Driver(frames, request).visit, request["wanted"])
    frames.send({"done": True, "errors": errors})
    frames.receive()


if __name__ == "__main__":
    main()
