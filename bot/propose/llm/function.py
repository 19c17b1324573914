"""A reply that is a whole function: found in its fence, checked by the parser, put in the old one's place."""

import ast
import io
import re
import tokenize
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.code import FunctionId, Snapshot
from bot.domain.errors import EditError
from bot.domain.job import EditSet
from bot.propose.edits import engine, render
from bot.propose.edits.text import NotText, decode

_LONGEST = 1_000_000
_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})[^`~]*")


@dataclass(frozen=True, slots=True)
class Written:
    """A new definition as lines with their indentation, and the import lines that came with it."""

    imports: tuple[str, ...]
    lines: tuple[str, ...]


def edit_set(reply: str, tree: Snapshot, function: FunctionId, protected: Sequence[str] = ()) -> EditSet:
    """Return the edit that puts the definition in `reply` in the place of `function`; EditError with feedback."""
    try:
        text = decode(tree.data(function.path))
    except (NotText, KeyError) as error:
        raise _refused(f"{function.path} cannot be edited: {error}") from error
    span = function.span
    margin = _margin(text.lines[span.start - 1 : span.end])
    written = _definition(_fenced(reply), function.qualname.rpartition(".")[2], margin)
    lines = [*text.lines[: span.start - 1], *written.lines, *text.lines[span.end :]]
    at = _after_imports(text.lines)
    known = {line.strip() for line in text.lines}
    lines[at:at] = [line for line in written.imports if line.strip() not in known]
    # Joined with plain line feeds; the engine gives each line the end that the file's lines have.
    before, after = ("\n".join([*one, ""]) for one in (text.lines, lines))
    return engine.edit_set(render.blocks(function.path, before, after), tree, (span,), protected)


def _fenced(reply: str) -> str:
    """Return the inside of the only fenced block; an unfenced reply is taken as it is."""
    if len(reply) > _LONGEST:
        raise _refused("The reply is too long.")
    blocks: list[list[str]] = []
    fence = ""
    for line in reply.replace("\r\n", "\n").split("\n"):
        found = _FENCE.fullmatch(line)
        if found and not fence:
            fence = found[1]
            blocks.append([])
        elif fence and line.strip() == fence:
            fence = ""
        elif fence:
            blocks[-1].append(line)
    if fence:
        raise _refused("The fenced block is never closed: the reply is cut off.")
    if len(blocks) > 1:
        raise _refused(f"The reply holds {len(blocks)} fenced blocks: send exactly one.")
    return "\n".join(blocks[0]) if blocks else reply


def _definition(code: str, name: str, margin: str) -> Written:
    lines = code.rstrip().split("\n")
    while lines and not lines[0].strip():
        del lines[0]
    body = _parsed("\n".join(lines))
    imports = [one for one in body if isinstance(one, ast.Import | ast.ImportFrom)]
    rest = [one for one in body if one not in imports]
    if len(rest) != 1 or not isinstance(rest[0], ast.FunctionDef | ast.AsyncFunctionDef) or rest[0].name != name:
        raise _refused(f"The block must hold the one complete definition of {name}, and imports above it at most.")
    node = rest[0]
    # An indented reply was parsed below a line of its own.
    shift = 1 if lines and lines[0][:1].isspace() else 0
    start = min([node.lineno, *(one.lineno for one in node.decorator_list)]) - shift
    own = lines[start - 1 : (node.end_lineno or node.lineno) - shift]
    above = tuple(line for one in imports for line in lines[one.lineno - 1 - shift : (one.end_lineno or 0) - shift])
    if _margin(own) != margin:
        own = _shifted(own, margin)
    return Written(tuple(line.strip() if len(imports) == len(above) else line for line in above), tuple(own))


def _parsed(code: str) -> list[ast.stmt]:
    indented = code[:1].isspace()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = ast.parse(f"if 1:\n{code}" if indented else code)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise _refused(f"The block is not valid Python: {error}") from error
    first = module.body[0] if module.body else None
    return first.body if indented and isinstance(first, ast.If) and len(module.body) == 1 else module.body


def _shifted(lines: Sequence[str], margin: str) -> list[str]:
    """Return the lines moved to another margin; refused where that would change a string over several lines."""
    now = _margin(lines)
    source = "\n".join(line.removeprefix(now) for line in lines) + "\n"
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.OP and token.start[0] != token.end[0] and token.string.strip():
            raise _refused("The function holds a string over several lines: send it with the indentation of the file.")
    return [margin + line if line.strip() else "" for line in source.rstrip("\n").split("\n")]


def _margin(lines: Sequence[str]) -> str:
    first = next((line for line in lines if line.strip()), "")
    return first[: len(first) - len(first.lstrip(" \t"))]


def _after_imports(lines: Sequence[str]) -> int:
    """Return the index after the last top-level import that begins the file, or after its docstring."""
    try:
        body = _parsed("\n".join(lines))
    except EditError:
        return 0
    end = 0
    for node in body:
        documents = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and end == 0
        if not documents and not isinstance(node, ast.Import | ast.ImportFrom):
            break
        end = node.end_lineno or end
    return end


def _refused(sentence: str) -> EditError:
    return EditError(sentence, reason="whole-function", feedback=f"Nothing was applied.\n\n{sentence}\n")
