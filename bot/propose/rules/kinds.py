"""What type a value evidently has, from displays, well-known calls and annotations; silence means "not evident"."""

import libcst as cst

from bot.propose.rules.scope import Scope

_DISPLAYS: tuple[tuple[type[cst.CSTNode], str], ...] = (
    (cst.List, "list"), (cst.ListComp, "list"), (cst.Tuple, "tuple"), (cst.Set, "set"), (cst.SetComp, "set"),
    (cst.Dict, "dict"), (cst.DictComp, "dict"), (cst.SimpleString, "str"), (cst.FormattedString, "str"),
    (cst.ConcatenatedString, "str"), (cst.GeneratorExp, "iterator"), (cst.Integer, "int"), (cst.Float, "float"),
)  # fmt: skip
_CALLS = {
    "list": "list", "sorted": "list", "tuple": "tuple", "set": "set", "frozenset": "set", "dict": "dict",
    "Counter": "dict", "defaultdict": "dict", "OrderedDict": "dict", "deque": "deque", "range": "range",
    "str": "str", "repr": "str", "len": "int", "int": "int", "float": "float", "map": "iterator", "bytearray": "bytes",
    "filter": "iterator", "zip": "iterator", "iter": "iterator", "reversed": "iterator", "enumerate": "iterator",
    "open": "iterator",
}  # fmt: skip
_METHODS = {
    "split": "list", "rsplit": "list", "splitlines": "list", "readlines": "list", "findall": "list",
    "strip": "str", "lower": "str", "upper": "str", "join": "str", "format": "str",
    "keys": "view", "values": "view", "items": "view", "finditer": "iterator",
}  # fmt: skip
_ANNOTATIONS = {
    "list": "list", "List": "list", "Sequence": "sequence", "MutableSequence": "list", "tuple": "tuple",
    "Tuple": "tuple", "set": "set", "Set": "set", "frozenset": "set", "FrozenSet": "set", "AbstractSet": "set",
    "dict": "dict", "Dict": "dict", "Mapping": "dict", "MutableMapping": "dict", "DefaultDict": "dict", "str": "str",
    "bytes": "bytes", "int": "int", "float": "float", "bool": "int", "Iterable": "iterator", "Iterator": "iterator",
    "Generator": "iterator", "Collection": "collection", "Deque": "deque", "deque": "deque",
}  # fmt: skip
UNHASHABLE = frozenset({"list", "dict", "set", "deque"})


def kind(value: cst.BaseExpression) -> str | None:
    """Return "list", "tuple", "set", "dict", "str", "int", "iterator" and the like for an evident value."""
    for display, name in _DISPLAYS:
        if isinstance(value, display):
            return name
    if isinstance(value, cst.Call):
        if isinstance(value.func, cst.Name):
            return _CALLS.get(value.func.value)
        return _METHODS.get(value.func.attr.value) if isinstance(value.func, cst.Attribute) else None
    if isinstance(value, cst.BinaryOperation) and isinstance(value.operator, cst.Add | cst.Multiply):
        sides = {kind(value.left), kind(value.right)}
        return next((one for one in ("list", "tuple") if one in sides and sides <= {one, "int", None}), None)
    return None


def annotated(annotation: cst.Annotation | None) -> tuple[str | None, str | None]:
    """Return the evident kinds of an annotated value and of its elements."""
    if annotation is None:
        return None, None
    written: cst.BaseExpression = annotation.annotation
    if isinstance(written, cst.SimpleString) and isinstance(written.evaluated_value, str):
        try:
            written = cst.parse_expression(written.evaluated_value)
        except cst.ParserSyntaxError:
            return None, None
    inner = written.slice[0].slice if isinstance(written, cst.Subscript) else None
    element = _annotation_kind(inner.value) if isinstance(inner, cst.Index) else None
    return _annotation_kind(written), element


def _annotation_kind(written: cst.BaseExpression) -> str | None:
    bare = written.value if isinstance(written, cst.Subscript) else written
    if isinstance(bare, cst.Attribute):
        bare = bare.attr
    return _ANNOTATIONS.get(bare.value) if isinstance(bare, cst.Name) else None


Bound = cst.BaseExpression | cst.Param | cst.AugAssign


def values(scope: Scope, name: str) -> list[Bound | None]:
    """Return what the name is bound to, once for each binding: an expression, a parameter, `+=`, or None."""
    found: list[Bound | None] = []
    for use in scope.uses(name):
        if not scope.is_target(use.node):
            continue
        above = scope.parent(use.node)
        if isinstance(above, cst.AssignTarget):
            assign = scope.parent(above)
            found.append(assign.value if isinstance(assign, cst.Assign) else None)
        elif isinstance(above, cst.AnnAssign):
            found.append(above.value)
        else:
            found.append(above if isinstance(above, cst.Param | cst.AugAssign) else None)
    return found


def of_name(scope: Scope, name: str) -> str | None:
    """Return the kind that all bindings of a local name or parameter share; None where that is not evident."""
    seen: set[str | None] = set()
    for value in values(scope, name):
        if isinstance(value, cst.AugAssign):
            seen.add("augmented")
        elif isinstance(value, cst.Param):
            seen.add(annotated(value.annotation)[0] if value.star == "" else "tuple" if value.star == "*" else "dict")
        else:
            seen.add(kind(value) if value is not None else None)
    if "augmented" in seen and seen & {"list", "tuple", "str", "set", "dict", "deque"}:
        seen.remove("augmented")  # these types stay what they are
    return seen.pop() if len(seen) == 1 else None


def unhashable(scope: Scope, value: cst.BaseExpression) -> bool:
    """Say whether a value evidently cannot be a key."""
    if isinstance(value, cst.Name):
        return of_name(scope, value.value) in UNHASHABLE
    if isinstance(value, cst.Tuple):
        return any(unhashable(scope, element.value) for element in value.elements)
    return kind(value) in UNHASHABLE


def unhashable_elements(scope: Scope, name: str) -> bool:
    """Say whether the elements of a named sequence evidently cannot be keys."""
    for value in values(scope, name):
        if isinstance(value, cst.Param) and annotated(value.annotation)[1] in UNHASHABLE:
            return True
        if isinstance(value, cst.List | cst.Tuple) and any(unhashable(scope, one.value) for one in value.elements):
            return True
        if isinstance(value, cst.ListComp) and unhashable(scope, value.elt):
            return True
    return False
