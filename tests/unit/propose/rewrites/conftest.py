"""Runs a rule on source text, and functions before and after a rewrite on the same inputs."""

import copy
import textwrap
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import GeneratorType
from typing import Any

import libcst as cst
import pytest

from bot.domain.code import File, Snapshot
from bot.propose.rules.rule import Rule, Source


def find(module: cst.Module, qualname: str) -> cst.FunctionDef:
    body: Any = module
    for part in qualname.split("."):
        suite = body.body if isinstance(body, cst.Module) else body.body.body
        body = next(n for n in suite if isinstance(n, cst.FunctionDef | cst.ClassDef) and n.name.value == part)
    assert isinstance(body, cst.FunctionDef)
    return body


def observe(function: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    mine = copy.deepcopy(args)
    try:
        result = function(*mine)
        if isinstance(result, GeneratorType):
            result = ("generator", list(result))
    except Exception as error:  # noqa: BLE001 - what the code under test raises is what is compared
        return ("raised", type(error).__name__, repr(mine))
    return (type(result).__name__, repr(result), repr(mine))


@dataclass
class Bench:
    """A rule with the texts that it makes; `others` are further files of the repository."""

    rule: Rule
    others: dict[str, str] = field(default_factory=dict)

    def texts(self, text: str, qualname: str = "f") -> list[str]:
        module = cst.parse_module(textwrap.dedent(text))
        tree = Snapshot(
            "", {"a.py": File(textwrap.dedent(text).encode()), **{k: File(v.encode()) for k, v in self.others.items()}}
        )
        source = Source("a.py", module, find(module, qualname), qualname, tree)
        found = [one.module.code for one in self.rule.rewrites(source)]
        for new in found:
            compile(new, "a.py", "exec")
            assert new != textwrap.dedent(text)
        return found

    def refuses(self, text: str, qualname: str = "f") -> None:
        assert self.texts(text, qualname) == []

    def keeps(self, text: str, inputs: Iterable[tuple[Any, ...]], qualname: str = "f") -> list[str]:
        """Rewrite `text`, run before and after on `inputs`; returns the rewritten texts, at least one."""
        found = self.texts(text, qualname)
        assert found, "the rule did not apply"
        old: dict[str, Any] = {}
        exec(compile(textwrap.dedent(text), "old", "exec"), old)  # noqa: S102 - the test's own text
        inputs = list(inputs)
        for new in found:
            after: dict[str, Any] = {}
            exec(compile(new, "new", "exec"), after)  # noqa: S102
            for args in inputs:
                assert observe(self._get(after, qualname), args) == observe(self._get(old, qualname), args), new
        return found

    def _get(self, names: dict[str, Any], qualname: str) -> Any:
        first, *rest = qualname.split(".")
        value = names[first]
        for part in rest:
            value = getattr(value() if isinstance(value, type) else value, part)
        return value


@pytest.fixture
def bench() -> Callable[..., Bench]:
    return Bench
