"""Equal arms inside of namespaces and containers: `make bench-boxes`, beside the processes of `make bench-proof`.

Sandboxes take turns, kind by kind. A container has an interpreter and a NumPy of its own (Debian's), so that its times
are not those of the others; what is compared is how equal equal arms come out, and how soon a true 5% is seen.
"""

import argparse
import contextlib
import random
import secrets
import statistics
import sys
from pathlib import Path

from bot.adapters.sandbox.docker.daemon import Daemon
from bot.adapters.sandbox.docker.sandbox import DockerSandbox
from bot.adapters.sandbox.docker.settings import DockerSettings
from bot.adapters.sandbox.namespace import NamespaceSandbox
from bot.adapters.sandbox.process import ProcessSandbox
from bot.stats.summary import fastest_quarter
from bot.wiring import tools
from tests.bench.proof import trials
from tests.bench.proof.record import Recorder
from tests.bench.proof.recordings import PairRow, Part, Recordings
from tests.bench.proof.tables import share, spread
from tests.bench.proof.target import KINDS, WORDS

TRIALS = 250
GAIN, MARGIN, LIMIT = 1.05, 0.01, 5.0


def main() -> None:
    """Record what is missing and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.proof.boxes", description=__doc__)
    parser.add_argument("--image", help="digest of an image for docker; `.ci/docker image` prints one")
    parser.add_argument("--seconds", type=float, default=40.0, help="for each kind of work in each sandbox")
    parser.add_argument("--out", type=Path, default=Path("boxes-out"))
    asked = parser.parse_args()
    with contextlib.ExitStack() as stack:
        recorders = _recorders(asked.image, stack)
        for kind in KINDS:
            for name, recorder in recorders.items():
                found, part = Recordings(asked.out / name), Part("pairs", "calm", kind, 1000, 1.0)
                if not found.has(part):
                    with contextlib.closing(recorder.record(part, asked.seconds)) as rows:
                        found.write(part, rows)
                print("\t".join(_row(name, kind, found.rows(part))), flush=True)


def _row(name: str, kind: str, rows: list[PairRow]) -> tuple[str, ...]:
    found = trials.series(rows)
    wide = spread(rows, fastest_quarter)
    one = trials.balance(found, wide)
    source = random.Random(f"{name} {kind}")  # noqa: S311 - the same table from the same recordings
    equal = trials.equal(found, TRIALS, source, gain=1.0, margin=MARGIN)
    faster = trials.equal(found, TRIALS, source, gain=GAIN, margin=MARGIN)
    seen = sum(trial.called and trial.seconds <= LIMIT for trial in faster)
    return (
        name, WORDS[kind], f"{one.pairs} pairs", f"{100 * one.mean:+.2f}% +- {100 * one.error:.2f}",
        f"spread {100 * wide:.2f}%", f"{statistics.median(found.seconds):.2f} s a pair",
        f"called {share(sum(trial.called for trial in equal), len(equal))}",
        f"5% in 5 s {share(seen, len(faster))}",
    )  # fmt: skip


def _recorders(image: str | None, stack: contextlib.ExitStack) -> dict[str, Recorder]:
    source = random.Random(secrets.randbits(64))  # noqa: S311 - draws of a benchmark
    shipped = tools()
    found = {
        "process": Recorder(ProcessSandbox(shipped, None), source),
        "namespace": Recorder(NamespaceSandbox(shipped, sys.executable), source),
    }
    if image:
        daemon = Daemon(60)
        stack.callback(daemon.close)
        sandbox = DockerSandbox(shipped, DockerSettings(image, timing=True), daemon)
        stack.callback(sandbox.close)
        found["docker"] = Recorder(sandbox, source, "/usr/bin/python3")
    return found


if __name__ == "__main__":
    main()
