"""The project over git, through a bare clone that belongs to the bot: nothing is checked out, and nothing runs in it.

Git of the host is kept from what a repository or a machine could make it do: no hooks, no file system monitor, no
configuration but what stands here, no protocol but HTTP, no submodules, and the token only through `askpass`.
"""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import git
import tenacity

from bot.adapters.git import AUTHOR, GitCheckout
from bot.adapters.gitlab import sentences
from bot.adapters.gitlab.askpass import answering
from bot.adapters.gitlab.client import Address, Patience
from bot.domain.errors import ForgeError, Moved, Refused
from bot.domain.legible import one_line
from bot.domain.redact import Redactor, secret_values

_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_UNTRACED = ("GIT_TRACE", "GIT_TRACE_CURL", "GIT_TRACE_PACKET", "GIT_CURL_VERBOSE", "GIT_TRACE2", "GIT_TRACE2_EVENT")
_CONFIG = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "core.symlinks": "false",
    "credential.helper": "",
    "credential.username": "oauth2",
    "protocol.allow": "never",
    "protocol.http.allow": "always",
    "protocol.https.allow": "always",
    "http.followRedirects": "false",
    "submodule.recurse": "false",
    "fetch.recurseSubmodules": "false",
    "push.recurseSubmodules": "no",
    "gc.auto": "0",
    "maintenance.auto": "false",
}


class GitRemote:
    """Implements `ports.forge.Remote` and `History` in `place`, a directory of this run; `checkout` is the clone."""

    def __init__(
        self,
        place: Path,
        url: str,
        address: Address,
        environ: Mapping[str, str],
        redactor: Redactor,
        patience: Patience,
        sleep: Callable[[float], None],
    ) -> None:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._place, self._url, self._address = place, url, address
        self._redactor, self._patience, self._sleep = redactor, patience, sleep
        clone = place / "clone.git"
        environment = self._environment(clone, environ)
        self._repo = git.Repo.init(clone, bare=True, env=environment)
        self._repo.git.update_environment(**environment)
        self.checkout = GitCheckout(clone, environment)

    def tip(self, branch: str) -> str | None:
        """Return the SHA of a branch on the server."""
        listed = self._patiently(["ls-remote", "--quiet", "--", self._url, f"refs/heads/{self._valid(branch)}"])
        return listed.split()[0] if listed.strip() else None

    def fetch(self, revision: str) -> str:
        """Bring a branch or a full SHA into the clone."""
        if _SHA.fullmatch(revision):
            self._patiently(["fetch", "--quiet", "--no-tags", "--", self._url, revision])
            return self.checkout.resolve(revision)
        mirrored = f"refs/remotes/origin/{self._valid(revision)}"
        refspec = f"+refs/heads/{revision}:{mirrored}"
        self._patiently(["fetch", "--quiet", "--no-tags", "--", self._url, refspec])
        return self.checkout.resolve(mirrored)

    def push(self, branch: str, sha: str, expected: str | None) -> None:
        """Move a branch under a lease; after a fault the server is asked whether it has moved already."""
        name = f"refs/heads/{self._valid(branch)}"
        command = ["push", "--porcelain", "--no-verify", f"--force-with-lease={name}:{expected or ''}"]
        for attempt in self._attempts():
            with attempt:
                if attempt.retry_state.attempt_number > 1:
                    now = self.tip(branch)
                    if now == sha:
                        return
                    if now != expected:
                        raise Moved(f"branch {branch} was moved by somebody else")
                self._run([*command, "--", self._url, f"{sha}:{name}"])

    def strangers(self, base: str, tip: str) -> tuple[str, ...]:
        """Return the commits whose author or committer is not the bot."""
        listed = self._repo.git.log("--format=%H%x00%ae%x00%ce", "--end-of-options", tip, f"^{base}")
        entries = (line.split("\0") for line in listed.splitlines())
        return tuple(sha for sha, author, committer in entries if {author, committer} != {AUTHOR[1]})

    def same_change(self, one: str, other: str) -> bool:
        """Compare tree and parents."""
        facts = [self._repo.git.log("-1", "--format=%T %P", "--end-of-options", sha) for sha in (one, other)]
        return bool(facts[0] == facts[1])

    def touched(self, old: str, new: str) -> dict[str, bool]:
        """Compare two trees by name; a file that was renamed is gone under its old name."""
        words = self._repo.git.diff("--name-status", "--no-renames", "-z", "--end-of-options", old, new, "--").split(
            "\0"
        )
        return {path: status != "D" for status, path in zip(words[::2], words[1::2], strict=False)}

    def _valid(self, branch: str) -> str:
        status, _, _ = self._git(["check-ref-format", "--branch", branch])
        if status != 0:
            raise Refused(f"{one_line(branch, 100)!r} is not a valid branch name")
        return branch

    def _patiently(self, arguments: Sequence[str]) -> str:
        return self._attempts()(lambda: self._run(arguments))

    def _attempts(self) -> tenacity.Retrying:
        limits = self._patience
        return tenacity.Retrying(
            retry=tenacity.retry_if_exception(lambda error: isinstance(error, ForgeError) and error.retryable),
            stop=tenacity.stop_after_attempt(limits.attempts) | tenacity.stop_after_delay(limits.total),
            wait=tenacity.wait_random_exponential(multiplier=limits.shortest, max=limits.longest),
            sleep=self._sleep,
            reraise=True,
        )

    def _run(self, arguments: Sequence[str]) -> str:
        """Run git with the token at hand; ForgeError with what went wrong."""
        with answering(self._address.token, self._place) as asked:
            status, out, err = self._git(arguments, asked.environment, (asked.descriptor,))
        if status != 0:
            raise _failed(arguments[0], self._redactor.redact(f"{out}\n{err}"))
        return out

    def _git(
        self, arguments: Sequence[str], environment: Mapping[str, str] | None = None, inherited: tuple[int, ...] = ()
    ) -> tuple[int, str, str]:
        return self._repo.git.execute(
            ["git", *arguments],
            with_extended_output=True,
            with_exceptions=False,
            env=dict(environment or {}),
            kill_after_timeout=self._patience.total,
            pass_fds=inherited,
        )

    def _environment(self, clone: Path, environ: Mapping[str, str]) -> dict[str, str]:
        settings = {**_CONFIG, "safe.directory": str(clone)}
        settings |= {"http.lowSpeedLimit": "1", "http.lowSpeedTime": str(max(1, round(self._address.timeout)))}
        if self._address.authority:
            settings["http.sslCAInfo"] = self._address.authority
        numbered = {
            f"GIT_CONFIG_{kind}_{number}": text
            for number, setting in enumerate(settings.items())
            for kind, text in zip(("KEY", "VALUE"), setting, strict=True)
        }
        secret = {name: "" for name, value in environ.items() if secret_values({name: value})}
        return {
            **secret,
            **dict.fromkeys(_UNTRACED, "0"),
            **numbered,
            "GIT_CONFIG_COUNT": str(len(settings)),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_DIR": str(clone),
            "GIT_TEMPLATE_DIR": "",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_LFS_SKIP_SMUDGE": "1",
            "GIT_OPTIONAL_LOCKS": "0",
            "LC_ALL": "C",
        }


