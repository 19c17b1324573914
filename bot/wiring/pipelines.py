"""The jobs of a GitLab pipeline with real adapters: each step of `hotlap ci`, and all of them in one job."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from bot.adapters.clock import SystemClock
from bot.adapters.git import GitCheckout
from bot.app.ci import child_pipeline, orders, privilege
from bot.app.ci.environment import Job, Step, Way
from bot.app.ci.evaluate import evaluate
from bot.app.ci.exchange import CHILD, DIRECTORY, EVIDENCE, ORDER, PLAN, SURVEY, Exchange
from bot.app.ci.propose import propose
from bot.app.ci.survey import survey
from bot.domain.errors import Refused
from bot.domain.exchange import Evidence, Order, Plan, Survey
from bot.domain.hardware import Hardware
from bot.localize.index import Index
from bot.ports import Progress
from bot.search.loop import Search
from bot.wiring import Local, local, opened
from bot.wiring.configured import reviewed
from bot.wiring.overrides import Overrides
from bot.wiring.proposers import proposing


@dataclass(frozen=True, slots=True)
class Pipeline:
    """One job in one checkout; its steps read what earlier jobs left, and leave what later ones read."""

    job: Job
    repo: Path
    progress: Progress
    environ: Mapping[str, str]

    @property
    def exchange(self) -> Exchange:
        """Where the jobs hand files to each other: an artifact of each of them."""
        return Exchange(Path(self.environ.get("CI_PROJECT_DIR") or self.repo) / DIRECTORY)

    def survey(self) -> Survey:
        """Find out what is worth candidates; runs the repository's benchmarks, and holds no secret."""
        privilege.held(Step.SURVEY, self.environ)
        order = self._order_without_secret()
        shop = self._local(order.trigger.head_sha)
        found = survey(shop.shop, shop.checkout, shop.tree, order)
        self.exchange.write(SURVEY, found)
        return found

    def propose(self, order: Order) -> Plan:
        """Write candidates as data and the child pipeline; runs no code of the repository."""
        checkout = self._checkout(order.trigger.head_sha)
        found = reviewed(checkout, self.environ)
        index = Index(checkout.snapshot(order.trigger.head_sha))
        proposer, notes = proposing(order.proposer, found.config.protected, self.progress)
        search = Search(proposer, self.progress, SystemClock())
        plan = propose(search, index, order, self.exchange.read(SURVEY), ())
        plan = replace(plan, notes=(*plan.notes, *notes()))
        digest = self.exchange.write(PLAN, plan)
        jobs = child_pipeline.JobSettings(
            self.job.image,
            self.job.install,
            self.environ.get("CI_JOB_NAME", "hotlap-propose"),
            found.config.budget.wait,
        )
        self.exchange.put(CHILD, child_pipeline.write(plan, digest, jobs).encode())
        return plan

    def evaluate(self) -> Evidence:
        """Judge the candidates of the plan on this machine; runs hostile code, and holds no secret."""
        privilege.held(Step.EVALUATE, self.environ)
        plan = self.plan()
        machine = next((one for one in plan.order.hardware if one.name == self.job.hardware), None)
        if machine is None:
            raise Refused(
                f"the plan has no machine {self.job.hardware!r}: HOTLAP_HARDWARE is set by the child pipeline"
            )
        return self._evaluated(self._local(plan.commit), plan, self.job.plan, machine)

    def plan(self) -> Plan:
        """Return the plan that this child pipeline was written for; ExchangeError where another one lies there."""
        if not self.job.plan:
            raise Refused("HOTLAP_PLAN is not set: this step belongs into the child pipeline that `propose` writes")
        return self.exchange.read(PLAN, digest=self.job.plan)

    def order(self) -> Order:
        """Return what this pipeline is for, by GitLab's own variables and the reviewed configuration."""
        config = reviewed(self._checkout(self.job.sha), self.environ).config
        if self.job.way is Way.MERGE_REQUEST:
            return orders.of_merge_request(self.job, config)
        return orders.of_sweep(self.job, config)

    def _evaluated(self, made: Local, plan: Plan, digest: str, machine: Hardware) -> Evidence:
        def save(evidence: Evidence) -> None:
            self.exchange.write(EVIDENCE, evidence, machine.name)

        return evaluate(made.shop, made.tree, plan, digest, machine, save)

    def _order_without_secret(self) -> Order:
        """Return the order that the job for commands left; what GitLab says where no comment is the reason."""
        return self.exchange.read(ORDER) if self.job.way is Way.COMMAND else self.order()

    def _local(self, sha: str, proposer: str = "rules") -> Local:
        self._checkout(sha)
        overrides = Overrides(worthwhile=True, proposer=proposer, reviewed=True)
        return local(self.repo, self.progress, revision=sha, overrides=overrides)

    def _checkout(self, sha: str) -> GitCheckout:
        """Return the job's clone with the default branch and the commit in it, fetched where they are missing."""
        checkout = opened(self.repo)
        branch = self.job.default_branch
        if self.environ.get("CI_COMMIT_BRANCH") != branch:  # else HEAD is the default branch
            checkout.bring(f"+refs/heads/{branch}:refs/remotes/origin/{branch}")
        if checkout.known(sha) is None:
            checkout.bring(sha)
        return checkout
