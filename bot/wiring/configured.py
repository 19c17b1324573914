"""Which configuration is in force: the file in the work tree, but for what the default branch decides."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.adapters.default_branch import default_branch
from bot.adapters.git import GitCheckout
from bot.config import FILE_NAME, MOST_BYTES, Config, in_force, load, parse
from bot.domain.errors import Refused


@dataclass(frozen=True, slots=True)
class Configured:
    """The configuration in force, the branch that decides about isolation as people call it, and what is not heeded."""

    config: Config
    place: str
    notes: tuple[str, ...] = ()


def configured(checkout: GitCheckout, environ: Mapping[str, str]) -> Configured:
    """Return the configuration in force; ConfigError where either file is wrong."""
    here = load(checkout.root)
    branch = default_branch(checkout, environ)
    if branch is None:
        place = "the default branch"
        config, notes = in_force(
            here,
            Config(),
            f"{place} (which this clone does not hold or name: fetch it, and `git remote set-head origin --auto`)",
        )
        return Configured(config, place, notes)
    if branch.sha is None:
        return Configured(here, branch.name)
    data = checkout.file(branch.sha, FILE_NAME, MOST_BYTES + 1)
    merged = Config() if data is None else parse(data, f"{branch.name}:{FILE_NAME}")
    config, notes = in_force(here, merged, branch.name)
    return Configured(config, branch.name, notes)


def reviewed(checkout: GitCheckout, environ: Mapping[str, str]) -> Configured:
    """Return the configuration of the default branch, all of it; Refused where this clone does not hold that branch."""
    branch = default_branch(checkout, environ)
    if branch is None:
        raise Refused("this clone does not hold the default branch, whose .hotlap.yml counts here: fetch it first")
    if branch.sha is None:
        return Configured(load(checkout.root), branch.name)
    data = checkout.file(branch.sha, FILE_NAME, MOST_BYTES + 1)
    config = Config() if data is None else parse(data, f"{branch.name}:{FILE_NAME}")
    return Configured(config, branch.name)
