"""Pure functions that one call asks again and again about the same objects: their answers are kept by identity."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from bot.propose.rules import kinds
from bot.propose.rules.counting import never_negative
from bot.propose.rules.locals import Locals
from bot.propose.rules.purity import FILLING
from bot.propose.rules.rule import Rewrite, Source
from bot.propose.rules.scope import Role, Scope
from bot.propose.rules.steady import plain
from bot.propose.rules.surgery import Change, code, fresh, statements, swap
from bot.propose.rules.tree_purity import TreePurity

_MAKES = frozenset(
    {"list", "dict", "set", "sorted", "map", "filter", "zip", "iter", "reversed", "Counter", "defaultdict"}
)
_COMPOUND = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp)


@dataclass(frozen=True, slots=True)
class _Site:
    """A call `function(...)`; `given` is how it is written with `{}` for the argument that varies."""

    call: cst.Call
    varying: cst.Arg
    given: str


class ObjectMemo:
    """`score(a, w)` in comparisons, keys and nested loops: computed once for each object, when it is first asked."""

    name = "object-memo"
    precondition = (
        "The function, wherever it stands in the tree, evidently changes nothing and reads only its arguments and "
        "globals; it loops and gives out no new container. All but one of its arguments stay what they are in the "
        "loop, the same objects are evidently asked about again, and nothing in the loop changes but local names and "
        "lists that are known to nobody else. Answers are kept together with their objects for this one loop, and "
        "computed where they were computed first. Attributes that give something else at each reading, and arguments "
        "that are iterators, are left to the judge."
    )

    def rewrites(self, source: Source) -> Iterator[Rewrite]:
        """Yield one rewrite for each function and outermost loop in which it is asked again."""
        scope = Scope(source.function)
        purity = TreePurity(source.tree)
        calls = [node for node in scope.nodes() if isinstance(node, cst.Call) and _pure(source, scope, purity, node)]
        done: list[cst.CSTNode] = []
        for region in _regions(scope) if calls else ():
            if any(scope.inside(region, one) for one in done):
                continue
            groups: dict[str, list[_Site]] = defaultdict(list)
            for call in calls:
                site = _site(scope, call, region) if scope.inside(call, region) else None
                if site is not None:
                    groups[site.given].append(site)
            again = [sites for sites in groups.values() if _repeats(scope, sites, region)]
            if again and _calm(source, scope, purity, region):
                done.append(region)
                yield from (_rewrite(source, region, sites) for sites in again)


def _regions(scope: Scope) -> Iterator[cst.BaseStatement]:
    """Yield the loops and simple statements of the function itself, outer ones first."""
    for node in scope.nodes():
        placed = isinstance(scope.parent(node), cst.IndentedBlock) and not scope.nested(node)
        if isinstance(node, cst.For | cst.While | cst.SimpleStatementLine) and placed:
            yield node


def _pure(source: Source, scope: Scope, purity: TreePurity, call: cst.Call) -> bool:
    """Say whether a call names one function of the tree that is pure and worth being asked once."""
    if not isinstance(call.func, cst.Name) or scope.binds(call.func.value):
        return False
    found = purity.function(source.path, call.func.value)
    if found is None or found[1].name == source.function.name.value:
        return False
    return not _makes_container(found[1]) and purity.works(*found) and purity.pure(*found)


def _makes_container(function: ast.FunctionDef) -> bool:
    """Say whether a function gives out something new that its caller might change, or nothing."""
    given = [node.value for node in ast.walk(function) if isinstance(node, ast.Return) and node.value is not None]
    made = {node.id for one in given for node in _parts(one) if isinstance(node, ast.Name)}
    for node in ast.walk(function):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in made:
                given.append(value)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value) if name in made:
                given.append(value)
    return not given or any(_compound(part) for one in given for part in _parts(one))


def _parts(value: ast.expr) -> list[ast.expr]:
    """Return the values that an expression may be: both sides of `a if c else b` and `a or b`, parts of a tuple."""
    match value:
        case ast.IfExp(body=left, orelse=right):
            return [*_parts(left), *_parts(right)]
        case ast.BoolOp(values=several) | ast.Tuple(elts=several):
            return [part for one in several for part in _parts(one)]
    return [value]


def _compound(value: ast.expr) -> bool:
    made = isinstance(value, ast.Call) and ast.unparse(value.func).rsplit(".", 1)[-1] in _MAKES
    return made or isinstance(value, _COMPOUND)


def _site(scope: Scope, call: cst.Call, region: cst.BaseStatement) -> _Site | None:
    """Read a call of which exactly one argument, a name or an item, varies in the region."""
    if any(arg.star or not plain(arg.value) for arg in call.args):
        return None
    varying = [arg for arg in call.args if any(scope.binds(name, region) for name in scope.names(arg.value))]
    if len(varying) != 1 or any(scope.declared(name) for arg in call.args for name in scope.names(arg.value)):
        return None
    match varying[0].value:
        case cst.Name(value=name) if never_negative(scope, call, name):
            return None  # numbers have no identity
        case cst.Name() | cst.Subscript(value=cst.Name()):
            pass
        case _:
            return None
    written = (
        (f"{arg.keyword.value}=" if arg.keyword else "") + ("{}" if arg is varying[0] else code(arg.value))
        for arg in call.args
    )
    return _Site(call, varying[0], f"{code(call.func)}({', '.join(written)})")


def _repeats(scope: Scope, sites: list[_Site], region: cst.BaseStatement) -> bool:
    """Say whether objects evidently come again: for each turn of a loop, or in two calls in one loop."""
    loops = [_loops(scope, site.call, region) for site in sites]
    shared = any(any(one in right for one in left) for at, left in enumerate(loops) for right in loops[at + 1 :])
    return shared or any(
        _anew(scope, site, loop, around) for site, around in zip(sites, loops, strict=True) for loop in around
    )


def _loops(scope: Scope, node: cst.CSTNode, region: cst.BaseStatement) -> list[cst.CSTNode]:
    """Return the loops of the region that repeat a node; a key function runs in a loop of its own."""
    key = next((one for one in scope.around(node) if isinstance(one, cst.Lambda)), None)
    found: list[cst.CSTNode] = [*([key] if key is not None else []), *scope.loops(node)]
    found += scope.loops(key) if key is not None else []
    return [one for one in found if scope.inside(one, region)]


def _anew(scope: Scope, site: _Site, loop: cst.CSTNode, around: list[cst.CSTNode]) -> bool:
    """Say whether a loop asks about the same objects at each turn: they do not come from what it runs over."""
    if loop is around[0]:
        return False
    if not isinstance(loop, cst.For | cst.ListComp | cst.SetComp | cst.DictComp | cst.GeneratorExp):
        return isinstance(loop, cst.While)
    target = loop.target if isinstance(loop, cst.For) else loop.for_in.target
    return scope.names(target).isdisjoint(_origins(scope, site, around))


def _origins(scope: Scope, site: _Site, around: list[cst.CSTNode]) -> set[str]:
    """Return the names from which an argument comes, through the heads of the loops around it."""
    names = scope.names(site.varying.value)
    for loop in around:
        target: cst.CSTNode | None = None
        items: cst.CSTNode | None = None
        if isinstance(loop, cst.For):
            target, items = loop.target, loop.iter
        elif isinstance(loop, cst.ListComp | cst.SetComp | cst.DictComp | cst.GeneratorExp):
            target, items = loop.for_in.target, loop.for_in  # with the heads that stand further inside
        elif isinstance(loop, cst.Lambda):
            target, items = loop.params, scope.parent(scope.parent(loop) or loop)
        if target is not None and items is not None and names & scope.names(target):
            names |= scope.names(items)
    return names


def _calm(source: Source, scope: Scope, purity: TreePurity, region: cst.BaseStatement) -> bool:
    """Say whether nothing in the region changes an object that might be asked about."""
    changed = {name for name in scope.names(region) if _changes(scope, name, region)}
    if any(not _own_list(scope, name) for name in changed) or scope.pauses(region):
        return False
    whole = ast.parse(source.module.code_for_node(source.function)).body[0]
    body = ast.parse(source.module.code_for_node(region)).body
    if not isinstance(whole, ast.FunctionDef):
        return False
    known = Locals(whole)
    return purity.calm(source.path, body, Locals(whole, known.own | changed))


def _changes(scope: Scope, name: str, region: cst.BaseStatement) -> bool:
    """Say whether a region changes the object under a name in place, numbers aside."""
    for use in scope.uses(name, region):
        if use.role is Role.CHANGE and (not use.method or use.method in FILLING):
            return True
        if isinstance(scope.parent(use.node), cst.AugAssign) and scope.is_target(use.node):
            return not all(_is_number(value) for value in kinds.values(scope, name))
    return False


def _is_number(value: kinds.Bound | None) -> bool:
    if isinstance(value, cst.AugAssign):
        return True
    return isinstance(value, cst.BaseExpression) and kinds.kind(value) in {"int", "float"}


def _own_list(scope: Scope, name: str) -> bool:
    """Say whether the name's object is indexed, measured, filled and returned, but never handed on or given a name."""
    for use in scope.uses(name):
        above = scope.parent(use.node)
        if isinstance(above, cst.Element):
            above = scope.parent(scope.parent(above) or above)
        if use.role is Role.ESCAPE and not isinstance(above, cst.Return):
            return False
    return not scope.declared(name) and all(_is_apart(value) for value in kinds.values(scope, name))


