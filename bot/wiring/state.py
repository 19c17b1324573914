"""The state branch of a project on GitLab, reached with a token that stands in no address, argument or variable."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot import settings
from bot.adapters.gitlab.askpass import answering
from bot.domain.redact import secret_values

if TYPE_CHECKING:
    from bot.adapters.store.state_branch import StateBranch

_JOB_TOKEN, _JOB_USER = "CI_JOB_TOKEN", "gitlab-ci-token"
_KEPT = ("GIT_SSL_CAINFO", "GIT_SSL_CAPATH")


def state_branch(path: str, environ: Mapping[str, str]) -> "StateBranch | None":
    """Return the branch hotlap/state of the project `path` ("group/name"); None where no token is at hand.

    A job without a token of the bot reads with its own.
    """
    from bot.adapters.store.state_branch import StateBranch

    own = settings.load_gitlab()
    job = environ.get(_JOB_TOKEN, "")
    token = job if own.token is None else own.token.get_secret_value()
    if not token:
        return None
    server = urlsplit(own.url)
    # GitLab wants another name with the token of a job; who is named in an address is not asked for by git.
    user = f"{_JOB_USER}@" if own.token is None else ""
    url = f"{server.scheme}://{user}{server.netloc}{server.path}/{path}.git"
    return StateBranch(url, _environment(own, environ), lambda place: answering(token, place))


def _environment(own: settings.GitLabSettings, environ: Mapping[str, str]) -> dict[str, str]:
    """Return what git is started with: no secret, no configuration of this machine, no redirect to anywhere else."""
    config = {
        "http.followRedirects": "false",
        "http.lowSpeedLimit": "1",
        "http.lowSpeedTime": str(max(1, round(own.timeout))),
    }
    if own.ca_file is not None and own.ca_file.is_file():
        config["http.sslCAInfo"] = str(own.ca_file)
    numbered = {
        f"GIT_CONFIG_{kind}_{number}": text
        for number, setting in enumerate(config.items())
        for kind, text in zip(("KEY", "VALUE"), setting, strict=True)
    }
    plain = {
        name: value
        for name, value in environ.items()
        if not secret_values({name: value}) and (name in _KEPT or not name.startswith("GIT_"))
    }
    return {**plain, **numbered, "GIT_CONFIG_COUNT": str(len(config)), "GIT_CONFIG_GLOBAL": os.devnull}
