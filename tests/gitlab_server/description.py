"""GitLab's API description, read where it lies beside the checkout: which requests and answers are valid.

The file has two megabytes of YAML; only the blocks of operations and schemas that are asked for are parsed. What is
known to be wrong in it is relaxed (see the README beside it): nulls, lists, and paths in `gaps`.
"""

import re
from functools import cached_property
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator

from tests.gitlab_server import gaps

PLACE = Path(__file__).parents[2].parent / "shared" / "data" / "gitlab" / "openapi_v3.yaml"
REFERENCE = "#/components/schemas/"
ALWAYS = ("page", "per_page", "pagination", "private_token", "job_token", "sort", "order_by")


def find():
    """The description, or None where it is not at hand."""
    return Description(PLACE.read_text()) if PLACE.is_file() else None


class Description:
    def __init__(self, text) -> None:
        _, _, rest = text.partition("\npaths:\n")
        operations, _, components = rest.partition("\ncomponents:\n")
        self._operations = _blocks(operations.partition("\nservers:\n")[0], 2)
        self._schemas = _blocks(components.partition("\n  schemas:\n")[2], 4)
        self._parsed = {}

    @cached_property
    def _paths(self):
        return [(_pattern(path), path) for path in sorted(self._operations, key=lambda path: path.count("{"))]

    def operation(self, method, path):
        """(arguments, answers) of an operation as JSON schemas, or None; `path` begins after /api/v4."""
        added = gaps.find(method, path)
        if added is not None:
            return added
        for pattern, name in self._paths:
            if pattern.fullmatch(f"/api/v4{path}"):
                found = self._operation(name).get(method.lower())
                if found is not None:
                    return found
        return None

    def _operation(self, name):
        if name not in self._parsed:
            loaded = yaml.load(self._operations[name], Loader=yaml.CSafeLoader)
            self._parsed[name] = {method: (self._arguments(one), self._answers(one)) for method, one in loaded.items()}
        return self._parsed[name]

    def _arguments(self, operation):
        """One schema over what may stand in query and body, as GitLab itself does not tell them apart."""
        properties, required = {name: {} for name in ALWAYS}, []
        for parameter in operation.get("parameters", []):
            if parameter["in"] == "query":
                name = parameter["name"].removesuffix("[]")
                properties[name] = _lax(self._whole(parameter.get("schema", {})))
                required += [name] * parameter.get("required", False)
        for body in operation.get("requestBody", {}).get("content", {}).values():
            schema = self._whole(body["schema"])
            properties |= {name: _lax(one) for name, one in schema.get("properties", {}).items()}
            required += schema.get("required", [])
        return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}

    def _answers(self, operation):
        """The schema of each answer by its status."""
        found = {}
        for status, answer in operation.get("responses", {}).items():
            for kind, content in (answer.get("content") or {}).items():
                if "json" in kind:
                    found[int(status)] = _free(self._whole(content.get("schema", {})))
        return found

    def _whole(self, schema, depth=0):
        """A schema with its references written out, down to a few levels."""
        if isinstance(schema, list):
            return [self._whole(one, depth) for one in schema]
        if not isinstance(schema, dict):
            return schema
        if isinstance(schema.get("$ref"), str):
            if depth > 4:
                return {}
            name = schema["$ref"].removeprefix(REFERENCE)
            return self._whole(yaml.load(self._schemas[name], Loader=yaml.CSafeLoader), depth + 1)
        return {key: self._whole(one, depth) for key, one in schema.items()}


def request_problems(operation, query, body):
    """Sentences about what is wrong with the arguments of a call."""
    given = {**_flat(query), **{key: value for key, value in body.items() if not hasattr(value, "content")}}
    arguments = operation[0]
    files = [key for key, value in body.items() if hasattr(value, "content")]
    arguments = {**arguments, "required": [name for name in arguments["required"] if name not in files]}
    return _sentences(arguments, given)


def answer_problems(operation, status, answer, *, paged):
    """Sentences about what is wrong with an answer; a page of a list is held against the schema of its elements."""
    schema = operation[1].get(status)
    if schema is None:
        return []
    if paged and "array" not in schema.get("type", ""):
        schema = {"type": "array", "items": schema}
    return _sentences(schema, answer)


def _sentences(schema, value):
    return [
        f"{'.'.join(map(str, error.absolute_path)) or 'it'}: {error.message[:300]}"
        for error in Draft202012Validator(schema).iter_errors(value)
    ]


def _flat(query, prefix=""):
    flat = {}
    for key, value in query.items():
        name = f"{prefix}[{key}]" if prefix else key
        flat |= _flat(value, name) if isinstance(value, dict) else {name: value}
    return flat


def _lax(schema):
    """What GitLab takes for a type: numbers and truth as text, lists as text with commas, null."""
    kind = schema.get("type")
    if kind == "integer":
        return {"anyOf": [{"type": ["integer", "null"]}, {"type": "string", "pattern": r"^-?\d+$"}]}
    if kind == "boolean":
        return {"anyOf": [{"type": ["boolean", "null"]}, {"enum": ["true", "false", "True", "False", "1", "0", 0, 1]}]}
    if kind == "array":
        items = _lax(schema.get("items", {}))
        return {"anyOf": [{"type": ["string", "null", "integer"]}, {"type": "array", "items": items}]}
    if kind == "string":
        # YAML reads the words yes and no of an enumeration as truth.
        words = [{True: "yes", False: "no"}.get(one, one) for one in schema.get("enum", [])]
        return {"type": ["string", "null", "number", "boolean"]} | ({"enum": [*words, None]} if words else {})
    if kind == "object" and "properties" in schema:
        inner = {name: _lax(one) for name, one in schema["properties"].items()}
        return {"type": ["object", "null"], "properties": inner, "required": schema.get("required", [])}
    return {}


def _free(schema):
    """The schema of an answer: the names of its fields, and the types that are meant.

    The description says "string" where nobody said a type, and "object" for lists; nothing may be null in it.
    """
    kept = {}
    kind = schema.get("type")
    if kind in {"integer", "boolean", "number", "array"}:
        kept["type"] = [kind, "null"]
    elif kind == "object":
        kept["type"] = ["object", "array", "null"]
    if schema.get("properties"):
        kept["properties"] = {name: _free(one) for name, one in schema["properties"].items()}
        kept["additionalProperties"] = False
    if isinstance(schema.get("items"), dict):
        kept["items"] = _free(schema["items"])
    return kept


def _blocks(text, indent):
    """Blocks of YAML by the key at that indent, with the indent taken away."""
    found = {}
    for match in re.finditer(rf"(?m)^ {{{indent}}}(\S.*):\n((?:(?: {{{indent + 1}}}.*)?\n)*)", text + "\n"):
        found[match[1].strip('"')] = match[2]
    return found


def _pattern(path):
    pieces = re.split(r"(\{\w+\}|\*\w+|\(ref/\{ref\}/\))", path)
    return re.compile("".join(_piece(piece) for piece in pieces))


def _piece(piece):
    if piece.startswith("("):
        return "(?:ref/[^/]+/)?"
    if piece.startswith("*"):
        return ".+"
    return "[^/]+" if piece.startswith("{") else re.escape(piece)
