"""Which part of the configuration counts: where code runs is for the default branch to say, not for a change.

A merge request brings its own `.hotlap.yml`. Where code runs, on which runners, with which program, with which network
and with how much of the machine, and what is merged without a person, is decided by the file that its reviewers have
merged already.
"""

from bot.config.model import Config

DECIDED_BEFORE = ("isolation", "sandbox", "setup", "python", "limits", "hardware", "rollout")


def in_force(here: Config, merged: Config, place: str) -> tuple[Config, tuple[str, ...]]:
    """Return `here` with the keys that only `merged` decides, and one sentence for each that is not heeded.

    `merged` is the configuration of the default branch, which is called `place` in the sentences.
    """
    decided = {name: getattr(merged, name) for name in DECIDED_BEFORE}
    unheeded = tuple(
        f"`{name}:` in .hotlap.yml is not heeded here: only what {place} says counts"
        for name, value in decided.items()
        if getattr(here, name) != value and name in here.model_fields_set
    )
    return here.model_copy(update=decided), unheeded
