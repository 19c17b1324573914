"""Chooses the sandbox: the one that the configuration names, or the strongest that works here; never silently less."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from bot.adapters.sandbox.probe import Backend, Probed
from bot.domain.code import Snapshot
from bot.domain.errors import Refused, SandboxError
from bot.domain.evidence import Isolation
from bot.ports import Limits, Sandbox, Session

NAMES = {"docker": Isolation.CONTAINER, "namespace": Isolation.NAMESPACE, "process": Isolation.PROCESS}


def name_of(backend: Backend) -> str:
    """Return what a backend is called in the configuration."""
    return next(name for name, isolation in NAMES.items() if isolation is backend.isolation)


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for: "auto" or a name of `NAMES`; `process` says whether no isolation is accepted for "auto".

    `place` is the branch whose configuration counts, as people call it.
    """

    name: str
    place: str
    process: bool = False


@dataclass(frozen=True, slots=True)
class Chosen:
    """A sandbox that works, the interpreter in it, and what a reader must know about the choice.

    `untimed` is for what is not timed; it may be stronger, and it is the same one where there is no such difference.
    """

    sandbox: Sandbox
    untimed: Sandbox
    python: str
    notes: tuple[str, ...] = ()


def choose(wish: Wish, backends: Sequence[Backend], probe: Callable[[Backend], Probed]) -> Chosen:
    """Return the sandbox for `wish` out of `backends`, the strongest first.

    SandboxError where the one that was named does not work; Refused, with what to write or install, where "auto"
    finds none.
    """
    if wish.name != "auto":
        return _named(NAMES[wish.name], wish.name, backends, probe)
    failed: list[Probed] = []
    for backend in backends:
        if backend.isolation is Isolation.PROCESS and not wish.process:
            continue
        found = probe(backend)
        if found.sandbox is not None:
            skipped = tuple(
                f"isolation by {name_of(one.backend)} does not work here: {one.why}"
                for one in failed
                if one.backend.wanted
            )
            return _taken(found, found.sandbox, skipped)
        failed.append(found)
    raise Refused(_none_works(failed, wish.place))


def _named(isolation: Isolation, name: str, backends: Sequence[Backend], probe: Callable[[Backend], Probed]) -> Chosen:
    backend = next(one for one in backends if one.isolation is isolation)
    if not backend.wanted:
        raise Refused(f"`isolation: {name}` cannot be had: {backend.mend}")
    found = probe(backend)
    if found.sandbox is None:
        mend = f"; {backend.mend}" if backend.mend else ""
        raise SandboxError(f"`isolation: {name}` does not work here: {found.why}{mend}")
    return _taken(found, found.sandbox, ())


def _taken(found: Probed, sandbox: Sandbox, skipped: tuple[str, ...]) -> Chosen:
    untimed = sandbox if found.backend.untimed is None else found.backend.untimed()
    unheld = tuple(f"isolation by {name_of(found.backend)} here: {note}" for note in sandbox.notes)
    return Chosen(sandbox, untimed, found.python, (*skipped, *unheld))


def _none_works(failed: Sequence[Probed], place: str) -> str:
    whys = "; ".join(f"{name_of(one.backend)}: {one.why}" for one in failed)
    mends = ", or ".join(one.backend.mend for one in failed if one.backend.mend)
    return (
        f"nothing on this machine can isolate the code under test{f' ({whys})' if whys else ''}; "
        f"{mends + ', or ' if mends else ''}write `isolation: process` into .hotlap.yml on {place} to run it as "
        "ordinary processes of yours, which nothing then keeps from your files"
    )


class Deferred:
    """A sandbox that is chosen when it is first needed: commands that run no code of the repository need none."""

    def __init__(self, choose: Callable[[], Sandbox]) -> None:
        self._choose = choose

    @property
    def isolation(self) -> Isolation:
        """How strongly it isolates."""
        return self._choose().isolation

    @property
    def fixes_layout(self) -> bool:
        """Whether the memory layout of a pair of processes can be the same."""
        return self._choose().fixes_layout

    @property
    def notes(self) -> tuple[str, ...]:
        """What it does not hold on this machine."""
        return self._choose().notes

    def open(self, tree: Snapshot, limits: Limits) -> AbstractContextManager[Session]:
        """Open a box of the sandbox that was chosen."""
        return self._choose().open(tree, limits)