def _is_apart(value: kinds.Bound | None) -> bool:
    """Say whether a bound value is a parameter, or evidently no other name's or list's object."""
    match value:
        case cst.Param() | cst.AugAssign():
            return True
        case cst.Subscript(slice=[cst.SubscriptElement(slice=cst.Slice())]):
            return True
        case cst.Call(func=cst.Attribute(attr=cst.Name(value="copy")), args=[]):
            return True
    return isinstance(value, cst.BaseExpression) and kinds.kind(value) is not None


def _rewrite(source: Source, region: cst.BaseStatement, sites: list[_Site]) -> Rewrite:
    stem = code(sites[0].call.func).strip("_")
    once, known = fresh(source.module, f"{stem}_once"), fresh(source.module, f"{stem}_known")
    taken = re.findall(r"\w+", sites[0].given)
    item, found = (fresh(cst.Module([]), one, taken) for one in ("item", "found"))  # local to the new function
    lines = statements(
        source.module,
        f"{known} = {{}}\n"
        f"def {once}({item}):\n"
        f"\t{found} = {known}.get(id({item}))\n"
        f"\tif {found} is None:\n"
        f"\t\t{found} = {known}[id({item})] = ({item}, {sites[0].given.replace('{}', item)})\n"
        f"\treturn {found}[1]\n",
    )
    changes: dict[cst.CSTNode, Change] = {
        site.call: cst.Call(cst.Name(once), [cst.Arg(site.varying.value)]) for site in sites
    }
    apart = [cst.EmptyLine(indent=False)]
    lines[1] = lines[1].with_changes(leading_lines=apart)
    new = swap(region, changes)
    new = new.with_changes(leading_lines=[*apart, *getattr(new, "leading_lines", ())])
    return Rewrite(
        swap(source.module, {region: [*lines, new]}),
        f"`{stem}` was asked again and again about the same objects; its answer for each is kept for this loop.",
    )
