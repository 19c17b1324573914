"""The keys of one command that is a benchmark, and how command lines and variables are read anywhere in the file."""

import re
import shlex
from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema, model_validator

from bot.config.section import Section

_RESERVED = re.compile(r"PATH|HOME|TMPDIR|PYTHON[A-Z]*|LD_[A-Z_]*|DYLD_[A-Z_]*|HOTLAP_.*|GIT_.*")
_NAME = r"^[^\s:*?\[\]]([^:*?\[\]\x00-\x1f]*[^\s:*?\[\]])?$"


def _argv(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        words = shlex.split(value)
    except ValueError as error:
        raise ValueError(f"is not a command line: {str(error).lower()}") from error
    if not words:
        raise ValueError("must not be empty")
    return words


def _name(value: str) -> str:
    if re.fullmatch(_NAME, value) is None:
        raise ValueError("must be a name without any of : * ? [ ] and without spaces around it")
    return value


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def environment(value: Mapping[str, str]) -> Mapping[str, str]:
    """Return variables; ValueError where a name is not one or is Hotlap's to set."""
    for name, text in value.items():
        if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) is None:
            raise ValueError(f"holds '{name}', which is not a name of a variable")
        if _RESERVED.fullmatch(name):
            raise ValueError(f"must not set {name}: Hotlap sets it for every process")
        if "\0" in text:
            raise ValueError(f"holds a zero byte in {name}")
    return value


CommandLine = Annotated[
    tuple[str, ...],
    Field(strict=False, min_length=1, max_length=200),
    BeforeValidator(_argv),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}),
]
_Size = Annotated[
    str,
    StringConstraints(min_length=1, max_length=100),
    BeforeValidator(_text),
    WithJsonSchema({"anyOf": [{"type": "string", "minLength": 1}, {"type": "number"}]}),
]


class Command(Section):
    """A command whose whole run is timed, from start to end."""

    name: Annotated[str, StringConstraints(max_length=100), AfterValidator(_name)] = Field(
        description="What it is called in reports; unique."
    )
    run: CommandLine = Field(description="Command line, without a shell; 'python' stands for the target's interpreter.")
    setup: CommandLine | None = Field(default=None, description="Command line that is run once, before the first run.")
    sizes: Annotated[tuple[_Size, ...], Field(strict=False, max_length=2)] = Field(
        default=(), description="A small and a large value for {size} in 'run': their difference is what is compared."
    )
    env: Annotated[Mapping[str, str], AfterValidator(environment)] = Field(
        default_factory=dict, description="Variables for this command."
    )

    @model_validator(mode="after")
    def _sized(self) -> Self:
        named = any("{size}" in word for word in self.run)
        if self.sizes and (len(self.sizes) != 2 or self.sizes[0] == self.sizes[1]):
            raise ValueError("must have two different 'sizes', the smaller first")
        if named != bool(self.sizes):
            raise ValueError("must have both, '{size}' in 'run' and two 'sizes', or neither")
        return self


def distinct(commands: tuple[Command, ...]) -> tuple[Command, ...]:
    """Return the commands; ValueError where two have one name."""
    names = [one.name for one in commands]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ValueError(f"holds two commands called '{twice}'")
    return commands
