"""GitLab with real adapters: the API, and git for the job that publishes."""

import datetime as dt
import os
import time
from pathlib import Path
from urllib.parse import urlsplit

from bot import settings
from bot.adapters.gitlab import Address, Patience, connected
from bot.adapters.gitlab.remote import GitRemote
from bot.domain.errors import ConfigError
from bot.domain.redact import Redactor, secret_values
from bot.ports.forge import Forge


def forge() -> Forge:
    """Return the project that the environment names; ConfigError where a variable is missing."""
    own = settings.load_gitlab()
    if not own.project:
        raise ConfigError("the project is not known: set it to its number or path", where="HOTLAP_GITLAB_PROJECT")
    today = lambda: dt.datetime.now(dt.UTC).date()  # noqa: E731 - handed on, never called here
    return connected(_address(own), own.project, _redactor(own), _patience(own), time.sleep, today)


def remote(place: Path, clone_url: str) -> GitRemote:
    """Return the project over git, with a new clone in `place`; `clone_url` is what the forge says of the project.

    Its path counts, and no more: the token goes to the server of the settings, whatever that one calls itself.
    """
    own = settings.load_gitlab()
    server, path = urlsplit(own.url), urlsplit(clone_url).path
    url = f"{server.scheme}://{server.netloc}{path}"
    return GitRemote(place, url, _address(own), os.environ, _redactor(own), _patience(own), time.sleep)


def _address(own: settings.GitLabSettings) -> Address:
    if own.token is None:
        raise ConfigError(
            "a token for GitLab is needed, with the scopes api and write_repository", where="HOTLAP_GITLAB_TOKEN"
        )
    authority = own.ca_file if own.ca_file is not None and own.ca_file.is_file() else None
    return Address(own.url, own.token.get_secret_value(), None if authority is None else str(authority), own.timeout)


def _redactor(own: settings.GitLabSettings) -> Redactor:
    token = () if own.token is None else (own.token.get_secret_value(),)
    return Redactor((*secret_values(os.environ), *token))


def _patience(own: settings.GitLabSettings) -> Patience:
    return Patience(attempts=own.attempts)
