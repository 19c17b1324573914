"""Who binds, reads and changes a name where: the facts under every precondition of a rewrite rule.

Answers are conservative: a use that is not understood is an escape.
"""

from collections.abc import Container, Iterator
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cache, lru_cache

import libcst as cst

READING_METHODS = frozenset({"index", "count", "copy", "get", "keys", "values", "items", "join", "issubset"})
READING_CALLS = frozenset({
    "len", "sum", "min", "max", "sorted", "set", "frozenset", "list", "tuple", "dict", "enumerate", "any", "all", "zip",
    "reversed", "map", "filter", "range", "bool", "isinstance", "str", "repr", "print", "iter", "abs", "id", "type",
    "Counter", "deque",
})  # fmt: skip
_PASSED = frozenset({"count", "index", "get"})  # as key functions are; nothing but these methods has these names
Loop = cst.For | cst.While | cst.ListComp | cst.SetComp | cst.DictComp | cst.GeneratorExp
Frame = cst.FunctionDef | cst.Lambda | cst.ClassDef
_HOLDERS = (
    cst.AssignTarget, cst.AnnAssign, cst.AugAssign, cst.For, cst.CompFor, cst.AsName, cst.NamedExpr, cst.Del,
    cst.Param, cst.FunctionDef, cst.ClassDef, cst.NameItem, cst.ImportAlias, cst.MatchAs, cst.MatchStar,
    cst.MatchMapping,
)  # fmt: skip
_LAYOUT = frozenset({
    "leading_lines", "lines_after_decorators", "header", "footer", "trailing_whitespace", "lpar", "rpar", "comma",
    "semicolon", "lbracket", "rbracket", "lbrace", "rbrace", "equal", "dot", "colon", "first_colon", "second_colon",
})  # fmt: skip
_HELD = ("target", "name", "rest")


class Role(StrEnum):
    """What one occurrence of a name does to the object under it."""

    BIND = "bind"
    READ = "read"
    CHANGE = "change"
    ESCAPE = "escape"


@dataclass(frozen=True, slots=True)
class Use:
    """One occurrence of a name; `method` is the method that is called on it, if any."""

    node: cst.Name
    role: Role
    method: str = ""


@cache
def _fields(kind: type[cst.CSTNode]) -> tuple[str, ...]:
    return tuple(one.name for one in fields(kind) if one.name not in _LAYOUT and not one.name.startswith("whitespace"))


def children(node: cst.CSTNode) -> list[cst.CSTNode]:
    """Return the nodes directly below a node, white space, commas and parentheses left out.

    libcst's own `children` visits and copies; this is what makes a rule's many questions cheap.
    """
    found: list[cst.CSTNode] = []
    for name in _fields(type(node)):
        value = getattr(node, name)
        if isinstance(value, cst.CSTNode):
            found.append(value)
        elif isinstance(value, list | tuple):
            found.extend(one for one in value if isinstance(one, cst.CSTNode))
    return found


