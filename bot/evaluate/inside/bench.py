"""Holds one benchmark after the other ready and runs slices of it on request; the clock is the supervisor's.

A slice is three requests: `prepare` builds the inputs, `run` makes the calls (the only one that is timed as work; it
also drains answers that are iterators), `digest` reads answers that the supervisor picks afterwards. The time of
`digest` is taken too, so that work which was moved from a call into its answer is found.
"""

import itertools
import os
import sys

from . import allocations, benchmarks, canon, channel
from .ready import said

DRAINED_ITEMS = 200000


class Drained:
    """Stands for an iterator that was read to its end inside the timed part."""

    def __init__(self, kind, items):
        self.kind = kind
        self.items = items


def drained(answer):
    """Return an answer that holds no work at its top level any more."""
    kind = type(answer)
    if not hasattr(kind, "__next__"):
        return answer
    return Drained(kind.__module__ + "." + kind.__qualname__, list(itertools.islice(answer, DRAINED_ITEMS)))


class Slices:
    """Serves the requests on one benchmark until the supervisor asks for the next."""

    def __init__(self, frames):
        self._frames = frames
        self._thunks = []
        self._answers = []

    def visit(self, ready):
        """Announce a benchmark and serve it; an error of the target is a reply."""
        announced = {"ready": ready.name, "kind": ready.kind, "setup": ready.setup, "declared": ready.declared}
        self._frames.send(announced)
        while True:
            request = self._frames.receive()
            if request is None:
                os._exit(0)
            if request["op"] == "next":
                self._thunks, self._answers = [], []
                return
            try:
                reply = getattr(self, "_" + request["op"])(ready, request)
            except (Exception, SystemExit) as error:
                reply = {"error": said(error)}
            self._frames.send(reply)

    def _prepare(self, ready, request):
        self._answers = []
        self._thunks = ready.prepare(request["seed"], request["calls"])
        return {"ok": True}

    def _idle(self, _ready, _request):
        self._thunks, self._answers = [], []
        return {"ok": True}

    def _run(self, _ready, _request):
        answers = [thunk() for thunk in self._thunks]
        if any(hasattr(kind, "__next__") for kind in set(map(type, answers))):
            answers = [drained(answer) for answer in answers]
        self._answers = answers
        return {"ok": True}

    def _repeatable(self, ready, request):
        thunk = ready.prepare(request["seed"], 1)[0]
        given = getattr(thunk, "args", ())
        before = canon.digest(given)
        drained(thunk())
        after = canon.digest(given)
        return {"repeatable": bool(given) and before[0] == after[0] and not after[2]}

    def _allocations(self, ready, request):
        drained(ready.prepare(request["seed"], 1)[0]())  # what is made once in a process is no part of a call
        return allocations.of_call(ready.prepare(request["seed"], 1)[0], drained)

    def _digest(self, _ready, request):
        found = [canon.digest(_plain(self._answers[number])) for number in request["check"]]
        opaque = sorted({name for one in found for name in one[2]})
        return {"digests": [one[0] for one in found], "opaque": opaque}


def _plain(answer):
    return ("drained", answer.kind, answer.items) if type(answer) is Drained else answer


def perturb(pad):
    """Shift the layout of memory by an amount that depends on `pad` only; return what must stay alive.

    With address space randomisation off both processes of a pair get the same layout, and every pair another.
    """
    return bytearray(pad * 61), [object() for _ in range(pad * 3)], ["%d" % number for number in range(pad)]


def main():
    """Serve one supervisor until it is gone."""
    frames = channel.take_over()
    kept = perturb(len(os.environ.get("PAD", "")))
    request = frames.receive()
    if request is None:
        return
    benchmarks.preload(request["sources"])
    frames.send({"python": "%d.%d.%d" % sys.version_info[:3]})
    if frames.receive() is None:
        return
    errors = benchmarks.visit(request["sources"], Slices(frames).visit, request["wanted"])
    frames.send({"done": True, "errors": errors})
    del kept
    while frames.receive() is not None:
        frames.send({"done": True, "errors": errors})


if __name__ == "__main__":
    main()
