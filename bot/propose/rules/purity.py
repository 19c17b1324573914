"""Which functions evidently give equal results for equal arguments and do nothing else."""

import builtins

import libcst as cst

from bot.propose.rules import kinds
from bot.propose.rules.scope import Frame, Role, Scope, scope_of
from bot.propose.rules.surgery import small

PURE_BUILTINS = frozenset({
    "abs", "all", "any", "ascii", "bin", "bool", "bytes", "chr", "complex", "dict", "divmod", "enumerate", "filter",
    "float", "format", "frozenset", "hex", "int", "isinstance", "len", "list", "map", "max", "min", "oct", "ord",
    "pow", "range", "repr", "reversed", "round", "set", "slice", "sorted", "str", "sum", "tuple", "zip",
    "ValueError", "TypeError", "KeyError", "IndexError", "ArithmeticError", "RuntimeError", "ZeroDivisionError",
})  # fmt: skip
_PURE_MODULES = frozenset({"math", "cmath", "operator", "string", "bisect", "unicodedata"})
PURE_METHODS = frozenset(
    {name for one in (str, bytes, int, float, tuple, frozenset) for name in dir(one) if not name.startswith("_")}
    | {"get", "keys", "values", "items", "copy"}
)
FILLING = frozenset({
    "append", "extend", "insert", "pop", "add", "update", "setdefault", "sort", "reverse", "remove", "discard",
    "appendleft", "popleft", "clear",
})  # fmt: skip
_EFFECTS = (
    cst.Global, cst.Nonlocal, cst.Await, cst.Yield, cst.With, cst.Import, cst.ImportFrom, cst.Lambda, cst.ClassDef,
    cst.StarredElement,
)  # fmt: skip


def plain_parameters(function: cst.FunctionDef) -> tuple[str, ...] | None:
    """Return the names of the parameters; None where there are `*`, `**` or only-by-position or -keyword ones."""
    params = function.params
    special = params.kwonly_params or params.posonly_params or params.star_kwarg is not None
    if special or isinstance(params.star_arg, cst.Param | cst.ParamStar):
        return None
    return tuple(one.name.value for one in params.params)


