"""A merged gain measured again for real: what one job plans from the ledger, the job of the machine answers."""

import pytest

from bot.adapters.git import GitCheckout
from bot.app.ci.environment import read
from bot.app.ci.exchange import PLAN, Exchange
from bot.config import parse
from bot.domain.evidence import Interval
from bot.domain.exchange import Order, Plan
from bot.domain.hardware import fingerprint
from bot.domain.job import Trigger, TriggerKind
from bot.domain.ledger import LedgerEntry, Standing
from bot.evaluate.coherent import remeasured
from bot.learn.aftermath import Thresholds, checked
from bot.wiring.afterwards import planned_checks
from bot.wiring.pipelines import Pipeline
from tests.e2e.conftest import CORE
from tests.fakes.ports import FakeProgress
from tests.fakes.stores import FakeMemory

FAST = CORE.replace('[customer["name"] for customer in customers]', '{customer["name"] for customer in customers}')
BENCHMARK = "benchmarks/bench_core.py::bench_known"


@pytest.fixture
def ledger(repository):
    """A repository in which a fast version was merged and something else after it, and the line of the ledger."""
    before = repository.git("rev-parse", "HEAD")
    repository.write("shop/core.py", FAST)
    merged = repository.commit("faster")
    repository.write("shop/core.py", FAST + "\n\ndef more():\n    return 1\n")
    repository.commit("something else")
    claimed = Interval(5.0, 4.9, 5.1)
    at = "2026-01-01T00:00:00+00:00"
    line = LedgerEntry(
        "team/shop", 7, "shop/core.py::known", BENCHMARK, "", claimed, before, merged, at, machine="here"
    )
    memory = FakeMemory("team/shop")
    memory.keep_ledger([line])
    return memory


@pytest.mark.measures
def test_a_gain_that_lasts_is_measured_as_one(repository, ledger):
    checkout, head = GitCheckout(repository.root), repository.git("rev-parse", "HEAD")
    order = Order(Trigger(TriggerKind.SWEEP, "maria", "team/shop", head), "main")
    found = planned_checks(ledger, checkout, order, parse(b"", "here"))
    assert [(one.commit, one.benchmark) for one in found] == [(head, BENCHMARK)]
    digest = Exchange(repository.root / "hotlap-ci").write(PLAN, Plan(order, head, checks=found))
    environ = {
        "CI_PIPELINE_SOURCE": "parent_pipeline", "CI_PROJECT_PATH": "team/shop", "CI_COMMIT_SHA": head,
        "CI_COMMIT_BRANCH": "main", "CI_DEFAULT_BRANCH": "main", "HOTLAP_STEP": "evaluate", "HOTLAP_HARDWARE": "here",
        "HOTLAP_PLAN": digest,
    }  # fmt: skip
    evidence = Pipeline(read(environ), repository.root, FakeProgress(), environ).evaluate()
    assert evidence.fault == ""
    (again,) = evidence.checked
    assert (evidence.judged, again.why) == ((), "")
    interval = remeasured(again.comparison, 0.99)
    assert interval.low > 2
    (line,) = ledger.ledger()
    known = checked(line, head, "2026-02-01", "", interval, Thresholds())
    assert known.standing is Standing.LASTING
    assert checked(line, head, "2026-02-01", fingerprint(evidence.machine), interval, Thresholds()) == line
