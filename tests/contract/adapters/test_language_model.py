"""LiteLLM's real way over HTTP against a scripted server on loopback."""

import gzip
import importlib.util
import time

import pytest

from bot.adapters.models.retried import Retried
from bot.domain.conversation import Ask, Message, Role
from bot.domain.errors import ModelError
from bot.domain.redact import Redactor
from tests.fakes.model_server import Step, serving

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("litellm") is None, reason="missing: litellm (the extra llm)"),
    pytest.mark.filterwarnings("default"),  # what the package and its dependencies warn of is not ours
]
ASK = Ask("a.py::f", (Message(Role.SYSTEM, "s"), Message(Role.USER, "u")), 300)
KEY = "sk-canary-0123456789abcdef"


@pytest.fixture(autouse=True)
def nobody_elses_key(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-another-provider-123456")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def model(server, *, key=KEY, retries=2, timeout=20.0):
    from bot.adapters.models.litellm import Endpoint, LiteLlm

    waits = []
    once = LiteLlm(Endpoint("m", server.url, key, timeout), Redactor((KEY,)).redact)
    return Retried(once, retries, waits.append), waits


def test_a_reply_comes_with_what_it_used():
    with serving(Step("hello")) as server:
        answer = model(server)[0].ask(ASK)
    assert (answer.text, answer.complete) == ("hello", True)
    assert (answer.spent.requests, answer.spent.prompt_tokens, answer.spent.reply_tokens) == (1, 100, 20)
    assert server.asked[0]["messages"] == [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}]
    assert (server.asked[0]["model"], server.asked[0]["max_tokens"]) == ("m", 300)
    assert server.keys == [f"Bearer {KEY}"]


def test_the_key_of_another_provider_is_never_sent():
    with serving(Step("hello")) as server:
        model(server, key=None)[0].ask(ASK)
    assert server.keys == ["Bearer none"]


@pytest.mark.parametrize("reason", ["length", "content_filter"])
def test_a_reply_that_was_cut_off_says_so(reason):
    with serving(Step("half", finish=reason)) as server:
        assert not model(server)[0].ask(ASK).complete


def test_rate_limits_are_waited_for_as_long_as_asked():
    with serving(Step(status=429, headers={"Retry-After": "7"}), Step(status=503), Step("late")) as server:
        asked, waits = model(server)
        assert asked.ask(ASK).text == "late"
    assert len(server.asked) == 3
    assert waits[0] >= 7
    assert all(0 <= one <= 60 for one in waits)


@pytest.mark.parametrize("asked", ["\u00b2", "soon", "-1"])
def test_a_wait_that_is_no_number_of_seconds_is_not_kept(asked):
    with serving(Step(status=429, headers={"Retry-After": asked}), Step("late")) as server:
        model_, waits = model(server)
        assert model_.ask(ASK).text == "late"
    assert 0 <= waits[0] < 60


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_what_cannot_pass_is_not_tried_again_and_holds_no_key(status):
    with serving(Step(f"no such thing for {KEY}", status=status)) as server, pytest.raises(ModelError) as caught:
        model(server)[0].ask(ASK)
    assert len(server.asked) == 1
    assert not caught.value.retryable
    assert KEY not in str(caught.value)


def test_silence_ends_after_the_timeout():
    with serving(Step("late", silent=1.0)) as server, pytest.raises(ModelError, match=r"within 0\.3 s") as caught:
        model(server, retries=1, timeout=0.3)[0].ask(ASK)
    assert caught.value.retryable
    assert len(server.asked) == 2


def test_an_answer_that_drips_ends_after_the_timeout():
    with serving(Step("late", drip=0.02)) as server:
        asked, began = model(server, retries=0, timeout=0.4)[0], time.monotonic()
        with pytest.raises(ModelError, match=r"within 0\.4 s"):
            asked.ask(ASK)
        assert time.monotonic() - began < 4


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (Step(body=b" " * (9 << 20)), "more than 8 MiB"),
        (Step(body=b" " * (9 << 20), status=500), "more than 8 MiB"),
        (Step(body=gzip.compress(b" " * 1000), headers={"Content-Encoding": "gzip"}), "packed its answer"),
    ],
)
def test_an_answer_that_is_too_much_is_not_read_and_not_asked_for_again(step, words):
    with serving(step) as server, pytest.raises(ModelError, match=words):
        model(server)[0].ask(ASK)
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "step",
    [
        Step(body=b"<html>gateway</html>"),
        Step(body=b"{"),
        Step(body=b'{"choices": []}'),
        Step(body=b'{"id": "1", "choices": [{"index": 0, "message": {"role": "assistant", "content": null}}]}'),
        Step("cut off on the way", cut=True),
        Step("half of a character: \ud800"),
    ],
    ids=["html", "half json", "no choice", "no text", "cut", "surrogate"],
)
def test_nonsense_is_an_error_with_a_sentence(step):
    with serving(step) as server, pytest.raises(ModelError):
        model(server, retries=1)[0].ask(ASK)
    assert len(server.asked) == 2


def test_redirects_are_not_followed():
    with serving(Step("elsewhere")) as other:
        away = {"Location": f"{other.url}/chat/completions"}
        with serving(Step(status=307, headers=away)) as server, pytest.raises(ModelError):
            model(server)[0].ask(ASK)
    assert other.asked == []