def _failed(command: str, said: str) -> ForgeError:
    """Return the error that git's words stand for; what is not known may pass by itself."""
    low, reason = said.lower(), _reason(said)
    if any(words in low for words in ("stale info", "fetch first", "(non-fast-forward)")):
        return Moved("a branch is not where it was expected: somebody pushed in between")
    known = {
        ("authentication failed", "http basic: access denied", "error: 401"): (401, sentences.UNKNOWN),
        ("protected branch",): (403, sentences.PROTECTED),
        ("archived",): (403, sentences.ARCHIVED),
        ("error: 403", "not allowed to"): (403, sentences.forbidden(command, reason)),
        ("not found", "couldn't find remote ref", "not our ref"): (
            404,
            f"there is nothing for git {command}: {reason}",
        ),
        ("certificate",): (None, sentences.untrusted(reason)),
        ("declined", "[remote rejected]"): (None, f"GitLab refuses git {command}: {reason}"),
    }
    for phrases, (status, sentence) in known.items():
        if any(phrase in low for phrase in phrases):
            return ForgeError(sentence, status=status)
    return ForgeError(f"git {command} did not work: {reason}", retryable=True)


def _reason(said: str) -> str:
    lines = [line for line in said.splitlines() if line.startswith(("fatal:", "error:", "remote:", "!"))]
    return one_line(" ".join(lines) or said, 300)
