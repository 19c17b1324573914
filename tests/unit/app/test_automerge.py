"""What stops a merge without a person, and that nothing is even asked where nobody opted in."""

from dataclasses import replace
from types import SimpleNamespace

from bot.app.automerge import AutoMerge, Clone
from bot.domain.evidence import Interval
from bot.domain.ledger import LedgerEntry
from bot.domain.restraint import Restraints
from bot.domain.rollout import Phase, Rollout

CLAIM = LedgerEntry(
    "team/shop", 7, "a.py::f", "bench", "cpu", Interval(2, 1.9, 2.1), "b" * 40, "", "2026-01-01", head="c" * 40,
    kinds=("cache",),
)  # fmt: skip


class Unasked:
    def __getattr__(self, name) -> None:
        raise AssertionError(f"{name} was asked for")


CLONE = Clone(Unasked(), Unasked(), Unasked())


def test_nothing_is_asked_of_anybody_where_the_project_did_not_opt_in():
    for phase in (Phase.OFF, Phase.OBSERVE, Phase.SUGGEST, Phase.APPROVE):
        rollout = Rollout(phase, {"cache": Phase.AUTO})
        assert AutoMerge(Unasked(), CLONE, rollout, Restraints(), [CLAIM]).tend() == ()


def test_a_line_that_is_merged_or_was_changed_is_no_claim_any_more():
    forge = SimpleNamespace(
        directory=SimpleNamespace(
            me=lambda: SimpleNamespace(id=1), project=lambda: SimpleNamespace(default_branch="main")
        ),
        merge_requests=SimpleNamespace(
            opened_by=lambda _: [SimpleNamespace(iid=7, source_branch="hotlap/x", target_branch="main")],
            get=Unasked(),
        ),
    )
    rollout = Rollout(Phase.AUTO, {"cache": Phase.AUTO})
    for claim in (replace(CLAIM, merged="d" * 40), replace(CLAIM, note="changed")):
        assert AutoMerge(forge, CLONE, rollout, Restraints(), [claim]).tend() == ()