class Purity:
    """Answers for the functions of one module; a function that is not understood is not pure."""

    def __init__(self, module: cst.Module) -> None:
        self._whole = scope_of(module)
        self._functions = {
            one.name.value: one
            for one in module.body
            if isinstance(one, cst.FunctionDef) and self._once(one.name.value)
        }
        self._answers: dict[str, bool] = {}
        self._visiting: set[str] = set()

    def function(self, name: str) -> cst.FunctionDef | None:
        """Return the one function that a name of the module stands for."""
        return self._functions.get(name)

    def named(self, name: str) -> bool:
        """Say whether a name of the module is a pure function; one that is being looked at counts as pure."""
        function = self._functions.get(name)
        if function is None:
            return False
        if name in self._visiting:
            return True
        if name not in self._answers:
            self._visiting.add(name)
            found = not function.decorators and self.of(function)
            self._visiting.remove(name)
            if found and self._visiting:
                return True  # it may rest on one that is still being looked at
            self._answers[name] = found
        return self._answers[name]

    def of(self, function: cst.FunctionDef, me: str = "") -> bool:
        """Say whether a function is pure; `me` is the first parameter of a method, whose attributes it may read."""
        scope = Scope(function)
        inner = (node for node in scope.nodes() if node is not function)
        if function.asynchronous is not None or any(isinstance(one, (*_EFFECTS, cst.FunctionDef)) for one in inner):
            return False
        return all(self._harmless(scope, node, me) for node in scope.nodes(function.body)) and all(
            self._known(scope, name) for name in scope.names(function.body) if not scope.binds(name)
        )

    def _harmless(self, scope: Scope, node: cst.CSTNode, me: str) -> bool:
        if isinstance(node, cst.Call):
            return self._pure_call(scope, node, me)
        if isinstance(node, cst.Attribute):
            called = isinstance(call := scope.parent(node), cst.Call) and call.func is node
            owner = node.value.value if isinstance(node.value, cst.Name) else ""
            return not scope.is_target(node) and (called or owner == me != "" or self._module(scope, owner))
        if isinstance(node, cst.Subscript) and scope.is_target(node):
            return isinstance(node.value, cst.Name) and self._own(scope, node.value.value)
        return True

    def _pure_call(self, scope: Scope, call: cst.Call, me: str) -> bool:
        func = call.func
        if isinstance(func, cst.Name):
            mine = not scope.binds(func.value)
            builtin = func.value in PURE_BUILTINS and not self._whole.binds(func.value)
            return mine and (builtin or self.named(func.value))
        if not isinstance(func, cst.Attribute):
            return False
        owner = func.value.value if isinstance(func.value, cst.Name) else ""
        if owner == me != "":
            return func.attr.value == scope_name(scope)
        if func.attr.value in FILLING:
            return self._own(scope, owner)
        return func.attr.value in PURE_METHODS or self._module(scope, owner)

    def _known(self, scope: Scope, name: str) -> bool:
        """Say whether a name from outside of the function always means the same."""
        if not self._whole.binds(name):
            found = getattr(builtins, name, None)
            error = isinstance(found, type) and issubclass(found, BaseException)
            return name in PURE_BUILTINS or name in {"True", "False", "None"} or error
        if self.named(name) or self._module(scope, name):
            return True
        uses = self._whole.uses(name)
        bound = next(use for use in uses if use.role is Role.BIND)
        line = self._whole.statement(bound.node)
        if not self._once(name) or line is None or self._whole.parent(line) is not self._whole.root:
            return False
        fixed = kinds.of_name(self._whole, name) in {"int", "float", "str"}
        return isinstance(small(line), cst.Assign | cst.AnnAssign) and all(
            fixed or use.role is Role.READ for use in uses if use is not bound
        )

    def _module(self, scope: Scope, name: str) -> bool:
        return name in _PURE_MODULES and not scope.binds(name) and self._whole.binds(name) and self._once(name)

    def _once(self, name: str) -> bool:
        return sum(use.role is Role.BIND for use in self._whole.uses(name)) == 1

    @staticmethod
    def _own(scope: Scope, name: str) -> bool:
        """Say whether a local name only ever holds containers that the function has made itself."""
        return kinds.of_name(scope, name) in {"list", "dict", "set", "deque"} and not any(
            isinstance(value, cst.Param) for value in kinds.values(scope, name)
        )


def scope_name(scope: Scope) -> str:
    """Return the name of the function under a scope."""
    return scope.root.name.value if isinstance(scope.root, cst.FunctionDef) else ""


def returns_mutable(function: cst.FunctionDef) -> bool:
    """Say whether a function evidently gives out something that its caller could change, or nothing at all."""
    scope = Scope(function)
    found = [node for node in scope.nodes(function.body) if isinstance(node, cst.Return) and not _nested(scope, node)]
    if kinds.annotated(function.returns)[0] in kinds.UNHASHABLE | {"iterator", "sequence"}:
        return True
    values = [node.value for node in found if node.value is not None]
    return not values or any(_mutable(scope, value) for value in values)


def _mutable(scope: Scope, value: cst.BaseExpression) -> bool:
    if isinstance(value, cst.IfExp):
        return _mutable(scope, value.body) or _mutable(scope, value.orelse)
    if isinstance(value, cst.BinaryOperation):
        return _mutable(scope, value.left) or _mutable(scope, value.right)
    if isinstance(value, cst.Name) and any(isinstance(one, cst.Param) for one in kinds.values(scope, value.value)):
        return kinds.of_name(scope, value.value) in kinds.UNHASHABLE
    return kinds.unhashable(scope, value) or kinds.kind(value) in {"iterator", "view"}


def _nested(scope: Scope, node: cst.CSTNode) -> bool:
    return any(isinstance(one, Frame) and one is not scope.root for one in scope.around(node))
