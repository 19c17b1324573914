"""Which expressions are free of effects, and whether a region may change what an expression yields.

Conservative where it is cheap: a call that is not known may change anything that is reachable. What Python lets
a class do behind an operator or a plain attribute (a property in another package) is left to the judge.
"""

import functools
import re
from collections.abc import Collection, Iterable, Sequence

import libcst as cst

from bot.propose.rules.rule import Source
from bot.propose.rules.surgery import code
from bot.propose.rules.survey import Survey, root_name, survey, walk
from bot.propose.rules.vocabulary import (
    CHANGING_METHODS,
    IMPURE_MEMBERS,
    NUMPY,
    PURE_MODULES,
    READING_CALLS,
    READING_METHODS,
    SCALAR_CALLS,
    SCALAR_METHODS,
)  # fmt: skip

_OPAQUE = (cst.FunctionDef, cst.ClassDef, cst.Import, cst.ImportFrom)


def is_display(node: cst.BaseExpression) -> bool:
    """Say whether an expression makes a new container."""
    if isinstance(node, cst.List | cst.Dict | cst.Set | cst.ListComp | cst.DictComp | cst.SetComp):
        return True
    if isinstance(node, cst.BinaryOperation):
        return isinstance(node.left, cst.List) or isinstance(node.right, cst.List)
    return isinstance(node, cst.Call) and code(node.func) in {"list", "dict", "set", "bytearray", "sorted"}


