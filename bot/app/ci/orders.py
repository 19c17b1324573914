"""From what started a pipeline to one complete order; a job that holds a secret makes it anew from GitLab's word."""

from collections.abc import Sequence
from dataclasses import replace

from bot.app.ci.environment import Job, seconds
from bot.config import Config
from bot.domain.errors import Refused
from bot.domain.exchange import Order
from bot.domain.forge import MergeRequest
from bot.domain.hardware import Agreement, Hardware, Policy
from bot.domain.job import Budget, Trigger, TriggerKind


def of_sweep(job: Job, config: Config) -> Order:
    """Return the order of a nightly sweep of the default branch."""
    trigger = Trigger(TriggerKind.SWEEP, job.actor, job.project, job.sha, job.targets)
    most = config.budget.merge_requests if job.most is None else job.most
    return _order(trigger, job.default_branch, job, config, most)


def of_merge_request(job: Job, config: Config) -> Order:
    """Return the order of a merge request pipeline: what it changes, with one merge request onto its own branch."""
    about = job.merge_request
    if about is None:
        raise Refused("this pipeline is not one of a merge request")
    trigger = Trigger(
        TriggerKind.MERGE_REQUEST, job.actor, job.project, about.head_sha, job.targets, merge_request=about.iid
    )
    order = _order(trigger, about.source, job, config, 1 if job.most is None else job.most)
    return replace(order, diff_base=about.diff_base)


def of_command(trigger: Trigger, request: MergeRequest, job: Job, config: Config) -> Order:
    """Return the order of a comment on a merge request, once it is known that its author may give it."""
    command = trigger.command
    order = _order(trigger, request.source_branch, job, config, 1 if job.most is None else job.most)
    order = replace(order, diff_base=request.base_sha)
    if command is None:
        return order
    if command.budget:
        order = replace(order, budget=replace(order.budget, seconds=seconds(command.budget, "--budget")))
    if command.hardware:
        order = _on(order, command.hardware)
    return order


def _order(trigger: Trigger, target_branch: str, job: Job, config: Config, most: int) -> Order:
    budget = config.budget
    return Order(
        trigger=trigger,
        target_branch=target_branch,
        budget=Budget(
            budget.seconds if job.budget is None else job.budget, budget.targets, budget.candidates, budget.changes
        ),
        most=most,
        hardware=_hardware(config),
        policy=Policy(
            Agreement(config.accept.hardware), config.accept.named, config.accept.min_gain, config.accept.margin
        ),
        proposer=job.proposer,
        dry=job.dry,
    )


def _hardware(config: Config) -> tuple[Hardware, ...]:
    """Return the configured machines, or the one that takes the job where none is configured."""
    found = tuple(Hardware(one.name, one.tags, one.cpu, one.weight) for one in config.hardware)
    return found or (Hardware(),)


def _on(order: Order, names: Sequence[str]) -> Order:
    """Return the order for some of its machines; where the policy names none of them, all of them must agree."""
    known = {one.name: one for one in order.hardware}
    missing = [name for name in names if name not in known]
    if missing:
        raise Refused(f"--hardware {missing[0]}: there is {', '.join(known)}; see `hardware:` in .hotlap.yml")
    policy = order.policy
    if policy.agreement is Agreement.NAMED and not set(policy.names).intersection(names):
        policy = replace(policy, agreement=Agreement.ALL, names=())
    return replace(order, hardware=tuple(known[name] for name in dict.fromkeys(names)), policy=policy)
