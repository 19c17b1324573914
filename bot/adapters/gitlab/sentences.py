"""What GitLab's refusals mean, in sentences that say what to do."""

from bot.domain.legible import one_line

UNKNOWN = (
    "GitLab does not accept the token: it is wrong, revoked or expired. Make a project access token with the role "
    "Developer and the scopes api and write_repository, and put it into HOTLAP_GITLAB_TOKEN"
)
SCOPE = (
    "the token lacks a scope: it needs api, and write_repository to push branches. Make a new one and put it into "
    "HOTLAP_GITLAB_TOKEN"
)
REDIRECTED = (
    "GitLab answers with a redirect, which is not followed because the token would go with it: set HOTLAP_GITLAB_URL "
    "to the address that GitLab calls its own"
)
NO_GITLAB = "the answer is not understood: is HOTLAP_GITLAB_URL the address of a GitLab?"
ARCHIVED = "the project is archived: nothing can be written there; unarchive it, or take Hotlap out of its pipelines"
PROTECTED = (
    "GitLab does not let the bot push to this branch: a rule for protected branches covers hotlap/*; let it out of the "
    "rule"
)


def failed(verb: str, path: str, status: int | None, said: str) -> str:
    """Return the sentence for one request that did not work; `said` is GitLab's message or the kind of fault."""
    request, reason = f"{verb.upper()} {one_line(path, 120)}", one_line(said, 300)
    if status == 403 and "scope" in said.lower():
        return SCOPE
    known = {
        None: f"GitLab could not be reached for {request} ({reason})",
        401: UNKNOWN,
        403: f"GitLab does not allow {request} ({reason}): give the bot's account the role Developer in the project",
        404: f"GitLab knows of nothing there, or does not show it to the bot's account: {request} ({reason})",
        429: f"GitLab asks to wait (rate limit) for {request}",
    }
    return known.get(status, f"GitLab answered {status} to {request}: {reason}")


def forbidden(command: str, said: str) -> str:
    """Return the sentence for git that was turned away; `said` is what it said."""
    return (
        f"GitLab does not allow git {command} ({said}): give the bot's account the role Developer in the project, and "
        "its token the scope write_repository"
    )


def untrusted(said: str) -> str:
    """Return the sentence for a certificate that nobody vouches for."""
    return (
        f"the certificate of GitLab is not trusted ({one_line(said, 200)}): name a file with the certificates of its "
        "authority in HOTLAP_GITLAB_CA_FILE"
    )
