"""`re.match("...", s)` looks its pattern up in a cache at every call; a compiled pattern at module level does not."""

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from bot.propose.rules.effects import Effects
from bot.propose.rules.rule import Rewrite, Source
from bot.propose.rules.surgery import after_imports, code, expression, fresh, statements, swap
from bot.propose.rules.survey import survey, walk

_FLAGS_AT = {"match": 2, "search": 2, "fullmatch": 2, "findall": 2, "finditer": 2, "split": 3, "sub": 4, "subn": 4}


@dataclass(frozen=True, slots=True)
class Use:
    """One call into `re`: how its pattern is compiled, and the call without pattern and flags ("" for compile)."""

    call: cst.Call
    compiled: str
    method: str
    rest: tuple[cst.Arg, ...]


class CompiledPattern:
    """Constant patterns of a function move to module-level compiled patterns."""

    name = "compile-pattern-once"
    precondition = (
        "The pattern is a literal that compiles, the flags are members of `re`, and `re` is imported once at the top "
        "of the module."
    )

    def rewrites(self, source: Source) -> Iterator[Rewrite]:
        """Yield one rewrite for all patterns of the function."""
        calls = (node for node in walk(source.function.body) if isinstance(node, cst.Call))
        uses = [use for call in calls if (use := _use(call)) is not None]
        if not uses or not Effects(source).is_import("re"):
            return
        names: dict[str, str] = {}
        changes: dict[cst.CSTNode, cst.CSTNode] = {}
        for use in uses:
            stem = f"_{source.function.name.value.strip('_').upper()}_PATTERN"
            taken = tuple(names.values())
            name = names.setdefault(use.compiled, fresh(source.module, stem, taken))
            new: cst.BaseExpression = expression(name)
            if use.method:
                new = use.call.with_changes(func=expression(f"{name}.{use.method}"), args=use.rest)
            changes[use.call] = new
        lines = [line for text, name in names.items() for line in statements(source.module, f"{name} = {text}")]
        placed = after_imports(swap(source.module, changes), lines)
        if _follows_import(placed, tuple(names.values())):
            yield Rewrite(placed, "Constant regular expressions are compiled once, at module level.")


def _follows_import(module: cst.Module, names: tuple[str, ...]) -> bool:
    """Say whether `import re` comes before the first of the new constants."""
    for statement in module.body:
        stores = survey(statement).stores
        if isinstance(statement, cst.SimpleStatementLine) and "re" in stores:
            return True
        if stores & set(names):
            return False
    return False


def _use(call: cst.Call) -> Use | None:
    function = code(call.func)
    if not function.startswith("re.") or not call.args or call.args[0].keyword or any(arg.star for arg in call.args):
        return None
    method = function[3:]
    pattern = call.args[0].value
    if not _compiles(pattern):
        return None
    if method == "compile":
        flags = [arg.value for arg in call.args[1:]]
        return Use(call, _compiled(pattern, flags), "", ()) if all(map(_is_flags, flags)) else None
    if method not in _FLAGS_AT:
        return None
    place = _FLAGS_AT[method]
    flags = [a.value for i, a in enumerate(call.args) if i == place or (a.keyword and a.keyword.value == "flags")]
    rest = tuple(arg for arg in call.args[1:] if arg.value not in flags)
    if not rest or not all(map(_is_flags, flags)) or len(call.args) > place + 1:
        return None
    return Use(call, _compiled(pattern, flags), method, (*rest[:-1], rest[-1].with_changes(comma=call.args[-1].comma)))


def _compiled(pattern: cst.BaseExpression, flags: list[cst.BaseExpression]) -> str:
    return f"re.compile({', '.join(code(part) for part in (pattern, *flags))})"


def _is_flags(node: cst.BaseExpression) -> bool:
    return re.fullmatch(r"re\.[A-Z]+(\s*\|\s*re\.[A-Z]+)*", code(node)) is not None


def _compiles(pattern: cst.BaseExpression) -> bool:
    if not isinstance(pattern, cst.SimpleString | cst.ConcatenatedString):
        return False
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            re.compile(ast.literal_eval(code(pattern)))
        except (re.error, ValueError, SyntaxError, Warning):
            return False
    return True
