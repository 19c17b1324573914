"""The jobs of a GitLab pipeline with real adapters: each step of `hotlap ci`, and all of them in one job."""

import datetime as dt
import getpass
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from bot import settings
from bot.adapters.git import GitCheckout
from bot.app.ci import child_pipeline, orders, privilege
from bot.app.ci.commands import Taken
from bot.app.ci.environment import Job, Step, Way
from bot.app.ci.evaluate import evaluate
from bot.app.ci.exchange import CHILD, DIRECTORY, EVIDENCE, ORDER, PLAN, SURVEY, Exchange
from bot.app.ci.publish import Delivered
from bot.app.ci.wait import call_off, early, stop_waiting, why
from bot.config import Config
from bot.domain.errors import Refused
from bot.domain.exchange import DryRun, Evidence, Order, Plan, Survey
from bot.domain.hardware import Agreement, Hardware
from bot.domain.rollout import OFF, Phase
from bot.localize.index import Index
from bot.ports import Progress
from bot.wiring import Local, local, opened
from bot.wiring import forge as gitlab
from bot.wiring.afterwards import planned_checks
from bot.wiring.configured import reviewed
from bot.wiring.knowing import Knowing
from bot.wiring.listening import Listening
from bot.wiring.memory import Level, Recollection, recollect, recollected
from bot.wiring.minutes import Minutes
from bot.wiring.overrides import Overrides
from bot.wiring.planning import Planning
from bot.wiring.publishing import Office


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
        return Exchange(self.repo / DIRECTORY)

    def survey(self) -> Survey:
        """Find out what is worth candidates; runs the repository's benchmarks, and holds no secret."""
        privilege.held(Step.SURVEY, self.environ)
        order = self._order_without_secret()
        if order is None:
            return Survey(self.job.sha, notes=("nothing was asked for",))
        shop = self._local(order.trigger.head_sha)
        found = self._planning.surveyed(shop, order)
        self.exchange.write(SURVEY, found)
        return found

    def propose(self) -> Plan:
        """Write candidates as data and the child pipeline; runs no code of the repository."""
        taken = self._taken_again()
        order = taken.order
        if order is None:
            return self._unplanned(taken)
        checkout = self._checkout(order.trigger.head_sha)
        found = reviewed(checkout, self.environ)
        index = Index(checkout.snapshot(order.trigger.head_sha))
        surveyed = self.exchange.read(SURVEY)
        revised = self._planning.revised(order, checkout, index, found.config).within(surveyed)
        with recollected(self.job.project, self._outbox, self.environ, self.progress, "read") as memory:
            knowing = Knowing.of(memory.remembered, self._planning.ticking(order))
            plan = self._planning.plan(revised, surveyed, knowing, index, found.config)
            checks = planned_checks(memory.remembered.memory, checkout, order, found.config)
            plan = replace(plan, notes=(*plan.notes, *memory.notes), checks=checks)
        return self._planned(plan, found.config.budget.wait)

    def _planned(self, plan: Plan, wait: float) -> Plan:
        """Leave a plan and the child pipeline that carries it out, which waits so many seconds for a machine."""
        planned_by = self.environ.get("CI_JOB_NAME", "hotlap-propose")
        jobs = child_pipeline.JobSettings(self.job.image, self.job.install, planned_by, wait, self.job.tags)
        digest = self.exchange.write(PLAN, plan)
        self.exchange.put(CHILD, child_pipeline.write(plan, digest, jobs).encode())
        return plan

    def _unplanned(self, taken: Taken) -> Plan:
        """Leave a child pipeline that says why nothing is done to whoever was told that something would be, or none."""
        if taken.left is not None:
            plan = Plan(taken.left, taken.left.trigger.head_sha, notes=(f"Not done: {taken.sentence}",))
            return self._planned(plan, 0)
        self.exchange.put(CHILD, child_pipeline.NOTHING.encode())
        return Plan(orders.of_sweep(self.job, Config()), self.job.sha, notes=("nothing was asked for",))

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

    def wait(self) -> tuple[str, ...]:
        """End the wait for machines without a runner; return their names."""
        privilege.held(Step.WAIT, self.environ)
        wait = float(self.environ.get("HOTLAP_WAIT") or 0)
        if early(self.job.pipeline_created, dt.datetime.now(dt.UTC), wait):
            return ()
        return stop_waiting(gitlab.forge().pipelines, self.job.pipeline)

    def publish(self) -> tuple[Delivered, ...]:
        """Write to GitLab what the evidence supports; runs no code of the repository."""
        privilege.held(Step.PUBLISH, self.environ)
        plan, office = self.plan(), Office.opened(self.exchange)
        level: Level = "push" if plan.order.dry is DryRun.NO else "read"
        with recollected(self.job.project, self._outbox, self.environ, self.progress, level) as memory:
            found = self._delivered(office, plan, self.job.plan, memory)
        call_off(office.forge.pipelines, self.job.pipeline)
        return found

    def command(self, payload: bytes) -> Taken:
        """Answer a comment event and leave the order for the next jobs; runs no code of the repository."""
        return self._comment.heard(payload)

    def failed(self) -> str:
        """Say where a run was asked for that a job of it has failed; return a sentence for the log."""
        return self._comment.failed()

    def answering(self) -> AbstractContextManager[None]:
        """Have it said where a run was asked for that what is done within has failed, where no other job would."""
        alone = self.job.step is Step.SINGLE and self.job.way is Way.COMMAND
        return self._comment.answering() if alone else nullcontext()

    def single(self, order: Order | None = None) -> tuple[Delivered, ...]:
        """Do all of it in this job, where a sandbox keeps candidates apart from the job's secrets."""
        order = order or self._order_heard()
        if order is None:
            return ()
        order = replace(order, hardware=(Hardware(),), policy=replace(order.policy, agreement=Agreement.ALL, names=()))
        office = Office.opened(self.exchange) if order.dry is DryRun.NO else None
        made = self._local(order.trigger.head_sha)
        parts = made.shop.parts
        privilege.apart(parts.isolation, self.environ)
        memory = self._memory(made, order, office)
        knowing = Knowing.of(memory.remembered, self._planning.ticking(order))
        index = Index(made.tree, parts.cache)
        found = self._planning.surveyed(made, order)
        revised = self._planning.revised(order, made.checkout, index, made.config).within(found)
        order = revised.order
        plan = self._planning.plan(revised, found, knowing, index, made.config)
        plan = replace(plan, checks=planned_checks(memory.remembered.memory, made.checkout, order, made.config))
        digest = self.exchange.write(PLAN, plan)
        if order.dry is DryRun.PLAN:
            return ()
        if plan.asks(Hardware().name):
            self._evaluated(made, plan, digest, Hardware())
        if order.dry is DryRun.EVALUATE:
            return ()
        return self._delivered(office or Office.opened(self.exchange), plan, digest, memory)

    def plan(self) -> Plan:
        """Return the plan that this child pipeline was written for; ExchangeError where another one lies there."""
        if not self.job.plan:
            raise Refused("HOTLAP_PLAN is not set: this step belongs into the child pipeline that `propose` writes")
        return self.exchange.read(PLAN, digest=self.job.plan)

    def order(self) -> Order | None:
        """Return what this pipeline is for, by GitLab's own variables and the reviewed configuration.

        None where that one switches the bot off.
        """
        config = reviewed(self._checkout(self.job.sha), self.environ).config
        if config.rollout.value.phase is Phase.OFF:
            self.progress.step("run", "rollout", OFF)
            return None
        if self.job.way is Way.MERGE_REQUEST:
            return orders.of_merge_request(self.job, config)
        return orders.of_sweep(self.job, config)

    def _order_heard(self) -> Order | None:
        """Return the order of this pipeline; a comment is answered first, as no other job does that."""
        if self.job.way is not Way.COMMAND:
            return self.order()
        return self.command(self._comment.payload()).order

    def _taken_again(self) -> Taken:
        """Return the order by GitLab's word of this moment; none where a comment asks for nothing, or may not."""
        if self.job.way is not Way.COMMAND:
            return Taken("", self.order())
        return self._comment.again(reviewed(self._checkout(self.job.sha), self.environ).config)

    @property
    def _planning(self) -> Planning:
        return Planning(self.progress, self.environ)

    @property
    def _comment(self) -> Listening:
        return Listening(self.job, self.exchange, self.environ)

    @property
    def _outbox(self) -> Path:
        """Where what could not be pushed waits: an artifact."""
        return self.repo / DIRECTORY / "outbox"

    def _memory(self, made: Local, order: Order, office: Office | None) -> Recollection:
        """Return the memory of a job that does everything; what people said is heard before anything is proposed."""
        level: Level = "push" if order.dry is DryRun.NO else "read"
        outbox = made.checkout.state / "outbox"
        path = self.job.project if office is None else office.forge.directory.project().path
        memory = recollect(made.remembered(), outbox, path, self.environ, self.progress, level)
        if office is not None:
            memory.harvest(office.forge, opened=order.at is None)
        return memory

    def _delivered(self, office: Office, plan: Plan, digest: str, memory: Recollection) -> tuple[Delivered, ...]:
        machines = {one.name: one for one in plan.order.hardware}
        wait = office.config().budget.wait

        def silent(name: str) -> str:
            return why(machines[name], office.forge.pipelines.jobs(self.job.pipeline), wait)

        run = str(self.job.pipeline or plan.commit[:12])
        minutes = Minutes.of(memory, self.job.pipeline, plan.commit, self.job.pipeline_created)
        return office.deliver(plan, digest, silent, (run, self.job.pipeline_url), minutes)

    def _evaluated(self, made: Local, plan: Plan, digest: str, machine: Hardware) -> Evidence:
        def save(evidence: Evidence) -> None:
            self.exchange.write(EVIDENCE, evidence, machine.name)

        return evaluate(made.shop, made.tree, plan, digest, machine, save)

    def _order_without_secret(self) -> Order | None:
        """Return the order that the job for commands left, None where it left none; else what GitLab says."""
        if self.job.way is not Way.COMMAND:
            return self.order()
        return self.exchange.read(ORDER) if self.exchange.has(ORDER) else None

    def _local(self, sha: str) -> Local:
        self._checkout(sha)
        overrides = Overrides(worthwhile=True, reviewed=True)
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


def checkout_environment(repo: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of a GitLab job; outside of one, those that a checkout and the bot's settings give."""
    if environ.get("CI_PIPELINE_SOURCE"):
        return dict(environ)
    checkout, own = opened(repo), settings.load_gitlab()
    branch = checkout.advertised or checkout.current
    if branch is None:
        raise Refused("which branch is the default one is not known here: run it on a branch, not on a bare commit")
    return dict(environ) | {
        "CI_PIPELINE_SOURCE": "schedule",
        "CI_PROJECT_PATH": own.project or checkout.root.name,
        "CI_COMMIT_SHA": checkout.resolve("HEAD"),
        "CI_COMMIT_BRANCH": checkout.current or "",
        "CI_DEFAULT_BRANCH": branch,
        "GITLAB_USER_LOGIN": getpass.getuser(),
    }
