"""Commands from the configuration: what is run, at which sizes, with which variables."""

import pytest

from bot.config import parse
from bot.domain.code import Snapshot
from bot.domain.errors import ConfigError
from bot.evaluate.benchmarks.command import Commands
from bot.evaluate.benchmarks.program import Call
from bot.evaluate.benchmarks.programs import sourced

TREE = Snapshot("")


def config(entries):
    return parse(f"benchmarks:\n  commands:\n    {entries}\n".encode())


def test_a_command_with_everything():
    text = "- {name: a b, run: 'python -m x --n={size}', setup: make data, sizes: [10, 2.5e3], env: {MODE: fast}}"
    tool = Commands(config(text))
    assert list(tool.sources(TREE)) == [".hotlap.yml"]
    assert list(tool.names(TREE, ".hotlap.yml", b"")) == ["a b"]
    env = (("MODE", "fast"),)
    assert tool.run(TREE, ".hotlap.yml", "a b", 1) == Call(("python", "-m", "x", "--n=2.5e3"), env=env)
    around = tool.surroundings(TREE, ".hotlap.yml", "a b")
    assert around.smaller == Call(("python", "-m", "x", "--n=10"), env=env)
    assert around.setup == Call(("make", "data"), env=env)


def test_no_commands_no_source():
    assert list(Commands(parse(b"")).sources(TREE)) == []
    assert sourced(parse(b""), [("functions", "a.py")]) == ()
    found = sourced(config("- {name: a, run: b}"), [("functions", "a.py"), ("command", ".hotlap.yml")])
    assert [(tool.NAME, path) for tool, path in found] == [("command", ".hotlap.yml")]


@pytest.mark.parametrize(
    ("entries", "sentence"),
    [
        ("- {name: a}", r"commands\[1\]\.run' is missing"),
        ("- {name: 'a::b', run: x}", "must be a name without any of"),
        ("- {name: a, run: 'b {size}'}", "must have both"),
        ("- {name: a, run: b, sizes: [1, 2]}", "must have both"),
        ("- {name: a, run: 'b {size}', sizes: [1]}", "two different 'sizes'"),
        ("- {name: a, run: 'b {size}', sizes: [1, 1]}", "two different 'sizes'"),
        ("- {name: a, run: x}\n    - {name: a, run: y}", "two commands called 'a'"),
        ("- {name: a, run: x, env: {PATH: y}}", "must not set PATH"),
        ('- {name: a, run: "\'"}', "is not a command line"),
        ("- {name: a, run: ''}", "must not be empty"),
        ("- {name: a, run: x, command: x}", "unknown key"),
        ("- a", "must hold keys below it"),
    ],
)
def test_a_command_that_is_wrong_is_one_sentence(entries, sentence):
    with pytest.raises(ConfigError, match=sentence) as caught:
        config(entries)
    assert "\n" not in str(caught.value)
