"""YAML text becomes plain data that remembers its lines.

The text comes from a stranger: no aliases, no tags, no duplicate keys, no deep nesting, only the five scalar kinds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml import nodes
from yaml.constructor import SafeConstructor

from bot.config.section import Path
from bot.domain.errors import ConfigError

_DEPTH = 12
_PREFIX = "tag:yaml.org,2002:"
_SCALARS = frozenset(_PREFIX + kind for kind in ("null", "bool", "int", "float", "str"))
_LOOKS_LIKE_TEXT = frozenset(_PREFIX + kind for kind in ("timestamp", "merge", "value"))


@dataclass(frozen=True, slots=True)
class Document:
    """Plain data and, for each path into it, the 1-based line on which it stands."""

    data: Any
    lines: Mapping[Path, int] = field(default_factory=dict)

    def line(self, path: Path) -> int | None:
        """Return the line of `path`, or of the nearest thing around it; None in an empty document."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)


class _Problem(yaml.MarkedYAMLError):
    """What this reader refuses although YAML allows it."""


class _Loader(yaml.SafeLoader):
    """Composes nodes, refusing aliases and deep nesting before they cost anything."""

    depth = 0

    def compose_node(self, parent: nodes.Node | None, index: Any) -> nodes.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise _Problem(problem="anchors and aliases are not allowed", problem_mark=event.start_mark)
        if self.depth >= _DEPTH:
            raise _Problem(problem=f"nested more than {_DEPTH} levels deep", problem_mark=event.start_mark)
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def read(text: str, where: str) -> Document:
    """Return the one document in `text` (data is None where it is empty); ConfigError where it is not sound."""
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is None:
            return Document(None)
        lines: dict[Path, int] = {(): _line(node)}
        return Document(_build(loader, node, (), lines), lines)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        refused = isinstance(error, _Problem)
        sentence = str(error.problem) if refused else f"not valid YAML: {error.problem or error.context}"
        raise ConfigError(sentence, where=where, line=None if mark is None else mark.line + 1) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise ConfigError("holds a character that YAML does not allow", where=where, line=line) from error


def _build(loader: _Loader, node: nodes.Node, path: Path, lines: dict[Path, int]) -> Any:
    """Return the plain value of `node`, noting the line of everything in it."""
    if isinstance(node, nodes.MappingNode):
        _expect_tag(node, "map")
        return _mapping(loader, node, path, lines)
    if isinstance(node, nodes.SequenceNode):
        _expect_tag(node, "seq")
        items = []
        for index, child in enumerate(node.value):
            lines[*path, index] = _line(child)
            items.append(_build(loader, child, (*path, index), lines))
        return items
    return _scalar(loader, node)


def _mapping(loader: _Loader, node: nodes.MappingNode, path: Path, lines: dict[Path, int]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, nodes.ScalarNode):
            raise _Problem(problem="a key must be a plain word", problem_mark=key_node.start_mark)
        key = str(key_node.value)
        if key in found:
            first = lines[*path, key]
            raise _Problem(problem=f"duplicate key '{key}', first on line {first}", problem_mark=key_node.start_mark)
        lines[*path, key] = _line(key_node)
        found[key] = _build(loader, value_node, (*path, key), lines)
    return found


def _scalar(loader: _Loader, node: nodes.Node) -> Any:
    if node.tag not in _SCALARS:
        # Dates and the like look like text to whoever wrote them; an explicit tag does not.
        if node.tag in _LOOKS_LIKE_TEXT:
            return str(node.value)
        raise _Problem(problem=f"the tag '{_short(node.tag)}' is not allowed", problem_mark=node.start_mark)
    try:
        return SafeConstructor.construct_object(loader, node)
    except ValueError as error:
        raise _Problem(problem=f"'{node.value}' is not a number", problem_mark=node.start_mark) from error


def _expect_tag(node: nodes.Node, kind: str) -> None:
    if node.tag != _PREFIX + kind:
        raise _Problem(problem=f"the tag '{_short(node.tag)}' is not allowed", problem_mark=node.start_mark)


def _short(tag: str) -> str:
    return tag.replace(_PREFIX, "!!")[:60]


def _line(node: nodes.Node) -> int:
    return int(node.start_mark.line) + 1
