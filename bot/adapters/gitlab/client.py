"""Requests to one GitLab through python-gitlab, repeated where a repetition can help and cannot do harm.

python-gitlab's own retries have no jitter and would post twice after a reset that came once the server had acted, and
its pages follow links to wherever they lead; so both are done here.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import gitlab
import requests
import tenacity

from bot.adapters.gitlab import sentences
from bot.domain.errors import ForgeError
from bot.domain.redact import Redactor

_log = logging.getLogger(__name__)
_Made = TypeVar("_Made")
_LATER = frozenset({408, 429, 500, 502, 503, 504})
_PAGE = 100
_MOST_PAGES = 1_000


@dataclass(frozen=True, slots=True)
class Patience:
    """How often and how long one request is repeated; all in seconds but `attempts`."""

    attempts: int = 6
    total: float = 180.0
    longest: float = 60.0
    shortest: float = 0.5


@dataclass(frozen=True, slots=True)
class Address:
    """Where GitLab is and how it is reached; `authority` is the path of a file with certificates of its own."""

    url: str
    token: str
    authority: str | None = None
    timeout: float = 30.0


class Client:
    """Sends requests; ForgeError carries one sentence without secrets for whatever does not work."""

    def __init__(
        self, address: Address, redactor: Redactor, patience: Patience, sleep: Callable[[float], None]
    ) -> None:
        session = requests.Session()
        # A redirect would carry the token to wherever it leads.
        session.max_redirects = 0
        session.hooks["response"].append(self._heed)
        self._gitlab = gitlab.Gitlab(
            address.url,
            private_token=address.token,
            ssl_verify=address.authority or True,
            timeout=address.timeout,
            session=session,
            keep_base_url=True,
        )
        self._redactor = redactor
        self._patience = patience
        self._sleep = sleep
        self._advised: float | None = None

    def get(self, path: str, /, **query: Any) -> Any:
        """Return the JSON of one object."""
        return _json(self._repeated(lambda: self._send("get", path, query=query)))

    def find(self, path: str, **query: Any) -> Any:
        """Return the JSON of one object, or None where there is none."""
        try:
            return self.get(path, **query)
        except ForgeError as error:
            if error.status != 404:
                raise
            return None

    def raw(self, path: str, **query: Any) -> bytes | None:
        """Return the bytes of one file, or None where there is none."""
        try:
            return bytes(self._repeated(lambda: self._send("get", path, query=query)).content)
        except ForgeError as error:
            if error.status != 404:
                raise
            return None

    def pages(self, path: str, **query: Any) -> Iterator[Any]:
        """Yield the items of a list, page by page; the number of the next page is all that is taken from the server."""
        number = "1"
        for _ in range(_MOST_PAGES):
            asked = {**query, "page": number, "per_page": _PAGE}
            answer = self._repeated(lambda asked=asked: self._send("get", path, query=asked))  # type: ignore[misc]
            items = _json(answer)
            yield from items
            number = answer.headers.get("X-Next-Page", "").strip()
            if not items or not number.isdigit():
                return

    def put(self, path: str, body: Mapping[str, Any]) -> Any:
        """Change an object; doing it twice changes nothing more."""
        return _json(self._repeated(lambda: self._send("put", path, body=body)))

    def delete(self, path: str) -> None:
        """Remove an object; one that is gone already counts as removed."""
        try:
            self._repeated(lambda: self._send("delete", path))
        except ForgeError as error:
            if error.status != 404:
                raise

    def create(
        self,
        path: str,
        body: Mapping[str, Any],
        made: Callable[[Any], _Made],
        look: Callable[[], _Made | None],
        *,
        soon: Callable[[ForgeError], bool] = lambda _: False,
    ) -> _Made:
        """Make an object once: after every answer that leaves it open, `look` says whether it is there by now.

        `soon` says which refusals pass by themselves. Whoever calls has looked before.
        """
        for attempt in self._attempts(soon):
            with attempt:
                found = look() if attempt.retry_state.attempt_number > 1 else None
                return made(_json(self._send("post", path, body=body))) if found is None else found
        raise AssertionError("tenacity raises what it gives up on")  # pragma: no cover

    def act(self, path: str) -> None:
        """Do what an address stands for, where doing it twice does no more than once."""
        self._repeated(lambda: self._send("post", path))

    def upload(self, path: str, name: str, data: bytes, kind: str) -> Any:
        """Send one file; sent twice, it is there twice, which nobody sees."""
        return _json(self._repeated(lambda: self._send("post", path, files={"file": (name, data, kind)})))

    def _repeated(self, send: Callable[[], requests.Response]) -> requests.Response:
        return self._attempts(lambda _: False)(send)

    def _attempts(self, soon: Callable[[ForgeError], bool]) -> tenacity.Retrying:
        limits = self._patience
        return tenacity.Retrying(
            retry=tenacity.retry_if_exception(
                lambda error: isinstance(error, ForgeError) and (error.retryable or soon(error))
            ),
            stop=tenacity.stop_after_attempt(limits.attempts) | tenacity.stop_after_delay(limits.total),
            wait=self._wait,
            sleep=self._sleep,
            reraise=True,
        )

    def _wait(self, state: tenacity.RetryCallState) -> float:
        """Return what the server asked for, or an exponential delay; jittered, so that jobs do not return together."""
        limits, advised = self._patience, self._advised
        own = tenacity.wait_random_exponential(multiplier=limits.shortest, max=limits.longest)(state)
        delay = own if advised is None else min(advised, limits.longest) + min(own, 1.0)
        _log.info("trying again", extra={"seconds": round(delay, 1), "attempt": state.attempt_number})
        return delay

    def _send(
        self, verb: str, path: str, *, query: Mapping[str, Any] | None = None, body: Any = None, files: Any = None
    ) -> requests.Response:
        self._advised = None
        try:
            return self._gitlab.http_request(
                verb,
                path,
                query_data=dict(query or {}),
                post_data=None if body is None else dict(body),
                files=files,
                obey_rate_limit=False,
                retry_transient_errors=False,
                max_retries=0,
            )
        except gitlab.exceptions.GitlabError as error:
            raise self._failed(verb, path, error.response_code, str(error.error_message)) from None
        except requests.TooManyRedirects:
            raise ForgeError(sentences.REDIRECTED) from None
        except requests.exceptions.SSLError as error:
            raise ForgeError(sentences.untrusted(self._redactor.redact(str(error)))) from None
        except requests.RequestException as error:
            raise self._failed(verb, path, None, type(error).__name__) from None

    def _failed(self, verb: str, path: str, status: int | None, said: str) -> ForgeError:
        later = status is None or status in _LATER or (status == 409 and "resource lock" in said.lower())
        sentence = sentences.failed(verb, path, status, self._redactor.redact(said))
        return ForgeError(sentence, status=status, retryable=later)

    def _heed(self, answer: requests.Response, *_: Any, **__: Any) -> None:
        """Note how long the server asks to wait."""
        asked = answer.headers.get("Retry-After", "")
        self._advised = float(asked) if asked.isdigit() else None


def _json(answer: requests.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        raise ForgeError(sentences.NO_GITLAB) from None
