"""The reference of `.hotlap.yml` as Markdown, made from its JSON Schema, so that it cannot say anything else."""

from collections.abc import Iterator, Mapping
from typing import Any

_INTRODUCTION = """\
# Configuration: `.hotlap.yml`

Made by `hotlap config docs` from the configuration model; `make schema` writes this file anew.

The file lies in the root of the repository and is read from the work tree. It is optional, and so is every key: tests,
benchmarks, interpreter and package layout are detected. `hotlap init` writes one with what was detected,
`hotlap config check` names file, line and the nearest valid key of a mistake, `hotlap config schema` prints the JSON
Schema for editors. Keys that are not listed here are refused, and so are YAML aliases, tags and duplicate keys.

Six keys say where and with what code runs: `isolation`, `sandbox`, `setup`, `python`, `limits` and `hardware`; a
seventh, `rollout`, says how far the bot goes by itself. Of these only what the file on the default branch says
counts, so that a merge request cannot weaken the sandbox that it is judged in, nor merge itself; a value that is not
heeded is said. The jobs of a pipeline (`hotlap ci`) read the whole file from there. In GitLab CI the default branch
is `origin/$CI_DEFAULT_BRANCH`; elsewhere it is the branch that `origin/HEAD` names. Where nothing names it, a CI job
guesses no name; another machine takes `main` or `master`, or the one name of that kind (`develop`, `trunk`, ...) that
`origin` has, and none where it has several. Where it is not known, the safe values hold, and that is said. Where it
is checked out on a machine that is no CI job, the file in the work tree counts as it stands. See
[sandbox.md](sandbox.md).

    version: 1
    tests:
      command: python -m pytest -q
    accept:
      min_gain: 0.05
    goals:
      - latency: -20%
"""
_UNITS = ((1 << 30, "GiB"), (1 << 20, "MiB"))

Schema = Mapping[str, Any]


def reference(schema: Schema) -> str:
    """Return the document for the schema of `bot.config.schema`."""
    top = {name: entry for name, entry in schema["properties"].items() if not _below(entry, schema)}
    parts = [_INTRODUCTION, "## Top level\n", _table(top, schema)]
    parts += _sections("", schema["properties"], schema)
    return "\n".join(parts)


def _sections(prefix: str, properties: Mapping[str, Any], schema: Schema) -> Iterator[str]:
    for name, entry in properties.items():
        if below := _below(entry, schema):
            items = ", each item" if entry.get("type") == "array" else ""
            said = " ".join(text for text in (entry.get("description"), below.get("description")) if text)
            required = frozenset(below.get("required", ()))
            yield f"## `{prefix}{name}`{items}\n\n{said}\n\n{_table(below['properties'], schema, required)}"
            yield from _sections(f"{prefix}{name}.", below["properties"], schema)


def _below(entry: Schema, schema: Schema) -> Schema | None:
    """Return the section that an entry holds, or that each of its items is."""
    place = entry.get("items", entry).get("$ref")
    return None if place is None else schema["$defs"][place.rpartition("/")[2]]


def _table(properties: Mapping[str, Any], schema: Schema, required: frozenset[str] = frozenset()) -> str:
    lines = ["| key | takes | default | meaning |", "|---|---|---|---|"]
    for name, entry in properties.items():
        default = "required" if name in required else _default(entry.get("default"), entry)
        meaning = entry.get("description", "").replace("|", r"\|")
        takes = "list, see below" if _below(entry, schema) else _takes(entry)
        lines.append(f"| `{name}` | {takes} | {default} | {meaning} |")
    return "\n".join(lines) + "\n"


def _takes(entry: Schema) -> str:
    if "anyOf" in entry:
        kinds = (_takes(one) for one in entry["anyOf"] if one.get("type") != "null")
        return " or ".join(dict.fromkeys(kinds))
    if "const" in entry or "enum" in entry:
        return " or ".join(f"`{value}`" for value in entry.get("enum", [entry.get("const")]))
    if entry.get("type") == "array":
        return f"list of {_takes(entry['items']).replace(' or ', ' or of ')}"
    if entry.get("type") == "object":
        inner = entry.get("additionalProperties")
        return f"NAME: {_takes(inner) if isinstance(inner, dict) else 'value'} pairs"
    return _scalar(entry)


def _scalar(entry: Schema) -> str:
    kind = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}[entry["type"]]
    above, least = entry.get("exclusiveMinimum"), entry.get("minimum")
    below, most = entry.get("exclusiveMaximum"), entry.get("maximum")
    bounds = (("above", above), ("from", least), ("below", below), ("to", most))
    return " ".join([kind, *(f"{word} {_number(value)}" for word, value in bounds if value is not None)])


def _default(value: Any, entry: Schema) -> str:
    if value in ({}, []) or (value is None and entry.get("type") == "object"):
        return "none"
    if value is None:
        return "absent"
    if isinstance(value, int) and "anyOf" in entry:
        for unit, name in _UNITS:
            if value % unit == 0 and value:
                return f"`{value // unit}{name}`"
    return f"`{_number(value)}`" if isinstance(value, float) else f"`{value}`"


def _number(value: float) -> str:
    if value >= 1e9:
        return f"{value:g}"
    return f"{int(value):,}" if value == int(value) else f"{value:g}"
