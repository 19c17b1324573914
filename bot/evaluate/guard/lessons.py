"""What reviewers have banned: modules, names, dependencies and constructs that a change may not use more of."""

import ast
from collections import Counter
from collections.abc import Iterator

from bot.domain.code import FileChange
from bot.domain.lesson import Lesson
from bot.domain.restraint import Restraints
from bot.evaluate.guard.names import aliases, dotted, imports, parsed


def banned(change: FileChange, restraints: Restraints) -> Iterator[str]:
    """Yield one sentence for each lesson that a change of a Python file breaks; what was there before may stay."""
    lessons = restraints.contents(change.path)
    if not lessons or change.after is None:
        return
    more = _uses(change.after) - _uses(change.before or b"")
    for lesson in lessons:
        if names := sorted({found for found in more if _is_meant(found, lesson)}):
            what = ", ".join(name.partition(":")[2] for name in names[:3])
            yield f"{change.path} gains {what}, which lesson {lesson.id} forbids: {lesson.sentence}"


def _is_meant(use: str, lesson: Lesson) -> bool:
    kind, _, name = use.partition(":")
    if kind == "node":
        return name in lesson.of("node")
    if kind == "import" and lesson.of("dependency"):
        return False  # whether a package is new is for the check of dependencies, which knows the whole tree
    wanted = (*lesson.of("module"), *lesson.of("name"))
    return any(name == one or name.startswith(f"{one}.") for one in wanted)


def _uses(data: bytes) -> Counter[str]:
    """Count imports, uses of what was imported, texts that name a module to import, and kinds of syntax nodes."""
    tree = parsed(data)
    known = aliases(tree)
    uses = Counter(f"import:{name}" for name in imports(tree))
    uses.update(f"import:{origin}" for origin in known.values() if "." in origin)
    inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        uses[f"node:{type(node).__name__}"] += 1
        if isinstance(node, ast.Name | ast.Attribute) and id(node) not in inner:
            root, _, rest = dotted(node).partition(".")
            uses[f"use:{'.'.join(filter(None, (known.get(root, root), rest)))}"] += 1
        if isinstance(node, ast.Call):
            uses.update(f"import:{one}" for one in _named(node))
    return uses


def _named(node: ast.Call) -> Iterator[str]:
    """Yield the modules that `__import__` and its kin are told to import by a text."""
    if dotted(node.func).rpartition(".")[2] in {"__import__", "import_module", "find_spec"}:
        yield from (arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str))
