"""The meter in front of every model: what may be spent is checked before a request is sent, not after the bill."""

import logging
from dataclasses import dataclass, replace

from bot.domain.conversation import Answer, Ask, Spent, count
from bot.domain.errors import BudgetError, ModelError
from bot.ports import LanguageModel

log = logging.getLogger(__name__)

_SHORTEST = 200
"""Tokens of a reply under which it is not worth asking."""


@dataclass(frozen=True, slots=True)
class Prices:
    """US dollars for one token of a prompt and one of a reply."""

    prompt: float
    reply: float


class Metered:
    """Implements `ports.LanguageModel` around another one with caps on tokens and money for as long as it lives.

    `tokens` bounds both directions, `cost` is in US dollars; with `cost`, `prices` must be known. The worst case of a
    request is set aside before it is sent, and its reply is shortened to what is left.
    """

    def __init__(self, model: LanguageModel, tokens: int, cost: float | None, prices: Prices | None) -> None:
        if cost is not None and prices is None:
            raise BudgetError(
                f"the price of {model.name} is not known, so that HOTLAP_MODEL_MAX_COST cannot be kept: "
                "set HOTLAP_MODEL_PRICE_IN and HOTLAP_MODEL_PRICE_OUT"
            )
        self._model = model
        self._tokens = tokens
        self._cost = cost
        self._prices = prices
        self.spent = Spent()

    @property
    def name(self) -> str:
        """The name of the model behind it."""
        return self._model.name

    def ask(self, ask: Ask) -> Answer:
        """Return the reply of the model; BudgetError where what is left does not cover the request."""
        most = min(ask.most, self._tokens - self.spent.tokens - ask.tokens, self._affordable(ask.tokens))
        if most < min(_SHORTEST, ask.most):
            raise BudgetError(f"the budget for language models is used up: {self.sentence()}")
        try:
            answer = self._model.ask(replace(ask, most=most))
        except ModelError:
            # A request that was cut off may be billed all the same.
            self._add(Spent(1, ask.tokens, 0, None))
            raise
        # A server that does not count would be free for ever.
        told = answer.spent
        used = replace(
            told,
            prompt_tokens=told.prompt_tokens or ask.tokens,
            reply_tokens=told.reply_tokens or count(answer.text),
        )
        used = self._add(used)
        log.info("model %s: %s for %s", self.name, said(used), ask.subject)
        return replace(answer, spent=used)

    def sentence(self) -> str:
        """Say what was spent, and of how much."""
        cap = f" of {self._tokens:,}" + ("" if self._cost is None else f", at most ${self._cost:g}")
        return f"{said(self.spent)}{cap}"

    def _affordable(self, prompt: int) -> int:
        """Return how many tokens of a reply the money still pays after a prompt."""
        if self._cost is None or self._prices is None:
            return self._tokens
        left = self._cost - (self.spent.cost or 0.0) - prompt * self._prices.prompt
        if left < 0 or not self._prices.reply:
            return -1 if left < 0 else self._tokens
        return int(left / self._prices.reply)

    def _add(self, spent: Spent) -> Spent:
        if self._prices is not None:
            cost = spent.prompt_tokens * self._prices.prompt + spent.reply_tokens * self._prices.reply
            spent = replace(spent, cost=cost if spent.cost is None else max(cost, spent.cost))
        self.spent = self.spent.plus(spent)
        return spent


def said(spent: Spent) -> str:
    """Say an amount: requests, tokens, money where it is known."""
    money = "" if spent.cost is None else f", ${spent.cost:.4f}"
    plural = "" if spent.requests == 1 else "s"
    return f"{spent.requests} request{plural}, {spent.tokens:,} tokens{money}"
