"""A recursive function that concatenates its children's results copies each piece once for every level above it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import libcst as cst

from bot.propose.rules.accumulator import addition, assigned
from bot.propose.rules.explicit_stack import Shape, mentions
from bot.propose.rules.rule import Rewrite, Source
from bot.propose.rules.surgery import block, code, fresh, has_comment, small, statements, swap
from bot.propose.rules.survey import survey, walk

_EMPTY = {"''": "str", '""': "str", "b''": "bytes", 'b""': "bytes", "[]": "list"}


class _Unknown(Exception):  # noqa: N818 - a shape that is not read, never shown to anybody
    """The function has a shape that this rule does not read."""


class EmitPieces:
    """Results of recursive calls go into one list in order, which is joined once at the top."""

    name = "emit-pieces"
    precondition = (
        "Every return is a concatenation, in order, of literals, other pieces and calls of the function itself, all "
        "of one evident kind (str, bytes or list); nothing overrides or decorates the function. A piece of another "
        "type raises at the join."
    )

    def rewrites(self, source: Source) -> Iterator[Rewrite]:
        """Yield the function with an inner one that appends to a list."""
        shape = Shape.read(source)
        body = source.function.body
        if shape is None or shape.generator or not mentions(body, shape.callee) or has_comment(body):
            return
        try:
            new = Emitter(source, shape.callee).body()
        except _Unknown:
            return
        function = source.function.with_changes(body=body.with_changes(body=new))
        why = f"`{source.qualname}` copied its children's results at every level; pieces now go into one list in order."
        yield Rewrite(swap(source.module, {source.function: function}), why)


@dataclass(frozen=True, slots=True)
class Growing:
    """A local that collects the result: as a list to be joined, or as the result itself."""

    name: str
    joined: bool


class Emitter:
    """Rewrites the statements of one function."""

    def __init__(self, source: Source, callee: str) -> None:
        self._source = source
        self._callee = callee
        self._out = fresh(source.module, "pieces")
        self._worker = fresh(source.module, f"{source.function.name.value.strip('_')}_into")
        self._kinds: set[str] = set()
        self._calls = 0

    def body(self) -> list[cst.BaseStatement]:
        """Return the new body: the list, the inner function, its first call, the join."""
        inside = list(block(self._source.function.body))
        head = inside[:1] if isinstance(small(inside[0]), cst.Expr) else []
        text = self._block(inside[len(head) :], None)
        if not self._calls or not _returns(inside) or len(self._kinds) != 1:
            raise _Unknown
        kind = self._kinds.pop()
        params = self._source.function.params
        names = [one.name.value for one in (*params.posonly_params, *params.params)]
        first = 1 if self._callee.startswith("self.") else 0
        written = ", ".join(code(one).rstrip(", ") for one in params.params[first:])
        result = {"str": f'"".join({self._out})', "bytes": f'b"".join({self._out})', "list": self._out}[kind]
        lines = [f"{self._out} = []", f"def {self._worker}({written}):", *("\t" + line for line in text)]
        lines += [f"{self._worker}({', '.join(names[first:])})", f"return {result}"]
        if kind == "list":
            lines = [line.replace(f"{self._out}.append(", f"{self._out}.extend(") for line in lines]
        return [*head, *statements(self._source.module, "\n".join(lines))]

    def _block(self, inside: Sequence[cst.BaseStatement], growing: Growing | None) -> list[str]:
        lines: list[str] = []
        opened = growing
        for place, statement in enumerate(inside):
            start = self._start(inside, place) if opened is None else None
            if start is not None:
                opened, pieces = start
                for piece in pieces:
                    lines += self._emit(piece)
            else:
                lines += self._statement(statement, opened)
        return lines or ["pass"]

    def _start(
        self, inside: Sequence[cst.BaseStatement], place: int
    ) -> tuple[Growing, list[cst.BaseExpression]] | None:
        """Read `result = ""` or `parts = []` where the block ends by returning it."""
        pair = assigned(inside[place])
        last = small(inside[-1])
        if pair is None or not isinstance(last, cst.Return) or last.value is None:
            return None
        name, value = pair
        returned = [one for node in inside[place + 1 :] for one in walk(node) if isinstance(one, cst.Return)]
        leading = [self._leading(one.value, name) for one in returned if one.value is not None]
        if len(leading) != len(returned) or not all(leading) or len(set(leading)) != 1:
            return None
        joined = leading[0] == "joined"
        if isinstance(value, cst.List) and joined:
            return Growing(name, joined=True), [one.value for one in value.elements]
        if joined or not isinstance(value, cst.SimpleString | cst.List):
            return None
        return Growing(name, joined=False), [value]

    def _leading(self, value: cst.BaseExpression, name: str) -> str | None:
        first = _terms(value)[0]
        if code(first) == name:
            return "itself"
        plain = isinstance(first, cst.Call) and code(first.func) in {"''.join", '"".join', "b''.join", 'b"".join'}
        return "joined" if plain and isinstance(first, cst.Call) and code(first.args[0].value) == name else None

    def _statement(self, statement: cst.BaseStatement, growing: Growing | None) -> list[str]:
        found = small(statement)
        if isinstance(found, cst.Return):
            return self._return(found, growing)
        if growing is not None:
            pieces = self._step(statement, growing)
            if pieces is not None:
                return [line for piece in pieces for line in self._emit(piece)]
        if isinstance(statement, cst.If):
            return self._if(statement, growing, "if")
        if isinstance(statement, cst.For) and statement.orelse is None and statement.asynchronous is None:
            self._plain(statement.iter, growing)
            head = f"for {code(statement.target)} in {code(statement.iter)}:"
            return [head, *self._indented(self._block(block(statement.body), growing))]
        self._plain(statement, growing)
        if any(isinstance(one, cst.Return) for one in walk(statement)):
            raise _Unknown
        return self._source.module.code_for_node(statement).strip("\n").splitlines()

    def _if(self, statement: cst.If, growing: Growing | None, word: str) -> list[str]:
        self._plain(statement.test, growing)
        lines = [f"{word} {code(statement.test)}:", *self._indented(self._block(block(statement.body), growing))]
        if isinstance(statement.orelse, cst.If):
            lines += self._if(statement.orelse, growing, "elif")
        elif statement.orelse is not None:
            lines += ["else:", *self._indented(self._block(block(statement.orelse.body), growing))]
        return lines

    def _indented(self, lines: Sequence[str]) -> list[str]:
        return [f"\t{line}" for line in lines]

    def _return(self, found: cst.Return, growing: Growing | None) -> list[str]:
        if found.value is None:
            raise _Unknown
        terms = _terms(found.value)
        if growing is not None:
            if self._leading(found.value, growing.name) is None:
                raise _Unknown
            if growing.joined:
                self._kinds.add("bytes" if code(terms[0]).startswith("b") else "str")
            terms = terms[1:]
        return [*(line for term in terms for line in self._emit(term)), "return"]

    def _step(self, statement: cst.BaseStatement, growing: Growing) -> list[cst.BaseExpression] | None:
        found = small(statement)
        if growing.joined:
            call = found.value if isinstance(found, cst.Expr) else None
            if isinstance(call, cst.Call) and code(call.func) == f"{growing.name}.append" and len(call.args) == 1:
                return [call.args[0].value]
            return None
        step = addition(statement, growing.name)
        return None if step is None or step.prepend else list(step.pieces)

    def _plain(self, node: cst.CSTNode, growing: Growing | None) -> None:
        """Refuse code that calls the function itself or uses the growing result in another way."""
        if mentions(node, self._callee):
            raise _Unknown
        if growing is not None and growing.name in survey(node).names:
            raise _Unknown

    def _emit(self, piece: cst.BaseExpression) -> list[str]:
        """Return the statements that add one piece of the result."""
        if isinstance(piece, cst.Call) and code(piece.func) == self._callee:
            for arg in piece.args:
                self._plain(arg, None)
            self._calls += 1
            return [f"{self._worker}({', '.join(code(arg).rstrip(', ') for arg in piece.args)})"]
        if not mentions(piece, self._callee):
            self._note(piece)
            return [] if code(piece) in _EMPTY else [f"{self._out}.append({code(piece)})"]
        if isinstance(piece, cst.BinaryOperation) and isinstance(piece.operator, cst.Add):
            return [line for term in _terms(piece) for line in self._emit(term)]
        return self._joined(piece) if isinstance(piece, cst.Call) else self._formatted(piece)

    def _note(self, piece: cst.BaseExpression) -> None:
        if isinstance(piece, cst.FormattedString):
            self._kinds.add("str")
        elif isinstance(piece, cst.SimpleString):
            self._kinds.add("bytes" if "b" in piece.prefix else "str")
        elif isinstance(piece, cst.List | cst.ListComp):
            self._kinds.add("list")

    def _joined(self, call: cst.Call) -> list[str]:
        """Read `"".join(f(child) for child in children)`."""
        if not isinstance(call.func, cst.Attribute) or call.func.attr.value != "join" or len(call.args) != 1:
            raise _Unknown
        over = call.args[0].value
        sep = call.func.value
        if not isinstance(over, cst.GeneratorExp | cst.ListComp) or code(sep) not in _EMPTY:
            raise _Unknown
        clause = over.for_in
        if clause.inner_for_in is not None or clause.asynchronous is not None:
            raise _Unknown
        self._note(sep)
        self._plain(clause.iter, None)
        inner = self._emit(over.elt)
        for test in reversed(clause.ifs):
            self._plain(test.test, None)
            inner = [f"if {code(test.test)}:", *self._indented(inner)]
        return [f"for {code(clause.target)} in {code(clause.iter)}:", *self._indented(inner)]

    def _formatted(self, piece: cst.BaseExpression) -> list[str]:
        """Read an f-string whose fields are plain calls of the function."""
        if not isinstance(piece, cst.FormattedString) or "r" in piece.start.lower():
            raise _Unknown
        lines: list[str] = []
        self._kinds.add("str")
        for part in piece.parts:
            if isinstance(part, cst.FormattedStringExpression):
                own = isinstance(part.expression, cst.Call) and code(part.expression.func) == self._callee
                if own and part.format_spec is None and part.conversion is None and part.equal is None:
                    lines += self._emit(part.expression)
                    continue
            lines.append(f"{self._out}.append({code(piece.with_changes(parts=[part]))})")
        return lines


def _returns(inside: Sequence[cst.BaseStatement]) -> bool:
    """Say whether a block never ends without a return or an exception."""
    last = inside[-1] if inside else None
    if isinstance(last, cst.If):
        if isinstance(last.orelse, cst.If):
            return _returns(block(last.body)) and _returns([last.orelse])
        return last.orelse is not None and _returns(block(last.body)) and _returns(block(last.orelse.body))
    return isinstance(small(last) if last is not None else None, cst.Return | cst.Raise)


def _terms(value: cst.BaseExpression) -> list[cst.BaseExpression]:
    if isinstance(value, cst.BinaryOperation) and isinstance(value.operator, cst.Add):
        return [*_terms(value.left), *([value.right] if value.right.lpar else _terms(value.right))]
    return [value]
