import pytest

from bot.config import parse
from bot.domain.errors import ConfigError
from bot.domain.goal import Goal, Metric


def test_goals_become_values_of_the_flow():
    text = b"""
goals:
  - latency: 10 ms
    benchmark: "bench_a*"
  - {name: smaller, memory: -20%}
"""
    first, second = (one.value for one in parse(text).goals)
    assert first == Goal(Metric.LATENCY, "10 ms", level=0.01, benchmark="bench_a*", name="10 ms")
    assert second == Goal(Metric.MEMORY, "-20%", factor=0.8, name="smaller")


def test_a_score_can_be_a_function_of_the_repository():
    score = parse(b"score: {method: function, path: ./bench/score.py, name: mean}\n").score
    assert (score.path, score.name) == ("bench/score.py", "mean")


@pytest.mark.parametrize("text", [b"goals:\n", b"goals: []\n", b"score:\n"])
def test_empty_headings_are_the_defaults(text):
    config = parse(text)
    assert (config.goals, config.score.method) == ((), "weighted")


ONE = "'goals[1]' must hold exactly one of latency, memory, throughput, coverage"
BOTH = "'score' must hold path and name with 'method: function', and only then"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("goals:\n  - latncy: 10 ms\n", ".hotlap.yml:2: unknown key 'goals[1].latncy'; did you mean 'latency'?"),
        ("goals:\n  - latency: 1 s\n    memory: 1 GB\n", f".hotlap.yml:2: {ONE}"),
        ("goals:\n  - name: x\n", f".hotlap.yml:2: {ONE}"),
        (
            "goals:\n  - name: x\n    latency: soon\n",
            ".hotlap.yml:3: 'goals[1].latency' must be such as 10 ms, -20% or 1.5x, not 'soon'",
        ),
        ("goals: 3\n", ".hotlap.yml:1: 'goals' must be a list, not 3"),
        ("goals: [3]\n", ".hotlap.yml:1: 'goals[1]' must hold keys below it, not 3"),
        ("score:\n  method: function\n", f".hotlap.yml:1: {BOTH}"),
        ("score: {path: a.py, name: f}\n", f".hotlap.yml:1: {BOTH}"),
        (
            "score: {method: function, path: ../a.py, name: f}\n",
            ".hotlap.yml:1: 'score.path' must be a Python file inside the repository, not '../a.py'",
        ),
        (
            "score: {method: function, path: a.py, name: f()}\n",
            ".hotlap.yml:1: 'score.name' must be the name of a function at the top level of the file, not 'f()'",
        ),
        ("score: {weights: {a: -1}}\n", ".hotlap.yml:1: 'score.weights.a' must be at least 0, not -1"),
        ("score: {sizes: {a: .inf}}\n", ".hotlap.yml:1: 'score.sizes.a' must be a finite number"),
    ],
)
def test_mistakes_are_named_with_their_line(text, expected):
    with pytest.raises(ConfigError) as caught:
        parse(text.encode())
    assert str(caught.value).startswith(expected)
