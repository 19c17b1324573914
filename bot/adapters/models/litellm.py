"""Language models of any provider, or behind any address that speaks OpenAI's protocol, through LiteLLM.

The package takes seconds to import, fetches a price list and reads `.env` files unless it is told not to, and two of
its versions were compromised: it is loaded late, with care, and nowhere else.
"""

import importlib.metadata
import logging
import os
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.adapters.models.metered import Prices
from bot.domain.conversation import Answer, Ask, Spent
from bot.domain.errors import ModelError, Refused
from bot.domain.legible import one_line

COMPROMISED = frozenset({"1.82.7", "1.82.8"})
_RETRYABLE = frozenset({408, 409, 429, 500, 502, 503, 504, 529})
_FINISHED = frozenset({"stop", None})
"""Why a reply ended of itself: LiteLLM gives all providers' words as OpenAI's, and the others are of one cut off."""
_HALF = re.compile("[\ud800-\udfff]")
_SECONDS = re.compile("[0-9]+")
_LOGGERS = ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy", "openai", "httpx", "httpcore")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Which model is asked, and how: without `url` the provider's own address and the key of its own variable.

    `timeout` is in seconds for one request.
    """

    model: str
    url: str | None = None
    key: str | None = field(default=None, repr=False)
    timeout: float = 120.0
    temperature: float | None = None


class LiteLlm:
    """Implements `ports.LanguageModel`; `redact` takes secrets out of what a provider says in an error."""

    def __init__(self, endpoint: Endpoint, redact: Callable[[str], str]) -> None:
        self._endpoint = endpoint
        self._redact = redact
        self._litellm = _loaded()
        self._client = None if endpoint.url is None else _client(endpoint)

    @property
    def name(self) -> str:
        """The model as it was configured."""
        return self._endpoint.model

    def prices(self) -> Prices | None:
        """Return what a token costs by the price list inside the package; None where it is not listed."""
        listed = self._litellm.model_cost.get(self._endpoint.model)
        if self._endpoint.url is not None or not listed or "input_cost_per_token" not in listed:
            return None
        return Prices(float(listed["input_cost_per_token"]), float(listed.get("output_cost_per_token") or 0.0))

    def ask(self, ask: Ask) -> Answer:
        """Send one request; ModelError with a sentence where no text comes back."""
        import openai

        from bot.adapters.models.bounded import within

        try:
            reply = within(self._endpoint.timeout, lambda: self._litellm.completion(**self._arguments(ask)))
        except TimeoutError as error:
            raise self._late() from error
        except openai.OpenAIError as error:
            raise self._fault(error) from _innermost(error)
        return _answer(reply, self.name)

    def _arguments(self, ask: Ask) -> dict[str, Any]:
        end = self._endpoint
        arguments: dict[str, Any] = {
            "model": end.model,
            "messages": [{"role": str(one.role), "content": one.text} for one in ask.messages],
            "max_tokens": ask.most,
            "timeout": end.timeout,
            "num_retries": 0,
            "max_retries": 0,
            "drop_params": True,
        }
        if end.temperature is not None:
            arguments["temperature"] = end.temperature
        if end.url is not None:
            # Never the key of a provider's own variable for an address that is not the provider's.
            arguments |= {"custom_llm_provider": "openai", "api_base": end.url, "api_key": end.key or "none"}
            arguments["client"] = self._client
        elif end.key is not None:
            arguments["api_key"] = end.key
        return arguments

    def _late(self) -> ModelError:
        return ModelError(f"{self.name} did not answer within {self._endpoint.timeout:g} s", retryable=True)

    def _fault(self, error: Exception) -> ModelError:
        import openai

        from bot.adapters.models.bounded import Unbounded

        # LiteLLM gives some answers a status of its own and drops headers: what the server said is further in.
        origin = _innermost(error)
        status = getattr(origin, "status_code", None)
        if isinstance(error, openai.APITimeoutError):
            return self._late()
        if isinstance(origin, Unbounded):
            return ModelError(f"{self.name} could not be asked: {origin}")
        refused = isinstance(origin, openai.APIStatusError) and status not in _RETRYABLE
        said = one_line(self._redact(str(error)), 200)
        kind = type(error).__name__ + ("" if status is None else f", status {status}")
        return ModelError(f"{self.name} could not be asked ({kind}): {said}", retryable=not refused, wait=_wait(origin))


def _answer(reply: Any, name: str) -> Answer:
    choices = getattr(reply, "choices", None) or []
    text = getattr(getattr(choices[0], "message", None), "content", None) if choices else None
    if not isinstance(text, str):
        raise ModelError(f"{name} answered without a text", retryable=True)
    if _HALF.search(text):
        raise ModelError(f"{name} answered with half of a character (a lone surrogate)", retryable=True)
    usage = getattr(reply, "usage", None)
    spent = Spent(1, _number(usage, "prompt_tokens"), _number(usage, "completion_tokens"), None)
    return Answer(text, spent, complete=getattr(choices[0], "finish_reason", None) in _FINISHED)


def _innermost(error: BaseException) -> BaseException:
    """Return the error in which a chain began, as far as the client of the protocol made it."""
    import openai

    from bot.adapters.models.bounded import Unbounded

    found, at = error, error.__cause__ or error.__context__
    while at is not None:
        found = at if isinstance(at, (openai.APIStatusError, Unbounded)) else found
        at = at.__cause__ or at.__context__
    return found


def _number(usage: Any, name: str) -> int:
    value = getattr(usage, name, 0)
    return value if isinstance(value, int) and value > 0 else 0


def _wait(origin: BaseException) -> float:
    """Return the seconds for which a provider asked in an answer's header."""
    headers = getattr(getattr(origin, "response", None), "headers", None) or {}
    asked = str(headers.get("retry-after", ""))
    return float(asked) if _SECONDS.fullmatch(asked) else 0.0


def _client(endpoint: Endpoint) -> Any:
    """Return a bounded client that follows no redirect: source code and key go to the configured address or nowhere."""
    import openai

    from bot.adapters.models.bounded import client

    http = client(endpoint.timeout)
    key = endpoint.key or "none"
    return openai.OpenAI(api_key=key, base_url=endpoint.url, http_client=http, max_retries=0)


def _loaded() -> Any:
    """Import LiteLLM: no price list from the network, no `.env`, no telemetry, its log through ours."""
    try:
        version = importlib.metadata.version("litellm")
    except importlib.metadata.PackageNotFoundError:
        raise Refused("--proposer llm needs the package litellm: pip install 'hotlap[llm]'") from None
    if version in COMPROMISED:
        raise Refused(f"litellm {version} was reported as compromised: install another version")
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    os.environ["LITELLM_MODE"] = "PRODUCTION"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import litellm
    litellm.telemetry = False
    litellm.suppress_debug_info = True
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(logging.WARNING)
    return litellm
