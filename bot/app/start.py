"""What every run begins with: who asks, for which commit, under which name, with which budget."""

from collections.abc import Sequence
from pathlib import Path

import bot
from bot.app import checkpoint
from bot.app.checkpoint import Checkpoint
from bot.app.workshop import Workshop
from bot.domain.code import Snapshot
from bot.domain.errors import Refused
from bot.domain.job import Budget, Trigger, TriggerKind
from bot.domain.record import Run
from bot.domain.rollout import Phase, Rollout

_NAMED = 3


def command_line(tree: Snapshot, project: Path, actor: str, wanted: Sequence[str] = ()) -> Trigger:
    """Return the trigger of a person at a terminal."""
    return Trigger(TriggerKind.COMMAND_LINE, actor, str(project), tree.commit, tuple(wanted))


def clean(dirty: Sequence[str], *, allowed: bool) -> None:
    """Refuse uncommitted changes, which the run would not see, unless they are `allowed`."""
    if dirty and not allowed:
        more = f" and {len(dirty) - _NAMED} more" if len(dirty) > _NAMED else ""
        raise Refused(
            f"uncommitted changes in {', '.join(dirty[:_NAMED])}{more}: only commits are optimised; "
            "commit or stash them, or pass --allow-dirty to work on HEAD as it is"
        )


def only_looks(rollout: Rollout) -> bool:
    """Say whether a run leaves no branch because of the configured phase; Refused where it is not to begin at all."""
    if rollout.phase is Phase.OFF:
        raise Refused("`rollout: phase:` in .hotlap.yml is 'off': set it to 'observe', 'suggest' or 'approve' first")
    return rollout.phase.step < Phase.APPROVE.step


def budget(
    shop: Workshop,
    seconds: float | None = None,
    targets: int | None = None,
    candidates: int | None = None,
    changes: int | None = None,
) -> Budget:
    """Return the configured budget with what the command line says in its place."""
    configured = shop.config.budget
    return Budget(
        configured.seconds if seconds is None else seconds,
        configured.targets if targets is None else targets,
        configured.candidates if candidates is None else candidates,
        configured.changes if changes is None else changes,
    )


def run(shop: Workshop, trigger: Trigger, state: Path, resumed: str | None) -> Checkpoint:
    """Return the record of a new run, or of the one to go on with; Refused where that was about another commit."""
    now = shop.parts.clock.now()
    if resumed is None:
        found = checkpoint.begin(shop.parts.store, now, trigger.head_sha, trigger.wanted)
    else:
        found = checkpoint.resume(shop.parts.store, state, resumed)
    if found.head_sha != trigger.head_sha:
        raise Refused(f"run {resumed} worked on {found.head_sha[:10]}, but HEAD is {trigger.head_sha[:10]} now")
    if shop.parts.history is not None:
        project = shop.parts.project_name or trigger.project
        found.history = shop.parts.history()
        found.history.begin(
            Run(found.run, project, trigger.kind, trigger.actor, trigger.head_sha, now, bot.__version__, trigger.wanted)
        )
    return found