def walk(root: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Yield a node and all below it in source order."""
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(children(node)))


def variables(root: cst.CSTNode) -> Iterator[cst.Name]:
    """Yield the names in an expression that stand for values, not for attributes or keywords."""
    stack = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, cst.Name):
            yield node
        elif isinstance(node, cst.Attribute | cst.Arg):
            stack.append(node.value)
        else:
            stack.extend(reversed(children(node)))


class Scope:
    """The uses of every name in one function (or in a whole module), and how its nodes lie in each other."""

    def __init__(self, root: cst.FunctionDef | cst.Module) -> None:
        self.root = root
        self._parents: dict[cst.CSTNode, cst.CSTNode] = {}
        self._first: dict[cst.CSTNode, int] = {}
        self._last: dict[cst.CSTNode, int] = {}
        self._number(root)
        self._uses: dict[str, list[Use]] = {}
        for node in self._first:
            if isinstance(node, cst.Name) and self._is_variable(node):
                self._uses.setdefault(node.value, []).append(self._use(node))

    def _number(self, root: cst.CSTNode) -> None:
        """Give every node its place in the source, and the place after its last descendant."""
        stack: list[tuple[cst.CSTNode, bool]] = [(root, False)]
        while stack:
            node, left = stack.pop()
            if left:
                self._last[node] = len(self._first)
                continue
            self._first[node] = len(self._first)
            stack.append((node, True))
            for child in reversed(children(node)):
                self._parents[child] = node
                stack.append((child, False))

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """Return the node directly around `node`; None at the root."""
        return self._parents.get(node)

    def around(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """Yield the nodes around `node`, innermost first."""
        above = self._parents.get(node)
        while above is not None:
            yield above
            above = self._parents.get(above)

    def nodes(self, region: cst.CSTNode | None = None) -> Iterator[cst.CSTNode]:
        """Yield the nodes of a region, or of everything, in source order."""
        return (node for node in self._first if region is None or self.inside(node, region))

    def inside(self, node: cst.CSTNode, region: cst.CSTNode) -> bool:
        """Say whether `node` is `region` or lies in it."""
        return self._first[region] <= self._first[node] < self._last[region]

    def before(self, node: cst.CSTNode, other: cst.CSTNode) -> bool:
        """Say whether `node` starts before `other` in the source."""
        return self._first[node] < self._first[other]

    def uses(self, name: str, region: cst.CSTNode | None = None) -> list[Use]:
        """Return the uses of a name in a region, in source order."""
        return [use for use in self._uses.get(name, ()) if region is None or self.inside(use.node, region)]

    def names(self, region: cst.CSTNode) -> set[str]:
        """Return the variables that occur in a region."""
        return {name for name, uses in self._uses.items() if any(self.inside(use.node, region) for use in uses)}

    def binds(self, name: str, region: cst.CSTNode | None = None) -> bool:
        """Say whether the name is assigned, imported, deleted or declared in a region."""
        return any(use.role is Role.BIND for use in self.uses(name, region))

    def only_read(self, name: str, region: cst.CSTNode, methods: Container[str] = ()) -> bool:
        """Say whether a region does nothing to the name but read it, or call one of `methods` on it."""
        return all(use.role is Role.READ or use.method in methods for use in self.uses(name, region))

    def loops(self, node: cst.CSTNode) -> list[Loop]:
        """Return the loops and comprehensions that repeat `node`, innermost first, within its own function."""
        found: list[Loop] = []
        path = [node]
        for outer in self.around(node):
            if isinstance(outer, Frame):
                break
            if isinstance(outer, Loop) and self._repeats(outer, path):
                found.append(outer)
            path.append(outer)
        return found

    def statement(self, node: cst.CSTNode) -> cst.BaseStatement | None:
        """Return the innermost statement in a block that holds `node`, so that lines can be placed before it."""
        for one in (node, *self.around(node)):
            if isinstance(one, cst.BaseStatement) and isinstance(self.parent(one), cst.IndentedBlock | cst.Module):
                return one
        return None

    def pauses(self, region: cst.CSTNode) -> bool:
        """Say whether other code may run in the middle of a region: it awaits or yields."""
        return any(
            isinstance(node, cst.Await | cst.Yield) or getattr(node, "asynchronous", None) is not None
            for node in self.nodes(region)
        )

    def private(self, name: str, until: cst.CSTNode) -> bool:
        """Say whether the object under a local name is known to nobody else when `until` ends."""
        own = [use for use in self.uses(name) if self._first[use.node] < self._last[until]]
        if not own or isinstance(self.parent(own[0].node), cst.Param):
            return False
        return all(use.role is not Role.ESCAPE for use in own) and not self.declared(name)

    def declared(self, name: str) -> bool:
        """Say whether the name is declared global or nonlocal."""
        return any(isinstance(self.parent(use.node), cst.NameItem) for use in self.uses(name))

    def captured(self, name: str) -> bool:
        """Say whether a nested function, lambda or class uses the name."""
        return any(self.nested(use.node) for use in self.uses(name))

    @staticmethod
    def _repeats(loop: Loop, path: list[cst.CSTNode]) -> bool:
        """Say whether the loop runs the last node of the path towards it more than once."""
        if isinstance(loop, cst.For):
            return path[-1] is loop.body
        if isinstance(loop, cst.While):
            return path[-1] is not loop.orelse
        return not (len(path) > 1 and path[-1] is loop.for_in and path[-2] is loop.for_in.iter)

    def _is_variable(self, node: cst.Name) -> bool:
        above = self._parents.get(node)
        if isinstance(above, cst.Attribute):
            return above.value is node
        if isinstance(above, cst.Arg | cst.MatchKeywordElement):
            return getattr(above, "keyword", getattr(above, "key", None)) is not node
        return not isinstance(above, cst.FunctionDef) or above is not self.root

    def is_target(self, node: cst.CSTNode) -> bool:
        """Say whether an expression stands where something is assigned or deleted."""
        above = self._parents[node]
        while isinstance(above, cst.Tuple | cst.List | cst.Element | cst.StarredElement):
            node, above = above, self._parents[above]
        if isinstance(above, cst.Del):
            return True
        if isinstance(above, cst.CompFor | cst.For):
            return above.target is node
        return isinstance(above, _HOLDERS) and any(getattr(above, held, None) is node for held in _HELD)

    def _use(self, node: cst.Name) -> Use:
        if self.is_target(node):
            return Use(node, Role.BIND)
        if self.nested(node):
            return Use(node, Role.ESCAPE)
        return Use(node, *self.role(node))

    def role(self, node: cst.BaseExpression) -> tuple[Role, str]:
        """Return what is done to the value of a name or attribute here, and the method that is called on it."""
        above = self._parents[node]
        method = ""
        if isinstance(above, cst.Attribute):
            call = self._parents[above]
            method = above.attr.value if isinstance(call, cst.Call) and call.func is above else ""
        return self._role(node, above, method), method

    def nested(self, node: cst.CSTNode) -> bool:
        """Say whether a node lies in a nested function, lambda or class."""
        if isinstance(self.root, cst.Module):
            return False
        return any(isinstance(outer, Frame) and outer is not self.root for outer in self.around(node))

    def _role(self, node: cst.BaseExpression, above: cst.CSTNode, method: str) -> Role:
        if isinstance(above, cst.Attribute):
            if self.is_target(above):
                return Role.CHANGE
            passed = above.attr.value in _PASSED and isinstance(self._parents[above], cst.Arg)
            return Role.READ if method in READING_METHODS or passed else Role.CHANGE if method else Role.ESCAPE
        if isinstance(above, cst.Subscript):
            return Role.CHANGE if self.is_target(above) else Role.READ
        return Role.READ if self._reads(node, above) else Role.ESCAPE

    def _reads(self, node: cst.BaseExpression, above: cst.CSTNode) -> bool:
        if isinstance(above, cst.Arg):
            call = self._parents[above]
            named = call.func.value if isinstance(call, cst.Call) and isinstance(call.func, cst.Name) else ""
            return above.star != "" or named in READING_CALLS or self._is_join(call)
        if isinstance(above, cst.BooleanOperation):
            return self._reads(above, self._parents[above])
        if isinstance(above, cst.For | cst.CompFor):
            return above.iter is node
        if isinstance(above, cst.If | cst.While | cst.IfExp | cst.Assert):
            return above.test is node
        return isinstance(
            above,
            cst.Comparison | cst.ComparisonTarget | cst.BinaryOperation | cst.UnaryOperation | cst.CompIf
            | cst.FormattedStringExpression | cst.StarredElement | cst.Index | cst.Slice | cst.Annotation,
        )  # fmt: skip

    @staticmethod
    def _is_join(call: cst.CSTNode) -> bool:
        return isinstance(call, cst.Call) and isinstance(call.func, cst.Attribute) and call.func.attr.value == "join"


@lru_cache(maxsize=2)
def scope_of(module: cst.Module) -> Scope:
    """Return the scope of a parsed module; every rule asks for the same one in turn, and nodes never change."""
    return Scope(module)
