"""What a Python function needs to be understood: its class, imports, names, callees, types, callers."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from bot.domain.code import FunctionId, Span
from bot.propose.context.slice import Kind, Part
from bot.propose.context.source import DEFINITIONS, Definition, Source, Sources, named, within

_MOST_CALLEES = 12
_MOST_FILES = 40
_MOST_CALLERS = 4
_AROUND = 2


@dataclass(frozen=True, slots=True)
class Found:
    """A definition in its file."""

    source: Source
    node: Definition


@dataclass(frozen=True, slots=True)
class Surroundings:
    """One function in its file: the node, the class around it, and the names that the body uses, in their order."""

    sources: Sources
    source: Source
    function: FunctionId
    node: Definition
    above: ast.ClassDef | None

    def imports(self) -> Iterator[Part]:
        """Yield each run of imports at the top level: new imports may be added there."""
        module = self.source.module
        runs: list[list[Span]] = []
        for node in module.body if module else []:
            if isinstance(node, ast.Import | ast.ImportFrom):
                span = self.source.span(node)
                near = runs and not any(line.strip() for line in self.source.lines[runs[-1][-1].end : span.start - 1])
                runs[-1].append(span) if near else runs.append([span])
        for run in runs:
            yield self._part(Kind.IMPORTS, run[0].start, run[-1].end, writable=True)

    def enclosing(self) -> Iterator[Part]:
        """Yield the head of the class, with its attributes and the constructor."""
        if self.above is None:
            return
        span = self.source.span(self.above)
        yield self._part(Kind.CLASS, span.start, max(span.start, self.above.body[0].lineno - 1))
        for node in self.above.body:
            wanted = isinstance(node, ast.Assign | ast.AnnAssign) or getattr(node, "name", "") == "__init__"
            if wanted and node is not self.node:
                yield from self._shown(Kind.CLASS, self.source, node)

    def constants(self) -> Iterator[Part]:
        """Yield the assignments at the top level whose names the function uses."""
        used = set(self.used())
        for node in within(self.source.module.body if self.source.module else []):
            if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
                bound = {
                    one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
                }
                if bound & used:
                    yield from self._shown(Kind.CONSTANTS, self.source, node)

    def callees(self) -> Iterator[Part]:
        """Yield the functions and classes of the repository that the function calls."""
        given = 0
        for call in _once(dotted(one.func) for one in ast.walk(self.node) if isinstance(one, ast.Call)):
            found = self._resolve(call)
            if found is not None and found.node is not self.node and given < _MOST_CALLEES:
                given += 1
                yield from self._shown(Kind.CALLEE, found.source, found.node)

    def types(self) -> Iterator[Part]:
        """Yield the heads of the classes that the signature names."""
        if isinstance(self.node, ast.ClassDef):
            return
        arguments = self.node.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        notes = [one.annotation for one in every if one.annotation is not None]
        notes += [self.node.returns] if self.node.returns is not None else []
        for name in _once(dotted(one) for note in notes for one in ast.walk(note)):
            found = self._resolve(name)
            if found is not None and isinstance(found.node, ast.ClassDef):
                span = found.source.span(found.node)
                yield Part(Kind.TYPE, span, found.source.text(span.start, span.end), short=_signature(found))

    def callers(self) -> Iterator[Part]:
        """Yield places that call the function, some lines each, by its last name: they show what it is given."""
        name, given = self.function.qualname.rpartition(".")[2], 0
        for source in self.sources.naming(name, _MOST_FILES):
            for line in _calls(source, name):
                span = self.function.span
                if given == _MOST_CALLERS:
                    return
                if not (source.path == span.path and span.start <= line <= span.end):
                    given += 1
                    yield _around(source, line)

    def used(self) -> tuple[str, ...]:
        """Return the names that the function reads."""
        return _once(one.id for one in ast.walk(self.node) if isinstance(one, ast.Name))

    def _resolve(self, dotted: str) -> Found | None:
        head, _, rest = dotted.partition(".")
        if not head:
            return None
        if head in {"self", "cls"} and self.above is not None and rest:
            node = named(self.above.body, rest)
            return Found(self.source, node) if node else None
        return _in(self.source, dotted) or self._imported(head, rest)

    def _imported(self, head: str, rest: str) -> Found | None:
        for node in ast.walk(self.source.module or ast.Module([], [])):
            if not isinstance(node, ast.Import | ast.ImportFrom):
                continue
            for alias in node.names:
                if (alias.asname or alias.name).partition(".")[0] != head:
                    continue
                module = _module(node, self.source.path)
                if isinstance(node, ast.ImportFrom):
                    inner = self.sources.module(module, self.source.path)
                    found = _in(inner, f"{alias.name}.{rest}".rstrip(".")) if inner else None
                    below = self.sources.module(f"{module}.{alias.name}".lstrip("."), self.source.path)
                    return found or (_in(below, rest) if below and rest else None)
                package, _, name = rest.rpartition(".")
                whole = alias.name if alias.asname else ".".join(filter(None, (head, package)))
                other = self.sources.module(whole, self.source.path)
                return _in(other, name) if other else None
        return None

    def _shown(self, kind: Kind, source: Source, node: ast.stmt) -> Iterator[Part]:
        span = source.span(node)
        short = _signature(Found(source, node)) if isinstance(node, DEFINITIONS) else ""
        yield Part(kind, span, source.text(span.start, span.end), short=short)

    def _part(self, kind: Kind, start: int, end: int, *, writable: bool = False) -> Part:
        return Part(kind, Span(self.source.path, start, end), self.source.text(start, end), writable)


def surroundings(sources: Sources, function: FunctionId) -> Surroundings | None:
    """Return the function with its file's syntax; None where the file cannot be parsed or has no such function."""
    source = sources.get(function.path)
    if source is None or source.module is None:
        return None
    *scopes, name = function.qualname.split(".")
    rest: list[tuple[ast.AST, ast.ClassDef | None]] = [(source.module, None)]
    while rest:
        node, above = rest.pop()
        if isinstance(node, DEFINITIONS) and node.name == name and source.span(node).start == function.span.start:
            return Surroundings(sources, source, function, node, above if scopes else None)
        inner = node if isinstance(node, ast.ClassDef) else None if isinstance(node, DEFINITIONS) else above
        rest.extend((one, inner) for one in ast.iter_child_nodes(node) if not isinstance(one, ast.expr))
    return None


