"""Finds a target's function in its file, and finds it again after the file was rewritten."""

import logging

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from bot.domain.code import Snapshot, Target
from bot.propose.rules.rule import Source
from bot.propose.rules.scope import children

log = logging.getLogger(__name__)


def locate(target: Target, tree: Snapshot) -> Source | None:
    """Return the target's function in its parsed file; None, with the reason logged, where it is not there."""
    path = target.function.path
    try:
        data = tree.data(path)
        module = cst.parse_module(data)
    except KeyError:
        log.info("no candidates: %s is not a file of the tree", path)
        return None
    except (cst.ParserSyntaxError, SyntaxError, UnicodeDecodeError) as error:
        log.info("no candidates: %s does not parse: %s", path, str(error).splitlines()[0])
        return None
    qualname = target.function.qualname
    span = target.function.span
    for line, node in functions(module, qualname):
        if span.start <= line <= span.end:
            return Source(path, module, node, qualname, tree)
    log.info("no candidates: %s has no function %s in lines %d-%d", path, qualname, span.start, span.end)
    return None


def functions(module: cst.Module, qualname: str) -> list[tuple[int, cst.FunctionDef]]:
    """Return the definitions of a dotted name (without `<locals>`) with the lines of their `def`."""
    lines = MetadataWrapper(module, unsafe_skip_copy=True).resolve(PositionProvider)
    return [(lines[node].start.line, node) for node in definitions(module, qualname)]


def definitions(module: cst.Module, qualname: str) -> list[cst.FunctionDef]:
    """Return the definitions of a dotted name in source order."""
    found: list[cst.FunctionDef] = []
    stack: list[tuple[cst.CSTNode, str]] = [(module, "")]
    while stack:
        node, prefix = stack.pop()
        if isinstance(node, cst.FunctionDef | cst.ClassDef):
            prefix += node.name.value
            if isinstance(node, cst.FunctionDef) and prefix == qualname:
                found.append(node)
            prefix += "."
        if qualname.startswith(prefix):
            below = [one for one in children(node) if not isinstance(one, cst.BaseExpression | cst.SimpleStatementLine)]
            stack.extend((one, prefix) for one in reversed(below))
    return found
