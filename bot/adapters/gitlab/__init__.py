"""One project of a GitLab behind the ports of `bot.ports.forge`."""

import datetime as dt
from collections.abc import Callable
from urllib.parse import quote

from bot.adapters.gitlab.asks import GitLabAsks
from bot.adapters.gitlab.client import Address, Client, Patience
from bot.adapters.gitlab.contents import GitLabContents
from bot.adapters.gitlab.directory import GitLabDirectory
from bot.adapters.gitlab.issues import GitLabIssues
from bot.adapters.gitlab.merge_requests import GitLabMergeRequests
from bot.adapters.gitlab.outgoing import Outgoing
from bot.adapters.gitlab.pipelines import GitLabPipelines
from bot.adapters.gitlab.reactions import GitLabReactions
from bot.adapters.gitlab.reviews import GitLabReviews
from bot.adapters.gitlab.talk import GitLabTalk
from bot.adapters.gitlab.uploads import GitLabUploads
from bot.domain.redact import Redactor
from bot.ports.forge import Forge

__all__ = ["Address", "Patience", "connected"]


def connected(
    address: Address,
    project: str,
    redactor: Redactor,
    patience: Patience,
    sleep: Callable[[float], None],
    today: Callable[[], dt.date],
) -> Forge:
    """Return one project, named by its number or path, as the token sees it; nothing is sent yet."""
    client, outgoing = Client(address, redactor, patience, sleep), Outgoing(redactor)
    path = f"/projects/{quote(project, safe='')}"
    directory = GitLabDirectory(client, path, today)
    return Forge(
        directory=directory,
        contents=GitLabContents(client, path),
        merge_requests=GitLabMergeRequests(client, path, outgoing),
        talk=GitLabTalk(client, path, outgoing, directory.me),
        reactions=GitLabReactions(client, path, directory.me),
        issues=GitLabIssues(client, path, outgoing, directory.me),
        uploads=GitLabUploads(client, path),
        pipelines=GitLabPipelines(client, path),
        asks=GitLabAsks(client, path, directory.me, today),
        reviews=GitLabReviews(client, path),
    )
