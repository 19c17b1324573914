"""`hotlap verify`: the whole judge on a change that somebody else wrote."""

from bot.app.workshop import Workshop, changed_functions
from bot.domain.code import FileChange, FunctionId, Snapshot, Target
from bot.domain.errors import EditError
from bot.domain.evidence import Gate, Outcome, Verdict
from bot.domain.job import Candidate, EditSet
from bot.evaluate.judge import Reach

_FUNCTIONS = 8


class Verification:
    """The judge for changes to one base: its tests, its canary and its captured calls are had once for all of them."""

    def __init__(self, shop: Workshop, base: Snapshot) -> None:
        self._reach = _Reach(shop, base)
        self._latest: Candidate | None = None
        ground = shop.base(base, lambda: self._canary(shop, base))
        self._judge = shop.judge(ground, self._reach)

    def __call__(self, candidate: Candidate) -> Verdict:
        """Run every gate on `candidate`; the benchmarks are those that reach a function which it changes."""
        self._latest = candidate
        verdict = self._judge.screen(candidate)
        return self._judge.confirm(candidate, verdict) if verdict.outcome is Outcome.ACCEPTED else verdict

    def _canary(self, shop: Workshop, base: Snapshot) -> tuple[str, ...]:
        reached = self._reach(self._latest).benchmarks if self._latest else ()
        return reached or shop.benchmarks(base)


def verify(shop: Workshop, base: Snapshot, candidate: Candidate) -> Verdict:
    """Run every gate on one change to `base`; Refused where the base has no benchmark that runs."""
    return Verification(shop, base)(candidate)


def refused(shop: Workshop, error: EditError) -> Verdict:
    """Return the verdict on a change that could not be applied."""
    return Verdict(Outcome.REJECTED, Gate.APPLY, "apply.refused", str(error), shop.parts.isolation)


def between(base: Snapshot, head: Snapshot) -> EditSet:
    """Return the difference of two trees as an edit set; links and modes are not followed."""
    changes = []
    for path in sorted({*base.files, *head.files}):
        old, new = base.files.get(path), head.files.get(path)
        if old == new:
            continue
        before = None if old is None else old.data
        after = None if new is None else new.data
        if new is not None and new.link is not None:
            raise EditError(f"{path} becomes a symbolic link", reason="symlink")
        changes.append(FileChange(path, before, after))
    return EditSet(tuple(changes))


class _Reach:
    """Finds what a change can influence, once for each change, and only when a gate asks."""

    def __init__(self, shop: Workshop, base: Snapshot) -> None:
        self._shop = shop
        self._base = base
        self._found: dict[str, Reach] = {}

    def __call__(self, candidate: Candidate) -> Reach:
        if candidate.id not in self._found:
            named = (candidate.target.function,) if candidate.target else ()
            changed = tuple(dict.fromkeys((*named, *changed_functions(self._base, candidate))))
            self._found[candidate.id] = self._of(changed)
        return self._found[candidate.id]

    def _of(self, changed: tuple[FunctionId, ...]) -> Reach:
        ranked = [one for one in self._shop.targets(self._base) if one.function in changed]
        ranked.sort(key=lambda one: -(one.share_total or 0.0))
        benchmarks = tuple(dict.fromkeys(name for one in ranked for name in one.benchmarks))
        order = [one.function for one in ranked]
        functions = sorted(changed, key=lambda one: order.index(one) if one in order else len(order))
        return Reach(tuple(functions[:_FUNCTIONS]), benchmarks, _share(ranked))


def _share(ranked: list[Target]) -> float | None:
    # Several functions together can gain more than the largest of them alone.
    shares = [one.share_total for one in ranked if one.share_total is not None]
    return min(1.0, sum(shares)) if shares else None