class Effects:
    """Answers about one module; functions defined at its top level are looked into."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._functions = {
            one.name.value: one
            for one in source.module.body
            if isinstance(one, cst.FunctionDef) and not one.decorators and one.asynchronous is None
        }
        self._pure: dict[str, bool] = {}
        self._frozen: dict[str, bool] = {}

    @functools.cached_property
    def _module(self) -> Survey:
        return survey(self._source.module)

    def pure(self, node: cst.CSTNode) -> bool:
        """Say whether evaluating an expression has no effect."""
        for one in walk(node):
            if isinstance(one, cst.Await | cst.Yield | cst.NamedExpr):
                return False
            if isinstance(one, cst.Call) and not self.pure_call(one):
                return False
        return True

    def pure_call(self, call: cst.Call) -> bool:
        """Say whether a call itself (arguments apart) has no effect."""
        func = call.func
        if isinstance(func, cst.Name):
            if any(arg.keyword and arg.keyword.value == "key" and self._calls_out(arg.value) for arg in call.args):
                return False
            return self.is_builtin(func.value, READING_CALLS) or self.pure_function(func.value)
        if not isinstance(func, cst.Attribute):
            return False
        root = root_name(func)
        if root in self._module.imported:
            return self._pure_member(func)
        return func.attr.value in READING_METHODS and not (func.attr.value == "get" and not call.args)

    def is_builtin(self, name: str, among: Iterable[str]) -> bool:
        """Say whether a name is one of these built-in functions and not bound anywhere in the module."""
        return name in among and not self._module.bound[name] and name not in self._module.imported

    def is_import(self, name: str | None) -> bool:
        """Say whether a name is bound by imports and by nothing else."""
        return name is not None and name in self._module.imported and self._module.bound[name] == 1

    def _pure_member(self, func: cst.Attribute) -> bool:
        chain = code(func).split(".")
        if chain[-1] in IMPURE_MEMBERS or not self.is_import(chain[0]):
            return False
        return chain[0] in PURE_MODULES or (chain[0] in {"np", "numpy"} and chain[-1] in NUMPY)

    def _calls_out(self, key: cst.BaseExpression) -> bool:
        if isinstance(key, cst.Lambda):
            return not self.pure(key.body)
        named = isinstance(key, cst.Name)
        return not (named and (self.is_builtin(code(key), READING_CALLS) or self.pure_function(code(key))))

    def pure_function(self, name: str) -> bool:
        """Say whether a name is a function of this module whose calls have no effect outside of it."""
        found = self._functions.get(name)
        if found is None or self._module.bound[name] != 1:
            return False
        if name not in self._pure:
            self._pure[name] = True  # a recursive call is as pure as the rest of the function
            self._pure[name] = self._harmless(found)
        return self._pure[name]

    def _harmless(self, function: cst.FunctionDef) -> bool:
        body = survey(function.body)
        parameters = survey(function.params).stores
        own = {
            name
            for name in body.stores - parameters
            if all(is_display(value) for target, value in body.bindings if code(target) == name)
        }
        if body.declared or body.suspends or body.set_attributes:
            return False
        if any(
            isinstance(n, cst.FunctionDef | cst.ClassDef | cst.Import | cst.ImportFrom) for n in walk(function.body)
        ):
            return False
        if any(root_name(container) not in own for container in body.set_items):
            return False
        if any(root_name(one.target) in parameters and not _number(one.value) for one in body.augmented):
            return False
        return all(self.pure_call(call) or self._own_change(call, own) for call in body.calls)

    def _own_change(self, call: cst.Call, own: set[str]) -> bool:
        if code(call.func) in {"ValueError", "TypeError", "KeyError", "IndexError"}:
            return True
        changes = isinstance(call.func, cst.Attribute) and call.func.attr.value in CHANGING_METHODS
        return changes and isinstance(call.func, cst.Attribute) and code(call.func.value) in own

    def returns_scalar(self, name: str) -> bool:
        """Say whether a pure function of this module evidently returns numbers, strings or truth values only."""
        function = self._functions.get(name)
        if function is None:
            return False
        found = [one.value for one in walk(function.body) if isinstance(one, cst.Return)]
        if function.returns is not None and code(function.returns.annotation) in {"int", "float", "str", "bool"}:
            return True
        return bool(found) and all(one is not None and self._scalar(one) for one in found)

    def _scalar(self, value: cst.BaseExpression) -> bool:
        if isinstance(value, cst.BinaryOperation):
            return any(self._scalar(side) for side in (value.left, value.right))
        plain = (cst.Integer, cst.Float, cst.SimpleString, cst.FormattedString, cst.Comparison)
        return isinstance(value, plain) or (_separate(value, self) and not isinstance(value, cst.UnaryOperation))

    def settled(self, name: str) -> bool:
        """Say whether a name that is not local is built-in, or bound once in the module and declared global nowhere."""
        if self._module.bound[name] == 0:
            return not self._module.declared & {name}
        return self._module.bound[name] == 1 and name not in self._module.declared

    def reads(self, node: cst.CSTNode) -> set[str]:
        """Return the names that an expression depends on, those that its functions read included."""
        found = {one.value for one in survey(node).loads}
        for name in [one for one in found if one in self._functions]:
            inner = survey(self._functions[name].body)
            parameters = survey(self._functions[name].params).stores
            found |= {one.value for one in inner.loads} - inner.stores - parameters
        return found

    def shallow(self, node: cst.CSTNode) -> bool:
        """Say whether an expression depends on bindings only, not on what is inside of objects."""
        looks = (cst.Attribute, cst.Subscript, cst.Call, cst.For, cst.CompFor)
        return not any(isinstance(one, looks) for one in walk(node))

    def frozen(self, attribute: str, *, called: bool = False) -> bool:
        """Say whether no file of the repository sets an attribute of this name outside of `__init__`.

        A function of that name may be a property, unless the attribute is `called`.
        """
        key = f"{attribute}()" if called else attribute
        if key not in self._frozen:
            self._frozen[key] = self._never_set(attribute, called)
        return self._frozen[key]

    def _never_set(self, attribute: str, called: bool) -> bool:
        defined = rf"\bdef {attribute}\b" if not called else r"(?!)"
        if re.search(rf"\bsetattr\b|{defined}", self._source.module.code):
            return False
        if any(attribute in survey(one).set_attributes for one in _outside_init(self._source.module)):
            return False
        sets = re.compile(rf"\.{attribute}\s*(?:[-+*/%&|^@]|//|\*\*|<<|>>)?=(?!=)|\bdel .*\.{attribute}\b|{defined}")
        others = (path for path in self._source.tree.paths(".py") if path != self._source.path)
        return not any(sets.search(self._source.tree.data(path).decode("utf-8", "replace")) for path in others)

    def changes(
        self,
        region: Sequence[cst.CSTNode],
        node: cst.CSTNode,
        *,
        called: bool = False,
        item: Collection[str] = (),
        source: Collection[str] = (),
    ) -> bool:
        """Say whether running a region may change what `node` evaluates to; a `called` attribute is a method.

        Names in `item` may be bound anew; they stand for what is in the objects under the names in `source`.
        """
        seen = survey(*region)
        names = self.reads(node)
        if names & seen.stores - set(item):
            return True
        if self.shallow(node):
            return False
        attributes = {one.attr.value for one in survey(node).attributes}
        if attributes & seen.set_attributes or seen.suspends:
            return True
        tainted = _tainted(seen, names | set(source), self)
        if any(root_name(container) in tainted or root_name(container) is None for container in seen.set_items):
            return True
        if any(root_name(one.target) in tainted for one in seen.augmented):
            return True
        frozen = self._frozen_chain(node, called)
        return any(self._call_changes(call, tainted, frozen) for call in seen.calls)

    def _call_changes(self, call: cst.Call, tainted: set[str], frozen: bool) -> bool:
        if self.pure_call(call) or frozen:
            return False
        if isinstance(call.func, cst.Attribute) and call.func.attr.value in CHANGING_METHODS:
            root = root_name(call.func.value)
            return root is None or root in tainted
        return True

    def _frozen_chain(self, node: cst.CSTNode, called: bool) -> bool:
        """Say whether `node` is attributes of a name that nothing ever sets again: no call can change the chain."""
        chain = [one for one in walk(node) if isinstance(one, cst.Attribute)]
        if not isinstance(node, cst.Attribute) or code(node).count(".") != len(chain):
            return False
        if self.is_import(root_name(node)):
            return True
        return all(self.frozen(one.attr.value, called=called and one is node) for one in chain)


def _tainted(seen: Survey, names: set[str], effects: Effects) -> set[str]:
    """Return `names` with the names that the region binds to parts of their objects."""
    tainted = set(names)
    for _ in range(3):
        for target, value in seen.bindings:
            if not _separate(value, effects) and {one.value for one in survey(value).loads} & tainted:
                tainted |= {one.value for one in walk(target) if isinstance(one, cst.Name)}
    return tainted


def _separate(value: cst.BaseExpression, effects: Effects) -> bool:
    """Say whether an expression evidently yields an object of its own, such as a number."""
    if isinstance(value, cst.Comparison | cst.BinaryOperation | cst.UnaryOperation | cst.FormattedString):
        return True
    if not isinstance(value, cst.Call):
        return False
    if isinstance(value.func, cst.Name):
        return effects.is_builtin(value.func.value, SCALAR_CALLS | {"range", "sum"})
    return isinstance(value.func, cst.Attribute) and value.func.attr.value in SCALAR_METHODS


def _number(value: cst.BaseExpression) -> bool:
    return isinstance(value, cst.Integer | cst.Float)


def _outside_init(module: cst.Module) -> list[cst.BaseStatement]:
    """Return the statements of the module that are not in an `__init__`; classes are opened."""
    found: list[cst.BaseStatement] = []
    for statement in module.body:
        if isinstance(statement, cst.ClassDef) and isinstance(statement.body, cst.IndentedBlock):
            found += [s for s in statement.body.body if not _is_init(s)]
        else:
            found.append(statement)
    return found


def _is_init(statement: cst.BaseStatement) -> bool:
    return isinstance(statement, cst.FunctionDef) and statement.name.value in {"__init__", "__post_init__", "__new__"}
