"""Small cuts in a parsed module: a rule says which node becomes what, and everything else stays byte for byte."""

import keyword
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TypeVar, cast

import libcst as cst

Node = TypeVar("Node", bound=cst.CSTNode)
Change = cst.CSTNode | Sequence[cst.BaseStatement]

_ATOMS = (
    cst.Name, cst.Attribute, cst.Call, cst.Subscript, cst.SimpleString, cst.List, cst.Dict, cst.Set,
    cst.ListComp, cst.DictComp, cst.SetComp, cst.FormattedString,
)  # fmt: skip


class _Swap(cst.CSTTransformer):
    def __init__(self, changes: Mapping[cst.CSTNode, Change]) -> None:
        super().__init__()
        self._changes = changes

    def on_visit(self, node: cst.CSTNode) -> bool:
        return node not in self._changes

    def on_leave(  # type: ignore[override]
        self, original_node: cst.CSTNode, updated_node: cst.CSTNode
    ) -> cst.CSTNode | cst.FlattenSentinel[cst.BaseStatement] | cst.RemovalSentinel:
        change = self._changes.get(original_node)
        if change is None:
            return updated_node
        if isinstance(change, cst.CSTNode):
            return change
        return cst.FlattenSentinel(change) if change else cst.RemoveFromParent()


def swap(root: Node, changes: Mapping[cst.CSTNode, Change]) -> Node:
    """Return `root` with nodes replaced by identity; a statement may become several, or none."""
    return cast("Node", root.visit(_Swap(changes)))


def code(node: cst.CSTNode) -> str:
    """Return the source of an expression or target, in parentheses where it could not stand as an argument."""
    text = cst.Module([]).code_for_node(node)
    if isinstance(node, cst.Tuple | cst.Yield | cst.NamedExpr) and not node.lpar:
        return f"({text})"
    return f"({text})" if "\n" in text and not text.startswith(("(", "[", "{")) else text


def atom(node: cst.BaseExpression) -> str:
    """Return the source of an expression in a form that binds tighter than any operator."""
    text = code(node)
    return text if isinstance(node, _ATOMS) or node.lpar else f"({text})"


def same(left: cst.CSTNode, right: cst.CSTNode) -> bool:
    """Say whether two nodes are the same code, white space apart."""
    return left.deep_equals(right) or squeeze(code(left)) == squeeze(code(right))


def squeeze(text: str) -> str:
    """Return `text` without white space outside of string literals (those with any are kept whole)."""
    return text if '"' in text or "'" in text else re.sub(r"\s+", " ", text)


def expression(text: str) -> cst.BaseExpression:
    """Parse one expression."""
    return cst.parse_expression(text)


def statements(module: cst.Module, text: str) -> list[cst.BaseStatement]:
    """Parse statements for `module`; leading tabs in `text` stand for its own indentation."""
    own = re.sub(r"(?m)^\t+", lambda tabs: module.default_indent * len(tabs[0]), text)
    body = cst.parse_module(own if own.endswith("\n") else own + "\n", module.config_for_parsing).body
    return list(body)


def small(statement: cst.CSTNode) -> cst.BaseSmallStatement | None:
    """Return the one small statement of a line; None for compound statements and `a; b`."""
    if isinstance(statement, cst.SimpleStatementLine) and len(statement.body) == 1:
        return statement.body[0]
    return None


def block(body: cst.BaseSuite) -> Sequence[cst.BaseStatement]:
    """Return the statements of an indented block; nothing for a body on the header's line."""
    return body.body if isinstance(body, cst.IndentedBlock) else ()


def line(module: cst.Module, text: str, like: cst.BaseStatement) -> cst.BaseStatement:
    """Parse one statement that takes the place of `like`, with the comments of `like`."""
    new = statements(module, text)[0]
    if isinstance(new, cst.SimpleStatementLine) and isinstance(like, cst.SimpleStatementLine):
        return new.with_changes(leading_lines=like.leading_lines, trailing_whitespace=like.trailing_whitespace)
    if isinstance(like, cst.SimpleStatementLine | cst.BaseCompoundStatement):
        return new.with_changes(leading_lines=like.leading_lines)
    return new


def fresh(module: cst.Module, stem: str, taken: Sequence[str] = ()) -> str:
    """Return a name like `stem` that stands nowhere in the module."""
    words = _words(module).union(taken)
    name, number = stem, 1
    while name in words or keyword.iskeyword(name):
        number += 1
        name = f"{stem}_{number}"
    return name


@lru_cache(maxsize=2)
def _words(module: cst.Module) -> frozenset[str]:
    """Return the words of a module, which many rules ask for in turn; nodes never change."""
    return frozenset(re.findall(r"\w+", module.code))


def has_comment(node: cst.CSTNode) -> bool:
    """Say whether a comment would be lost with this node."""
    found: list[cst.Comment] = []

    class Comments(cst.CSTVisitor):
        def visit_Comment(self, node: cst.Comment) -> None:  # noqa: N802 - libcst's name
            found.append(node)

    node.visit(Comments())
    return bool(found)


def after_imports(module: cst.Module, new: Sequence[cst.BaseStatement]) -> cst.Module:
    """Return the module with statements placed after its docstring and its leading imports."""
    place = 0
    for index, statement in enumerate(module.body):
        first = small(statement)
        if isinstance(first, cst.Import | cst.ImportFrom) or (index == 0 and isinstance(first, cst.Expr)):
            place = index + 1
        elif not isinstance(statement, cst.Try | cst.If):
            break
    return module.with_changes(body=[*module.body[:place], *new, *module.body[place:]])
