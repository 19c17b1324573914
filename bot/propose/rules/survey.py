"""What one region of code mentions: names read and bound, attributes and items set, calls, suspensions."""

import functools
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields

import libcst as cst

# ruff: noqa: D102, N802, ARG002 - libcst calls these methods by its own names and with its own arguments


_LAYOUT = frozenset({
    "lpar", "rpar", "comma", "semicolon", "leading_lines", "trailing_whitespace", "header", "footer", "indent", "dot",
    "lines_after_decorators", "lbracket", "rbracket", "lbrace", "rbrace", "type_parameters", "encoding",
    "default_indent", "default_newline", "has_trailing_newline",
})  # fmt: skip


class Survey:
    """The names and effects that are visible in a region; nested functions and comprehensions count in full.

    `loads` are Name nodes in expression position (an augmented assignment reads its target), `stores` the names
    that the region binds, deletes or declares (`bound` counts the bindings), `set_attributes` attribute names
    assigned or deleted on anything, `set_items` the containers of subscripts assigned or deleted, `calls` all
    calls in source order.
    """

    def __init__(self) -> None:
        self.loads: list[cst.Name] = []
        self.stores: set[str] = set()
        self.bound: Counter[str] = Counter()
        self.set_attributes: set[str] = set()
        self.set_items: list[cst.BaseExpression] = []
        self.calls: list[cst.Call] = []
        self.attributes: list[cst.Attribute] = []
        self.augmented: list[cst.AugAssign] = []
        self.bindings: list[tuple[cst.BaseExpression, cst.BaseExpression]] = []
        self.scopes = False
        self.suspends = False
        self.exits = False
        self.declared: set[str] = set()
        self.imported: set[str] = set()

    def go(self, node: cst.CSTNode) -> None:
        """Take a node and what is below it into account."""
        look = getattr(self, f"visit_{type(node).__name__}", None)
        if look is None or look(node) is not False:
            for child in children(node):
                self.go(child)

    def reads(self, name: str) -> int:
        """Count the places that read `name`."""
        return sum(one.value == name for one in self.loads)

    @property
    def names(self) -> set[str]:
        """All names that are read or bound."""
        return self.stores | {one.value for one in self.loads}

    def _bind(self, target: cst.CSTNode) -> None:
        if isinstance(target, cst.Name):
            self.stores.add(target.value)
            self.bound[target.value] += 1
        elif isinstance(target, cst.Tuple | cst.List):
            for element in target.elements:
                self._bind(element.value)
        elif isinstance(target, cst.StarredElement):
            self._bind(target.value)
        elif isinstance(target, cst.Attribute):
            self.set_attributes.add(target.attr.value)
            self.go(target.value)
        elif isinstance(target, cst.Subscript):
            self.set_items.append(target.value)
            for child in children(target):
                self.go(child)

    def visit_Name(self, node: cst.Name) -> None:
        self.loads.append(node)

    def visit_Attribute(self, node: cst.Attribute) -> bool:
        self.attributes.append(node)
        self.go(node.value)
        return False

    def visit_Arg(self, node: cst.Arg) -> bool:
        self.go(node.value)
        return False

    def visit_Call(self, node: cst.Call) -> None:
        self.calls.append(node)

    def visit_Param(self, node: cst.Param) -> bool:
        self._bind(node.name)
        if node.default is not None:
            self.go(node.default)
        return False

    def visit_ImportAlias(self, node: cst.ImportAlias) -> bool:
        if node.asname is None:
            top: cst.BaseExpression = node.name
            while isinstance(top, cst.Attribute):
                top = top.value
            self._bind(top)
            self._import(top)
        else:
            self._bind(node.asname.name)
            self._import(node.asname.name)
        return False

    def _import(self, name: cst.CSTNode) -> None:
        if isinstance(name, cst.Name):
            self.imported.add(name.value)

    def visit_ImportFrom(self, node: cst.ImportFrom) -> bool:
        if not isinstance(node.names, cst.ImportStar):
            for alias in node.names:
                self.visit_ImportAlias(alias)
        return False

    def visit_AsName(self, node: cst.AsName) -> bool:
        self._bind(node.name)
        return False

    def _scope(self, node: cst.FunctionDef | cst.ClassDef) -> bool:
        self.scopes = True
        self._bind(node.name)
        for child in children(node):
            if child is not node.name:
                self.go(child)
        return False

    def visit_FunctionDef(self, node: cst.FunctionDef) -> bool:
        return self._scope(node)

    def visit_ClassDef(self, node: cst.ClassDef) -> bool:
        return self._scope(node)

    def visit_Lambda(self, node: cst.Lambda) -> None:
        self.scopes = True

    def visit_Annotation(self, node: cst.Annotation) -> bool:
        return False

    def visit_NameItem(self, node: cst.NameItem) -> bool:
        self.stores.add(node.name.value)
        self.declared.add(node.name.value)
        return False

    def visit_AssignTarget(self, node: cst.AssignTarget) -> bool:
        self._bind(node.target)
        return False

    def visit_Assign(self, node: cst.Assign) -> None:
        self.bindings.extend((one.target, node.value) for one in node.targets)

    def visit_AugAssign(self, node: cst.AugAssign) -> bool:
        self.augmented.append(node)
        self._bind(node.target)
        self.go(node.target)
        self.go(node.value)
        return False

    def visit_AnnAssign(self, node: cst.AnnAssign) -> bool:
        self._bind(node.target)
        if node.value is not None:
            self.bindings.append((node.target, node.value))
            self.go(node.value)
        return False

    def visit_NamedExpr(self, node: cst.NamedExpr) -> bool:
        self._bind(node.target)
        self.bindings.append((node.target, node.value))
        self.go(node.value)
        return False

    def visit_For(self, node: cst.For) -> bool:
        self.suspends = self.suspends or node.asynchronous is not None
        self._bind(node.target)
        self.bindings.append((node.target, node.iter))
        for child in (node.iter, node.body, node.orelse):
            if child is not None:
                self.go(child)
        return False

    def visit_CompFor(self, node: cst.CompFor) -> bool:
        self._bind(node.target)
        self.bindings.append((node.target, node.iter))
        for child in (node.iter, *node.ifs, node.inner_for_in):
            if child is not None:
                self.go(child)
        return False

    def visit_Del(self, node: cst.Del) -> bool:
        self._bind(node.target)
        return False

    def visit_MatchAs(self, node: cst.MatchAs) -> bool:
        if node.name is not None:
            self._bind(node.name)
        if node.pattern is not None:
            self.go(node.pattern)
        return False

    def visit_MatchStar(self, node: cst.MatchStar) -> bool:
        if node.name is not None:
            self._bind(node.name)
        return False

    def visit_Yield(self, node: cst.Yield) -> None:
        self.suspends = True

    def visit_Await(self, node: cst.Await) -> None:
        self.suspends = True

    def visit_Return(self, node: cst.Return) -> None:
        self.exits = True

    def visit_Break(self, node: cst.Break) -> None:
        self.exits = True

    def visit_Continue(self, node: cst.Continue) -> None:
        self.exits = True

    def visit_Raise(self, node: cst.Raise) -> None:
        self.exits = True


