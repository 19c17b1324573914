"""A function that visits a tree by calling itself pays a call (in a generator: one a level) for each node."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import libcst as cst

from bot.propose.rules.constant_display import constant
from bot.propose.rules.effects import Effects
from bot.propose.rules.rule import Rewrite, Source
from bot.propose.rules.surgery import block, code, fresh, small, statements, swap
from bot.propose.rules.survey import survey, walk


@dataclass(frozen=True, slots=True)
class Descent:
    """One recursive call in statement position: its arguments by parameter, under an `if` or in a `for`."""

    arguments: Mapping[str, str]
    test: str = ""
    each: tuple[str, str] | None = None
    reads: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Stage:
    """Statements that run before some descents."""

    body: tuple[cst.BaseStatement, ...]
    descents: tuple[Descent, ...]


class ExplicitStack:
    """Visitors and generators over a tree walk it with a list of what is still to visit."""

    name = "explicit-stack"
    precondition = (
        "Recursive calls are statements (`yield from f(child)` in a generator) at the end of the body or between "
        "statements that read parameters only; their results are not used, their arguments have no effect, and "
        "nothing overrides or decorates the function. Children of one node are listed before the first of them is "
        "visited. A tree too deep for recursion no longer raises RecursionError."
    )

    def rewrites(self, source: Source) -> Iterator[Rewrite]:
        """Yield the function with a stack in place of its calls of itself."""
        shape = Shape.read(source)
        if shape is None:
            return
        stages = shape.stages()
        if stages is None or not any(stage.descents for stage in stages):
            return
        function = source.function
        body = cst.ensure_type(function.body, cst.IndentedBlock)
        kept = [one for one in body.body[:1] if _is_docstring(one)]
        new = function.with_changes(body=body.with_changes(body=[*kept, *shape.loop(stages)]))
        why = (
            f"`{source.qualname}` called itself for every node; it now keeps what is left to visit in a list, in the "
            "same order. Input too deep for recursion works instead of raising RecursionError."
        )
        yield Rewrite(swap(source.module, {function: new}), why)


def _is_docstring(statement: cst.CSTNode) -> bool:
    found = small(statement)
    return isinstance(found, cst.Expr) and isinstance(found.value, cst.SimpleString)


@dataclass(frozen=True, slots=True)
class Shape:
    """A function that may be a visitor: how it calls itself, and its parameters with constant defaults."""

    source: Source
    effects: Effects
    callee: str
    parameters: tuple[str, ...]
    defaults: Mapping[str, str]
    generator: bool

    @classmethod
    def read(cls, source: Source) -> "Shape | None":
        """Return the shape of a plain function or method that nobody else defines, or None."""
        function = source.function
        params = function.params
        special = params.kwonly_params or params.star_kwarg or isinstance(params.star_arg, cst.Param)
        if function.asynchronous or function.decorators or special or not isinstance(function.body, cst.IndentedBlock):
            return None
        names = [one.name.value for one in (*params.posonly_params, *params.params)]
        callee = function.name.value
        if "." in source.qualname and names[:1] == ["self"]:
            callee, names = f"self.{callee}", names[1:]
            texts = "\n".join(source.tree.data(path).decode("utf-8", "replace") for path in source.tree.paths(".py"))
            if len(re.findall(rf"\bdef {function.name.value}\b", texts)) != 1:
                return None
        elif survey(source.module).bound[callee] != 1:
            return None
        plain = {p.name.value: code(p.default) for p in params.params if p.default is not None and constant(p.default)}
        seen = survey(function.body)
        if seen.declared or not names:
            return None
        return cls(source, Effects(source), callee, tuple(names), plain, seen.suspends)

    def _calls(self, node: cst.CSTNode) -> bool:
        return mentions(node, self.callee)

    def _descent(self, statement: cst.CSTNode) -> Descent | None:
        """Read a statement as one recursive call."""
        if isinstance(statement, cst.If) and statement.orelse is None and len(block(statement.body)) == 1:
            inner = self._descent(block(statement.body)[0])
            pure = self.effects.pure(statement.test) and not self._calls(statement.test)
            if inner is None or inner.test or inner.each or not pure:
                return None
            return Descent(
                inner.arguments, code(statement.test), None, inner.reads | self.effects.reads(statement.test)
            )
        if isinstance(statement, cst.For) and statement.orelse is None and len(block(statement.body)) == 1:
            inner = self._descent(block(statement.body)[0])
            if inner is None or inner.each or not self.effects.pure(statement.iter) or self._calls(statement.iter):
                return None
            own = survey(statement.target).names
            each = (code(statement.target), code(statement.iter))
            return Descent(inner.arguments, inner.test, each, (inner.reads - own) | self.effects.reads(statement.iter))
        return self._call(small(statement))

    def _call(self, found: cst.BaseSmallStatement | None) -> Descent | None:
        value = found.value if isinstance(found, cst.Expr) else None
        if self.generator:
            source = value.value if isinstance(value, cst.Yield) else None
            value = source.item if isinstance(source, cst.From) else None
        if not isinstance(value, cst.Call) or code(value.func) != self.callee or any(arg.star for arg in value.args):
            return None
        arguments = dict(self.defaults)
        for place, arg in enumerate(value.args):
            if self._calls(arg) or not self.effects.pure(arg.value):
                return None
            key = arg.keyword.value if arg.keyword else self.parameters[place] if place < len(self.parameters) else ""
            arguments[key] = code(arg.value)
        if set(arguments) != set(self.parameters):
            return None
        return Descent(arguments, reads=frozenset().union(*(self.effects.reads(arg.value) for arg in value.args)))

    def stages(self) -> list[Stage] | None:
        """Split the body at its recursive calls; None where it calls itself in another way."""
        found: list[Stage] = []
        body: list[cst.BaseStatement] = []
        descents: list[Descent] = []
        for statement in block(self.source.function.body):
            if _is_docstring(statement) and not body:
                continue
            step = self._descent(statement) if self._calls(statement) else None
            if step is not None:
                descents.append(step)
                continue
            if self._calls(statement) or not _returns_plainly(statement):
                return None
            if descents:
                found.append(Stage(tuple(body), tuple(descents)))
                body, descents = [], []
            body.append(statement)
        found.append(Stage(tuple(body), tuple(descents)))
        return found if self._independent(found) else None

    def _independent(self, stages: Sequence[Stage]) -> bool:
        """Say whether later stages need nothing but parameters, and no stage changes what descents read."""
        local = survey(self.source.function.body).stores
        if local & set(self.parameters):
            return False
        for stage in stages[1:]:
            own = survey(*stage.body).stores
            needs = {name.value for name in survey(*stage.body).loads}.union(*(one.reads for one in stage.descents))
            if (needs & local) - own:
                return False
        whole = survey(self.source.function.body)
        return not whole.set_attributes

    def _moving(self, stages: Sequence[Stage]) -> list[str]:
        """Return the parameters that differ from call to call."""
        calls = [one.arguments for stage in stages for one in stage.descents]
        return [name for name in self.parameters if any(call[name] != name for call in calls)]

    def loop(self, stages: Sequence[Stage]) -> list[cst.BaseStatement]:
        """Return the body with the stack."""
        module = self.source.module
        moving = self._moving(stages) or [self.parameters[0]]
        stack, state = fresh(module, "stack"), fresh(module, "stage")
        staged = len(stages) > 1
        fields = [state, *moving] if staged else moving
        target = ", ".join(fields) if len(fields) > 1 else fields[0]
        first = _entry(["0", *moving] if staged else moving)
        [head] = statements(module, f"{stack} = [{first}]")
        inner: list[cst.BaseStatement] = statements(module, f"{target} = {stack}.pop()")
        for number, stage in enumerate(stages):
            body = self._stage(stage, number, stages, moving, stack)
            if staged:
                [test] = statements(module, f"if {state} == {number}:\n\tpass")
                test = cst.ensure_type(test, cst.If)
                inner.append(test.with_changes(body=cst.IndentedBlock([*body, *statements(module, "continue")])))
            else:
                inner += body
        [loop] = statements(module, f"while {stack}:\n\tpass")
        return [head, cst.ensure_type(loop, cst.While).with_changes(body=cst.IndentedBlock(inner))]

    def _stage(
        self, stage: Stage, number: int, stages: Sequence[Stage], moving: Sequence[str], stack: str
    ) -> list[cst.BaseStatement]:
        module = self.source.module
        body = [_continuing(one) for one in stage.body]
        if number + 1 < len(stages):
            body += statements(module, f"{stack}.append({_entry([str(number + 1), *moving])})")
        for one in reversed(stage.descents):
            values = [one.arguments[name] for name in moving]
            entry = _entry(["0", *values] if len(stages) > 1 else values)
            test = f" if {one.test}" if one.test else ""
            if one.each is not None:
                target, over = one.each
                listed = over if entry == target and not test else f"({entry} for {target} in {over}{test})"
                text = f"{stack} += list({listed})[::-1]"
                text = text.replace("list((", "list(").replace("))[::-1]", ")[::-1]") if listed != over else text
            else:
                text = f"{stack}.append({entry})"
                text = f"if {one.test}:\n\t{text}" if one.test else text
            body += statements(module, text)
        return body


def mentions(node: cst.CSTNode, callee: str) -> bool:
    """Say whether a region names a function `f` or a method `self.f`."""
    seen = survey(node)
    if "." in callee:
        return any(code(one) == callee for one in seen.attributes)
    return seen.reads(callee) > 0


def _entry(fields: Sequence[str]) -> str:
    return fields[0] if len(fields) == 1 else f"({', '.join(fields)})"


def _returns_plainly(statement: cst.BaseStatement) -> bool:
    """Say whether all returns are bare and outside of loops and `with`/`try`, so that `continue` can stand for them."""
    for node in walk(statement, into_scopes=False):
        if isinstance(node, cst.For | cst.While | cst.Try | cst.With) and any(
            isinstance(one, cst.Return) for one in walk(node, into_scopes=False)
        ):
            return False
        if isinstance(node, cst.Return) and node.value is not None and code(node.value) != "None":
            return False
    return True


def _continuing(statement: cst.BaseStatement) -> cst.BaseStatement:
    returns = [one for one in walk(statement, into_scopes=False) if isinstance(one, cst.Return)]
    return swap(statement, {one: cst.Continue(semicolon=one.semicolon) for one in returns})
