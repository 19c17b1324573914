"""How a rewrite reaches a name of the standard library: through an import that is there, or a new one."""

from collections.abc import Iterator

import libcst as cst

from bot.propose.rules.rule import Source
from bot.propose.rules.scope import Scope, scope_of
from bot.propose.rules.surgery import after_imports, code, small, statements


def reach(source: Source, module: str, attribute: str) -> tuple[str, bool] | None:
    """Return how to write `module.attribute` and whether `import module` must be added; None where it is shadowed."""
    scope = Scope(source.function)
    for written, origin in _imported(source.module):
        if origin == f"{module}.{attribute}" and not scope.binds(written):
            return written, False
        if origin == module and not scope.binds(written):
            return f"{written}.{attribute}", False
    taken = {node.value for node in scope_of(source.module).nodes() if isinstance(node, cst.Name)}
    return None if module in taken else (f"{module}.{attribute}", True)


def with_import(module: cst.Module, name: str, needed: bool = True) -> cst.Module:
    """Return the module with `import name` among its leading imports."""
    if not needed:
        return module
    first = _leading_imports(module)
    new = statements(module, f"import {name}")
    for place, statement in enumerate(first):
        line = small(statement)
        if isinstance(line, cst.Import) and code(line.names[0].name) > name:
            at = next(index for index, one in enumerate(module.body) if one is statement)
            if place == 0:
                return _at_first(module, at, name)
            return module.with_changes(body=[*module.body[:at], *new, *module.body[at:]])
    return after_imports(module, new)


def _at_first(module: cst.Module, at: int, name: str) -> cst.Module:
    """Place the import in front of the first one and take over the blank lines and comments above that."""
    old = module.body[at]
    if not isinstance(old, cst.SimpleStatementLine):
        return module
    line = statements(module, f"import {name}")[0].with_changes(leading_lines=old.leading_lines)
    rest = old.with_changes(leading_lines=[])
    return module.with_changes(body=[*module.body[:at], line, rest, *module.body[at + 1 :]])


def _leading_imports(module: cst.Module) -> list[cst.BaseStatement | cst.SimpleStatementLine]:
    """Return the plain imports before the first other statement, `from __future__` ones and their like left out."""
    found: list[cst.BaseStatement | cst.SimpleStatementLine] = []
    for index, statement in enumerate(module.body):
        line = small(statement)
        if isinstance(line, cst.Import):
            found.append(statement)
        elif not (isinstance(line, cst.ImportFrom) or (index == 0 and isinstance(line, cst.Expr))):
            break
    return found


def _imported(module: cst.Module) -> Iterator[tuple[str, str]]:
    """Yield (name in this module, dotted origin) for every import at the top level."""
    for statement in module.body:
        line = small(statement)
        if isinstance(line, cst.Import):
            for alias in line.names:
                whole = code(alias.name)
                yield alias.evaluated_alias or whole, whole
        elif (
            isinstance(line, cst.ImportFrom) and line.module is not None and not isinstance(line.names, cst.ImportStar)
        ):
            for alias in line.names:
                if not line.relative:
                    yield alias.evaluated_alias or alias.evaluated_name, f"{code(line.module)}.{alias.evaluated_name}"