def _in(source: Source, dotted: str) -> Found | None:
    """Return what a dotted name means at the top level of a file: a function, a class, or a method of one."""
    body: list[ast.stmt] = source.module.body if source.module else []
    node: Definition | None = None
    for name in dotted.split("."):
        node = named(body, name)
        if node is None:
            return None
        body = node.body
    return Found(source, node) if node else None


def _module(node: ast.Import | ast.ImportFrom, path: str) -> str:
    if isinstance(node, ast.Import) or not node.level:
        return getattr(node, "module", "") or ""
    package = path.split("/")[: -node.level]
    return ".".join([*package, *([node.module] if node.module else [])])


def dotted(node: ast.AST) -> str:
    """Return "a.b.c" for names and attributes of names, "" for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def _calls(source: Source, name: str) -> list[int]:
    calls = (one for one in ast.walk(source.module or ast.Module([], [])) if isinstance(one, ast.Call))
    return sorted({one.lineno for one in calls if _last(one.func) == name})


def _around(source: Source, line: int) -> Part:
    """Return some lines on both sides of one, blank ones at the ends left out."""
    start, end = max(1, line - _AROUND), min(len(source.lines), line + _AROUND)
    while start < line and not source.lines[start - 1].strip():
        start += 1
    while end > line and not source.lines[end - 1].strip():
        end -= 1
    return Part(Kind.CALLER, Span(source.path, start, end), source.text(start, end))


def _last(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _signature(found: Found) -> str:
    """Return the head of a definition, decorators included, up to its body; the heads of methods with a class."""
    node, source = found.node, found.source
    start = source.span(node).start
    head = source.text(start, max(start, node.body[0].lineno - 1)) if node.body[0].lineno > start else ""
    if not head or not isinstance(node, ast.ClassDef):
        return f"{head}\n{' ' * (node.col_offset + 4)}..." if head else ""
    methods = [one for one in node.body if isinstance(one, DEFINITIONS) and one.body[0].lineno > one.lineno]
    heads = [_signature(Found(source, one)) for one in methods]
    return "\n".join([head, *filter(None, heads)])


def _once(names: Iterator[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))
