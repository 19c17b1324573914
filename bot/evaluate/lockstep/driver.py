"""One live process that holds benchmarks ready, seen from outside: requests, times, and how it fails."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bot.domain.errors import SandboxError
from bot.domain.evidence import Declared
from bot.ports import Channel, Usage


class Side(StrEnum):
    """The two arms of a comparison."""

    BASE = "base"
    CANDIDATE = "candidate"


class ArmFailed(Exception):  # noqa: N818 - an observation about the target, caught inside this package's users
    """A process of the target crashed, hung, raised, or did not offer a benchmark."""

    def __init__(self, side: Side, sentence: str) -> None:
        super().__init__(sentence)
        self.side = side
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Announced:
    """A benchmark that is ready; `setup` says that every call has inputs of its own, `declared` what it processes."""

    name: str
    kind: str
    setup: bool
    declared: Declared = field(default_factory=Declared)


class Driver:
    """Talks to one `hotlap_inside.bench`; every failure is an ArmFailed with its side."""

    def __init__(self, side: Side, channel: Channel, timeout: float) -> None:
        self.side = side
        self.python = ""
        self.current: Announced | None = None
        self.errors: dict[str, str] = {}
        self.loading = 0.0
        """Seconds, by our clock, that this process has spent on loading what it was asked to make ready."""
        self._channel = channel
        self._timeout = timeout

    def open(self, sources: Sequence[tuple[str, str]], wanted: Sequence[str] | None) -> None:
        """Load the benchmarks; afterwards the first one is ready, or all are done."""
        listed = [{"kind": kind, "path": path} for kind, path in sources]
        found, _ = self._ask({"op": "open", "sources": listed, "wanted": wanted})
        self.python = str(found.get("python", ""))
        self._announce(*self._ask({"op": "start"}))

    def advance(self) -> None:
        """Leave the current benchmark and make the next one ready; `current` is None after the last."""
        if self.current is not None:
            self._announce(*self._ask({"op": "next"}))

    def prepare(self, seed: int, calls: int) -> float:
        """Build the inputs of a slice and return the seconds it took."""
        return self._ask({"op": "prepare", "seed": seed, "calls": calls})[1]

    def idle(self) -> None:
        """Make the next slice one without calls."""
        self._ask({"op": "idle"})

    def run(self, timeout: float | None = None) -> float:
        """Run the prepared slice and return its seconds by our clock, the request included."""
        return self._ask({"op": "run"}, timeout)[1]

    def digest(self, check: Sequence[int]) -> tuple[tuple[str, ...], float]:
        """Return the digests of the answers to these calls, and the seconds that reading them took."""
        found, seconds = self._ask({"op": "digest", "check": list(check)})
        digests = found.get("digests")
        if not isinstance(digests, list) or len(digests) != len(check):
            raise ArmFailed(self.side, "the driver's answers are incomplete")
        return tuple(map(str, digests)), seconds

    def repeatable(self, seed: int) -> bool:
        """Say whether a call leaves its input as it was, so that the same input can be given again."""
        return bool(self._ask({"op": "repeatable", "seed": seed})[0].get("repeatable"))

    def allocations(self, seed: int) -> dict[str, Any]:
        """Return what one call allocates, as the process counts it; not for a process whose calls are timed."""
        return self._ask({"op": "allocations", "seed": seed})[0]

    def usage(self) -> Usage:
        """Return what the process tree has used so far."""
        return self._channel.usage()

    def pin(self, core: int) -> None:
        """Move the process tree to one core."""
        self._channel.pin([core])

    def close(self) -> None:
        """Kill the process tree."""
        self._channel.close()

    def _announce(self, found: dict[str, Any], seconds: float) -> None:
        self.loading += seconds
        if found.get("done"):
            self.current = None
            self.errors = {str(one["name"]): str(one["error"]) for one in found.get("errors", ())}
            return
        self.current = Announced(
            str(found.get("ready")), str(found.get("kind")), bool(found.get("setup")), _declared(found.get("declared"))
        )

    def _ask(self, request: dict[str, Any], timeout: float | None = None) -> tuple[dict[str, Any], float]:
        payload = json.dumps(request).encode()
        try:
            reply = self._channel.ask(payload, self._timeout if timeout is None else timeout)
            found = json.loads(reply.payload)
        except SandboxError as error:
            raise ArmFailed(self.side, str(error)) from error
        except ValueError as error:
            raise ArmFailed(self.side, "the driver's answer is not JSON") from error
        if not isinstance(found, dict):
            raise ArmFailed(self.side, "the driver's answer is not an object")
        if "error" in found:
            raise ArmFailed(self.side, str(found["error"]))
        return found, reply.seconds


def _declared(found: Any) -> Declared:
    """Read what a process says of its benchmark: whatever is not a number above 0 counts as not said."""
    values = found if isinstance(found, dict) else {}
    kept = {
        name: float(value)
        for name in ("rows", "features", "size")
        if isinstance(value := values.get(name), int | float) and 0 < value < math.inf
    }
    return Declared(**kept)
