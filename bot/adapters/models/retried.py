"""Asks again after faults that may pass. It stands in front of the meter, so that every request is paid for."""

import time
from collections.abc import Callable
from typing import Any

from bot.domain.conversation import Answer, Ask
from bot.domain.errors import ModelError
from bot.ports import LanguageModel

_LONGEST_WAIT = 60.0


class Retried:
    """Implements `ports.LanguageModel` around another one with up to `retries` further requests for each."""

    def __init__(self, model: LanguageModel, retries: int, sleep: Callable[[float], None] = time.sleep) -> None:
        self._model = model
        self._retries = retries
        self._sleep = sleep

    @property
    def name(self) -> str:
        """The name of the model behind it."""
        return self._model.name

    def ask(self, ask: Ask) -> Answer:
        """Return the first reply; ModelError with the last fault, BudgetError where another request is not allowed."""
        import tenacity

        attempts = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(self._retries + 1),
            wait=_waiting(tenacity.wait_random_exponential(multiplier=0.5, max=_LONGEST_WAIT)),
            retry=tenacity.retry_if_exception(lambda error: isinstance(error, ModelError) and error.retryable),
            sleep=self._sleep,
            reraise=True,
        )
        answer: Answer = attempts(self._model.ask, ask)
        return answer


def _waiting(growing: Callable[[Any], float]) -> Callable[[Any], float]:
    """Wait as long as the provider asks, up to a minute, and at least a random, growing time."""

    def wait(state: Any) -> float:
        asked: float = state.outcome.exception().wait
        return max(growing(state), min(asked, _LONGEST_WAIT))

    return wait
