"""`/optimize retry`: the last run that somebody asked for in the same place, once more.

Both jobs that read a comment find it by themselves, from what GitLab shows to each of them.
"""

from dataclasses import replace

from bot.domain.command import Command, Verb
from bot.domain.forge import Access, Note, Noteable
from bot.ports.forge import Forge
from bot.triggers.commands import commands

_STARTS = frozenset({Verb.RUN, Verb.REVISE})
_NONE = "nothing that could be tried again was asked for here before"


def meant(forge: Forge, at: Noteable, note: Note, command: Command) -> Command:
    """Return the command that `note` stands for: itself, or for a retry the earlier one with what the retry changes.

    Only what a Developer asked for is tried again: whoever says "retry" has not read what strangers wrote meanwhile.
    """
    if command.verb is not Verb.RETRY or command.problem is not None:
        return command
    before = (one for one in reversed(forge.talk.notes(at)) if one.id < note.id and not one.system)
    for earlier in before:
        found = commands(earlier.body)
        if len(found) != 1 or found[0].verb not in _STARTS or found[0].problem is not None or earlier.author.bot:
            continue
        if forge.directory.access(earlier.author.id) >= Access.DEVELOPER:
            return _changed(found[0], command)
    return replace(command, problem=_NONE)


def _changed(earlier: Command, retry: Command) -> Command:
    """Return a command with whatever the retry says otherwise."""
    return Command(
        earlier.verb,
        retry.target or earlier.target,
        retry.hardware or earlier.hardware,
        retry.budget or earlier.budget,
        retry.strategy or earlier.strategy,
        retry.text or earlier.text,
    )
