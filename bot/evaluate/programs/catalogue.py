"""Which benchmarks the sources of a tree hold: builds, lists and names, one tool after the other."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.domain.code import Snapshot
from bot.domain.errors import Refused
from bot.evaluate.benchmarks.program import Program
from bot.evaluate.lockstep.cores import available
from bot.evaluate.programs.arm import Arm
from bot.evaluate.programs.work import Bench

Sources = Sequence[tuple[Program, str]]


def build(program: Program, tree: Snapshot, source: str, arm: Arm) -> None:
    """Build one source in the arm's tree; ArmFailed where that fails."""
    unbound = replace(arm, cpus=available())  # compilers may use every core
    for call in program.build(tree, source):
        unbound.run(call, arm.limits.wall_seconds, what=f"building {source} fails")


def listed(program: Program, tree: Snapshot, source: str, arm: Arm, timeout: float) -> Iterator[Bench]:
    """Yield the benchmarks of one source that is built."""
    call = program.listing(tree, source)
    output = b"" if call is None else arm.run(call, timeout, what=f"listing the benchmarks of {source} fails").output
    for ident in program.names(tree, source, output):
        yield Bench(program, tree, source, ident)


def found(sources: Sources, names: Sequence[str], tree: Snapshot) -> dict[str, Bench]:
    """Return the benchmarks called `names` ("source::ident"); Refused where no source holds one."""
    homes = {source: program for program, source in sources}
    benches = {}
    for name in names:
        source, _, ident = name.partition("::")
        if source not in homes:
            raise Refused(f"{name} is not a benchmark of this repository")
        benches[name] = Bench(homes[source], tree, source, ident)
    return benches
