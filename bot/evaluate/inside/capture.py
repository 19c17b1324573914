"""Driver that calls benchmarks in the base's tree and answers with a sample of the calls of one function.

One frame {"spec", "sources", "wanted", "count"} is answered with what `recorder.Recorder.answer` returns, with
"errors" of benchmarks that failed; or with {"error": sentence}.
"""

from __future__ import annotations

import time
from typing import Any, Dict

from . import benchmarks, channel, ready, recorder

_MORE_SEEDS = 3
_QUICK = 0.5


def main() -> None:
    """Serve one capture over the taken-over standard streams."""
    frames = channel.take_over()
    request = frames.receive()
    if request is None:
        return
    try:
        answer = _captured(request)
    except (LookupError, OSError, SyntaxError) as error:
        answer = {"error": ready.said(error)}
    frames.send(answer)
    frames.receive()


def _captured(request: Dict[str, Any]) -> Dict[str, Any]:
    watching = recorder.Recorder(request["spec"])
    watching.install()

    def visit(one: ready.Ready) -> None:
        watching.sample.origin = one.name
        started = time.perf_counter()
        one.call()
        if one.setup and time.perf_counter() - started < _QUICK:
            for thunk in one.prepare(1, _MORE_SEEDS):
                thunk()

    errors = benchmarks.visit(request["sources"], visit, request["wanted"])
    return {**watching.answer(request["count"]), "errors": errors}


if __name__ == "__main__":
    main()
