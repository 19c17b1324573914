"""What a run has done so far, written after every target, so that an interrupted run can go on."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ConfigDict, TypeAdapter, ValidationError

from bot.domain.attempt import Attempt
from bot.domain.code import Target
from bot.domain.errors import Refused
from bot.domain.record import RunEnd
from bot.ports import Store
from bot.ports.store import History

_FILE = "state.json"
_RUN = re.compile(r"[0-9A-Za-z-]{8,64}")


@dataclass(frozen=True, slots=True)
class State:
    """The stored form: the base commit, what was asked, and the attempts so far."""

    head_sha: str
    wanted: tuple[str, ...]
    attempts: tuple[Attempt, ...] = ()


_STATE = TypeAdapter(
    list[State], config=ConfigDict(ser_json_bytes="base64", val_json_bytes="base64", ser_json_inf_nan="constants")
)


@dataclass(slots=True)
class Checkpoint:
    """The record of one run in the store."""

    run: str
    store: Store
    head_sha: str
    wanted: tuple[str, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    history: History | None = None

    def save(self, attempts: Sequence[Attempt]) -> None:
        """Write the whole state atomically, and then into the history: the file alone is enough to go on."""
        state = State(self.head_sha, self.wanted, tuple(attempts))
        self.store.record(self.run, _FILE, _STATE.dump_json([state]))
        if self.history is not None:
            self.history.tried(self.run, attempts)

    def end(self, at: str, branch: str | None, seconds: float, ranked: Sequence[Target]) -> None:
        """Write into the history how the run ended."""
        if self.history is not None:
            self.history.end(self.run, RunEnd(at, branch, seconds), ranked)


def begin(store: Store, now: str, head_sha: str, wanted: Sequence[str]) -> Checkpoint:
    """Return a new run whose name no other run has."""
    stamp = re.sub(r"[^0-9T]", "", now)[:15]
    run = Checkpoint(f"{stamp}-{head_sha[:8]}-{secrets.token_hex(2)}", store, head_sha, tuple(wanted))
    run.save(())
    return run


def resume(store: Store, directory: Path, run: str) -> Checkpoint:
    """Return the state of an interrupted run; Refused where there is none or it cannot be read."""
    place = directory / "runs" / run / _FILE
    if not _RUN.fullmatch(run) or not place.is_file():
        raise Refused(f"there is no run {run!r} to go on with in {directory / 'runs'}")
    try:
        (state,) = _STATE.validate_json(place.read_bytes())
    except (ValidationError, ValueError):
        raise Refused(f"the state of run {run} cannot be read; start a new run") from None
    return Checkpoint(run, store, state.head_sha, state.wanted, state.attempts)
