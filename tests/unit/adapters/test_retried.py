"""Another request after a fault is another request: counted, paid for, and not sent without money."""

import pytest

from bot.adapters.models.metered import Metered
from bot.adapters.models.retried import Retried
from bot.domain.conversation import Answer, Ask, Message, Role, Spent
from bot.domain.errors import BudgetError, ModelError

ASK = Ask("a.py::f", (Message(Role.USER, "word " * 90),), 1000)
LATE = ModelError("late", retryable=True, wait=7.0)


class Model:
    name = "m"

    def __init__(self, *faults) -> None:
        self.faults = list(faults)
        self.asked = 0

    def ask(self, ask):
        self.asked += 1
        if self.faults:
            raise self.faults.pop(0)
        return Answer("text", Spent(1, 100, 5, None))


def test_each_request_is_counted_with_its_prompt():
    model, waits = Model(LATE, LATE), []
    meter = Metered(model, 10**6, None, None)
    assert Retried(meter, 4, waits.append).ask(ASK).text == "text"
    assert model.asked == meter.spent.requests == 3
    assert meter.spent.prompt_tokens == 2 * ASK.tokens + 100
    assert all(7 <= one <= 60 for one in waits)


def test_a_request_that_the_budget_does_not_cover_is_not_sent_again():
    model = Model(LATE, LATE)
    with pytest.raises(BudgetError, match="used up: 1 request"):
        Retried(Metered(model, ASK.tokens + 250, None, None), 4, [].append).ask(ASK)
    assert model.asked == 1


def test_it_ends_with_the_last_fault_and_at_once_where_no_fault_passes():
    for faults, asked in (((LATE, LATE, LATE), 3), ((ModelError("no key"),), 1)):
        model = Model(*faults)
        with pytest.raises(ModelError, match=str(faults[-1])):
            Retried(model, 2, [].append).ask(ASK)
        assert model.asked == asked


@pytest.mark.parametrize("asked", [1e300, 0.0])
def test_nobody_waits_longer_than_a_minute(asked):
    waits = []
    Retried(Model(ModelError("busy", retryable=True, wait=asked)), 1, waits.append).ask(ASK)
    assert 0 <= waits[0] <= 60
