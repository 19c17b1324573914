"""A merged optimisation measured once more: the tree with it against the tree without it, tests first."""

from bot.app.workshop import Workshop
from bot.domain.code import Snapshot
from bot.domain.errors import Refused, SandboxError
from bot.domain.exchange import Checked, PlannedCheck
from bot.evaluate import evidence
from bot.evaluate.judge import Base


class Remeasured:
    """Does the checks of a plan on this machine; `base` is the tree of `commit`, that of the plan."""

    def __init__(self, shop: Workshop, commit: str, base: Base) -> None:
        self._shop = shop
        self._bases = {commit: base}

    def __call__(self, check: PlannedCheck) -> Checked | None:
        """Return what one check found out, or why it never will; None where this machine cannot say it now."""
        self._shop.parts.progress.step(check.entry, "measure again", check.commit[:10])
        try:
            return self._measured(check)
        except Refused as error:
            return Checked(check.entry, check.commit, why=str(error))
        except SandboxError as error:
            self._shop.parts.progress.step(check.entry, "not measured", str(error))
            return None

    def _measured(self, check: PlannedCheck) -> Checked | None:
        base = self._base(check)
        tree = base.tree
        without = tree.with_changes(tuple(one.on(tree.files) for one in check.changes))
        baseline = base.baseline()
        if baseline is not None:
            failed = evidence.of_tests(self._shop.parts.tests.check(baseline, without))
            if failed is not None:
                why = f"the tests need it by now: {failed.sentence}"
                return Checked(check.entry, check.commit, why=why)
        if not base.canary().quiet:
            self._shop.parts.progress.step(check.entry, "not measured", base.canary().sentence)
            return None
        (found,) = self._shop.parts.bench.confirm(without, tree, [check.benchmark])
        return Checked(check.entry, check.commit, found)

    def _base(self, check: PlannedCheck) -> Base:
        """Return the tree of a check as a base; only steps of a bisection are at other commits than the plan."""
        if check.commit not in self._bases:
            tree: Snapshot = self._shop.parts.checkout.snapshot(check.commit)
            self._bases[check.commit] = self._shop.base(tree, lambda: (check.benchmark,))
        return self._bases[check.commit]
