"""Who may ask for what, decided from what GitLab says at this moment; in doubt the answer is no."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from bot.domain.command import RUNS, Command, Verb
from bot.domain.forge import Access, MergeRequest, MergeState
from bot.triggers.grammar import seconds

_LEAST = MappingProxyType(
    {
        Verb.HELP: Access.REPORTER,
        Verb.STATUS: Access.REPORTER,
        Verb.RUN: Access.DEVELOPER,
        Verb.RETRY: Access.DEVELOPER,
        Verb.REVISE: Access.DEVELOPER,
        Verb.STOP: Access.DEVELOPER,
    }
)
_SHA = re.compile(r"(?<!\w)(?:[0-9a-f]{64}|[0-9a-f]{40})(?!\w)")


class Refusal(StrEnum):
    """Why a command is not carried out; the values are reason codes of docs/reasons.md."""

    ACCESS = "command.access"
    BUDGET = "command.budget"
    CLOSED = "command.closed"
    CONFIG = "command.config"
    FORK = "command.fork"
    HARDWARE = "command.hardware"
    HEAD = "command.head-moved"
    LIMIT = "command.limit"
    NOTHING = "command.nothing"
    REVISE = "command.revise"
    ROUNDS = "command.rounds"
    STRATEGY = "command.strategy"
    SYNTAX = "command.syntax"


@dataclass(frozen=True, slots=True)
class Refused:
    """One short sentence for whoever asked."""

    code: Refusal
    sentence: str


@dataclass(frozen=True, slots=True)
class Policy:
    """What a project allows.

    `budget` are the seconds of a run that names none, `longest` those that a Developer may ask for; a Maintainer may
    ask for up to `ceiling`. Empty names of hardware or strategies mean that there is nothing to choose from. `rounds`
    bounds how often another change is tried in one merge request of the bot.
    """

    budget: float = 1800.0
    longest: float = 1800.0
    ceiling: float = 14_400.0
    hardware: tuple[str, ...] = ()
    strategies: tuple[str, ...] = ("sequential",)
    rounds: int = 3
    least: Mapping[Verb, Access] = field(default_factory=lambda: _LEAST)


def decide(command: Command, access: Access, about: MergeRequest | None, hinted: str, policy: Policy) -> Refused | None:
    """Return why a command is refused; None where it may be carried out.

    `about` is the merge request as it is now, `hinted` the tip that it had when the comment was made, if known.
    """
    if access < policy.least[command.verb]:
        role = policy.least[command.verb].name.capitalize()
        return Refused(Refusal.ACCESS, f"this needs the role {role} in the project.")
    if command.problem is not None:
        return Refused(Refusal.SYNTAX, f"{command.problem}; nothing was started.")
    if command.verb not in RUNS:
        return None
    return _names(command, policy) or _time(command, access, policy) or _place(command, access, about, hinted)


def allowed(command: Command, policy: Policy) -> float:
    """Return the seconds that a run may use."""
    asked = None if command.budget is None else seconds(command.budget)
    return policy.budget if asked is None else min(asked, policy.ceiling)


def named_commit(command: Command) -> str | None:
    """Return the full SHA that a command names, by which a run on a fork's code is allowed."""
    found = _SHA.search(f"{command.target or ''} {command.text or ''}")
    return None if found is None else found[0]


def _names(command: Command, policy: Policy) -> Refused | None:
    unknown = [name for name in command.hardware if name not in policy.hardware]
    if unknown:
        return Refused(Refusal.HARDWARE, f"there is no hardware {unknown[0]} here; {_known(policy.hardware)}.")
    if command.strategy is not None and command.strategy not in policy.strategies:
        return Refused(Refusal.STRATEGY, f"there is no such strategy; {_known(policy.strategies)}.")
    return None


def _time(command: Command, access: Access, policy: Policy) -> Refused | None:
    asked = 0.0 if command.budget is None else seconds(command.budget) or 0.0
    if asked > policy.ceiling:
        return Refused(Refusal.BUDGET, f"a run may take {policy.ceiling:.0f} seconds at most.")
    if asked > policy.longest and access < Access.MAINTAINER:
        return Refused(Refusal.BUDGET, f"more than {policy.longest:.0f} seconds needs the role Maintainer.")
    return None


def _place(command: Command, access: Access, about: MergeRequest | None, hinted: str) -> Refused | None:
    if about is None:
        return None
    if about.state is not MergeState.OPENED:
        return Refused(Refusal.CLOSED, "this merge request is not open.")
    if not about.head_sha or (hinted and hinted != about.head_sha):
        return Refused(Refusal.HEAD, "the branch has moved since this was asked; look at it and ask again.")
    if about.from_fork and (access < Access.MAINTAINER or named_commit(command) != about.head_sha):
        return Refused(
            Refusal.FORK,
            "this code comes from a fork: a Maintainer has to read it first, and to name the full SHA of its last "
            "commit in the command.",
        )
    return None


def _known(names: Sequence[str]) -> str:
    return f"known: {', '.join(names)}" if names else "none is configured"
