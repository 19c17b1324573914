"""What pydantic found wrong, said in one sentence of the user's words, with the nearest valid key."""

import difflib
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel

from bot.config.section import Path

_KINDS = {
    "string_type": "must be text in quotes",
    "float_type": "must be a number",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "finite_number": "must be a finite number",
    "tuple_type": "must be a list",
    "dict_type": "must hold NAME: value pairs",
    "mapping_type": "must hold NAME: value pairs",
    "model_type": "must hold keys below it",
    "missing": "is missing",
}
_LIMITS = {
    "greater_than": ("gt", "must be above {}"),
    "greater_than_equal": ("ge", "must be at least {}"),
    "less_than": ("lt", "must be below {}"),
    "less_than_equal": ("le", "must be at most {}"),
    "string_too_long": ("max_length", "must have at most {} characters"),
    "too_long": ("max_length", "must have at most {} items"),
    "literal_error": ("expected", "must be {}"),
}


def sentence(error: Mapping[str, Any], model: type[BaseModel]) -> str:
    """Return one clause on one entry of `ValidationError.errors()`."""
    path: Path = tuple(error["loc"])
    if error["type"] == "extra_forbidden":
        return _unknown(path, model)
    if not path:
        return "the file must hold keys, such as 'version: 1'"
    return f"'{_dotted(path)}' {_clause(error)}{_got(error)}"


def _unknown(path: Path, model: type[BaseModel]) -> str:
    valid = _keys(model, path[:-1])
    near = difflib.get_close_matches(str(path[-1]), valid, n=1)
    if near:
        return f"unknown key '{_dotted(path)}'; did you mean '{near[0]}'?"
    elsewhere = _home(str(path[-1]), model)
    if elsewhere:
        return f"unknown key '{_dotted(path)}'; did you mean {elsewhere}?"
    return f"unknown key '{_dotted(path)}'; valid keys are {', '.join(valid)}"


def _keys(model: type[BaseModel], path: Path) -> Sequence[str]:
    """Return the keys that are valid below `path`."""
    below: Any = model
    for part in path:
        if isinstance(part, int):
            below = next(iter(get_args(below)), None)
        else:
            below = below.model_fields[part].annotation if _is_model(below) else None
    return tuple(below.model_fields) if _is_model(below) else ()


def _is_model(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, BaseModel)


def _home(key: str, model: type[BaseModel]) -> str:
    """Return the one or two dotted keys that end with `key`, quoted; "" where there are none or more."""
    found = [f"{name}.{key}" for name in model.model_fields if key in _keys(model, (name,))]
    if key in model.model_fields:
        found.append(key)
    return " or ".join(f"'{one}'" for one in found) if len(found) <= 2 else ""


def _clause(error: Mapping[str, Any]) -> str:
    kind = str(error["type"])
    if kind == "value_error":
        return str(error["ctx"]["error"])
    if kind in _LIMITS:
        name, template = _LIMITS[kind]
        limit = error["ctx"][name]
        return template.format(int(limit) if isinstance(limit, float) and limit.is_integer() else limit)
    if kind in {"too_short", "string_too_short"}:
        return "must not be empty"
    return _KINDS.get(kind, f"is not valid: {error['msg']}")


def _got(error: Mapping[str, Any]) -> str:
    """Return what stands there instead, where it is short enough to help."""
    value = error["input"]
    if value is None:
        return ", not empty"
    if isinstance(value, bool):
        return f", not {str(value).lower()}"
    if isinstance(value, int | float):
        return f", not {value}"
    if isinstance(value, str) and error["type"] != "string_too_long" and 0 < len(value) <= 40 and value.isprintable():
        return f", not '{value}'"
    if isinstance(value, list | dict) and error["type"].endswith("_type"):
        return ", not a list" if isinstance(value, list) else ", not keys"
    return ""


def _dotted(path: Path) -> str:
    """Return "tests.command" or "targets.exclude[2]" (counted from 1), cut where a stranger made it long."""
    text = ""
    for part in path:
        if part == "[key]":
            continue
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}"
    text = "".join(char if char.isprintable() else "?" for char in text.removeprefix("."))
    return text if len(text) <= 80 else text[:77] + "..."
