"""Finds a local that starts as a fresh value and is only added to: the ground of the string, byte and list rules."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import libcst as cst

from bot.propose.rules.surgery import block, code, small
from bot.propose.rules.survey import survey, walk

_PEEKS = frozenset({"locals", "vars", "eval", "exec", "globals"})


@dataclass(frozen=True, slots=True)
class Step:
    """One statement that adds to the accumulator: `pieces` in order, at the front where `prepend`."""

    statement: cst.SimpleStatementLine
    pieces: tuple[cst.BaseExpression, ...]
    prepend: bool = False


@dataclass(frozen=True, slots=True)
class Region:
    """The statements `start`..`end` of `body`: the first sets `name` to `init`, the others only add to it.

    `returned` are reads of the name in `return` statements between.
    """

    name: str
    body: cst.IndentedBlock
    start: int
    end: int
    init: cst.BaseExpression
    steps: tuple[Step, ...]
    returned: tuple[cst.Name, ...]

    @property
    def first(self) -> cst.BaseStatement:
        """The statement that sets the initial value."""
        return self.body.body[self.start]

    @property
    def last(self) -> cst.BaseStatement:
        """The last statement that adds."""
        return self.body.body[self.end]


def private_local(function: cst.FunctionDef, name: str) -> bool:
    """Say whether nothing but the function's own statements can see or set the local `name`."""
    whole = survey(function.body)
    if name in whole.declared or any(isinstance(c.func, cst.Name) and c.func.value in _PEEKS for c in whole.calls):
        return False
    nested = (n for n in walk(function.body) if isinstance(n, cst.FunctionDef | cst.Lambda | cst.ClassDef))
    return not any(name in survey(scope).names for scope in nested)


def blocks(function: cst.FunctionDef) -> list[cst.IndentedBlock]:
    """Return the indented blocks of the function itself."""
    return [one for one in walk(function.body, into_scopes=False) if isinstance(one, cst.IndentedBlock)]


def assigned(statement: cst.CSTNode) -> tuple[str, cst.BaseExpression] | None:
    """Return name and value of a statement `name = value`."""
    found = small(statement)
    if isinstance(found, cst.Assign) and len(found.targets) == 1 and isinstance(found.targets[0].target, cst.Name):
        return found.targets[0].target.value, found.value
    if isinstance(found, cst.AnnAssign) and found.value is not None and isinstance(found.target, cst.Name):
        return found.target.value, found.value
    return None


def addition(statement: cst.CSTNode, name: str) -> Step | None:
    """Read a statement as `name += p`, `name = name + p + q` or `name = p + name`."""
    if not isinstance(statement, cst.SimpleStatementLine):
        return None
    found = small(statement)
    if isinstance(found, cst.AugAssign) and isinstance(found.operator, cst.AddAssign):
        return Step(statement, (found.value,)) if code(found.target) == name else None
    pair = assigned(statement)
    if pair is None or pair[0] != name:
        return None
    terms = _terms(pair[1])
    if len(terms) > 1 and isinstance(terms[0], cst.Name) and terms[0].value == name:
        return Step(statement, tuple(terms[1:]))
    if len(terms) == 2 and isinstance(terms[1], cst.Name) and terms[1].value == name:
        return Step(statement, (terms[0],), prepend=True)
    return None


def _terms(value: cst.BaseExpression) -> list[cst.BaseExpression]:
    if isinstance(value, cst.BinaryOperation) and isinstance(value.operator, cst.Add):
        return [*_terms(value.left), value.right]
    return [value]


Reader = Callable[[cst.CSTNode, str], Step | None]


def _steps(statement: cst.BaseStatement, name: str, read: Reader) -> tuple[list[Step], list[cst.Name]] | None:
    """Return what a statement adds and returns; None where it uses the name in any other way."""
    seen = survey(statement)
    inside = list(walk(statement, into_scopes=False))
    steps = [step for node in inside if (step := read(node, name)) is not None]
    returned = [
        load for node in inside if isinstance(node, cst.Return) for load in survey(node).loads if load.value == name
    ]
    if seen.reads(name) != len(steps) + len(returned) or seen.bound[name] != len(steps):
        return None
    return steps, returned


def _looped(statements: Sequence[cst.BaseStatement], steps: Sequence[Step]) -> bool:
    wanted = {step.statement for step in steps}
    heads = (n for s in statements for n in walk(s, into_scopes=False) if isinstance(n, cst.For | cst.While))
    return any(node in wanted for head in heads for node in walk(head.body, into_scopes=False))


def _seen_elsewhere(function: cst.FunctionDef, region: Region) -> bool:
    """Say whether a jump out of the region could show the unfinished value."""
    inside = sum(survey(one).reads(region.name) for one in region.body.body[region.start :])
    if survey(function.body).reads(region.name) == inside:
        return False
    jumps = survey(*region.body.body[region.start : region.end + 1]).exits
    return jumps or any(isinstance(node, cst.Try) for node in walk(function.body))


def _grow(body: cst.IndentedBlock, start: int, name: str, init: cst.BaseExpression, read: Reader) -> Region | None:
    steps: list[Step] = []
    returned: list[cst.Name] = []
    end = start
    for index in range(start + 1, len(body.body)):
        statement = body.body[index]
        found = _steps(statement, name, read)
        if found is None:
            break
        if found[0]:
            steps += found[0]
            returned += found[1]
            end = index
        elif found[1]:
            break
    if not _looped(body.body[start + 1 : end + 1], steps):
        return None
    return Region(name, body, start, end, init, tuple(steps), tuple(returned))


def regions(
    function: cst.FunctionDef, fresh: Callable[[cst.BaseExpression], bool], read: Reader = addition
) -> Iterator[Region]:
    """Yield the accumulations of `function` whose initial value satisfies `fresh`, in steps as `read` reads them."""
    for body in blocks(function):
        for index, statement in enumerate(block(body)):
            pair = assigned(statement)
            if pair is None or not fresh(pair[1]) or not private_local(function, pair[0]):
                continue
            region = _grow(body, index, *pair, read)
            if region is not None and not _seen_elsewhere(function, region):
                yield region
