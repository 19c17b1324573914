"""`hotlap check`: whether an ordinary change is slower, on the benchmarks that it reaches."""

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.app import timing
from bot.app.localize import NO_BENCHMARK
from bot.app.measure import chosen
from bot.app.ruler import measured_alike, ruler
from bot.app.workshop import Workshop
from bot.domain.check import Checked, Row, Standing
from bot.domain.code import FunctionId, Snapshot
from bot.domain.errors import Refused
from bot.localize.reach import Change, change, reached
from bot.ports import Checkout

_SHOWN = 3
_NOTHING = "nothing changed that a benchmark can notice: nothing was timed"


@dataclass(frozen=True, slots=True)
class Side:
    """One revision: its tree and the workshop that knows its benchmarks."""

    tree: Snapshot
    shop: Workshop

    @property
    def ruler(self) -> frozenset[str]:
        """The files that belong to its benchmarks."""
        return ruler(self.tree, self.shop.project.benchmark_sources)


def ancestor(checkout: Checkout, base: str, head: str) -> tuple[str, str]:
    """Return the SHA to compare `head` with, and the sentence that says why it is not `base`, or ""."""
    asked, newer = checkout.resolve(base), checkout.resolve(head)
    found = checkout.merge_base(asked, newer)
    if found is None:
        return asked, f"{base} and {head} have no common ancestor in this clone: compared with {base} as it is"
    if found == asked:
        return asked, ""
    return found, f"{base} has moved on since: compared with the common ancestor {found[:10]}, not with {asked[:10]}"


def check(base: Side, head: Side, margin: float, wanted: Sequence[str] = ()) -> Checked:
    """Time what the change from `base` to `head` reaches; Refused where neither has a benchmark.

    Both sides run the base's benchmark files. `wanted` confines the check to benchmarks by name (globs allowed).
    """
    return _Check(base, head, margin, wanted).run()


def with_notes(found: Checked, notes: Sequence[str]) -> Checked:
    """Return a check that also says `notes`, before its own."""
    return dataclasses.replace(found, notes=(*notes, *found.notes))


