"""The meter refuses before anything is sent, and counts what servers do not."""

import pytest

from bot.adapters.models.format_record import FormatRecord
from bot.adapters.models.metered import Metered, Prices
from bot.domain.conversation import Answer, Ask, Message, Role, Spent
from bot.domain.errors import BudgetError, ModelError

ASK = Ask("a.py::f", (Message(Role.USER, "word " * 90),), 1000)  # about 100 tokens


class Model:
    name = "m"

    def __init__(self, spent=None, fault=None) -> None:
        self.asked, self.fault, self.spent = [], fault, spent or Spent(1, 100, 500, None)

    def ask(self, ask):
        self.asked.append(ask)
        if self.fault:
            raise self.fault
        return Answer("text " * 50, self.spent)


def test_tokens_are_capped_and_the_last_reply_is_shortened():
    model = Model()
    meter = Metered(model, 1450, None, None)
    meter.ask(ASK)
    meter.ask(ASK)
    with pytest.raises(BudgetError, match=r"used up: 2 requests, 1,200 tokens of 1,450"):
        meter.ask(ASK)
    assert model.asked[0].most == 1000
    assert model.asked[1].most == 1450 - 600 - ASK.tokens
    assert len(model.asked) == 2


def test_money_is_capped():
    model = Model()
    meter = Metered(model, 10**6, 0.002, Prices(1e-6, 2e-6))
    assert meter.ask(ASK).spent.cost == pytest.approx(0.0011)
    meter.ask(ASK)
    with pytest.raises(BudgetError, match="at most"):
        meter.ask(ASK)
    assert model.asked[0].most == int((0.002 - ASK.tokens * 1e-6) / 2e-6)


def test_money_cannot_be_capped_without_a_price():
    with pytest.raises(BudgetError, match="HOTLAP_MODEL_PRICE_IN"):
        Metered(Model(), 10**6, 1.0, None)


def test_a_server_that_counts_nothing_is_not_free():
    meter = Metered(Model(Spent(1, 0, 0, None)), 10**6, None, None)
    used = meter.ask(ASK).spent
    assert used.prompt_tokens == ASK.tokens
    assert used.reply_tokens > 40


def test_a_request_that_failed_counts_with_its_prompt():
    meter = Metered(Model(fault=ModelError("late", retryable=True)), ASK.tokens + 250, None, None)
    with pytest.raises(ModelError, match="late"):
        meter.ask(ASK)
    with pytest.raises(BudgetError):
        meter.ask(ASK)


def test_the_record_survives_a_line_that_was_cut_off(tmp_path):
    record = FormatRecord(tmp_path / "state" / "models.jsonl")
    assert record.outcomes("m", "blocks") == ()
    record.add("m", "blocks", good=True)
    with (tmp_path / "state" / "models.jsonl").open("a") as file:
        file.write('{"model": "m", "form\n[1]\nnull\n')
    record.add("m", "blocks", good=False)
    record.add("m", "function", good=False)
    assert record.outcomes("m", "blocks") == (True, False)