def survey(*nodes: cst.CSTNode) -> Survey:
    """Look at one region."""
    seen = Survey()
    for node in nodes:
        seen.go(node)
    return seen


# Looked at by type: nodes have an abstract base, which makes isinstance slow where it is asked for every field.
_SEQUENCES = (tuple, list)
_VALUES = (type(None), str, bool, bytes, cst.MaybeSentinel)


@functools.cache
def _fields(kind: type[cst.CSTNode]) -> tuple[str, ...]:
    names = [one.name for one in fields(kind)]
    return tuple(name for name in names if name not in _LAYOUT and not name.startswith("whitespace"))


def children(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Yield the nodes directly below, white space, comments and punctuation apart (libcst's own way copies nodes)."""
    for name in _fields(type(node)):
        below = getattr(node, name)
        if type(below) in _SEQUENCES:
            yield from below
        elif type(below) not in _VALUES:
            yield below


def walk(node: cst.CSTNode, *, into_scopes: bool = True) -> Iterator[cst.CSTNode]:
    """Yield `node` and everything below it, outer nodes first; optionally not what stands in nested scopes."""
    pending = [node]
    while pending:
        one = pending.pop()
        yield one
        below = children(one)
        if not into_scopes:
            below = (child for child in below if not isinstance(child, cst.FunctionDef | cst.ClassDef | cst.Lambda))
        pending += list(below)[::-1]


def loops(function: cst.FunctionDef) -> list[cst.For]:
    """Return the synchronous `for` loops of the function itself with an indented body, outer ones first."""
    found = [one for one in walk(function.body, into_scopes=False) if isinstance(one, cst.For)]
    return [one for one in found if one.asynchronous is None and isinstance(one.body, cst.IndentedBlock)]


def parents(root: cst.CSTNode) -> dict[cst.CSTNode, cst.CSTNode]:
    """Return each node's parent below `root`."""
    return {child: node for node in walk(root) for child in children(node)}


def root_name(node: cst.BaseExpression) -> str | None:
    """Return the name at the left end of `a.b[c].d`, or None."""
    while isinstance(node, cst.Attribute | cst.Subscript):
        node = node.value
    return node.value if isinstance(node, cst.Name) else None


def leaks(function: cst.FunctionDef, loop: cst.For) -> bool:
    """Say whether a name that a loop binds in its header is read outside of loops that bind it themselves."""
    inner = [one for one in walk(loop, into_scopes=False) if isinstance(one, cst.For)]
    names = set().union(*(survey(one.target).names for one in inner))
    binding = (cst.For, cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp)
    found = [one for one in walk(function.body) if isinstance(one, binding)]
    owners = [survey(one) for one in found if one is loop or all(node is not loop for node in walk(one))]
    whole = survey(function.body)
    for name in names:
        own = {load for one in owners if name in one.stores for load in one.loads}
        if name in whole.declared or any(load.value == name and load not in own for load in whole.loads):
            return True
    return False