class _Check:
    """One change under check: what it may reach, and what is said about it."""

    def __init__(self, base: Side, head: Side, margin: float, wanted: Sequence[str]) -> None:
        self._base, self._head, self._margin, self._wanted = base, head, margin, wanted
        self._parts = base.shop.parts
        self._sources = base.shop.project.benchmark_sources
        self._tree = measured_alike(base.tree, head.tree, self._sources)
        rulers = base.ruler | head.ruler
        self._change: Change = change(base.tree, head.tree, rulers)
        self._remeasured = tuple(sorted(path for path in rulers if _differs(base.tree, head.tree, path)))
        self._notes: list[str] = []

    def run(self) -> Checked:
        """Choose, time, and put the rows together."""
        begun = self._parts.clock.monotonic()
        if not (self._sources or self._head.shop.project.benchmark_sources):
            raise Refused(NO_BENCHMARK)
        found = Checked(
            self._base.tree.commit, self._head.tree.commit, self._margin, self._base.shop.config.accept.confidence,
            self._parts.isolation,
        )  # fmt: skip
        if self._change.nothing and not self._remeasured:
            return dataclasses.replace(found, notes=(_NOTHING,))
        own = self._own()
        names = self._names(own)
        if self._wanted:
            kept = set(chosen([*names, *(own or ())], self._wanted))
            names, own = tuple(one for one in names if one in kept), own and tuple(one for one in own if one in kept)
        by = self._reached(names)
        rows, canary = self._timed([name for name in names if name in by], own)
        rows = [dataclasses.replace(row, remark=row.remark or _runs(by[row.benchmark])) for row in rows]
        rows += [Row(name, Standing.NOT_REACHED) for name in names if name not in by]
        rows += [Row(name, Standing.NEW, remark="only in head") for name in own or () if name not in names]
        seconds = self._parts.clock.monotonic() - begun
        machine = self._parts.bench.machine() if canary else None
        return dataclasses.replace(
            found, rows=tuple(rows), notes=tuple(self._notes), canary=canary, machine=machine, seconds=seconds
        )

    def _own(self) -> tuple[str, ...] | None:
        """Return the benchmarks that head runs from its own files; None where its files are the base's."""
        if not self._remeasured:
            return None
        named = _listed(self._remeasured)
        if self._sources:
            self._notes.append(f"the change touches {named}: both sides are timed with the base's benchmark files")
        try:
            return self._head.shop.benchmarks(self._head.tree)
        except Refused as error:
            self._notes.append(f"head's own benchmark files run no benchmark: {error}")
            return ()

    def _names(self, own: Sequence[str] | None) -> tuple[str, ...]:
        """Return the benchmarks of the base; none where only head has some that run."""
        if not self._sources:
            self._notes.append("the base has no benchmark: there is nothing to compare with")
            return ()
        try:
            names = self._base.shop.benchmarks(self._base.tree)
        except Refused as error:
            if not own:
                raise
            self._notes.append(f"there is nothing to compare with: on the base {error}")
            return ()
        gone = [name for name in names if own is not None and name not in own and not self._mentioned(name)]
        if gone:
            self._notes.append(f"removed in head, timed with the base's files: {', '.join(gone)}")
        return names

    def _reached(self, names: Sequence[str]) -> dict[str, tuple[FunctionId, ...]]:
        """Return the benchmarks that the change can reach, each with the changed functions that it runs."""
        if self._change.everything:
            self._notes.append(self._change.everything)
            return dict.fromkeys(names, ())
        if self._change.nothing or not names:
            return {}
        self._parts.progress.step("run", "profile", "base")
        profile = self._parts.profiler.profile(self._base.tree, names)
        found = reached(self._base.tree, profile, self._change.old)
        rest = [name for name in names if name not in found]
        if rest and self._change.new:
            self._parts.progress.step("run", "profile", "head")
            placed = {str(one) for by in found.values() for one in by}
            found |= reached(self._tree, self._parts.profiler.profile(self._tree, rest), self._change.new, placed)
        return {name: found[name] for name in names if name in found}

    def _timed(self, names: Sequence[str], own: Sequence[str] | None) -> tuple[list[Row], timing.Canary | None]:
        if not names:
            self._notes.append("no benchmark runs what changed: nothing was timed")
            return [], None
        canary = self._base.shop.base(self._base.tree, lambda: names).canary()
        if canary.quiet:
            found = timing.compare(self._parts.bench, self._parts.progress, self._base.tree, self._tree, names)
            rows = [Row(one.benchmark, timing.standing(one, self._margin), one, timing.remark(one)) for one in found]
        else:
            rows = self._untimed(names, canary.sentence)
        return [self._excused(row, own) for row in rows], canary

    def _untimed(self, names: Sequence[str], why: str) -> list[Row]:
        """Return what a machine that is too noisy to time can still tell: which benchmarks do not run on head."""
        failure = "it does not run"
        try:
            running = set(self._base.shop.benchmarks(self._tree))
        except Refused as error:
            running, failure = set(), str(error)
        return [
            Row(name, Standing.NOISY, remark=why) if name in running else Row(name, Standing.FAILED, remark=failure)
            for name in names
        ]

    def _excused(self, row: Row, own: Sequence[str] | None) -> Row:
        """Return a failure that head's own benchmark file explains as a change that cannot be compared."""
        if row.standing is not Standing.FAILED or own is None:
            return row
        if row.benchmark in own or not self._mentioned(row.benchmark):
            remark = f"head changes or removes it, and the base's version does not run on head ({row.remark})"
            return dataclasses.replace(row, standing=Standing.CHANGED, remark=remark)
        return row

    def _mentioned(self, benchmark: str) -> bool:
        """Say whether the benchmark's own name still stands in head's files of it."""
        path, _, name = benchmark.partition("::")
        word = name.partition("[")[0].rpartition("::")[2].rpartition(".")[2].encode()
        files = (one for one in self._head.tree.paths() if one == path or one.startswith(f"{path}/"))
        return any(word in self._head.tree.data(one) for one in files)


def _differs(base: Snapshot, head: Snapshot, path: str) -> bool:
    return base.files.get(path) != head.files.get(path)


def _runs(functions: Sequence[FunctionId]) -> str:
    return f"runs {_listed([str(one) for one in functions])}" if functions else ""


def _listed(words: Iterable[str]) -> str:
    words = list(words)
    more = f" and {len(words) - _SHOWN} more" if len(words) > _SHOWN else ""
    return ", ".join(words[:_SHOWN]) + more
