"""From what started a pipeline to one complete order; a job that holds a secret makes it anew from GitLab's word."""

from collections.abc import Sequence
from dataclasses import replace

from bot.app.ci.environment import Job
from bot.app.comment import Heard
from bot.config import Config
from bot.domain.errors import Refused
from bot.domain.exchange import Order
from bot.domain.forge import MergeRequest, Noteable, NoteableKind
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
    return replace(order, at=Noteable(NoteableKind.MERGE_REQUEST, about.iid), diff_base=about.diff_base)


def of_command(heard: Heard, at: Noteable, about: MergeRequest | None, job: Job, config: Config) -> Order:
    """Return the order of a comment, once it is known that its author may give it; `about` is its merge request.

    The head of a fork cannot be pushed to: what comes of it stands in the reply, and nothing is published. A revision
    is for the branch that the bot's merge request goes to, and is judged as if nothing had been proposed before.
    """
    if heard.trigger is None:
        raise Refused(heard.sentence)
    revised = heard.revision is not None
    branch = job.default_branch if about is None else about.target_branch if revised else about.source_branch
    order = _order(heard.trigger, branch, job, config, 1 if job.most is None else job.most)
    order = replace(
        order,
        at=at,
        most=0 if about is not None and about.from_fork else order.most,
        diff_base="" if about is None or revised else about.base_sha,
        revisions=() if heard.revision is None else (heard.revision,),
        budget=replace(order.budget, seconds=heard.seconds or order.budget.seconds),
    )
    command = heard.trigger.command
    return _on(order, command.hardware) if command is not None and command.hardware else order


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
